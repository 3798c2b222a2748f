"""Whether an answer says that a file comes with it. Sentence by sentence, in Japanese and English."""

import re
import unicodedata

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_QUOTED = re.compile(r"^\s*[>＞|].*$", re.MULTILINE)
# Below it stands what others wrote.
_HISTORY = re.compile(
    r"^(?:-{2,} ?(?:original message|forwarded message|元のメッセージ|転送).*|On .{4,120} wrote:|"
    r"\d{4}年\d{1,2}月\d{1,2}日.{0,80}[:：])\s*$",
    re.MULTILINE | re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[。！？!?])|(?<=\.)\s|\n")

_FILE_JA = re.compile("添付|別添|同封")
_OURS_JA = re.compile(
    r"(?:添付|同封)(?:いた|致|させていただ)?(?:し|き)?(?:ました(?!ら)|ます(?!と|か)|ております|おります|ています|てあります|ておきます)"
    r"|(?:添付|同封)(?:して|の(?:うえ|上)、?)(?:お送り|送付|送信|ご?返信|ご?連絡)(?:し|いた|致|申)"
    r"|(?:添付|別添|同封)(?:の|した|いたしました|しております)?[^、。]{0,15}(?:を|にて|で)?、?"
    r"(?:ご(?:確認|覧|参照|査収|高覧|一読|利用)|お(?:確かめ|受け取り|納め))"
    r"|(?:添付|別添)[^、。]{0,10}の?(?:とおり|通り)"
)
_THEIRS_JA = re.compile(
    r"添付(?:して|の(?:うえ|上)、?)(?!おり|い|あり)[^。]{0,20}(?:くださ|下さ|いただ|頂|お願い|もらえ|ほし)"
    r"|添付(?:いただ|頂|くださ|下さ)|ご添付|(?:いただ|頂)(?:いた|きました|いておりま)|頂戴|お客様の添付"
    r"|添付(?:でき|不可|不要|なし|せず|しません|して(?:い|おり)ません|いたして(?:い|おり)ません|いたしません|され)"
    r"|添付(?:ファイル)?(?:は|が)[^。]{0,8}ません|(?:添付|同封)(?:を|が|し)?(?:漏|忘)|自動(?:で|的に)|場合"
)

_OURS_EN = re.compile(
    r"\b(?:I|we)(?:['’]ve| have|['’]m| am|['’]re| are)?(?: also| now)? "
    r"(?:attach(?:ed|ing)?|enclos(?:ed?|ing))\b"
    r"|\b(?:find|see)\b[^.!?\n]{0,40}\b(?:attached|enclosed)\b"
    r"|\b(?:review|check|open|use|sign|read|in) the (?:attached|enclosed)\b"
    r"|^\W*(?:attached|enclosed) (?:is|are|you['’]ll|you will|please)\b"
    r"|\b(?:is|are) (?:attached|enclosed)\b(?! (?:to|automatically|by|when|if|with (?:each|every|all)))",
    re.IGNORECASE,
)
_THEIRS_EN = re.compile(
    r"\b(?:if|when|whenever|unless|once|whether|not|never|cannot|forgot|without|automatically)\b|n['’]t\b"
    r"|\byou(?:['’]ve| have)? (?:sent|attached|enclosed|provided|shared|uploaded)\b|\bsee whether\b",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """What the writer says: without quoted lines, what stands below a quotation's head, and code."""
    text = _CODE.sub(" ", text)
    if history := _HISTORY.search(text):
        text = text[: history.start()]
    return _QUOTED.sub("", text)


def promised_file(text: str) -> str:
    """The words that promise a file, or nothing. Asking for one, or saying there is none, promises none."""
    for sentence in _SENTENCES.split(unicodedata.normalize("NFKC", own_words(text))):
        if _FILE_JA.search(sentence):
            claim, denial = _OURS_JA.search(sentence), _THEIRS_JA.search(sentence)
        else:
            claim, denial = _OURS_EN.search(sentence), _THEIRS_EN.search(sentence)
        if claim and not denial:
            return claim.group().strip()
    return ""
