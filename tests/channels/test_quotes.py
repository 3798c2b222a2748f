"""New words, quoted words, signature: apart, and none of them lost."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.channels.email.letters.quotes import split_reply

PIECES = [
    "ありがとうございます。", "Yes, please.", "> quoted", ">> deeper", "＞ 全角の引用", "", " ", "-- ", "--",
    "On Fri, Sep 18, 2026 at 10:30 AM Ada <ada@helpdesk.example.com> wrote:", "On Friday Ada", "wrote:",
    "2026年9月18日(金) 10:30 サポート <support@helpdesk.example.com>:", "2026/09/18 10:30、サポートのメール:",
    "-----Original Message-----", "差出人: サポート", "送信日時: 2026年9月18日", "宛先: 田中", "件名: 請求書",
    "________________________________", "━━━━━━━━━━━━", "東都精機株式会社", "TEL: 03-0000-0000",
    "iPhoneから送信", "---------- Forwarded message ---------", "田中さんは書きました:",
]  # fmt: skip


def _words(*texts: str) -> list[str]:
    return sorted(line for text in texts for line in text.split("\n") if line.strip())


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=30), max_size=40).map("\n".join))
@settings(max_examples=500, deadline=None)
def test_no_line_is_lost_and_none_is_doubled(text: str) -> None:
    reply = split_reply(text)

    assert _words(reply.visible, reply.quoted, reply.signature) == _words(text)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=20).map("\n".join))
@settings(max_examples=300, deadline=None)
def test_a_letter_with_words_always_shows_some(text: str) -> None:
    assert bool(text.strip()) == bool(split_reply(text).visible.strip())


@pytest.mark.parametrize(
    "heading",
    [
        "On Fri, Sep 18, 2026 at 10:30 AM Ada <ada@helpdesk.example.com> wrote:\n\n> Hello",
        "On Fri, Sep 18, 2026 at 10:30 AM Ada\n<ada@helpdesk.example.com> wrote:\n\n> Hello",
        "2026年9月18日(金) 10:30 サポート <support@helpdesk.example.com>:\n\n> こんにちは",
        "2026/09/18 10:30、サポート <support@helpdesk.example.com>のメール:\n\n> こんにちは",
        "-----Original Message-----\nFrom: Ada\nHello",
        "----- 元のメッセージ -----\nこんにちは",
        "差出人: サポート\n送信日時: 2026年9月18日\n宛先: 田中\n件名: 請求書\n\nこんにちは",
        "________________________________\nFrom: Ada\nSent: Friday\nTo: Carol\nSubject: x\n\nHello",
        "サポートさんは書きました:\n> こんにちは",
        "> こんにちは\n> さようなら",
    ],
)
def test_history_is_folded_in_each_style(heading: str) -> None:
    reply = split_reply(f"解決しました。\n\n{heading}\n")

    assert reply.visible == "解決しました。"
    assert reply.quoted == heading


def test_an_answer_below_the_quotation_is_what_is_shown() -> None:
    reply = split_reply("On Fri, 18 Sep 2026, Ada wrote:\n> Which colour?\n\nBlue.\n-- \nCarol")

    assert (reply.visible, reply.signature) == ("Blue.", "-- \nCarol")


def test_questions_between_answers_stay_with_them() -> None:
    assert split_reply("12です\n> 日付は?\n9月です").visible == "12です\n> 日付は?\n9月です"


def test_a_ruled_order_is_not_taken_for_a_signature() -> None:
    text = "注文です。\n==========\nねじ 20本\nナット 20個\n=========="

    assert split_reply(text).visible == text


def test_a_date_in_a_sentence_starts_no_quotation() -> None:
    text = "2026年9月18日に届いた品は次のとおりです:\nねじ 20本"

    assert split_reply(text).visible == text


@pytest.mark.parametrize(
    "line",
    [
        ">",
        "> a\nb",
        "On a@b :",
        "From: a",
        "2026/1/1 a",
        "------",
        "a@" * 150 + ":",
        "-----Original Message-----\n> a",
    ],
)
def test_a_million_lines_take_seconds(line: str) -> None:
    started = time.process_time()
    split_reply(f"{line}\n" * (500_000 // len(line)))

    assert time.process_time() - started < 10
