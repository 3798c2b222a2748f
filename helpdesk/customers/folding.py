"""Names, numbers and addresses in the one form in which two of them can be compared."""

import re

from helpdesk.core.public_domains import PUBLIC_DOMAINS
from helpdesk.core.words import fold

# Each group is one kanji as families and firms write it, today's form first. What `core.words` folds for
# the search is folded already; a name needs more, for it is written as its bearer wrote it in the register.
_VARIANTS = (
    "島嶌 崎嵜 富冨 峰峯 桧檜 関關 浅淺 条條 塩鹽 鉄鐵 円圓 万萬 与與 曽曾 蔵藏 桑桒 槙槇 遥遙 礼禮 学學"
    " 実實 宝寶寳 豊豐 黒黑 渋澁 渓溪 静靜 穂穗 巌巖 来來 弥彌 弁辨 慎愼 頼賴 緑綠 県縣 芦蘆 壱壹 亜亞 応應"
    " 横橫 温溫 会會 楽樂 気氣 亀龜 巻卷 勲勳 薫薰 恒恆 剣劍劔 厳嚴 献獻 権權 顕顯 参參 児兒 収收 従從 将將"
    " 瀬瀨 専專 禅禪 双雙 聡聰 増增 団團 鎮鎭 館舘 郎郞 鴎鷗 籠篭 渕淵渊 諌諫 砺礪 祢禰 尭堯 瑶瑤 凛凜 晋晉"
    " 穣穰 讃讚 野埜 橋𣘺槗 村邨 船舩 涛濤 彦彥 呉吳 黄黃 内內 戸戶 青靑 桝枡 柏栢 糸絲 鶴靏靍鸖 郷鄕 丈𠀋"
    " 土圡𡈽 喜㐂 脇𦚰 宮宫 灯燈 薮籔 柳桺 梅楳 朗朖 隣鄰 裏裡"
)
_TODAYS = {ord(old): group[0] for group in _VARIANTS.split() for old in group[1:]}
# Small kana and long vowels are written as one happens to hear them: キヤノン, キャノン, コンピュータ(ー).
_LARGE = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ", "ー")

_HONORIFIC = re.compile(r"(?:様|さま|さん|殿|御中|先生)$")
_HOUSES = (
    "株式会社 有限会社 合同会社 合資会社 合名会社 相互会社 一般社団法人 公益社団法人"
    " 一般財団法人 公益財団法人 社団法人 財団法人 特定非営利活動法人 npo法人"
    " 医療法人社団 医療法人財団 医療法人 学校法人 宗教法人"
    " 社会福祉法人 独立行政法人 国立大学法人 税理士法人 弁護士法人 監査法人 かぶしきがいしゃ かぶしきかいしゃ"
    " ゆうげんがいしゃ ごうどうがいしゃ"
)
_SHORT = "株|有|同|資|名|社|財|一社|一財|公社|公財|医|学|福|独|特非|宗|か|ゆ|ど"
# At either end of a name, in full, in brackets, or as banks print it: (株), カ), (カ.
_JAPANESE_FORM = re.compile(
    rf"^(?:(?:{'|'.join(_HOUSES.split())})|\(?(?:{_SHORT})\))"
    rf"|(?:(?:{'|'.join(_HOUSES.split())})|\((?:{_SHORT})\)?)$"
)
_LATIN_FORMS = frozenset(
    "inc incorporated co company corp corporation ltd limited llc llp lp plc gmbh ag sa sas sarl bv nv kk gk"
    " yk pte pty srl spa oy ab".split()
)
_DEPARTMENT = re.compile(
    r"(?:本社|(?:営業|販売|総務|庶務|経理|財務|人事|法務|広報|企画|管理|技術|開発|製造|購買|品質保証|情報しすてむ|しすてむ)"
    r"(?:部|課|係|室))$"
)
_LETTERED = re.compile(r"\b(?:[a-z]\.){2,}")
_PIECES = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_EXTENSION = re.compile(r"(?:内線|ext\.?|extension|#).*$", re.IGNORECASE)
_LISTED = re.compile(r"[/／、,;；\n]")
# Before the domain of a house: its servers, lists and shared mailboxes.
_SERVERS = frozenset("mail ml mx smtp www info sales support".split())
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def core(name: str) -> str:
    """What is left of a name without width, variants, spaces, honorifics and the words of a company.

    Latin names come with their words sorted, since a family's may stand first or last. Empty where nothing
    is left, or where an address stands for a name that nobody knows.
    """
    if "@" in name:
        return ""
    folded = _LETTERED.sub(lambda found: found[0].replace(".", ""), fold(name).translate(_TODAYS)).strip()
    folded = _without_forms(_HONORIFIC.sub("", folded).strip())
    words = _PIECES.findall(folded.replace("&", " and "))
    while len(words) > 1 and words[-1] in _LATIN_FORMS:
        words.pop()
    if words[:1] == ["the"] and len(words) > 1:
        words.pop(0)
    if all(word.isascii() for word in words):
        words.sort()
    return "".join(words).translate(_LARGE)


def without_department(name_core: str) -> str:
    """A company's name without the department that stands behind it."""
    return _DEPARTMENT.sub("", name_core)


def numbers(text: str) -> list[str]:
    """The telephone numbers of a field, as +81312345678; one without a country is taken for Japanese.

    What cannot be a number is left out, and an extension says nothing of who is called.
    """
    if not text:
        return []
    # A worker's alone: the numbering plans of the world take 50 ms to load.
    import phonenumbers  # noqa: PLC0415

    found = []
    for piece in _LISTED.split(text):
        try:
            number = phonenumbers.parse(_EXTENSION.sub("", piece), "JP")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            found.append(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return found


def mailbox(address: str) -> str:
    """Where a letter to `address` ends up: without what stands behind a +, or dots that say nothing there."""
    local, _, domain = fold(address).strip().rpartition("@")
    local = local.partition("+")[0]
    if domain in _DOTLESS:
        return f"{local.replace('.', '')}@{_DOTLESS[domain]}"
    return f"{local}@{domain}"


def private_domain(address: str) -> str | None:
    """The domain of an address, or of itself, if it tells who belongs together; None for mail services."""
    labels = fold(address).strip().rpartition("@")[2].strip(".").split(".")
    while len(labels) > 2 and labels[0] in _SERVERS:
        labels.pop(0)
    domain = ".".join(labels)
    return domain if len(labels) > 1 and domain not in PUBLIC_DOMAINS else None


def external(number: str) -> str:
    """A number of another system as people copy it: without case, width, spaces and dashes."""
    return "".join(_PIECES.findall(fold(number)))


def _without_forms(name: str) -> str:
    while (shorter := _JAPANESE_FORM.sub("", name).strip()) != name and shorter:
        name = shorter
    return name
