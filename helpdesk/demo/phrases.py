"""Ordinary letters for bulk data: common words in their usual share, rare ones, and numbers that differ."""

from random import Random
from typing import NamedTuple

# What a letter is about, and how many of a thousand are about it.
_MATTERS_JA = {
    "請求書": 40,
    "見積書": 45,
    "ログイン": 90,
    "パスワード": 80,
    "在庫": 60,
    "配送": 60,
    "返品": 35,
    "解約": 30,
    "領収書": 40,
    "アカウント": 70,
    "印刷": 45,
    "通知メール": 55,
    "料金プラン": 50,
    "会員登録": 45,
    "データの取り込み": 60,
    "権限の設定": 50,
    "帳票の書式": 30,
    "画面の表示": 75,
    "連携の設定": 37,
    "バーコードリーダー": 3,
}
_MATTERS_EN = {
    "invoice": 40,
    "estimate": 45,
    "login": 90,
    "password": 80,
    "stock count": 60,
    "delivery": 60,
    "return": 35,
    "cancellation": 30,
    "receipt": 40,
    "account": 70,
    "printing": 45,
    "notification": 55,
    "price plan": 50,
    "registration": 45,
    "data import": 60,
    "permission": 50,
    "page layout": 30,
    "display": 75,
    "integration": 37,
    "barcode scanner": 3,
}
_RARE = "蓄電池 繭玉 鋳物 碍子 蒔絵 zeppelin quokka marzipan ocarina theodolite".split()

_SUBJECTS_JA = (
    "{m}について",
    "{m}の件でお伺いします",
    "【至急】{m}が使えません",
    "{m}の変更方法を教えてください",
)
_SUBJECTS_EN = (
    "Question about {m}",
    "Problem with {m}",
    "Urgent: {m} does not work",
    "How do I change the {m}?",
)
_ASKS_JA = (
    "お世話になっております。{m}について教えてください。{d}に操作したところ、番号 {n} でエラーになりました。",
    "いつも利用しています。{m}の件ですが、{d}から動かなくなりました。管理番号は {n} です。ご確認ください。",
    "{m}の手順が分かりません。ヘルプの記事を読みましたが、こちらの画面とは違うようです。受付番号 {n}。",
    "昨日の件とは別に、{m}でも同じことが起きています。{d}までに解決できると助かります({n})。",
)
_ASKS_EN = (
    "Hello, I have a question about the {m}. On {d} it stopped with number {n} and I could not go on.",
    "Hi there, the {m} has not worked since {d}. Our reference is {n}. Could you have a look, please?",
    "I cannot find out how the {m} works. The help page shows a different screen. Reference {n}.",
    "Apart from yesterday's matter the {m} shows the same fault. We need it by {d} ({n}).",
)
_ANSWERS_JA = (
    "お問い合わせありがとうございます。設定の画面を開き、一覧から {n} を選んで更新を押してください。",
    "ご不便をおかけしております。担当部署で確認し、{d}までに結果をお知らせいたします。",
    "ご連絡ありがとうございます。原因が分かりました。いったん保存してから、もう一度お試しください。",
)
_ANSWERS_EN = (
    "Thank you for writing. Please open the settings, choose {n} from the list and press update.",
    "Sorry for the trouble. Our engineers are looking into it and we will tell you by {d}.",
    "Thanks for the details. We found the cause: save once, then try again, and it should work.",
)
_MORE_JA = (
    "ありがとうございます。試しましたが、まだ同じ表示です。",
    "ご回答のとおりで解決しました。",
    "もう一点だけ教えてください。",
)
_MORE_EN = (
    "Thanks, I tried that, but it still looks the same.",
    "That solved it.",
    "One more thing, if I may.",
)
_NOTES_JA = ("開発へ確認中。", "電話でも同じ内容の相談あり。", "前回と同じ原因。")
_NOTES_EN = ("Checking with development.", "Called about it as well.", "Same cause as last time.")

_RARITY = 0.002


class Letters(NamedTuple):
    """A subject and the four turns of a conversation: theirs, ours, theirs, ours."""

    subject: str
    turns: tuple[str, str, str, str]
    note: str


def letters(rng: Random, lang: str) -> Letters:
    """One conversation in `lang`."""
    subjects, asks, answers, more, notes, matters = _BANKS[lang]
    matter = rng.choices([*matters], [*matters.values()])[0]
    first = _filled(rng, rng.choice(asks), matter)
    if rng.random() < _RARITY:
        first += f" {rng.choice(_RARE)}"
    turns = (
        first,
        _filled(rng, rng.choice(answers), matter),
        rng.choice(more),
        _filled(rng, rng.choice(answers), matter),
    )
    return Letters(rng.choice(subjects).format(m=matter), turns, rng.choice(notes))


def article(rng: Random, lang: str) -> tuple[str, str]:
    """Title and body of one help article."""
    subjects, _, answers, _, _, matters = _BANKS[lang]
    matter = rng.choices([*matters], [*matters.values()])[0]
    paragraphs = [_filled(rng, rng.choice(answers), matter) for _ in range(6)]
    number = rng.randrange(10_000)
    title = f"{rng.choice(subjects).format(m=matter)} {number}"
    return title, f"## {matter}\n\n" + "\n\n".join(paragraphs)


def _filled(rng: Random, text: str, matter: str) -> str:
    number = f"{rng.choice('ABCDEFGH')}{rng.randrange(10_000, 99_999)}"
    return text.format(m=matter, n=number, d=f"{rng.randint(1, 12)}/{rng.randint(1, 28)}")


_BANKS = {
    "ja": (_SUBJECTS_JA, _ASKS_JA, _ANSWERS_JA, _MORE_JA, _NOTES_JA, _MATTERS_JA),
    "en": (_SUBJECTS_EN, _ASKS_EN, _ANSWERS_EN, _MORE_EN, _NOTES_EN, _MATTERS_EN),
}
