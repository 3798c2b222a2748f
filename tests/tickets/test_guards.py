"""What an answer is looked through for: each slip is found, and what only looks like one is let go."""

import pytest

from helpdesk.tickets.guards import missing_file, outsiders, placeholders
from helpdesk.tickets.salutations import Known, greets, misaddressed

PROMISES = [
    "見積書を添付いたします。",
    "請求書をPDFで添付しました。",
    "添付ファイルをご確認ください。",
    "添付をご確認ください。",
    "詳しくは添付の資料をご覧ください。",
    "手順は別添のとおりです。",
    "書類を同封いたしましたので、ご査収ください。",
    "請求書を添付しておりますので、ご確認ください。",
    "再発行した領収書を添付してお送りします。",
    "添付させていただきます。",
    "Please find the invoice attached.",
    "I've attached the form.",
    "I attach the contract.",
    "We have enclosed a receipt for you.",
    "Attached is the new price list.",
    "See the attached PDF.",
    "The document is attached.",
]
NO_PROMISES = [
    "スクリーンショットを添付してください。",
    "画面の写真を添付のうえ、ご返信ください。",
    "エラーの画像を添付してお送りいただけますか。",
    "添付いただいたファイルを確認いたしました。",
    "お送りいただいた添付ファイルをご確認のうえ対応します。",
    "添付ファイルが見当たりませんでした。",
    "このメールに請求書は添付しておりません。",
    "添付はございません。",
    "先方が添付を受け取らない設定かもしれません。",
    "請求書のPDFはメールに添付されます。",
    "請求書は自動で添付します。",
    "PDFを添付として保管いただく形になります。",
    "> 見積書を添付いたします。\nこちらで承知しました。",
    "承知しました。\n\n2026年9月18日(金) 9:00 田中様:\n見積書を添付いたします。",
    "Could you attach a screenshot?",
    "Please attach the file.",
    "Thank you for the file you attached.",
    "I have not attached anything.",
    "The PDF is attached to every e-mail we send.",
    "If the invoice is attached, open it.",
    "Past invoices can be kept as PDF attachments.",
    "> Please find it attached.\n\nThanks, I did.",
    "`is attached` is the column's name.",
]


@pytest.mark.parametrize("text", PROMISES)
def test_a_promised_file_is_missed(text):
    assert [found.kind for found in missing_file(text, has_files=False)] == ["attachment"]
    assert missing_file(text, has_files=True) == []


@pytest.mark.parametrize("text", NO_PROMISES)
def test_a_file_that_nobody_promised_is_not_missed(text):
    assert missing_file(text, has_files=False) == []


@pytest.mark.parametrize(
    ("address", "is_outside"),
    [
        ("ken@toto.example.jp", False),
        ("lead@helpdesk.example.com", False),
        ("ken@rival.example.jp", True),
        # The customer writes from there too, and so does half of the world.
        ("ken@gmail.com", True),
    ],
)
def test_a_new_recipient_of_another_house_is_named(address, is_outside):
    found = outsiders([address], {"toto.example.jp", "helpdesk.example.com", "gmail.com"})

    assert [each.what for each in found] == ([address] if is_outside else [])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("○○様\nお世話になっております。", "○○"),
        ("〇〇の件、承知しました。", "〇〇"),
        ("Dear {{name}},\nthank you.", "{{name}}"),
        ("Your number is XXX.", "XXX"),
        ("TODO: add the date", "TODO"),
        ("Hello [name], thanks.", "[name]"),
        ("●●株式会社", "●●"),
        ("創業は二〇〇五年です。", ""),
        ("ファイル名は「○○.csv」のようにしてください。", ""),
        ("例: ○○部", ""),
        ("○○○○○○○○○○○○○○", ""),
        ("`{{name}}` is filled in for you.", ""),
        ("Call 090-XXXX-XXXX.", ""),
        ("Todo lists are under Tasks.", ""),
        ("> TODO\nDone.", ""),
    ],
)
def test_what_a_template_left_is_found(text, what):
    assert [found.what for found in placeholders(text)] == ([what] if what else [])


