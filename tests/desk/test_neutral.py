"""A reply without whom it was written to: no known name or number survives, whatever its spelling."""

import random
import re
import unicodedata

import pytest

from helpdesk.core.words import fold
from helpdesk.desk.neutral import Known, cleaned, one_question

KNOWN = Known(
    people=("山田 太郎", "ヤマダ タロウ", "Carol Smith"),
    companies=("株式会社青空商事", "Blue Sky Inc."),
    staff=("藤代 恵", "Megumi Fujishiro"),
    others=("carol@example.org", "090-1234-5678", "4711"),
)
REPLY = """青空商事 山田太郎様

いつもお世話になっております。
つづり箱サポートの藤代です。

請求書は［請求］→［履歴］から再発行できます。
山田様の請求書番号 INV-2026-0012 は、設定を直すと 10,000円 と表示されます。
うまくいかないときは 03-1234-5678 までお電話ください。

ご不明な点がございましたらご連絡ください。
よろしくお願いいたします。
――――――――
つづり箱サポート 藤代 恵
support@tsuzuribako.example.jp

> 2026年5月1日 山田太郎:
> 請求書をなくしました。
"""


def test_what_helps_everybody_stays_and_who_asked_goes():
    told = cleaned(REPLY, KNOWN, "ja")

    assert told.text == (
        "請求書は［請求］→［履歴］から再発行できます。\n"
        "お客様の請求書番号 … は、設定を直すと 10,000円 と表示されます。\n"
        "うまくいかないときは … までお電話ください。"
    )
    assert "山田様" in told.taken
    assert "".join(piece.text for piece in told.pieces) == REPLY


def test_a_greeting_of_several_lines_goes_with_the_company_s_form():
    text = "株式会社青空商事\n山田 様\n\nお問い合わせいただき、ありがとうございます。\n\n"
    text += "株式会社青空商事様の設定を開きます。"

    assert cleaned(text, KNOWN, "ja").text == "お客様の設定を開きます。"


def test_an_english_reply_is_cleaned_alike():
    told = cleaned(
        "Hi Carol,\n\nThank you for contacting us.\n\nOpen Billing, then Documents. "
        "Carol's invoice #4711 is there.\n"
        "1. Sign in at https://app.example.com/help\n2. Use https://app.example.com/reset?token=abc123\n\n"
        "Best regards,\nMegumi Fujishiro\n",
        KNOWN,
        "en",
    )

    assert told.text == (
        "Open Billing, then Documents. the customer's invoice … is there.\n"
        "1. Sign in at https://app.example.com/help\n2. Use …"
    )


@pytest.mark.parametrize(
    "text",
    [
        "ﾔﾏﾀﾞ ﾀﾛｳ様", "やまだ たろうさん", "山田　太郎", "太郎さん", "山 田 太 郎", "ヤマダ", "SMITH",
        "Ｃａｒｏｌ", "ms. Smith", "青空商事", "（株）青空商事", "BLUE SKY", "０９０－１２３４－５６７８",
        "090 1234 5678", "CAROL@EXAMPLE.ORG",
        "〒100-0001 東京都千代田区千代田1-1", "受付番号#4711", "注文 AB-12345", "鈴木様",
        "https://example.com/r/Ab3dEf6hIj9kLm2nOp5q",
    ],
)  # fmt: skip
def test_what_names_somebody_goes_in_any_spelling(text):
    told = cleaned(f"設定の画面を開き、{text} を選びます。そのあと保存してください。", KNOWN, "ja").text

    assert fold(text).split()[-1] not in fold(told)
    assert told.startswith("設定の画面を開き、")
    assert told.endswith("そのあと保存してください。")


@pytest.mark.parametrize(
    "text",
    [
        "仕様は次の通りです。", "同様に、2026年分の請求書を開きます。", "10,000円（税込11,000円）です。",
        "お客様の画面で3回押します。",
        "管理画面の［設定］を開きます。", "Press Ctrl+Shift+R twice.",
        "バージョン 3.11.2 以降で使えます。",
        "https://help.example.com/kb/ja/invoices を見てください。",
    ],
)  # fmt: skip
def test_what_names_nobody_stays(text):
    assert cleaned(f"{text}\n次に進みます。", KNOWN, "ja").text == f"{text}\n次に進みます。"


def _spellings(name, chance):
    parts = name.split()
    whole = chance.choice(["", " ", "　", "・"]).join(chance.choice([parts, parts[::-1]]))
    form = chance.choice([whole, *(part for part in parts if len(part) > 1)])
    width = chance.choice([str, lambda t: unicodedata.normalize("NFKC", t), str.upper, _wide])
    return width(form) + chance.choice(["", "様", " 様", "さん"])


def _wide(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


NAMES = [
    "山田 太郎", "佐々木 花子", "ササキ ハナコ", "李 小龍", "John Appleseed", "Zoë Müller",
    "高橋 一郎", "たかはし いちろう", "森 鴎外", "Nguyen Van An",
]  # fmt: skip
FRAMES = [
    "設定を開き、{}の画面で保存します。", "{} の場合はこちらです。", "まず {}、次に確認。",
    "見出し\n{}\nここを押します。", "- {}: 完了",
    "Open the page of {} and save.",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_no_known_name_or_number_survives(seed):
    chance = random.Random(seed)
    name = chance.choice(NAMES)
    number = "-".join(str(chance.randrange(100, 9999)) for _ in range(3))
    written = _spellings(name, chance)
    known = Known(people=(name,), others=(number,))
    text = "\n".join(
        chance.choice(FRAMES).format(each) for each in (written, number, chance.choice([_wide, str])(number))
    )
    told = fold(cleaned(text, known, chance.choice(["ja", "en"])).text)

    bare = re.sub(r"様$|さん$", "", fold(written)).strip()
    spelt = r"\W*".join(re.escape(letter) for letter in bare if letter.isalnum())
    assert not re.search(rf"\b{spelt}\b" if bare.isascii() else spelt, told)
    assert fold(number) not in told


def test_the_question_is_one_neutral_line():
    asked = "お世話になっております。青空商事の山田です。\n"
    asked += "請求書をなくしました。再発行できますか？\nよろしくお願いします。"

    assert one_question(asked, KNOWN, "ja") == "再発行できますか？"
    assert one_question("", KNOWN, "ja") == ""


def test_long_and_odd_texts_take_bounded_time():
    for text in (
        "1" * 20_000,
        "a-" * 10_000,
        "様" * 5_000,
        "東京都" * 3_000,
        "@." * 10_000,
        "https://" * 3_000,
    ):
        cleaned(text, KNOWN, "ja")


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        (
            "お世話になっております。\n青空商事の山田と申します。\n請求書をなくしました。",
            "請求書をなくしました。",
        ),
        ("青空商事の山田です。", ""),
        ("山田様\n青空商事の山田でございます。\n再発行できますか？", "再発行できますか？"),
    ],
)
def test_who_writes_is_no_question(asked, question):
    assert one_question(asked, KNOWN, "ja") == question