TANAKA = Known(["田中 恵子", "タナカ ケイコ"], ["東都精機株式会社"], heard="経理の山崎です。請求書の件です。")
HIGH = Known(["高橋 一", "齋藤 邊"], [])
CAROL = Known(["Carol Jones"], ["Hollins Bay Seafood"], heard="Kind regards, Bob")


@pytest.mark.parametrize(
    ("known", "greeting", "kind"),
    [
        (TANAKA, "田中様", ""),
        (TANAKA, "田中 恵子 様", ""),
        (TANAKA, "田中恵子様、お世話になっております。", ""),
        (TANAKA, "東都精機株式会社\n経理部 田中 様", ""),
        (TANAKA, "東都精機株式会社 田中様", ""),
        (TANAKA, "東都精機田中様", ""),
        (TANAKA, "たなか様", ""),
        (TANAKA, "山崎様", ""),
        (TANAKA, "お客様", ""),
        (TANAKA, "ご担当者様", ""),
        (TANAKA, "皆様", ""),
        (TANAKA, "お世話になっております。佐藤様のご注文ですが、発送いたしました。", ""),
        (TANAKA, "東都精機株式会社 御中", ""),
        (TANAKA, "東都精機株式会社 経理部 御中", ""),
        (TANAKA, "佐藤様", "name"),
        (TANAKA, "東都精機株式会社\n佐藤 様", "name"),
        (TANAKA, "金子 花子様", "name"),
        (TANAKA, "奥田様", "name"),
        (TANAKA, "服部 様", "name"),
        (TANAKA, "経理部様", ""),
        (TANAKA, "皆川様", "name"),
        (TANAKA, "会員の皆様", ""),
        (TANAKA, "佐藤様、お世話になっております。", "name"),
        (TANAKA, "田中 御中", "honorific"),
        (TANAKA, "東都精機株式会社 田中 御中", "honorific"),
        (TANAKA, "東都精機株式会社 様", "company"),
        (TANAKA, "西陣電機株式会社様", "company"),
        (TANAKA, "Sato様", ""),
        (HIGH, "髙橋様", ""),
        (HIGH, "斉藤様", ""),
        (HIGH, "髙田様", "name"),
        (Known(["服部 雄介"]), "服部 御中", "honorific"),
        (Known(["総務部"]), "総務部 御中", ""),
        (CAROL, "Hi Carol,", ""),
        (CAROL, "Dear Ms. Jones,", ""),
        (CAROL, "Hi Caroline, thanks.", ""),
        (CAROL, "Hi Bob,", ""),
        (CAROL, "Hi there,", ""),
        (CAROL, "Dear Sir or Madam,", ""),
        (CAROL, "Dear Hollins Bay team,", ""),
        (CAROL, "Hi, thanks for your message.", ""),
        (CAROL, "Hello and thanks for waiting.", ""),
        (CAROL, "Hi Peter,", "name"),
        (CAROL, "Dear Mr. Turner:", "name"),
        (CAROL, "田中様", ""),
        (Known(["info"]), "Hi Peter,", ""),
        (Known(["田中 恵子"]), "Dear Ms. Tanaka,", ""),
        (Known(["info"]), "田中様", ""),
    ],
)
def test_a_greeting_is_of_somebody_of_the_ticket(known, greeting, kind):
    found = misaddressed(f"{greeting}\n\nOK.", known)

    assert [each.kind for each in found] == ([kind] if kind else [])


@pytest.mark.parametrize(
    "text",
    [
        *(
            "田中様\nお世話になっております。",
            "合同会社ひなたソフト\n高田 遥 様\n\nお世話に",
            "山田さん、こんにちは。",
        ),
        *(
            "株式会社山田様",
            "各位\n",
            "ご担当者様",
            "Peter,\nthanks",
            "Hey John,",
            "Good evening John,",
            "Mr Smith,",
        ),
    ],
)
def test_a_greeting_is_known_in_either_language(text):
    assert greets(text)


@pytest.mark.parametrize(
    "text",
    [
        "再発行いたしました。",
        "田中様のご依頼どおりにしました。",
        "山田さんに聞きました。",
        "Look in spam.",
        "In short: yes.",
    ],
)
def test_what_only_names_somebody_greets_nobody(text):
    assert not greets(text)
