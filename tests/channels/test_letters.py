"""Letters as they really come: each file in tests/letters says what `expected.toml` has for it."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpdesk.channels.email.letters.letter import ParsedLetter
from helpdesk.channels.email.letters.parse import parse
from helpdesk.channels.email.letters.quotes import Reply, split_reply

LETTERS = Path(__file__).parent.parent / "letters"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((LETTERS / "expected.toml").read_text(encoding="utf-8"))


def _reply(letter: ParsedLetter) -> Reply:
    return split_reply(letter.text, is_forwarded=letter.forwarded is not None)


def _forwarded(letter: ParsedLetter) -> list[str]:
    """Address, name, subject and text of the letter within; nothing where there is none."""
    within = letter.forwarded
    return [within.sender.address, within.sender.name, within.subject, within.text] if within else []


def _meeting(letter: ParsedLetter) -> list[str]:
    """What, from, until, where and by whom; led by "cancelled" where it is off."""
    meeting = letter.meeting
    if meeting is None:
        return []
    times = [moment.isoformat() if moment else "" for moment in (meeting.starts, meeting.ends)]
    said = [meeting.what, *times, meeting.where, str(meeting.organizer)]
    if meeting.repeats is not None:
        said.append("every {} {}".format(*meeting.repeats))
    return ["cancelled", *said] if meeting.is_cancelled else said


SEEN: dict[str, Callable[[ParsedLetter], Any]] = {
    "sender": lambda letter: letter.sender.address,
    "name": lambda letter: letter.sender.name,
    "reply_to": lambda letter: [mailbox.address for mailbox in letter.reply_to],
    "to": lambda letter: [mailbox.address for mailbox in letter.to],
    "cc": lambda letter: [mailbox.address for mailbox in letter.cc],
    "delivered_to": lambda letter: list(letter.delivered_to),
    "subject": lambda letter: letter.subject,
    "sent_at": lambda letter: letter.sent_at.isoformat() if letter.sent_at else "",
    "message_id": lambda letter: letter.message_id or "",
    "in_reply_to": lambda letter: letter.in_reply_to or "",
    "references": lambda letter: list(letter.references),
    "text": lambda letter: letter.text,
    "visible": lambda letter: _reply(letter).visible,
    "signature": lambda letter: _reply(letter).signature,
    "html": lambda letter: letter.html is not None,
    "files": lambda letter: [file.name for file in letter.attachments],
    "types": lambda letter: [file.content_type for file in letter.attachments],
    "inline": lambda letter: [file.name for file in letter.attachments if file.is_inline],
    "automatic": lambda letter: letter.automatic_because or "",
    "of_machine": lambda letter: letter.is_of_machine,
    "absence": lambda letter: letter.is_absence_notice,
    "bounced": lambda letter: list(letter.bounce.recipients) if letter.bounce else [],
    "status": lambda letter: letter.bounce.status if letter.bounce else "",
    "is_final": lambda letter: letter.bounce.is_final if letter.bounce else None,
    "original": lambda letter: letter.bounce.original_message_id if letter.bounce else "",
    "language": lambda letter: letter.language,
    "authentication_results": lambda letter: list(letter.authentication_results),
    "forwarded": lambda letter: _forwarded(letter),
    "meeting": lambda letter: _meeting(letter),
    "oddities": lambda letter: list(letter.oddities),
}


@pytest.mark.parametrize("name", sorted(path.name for path in LETTERS.glob("*.eml")))
def test_a_letter_says_what_its_sender_meant(name: str) -> None:
    letter = parse((LETTERS / name).read_bytes())
    expected = dict(EXPECTED[name])

    assert all(words in letter.text for words in expected.pop("says", []))
    assert not any(words in letter.text for words in expected.pop("lacks", []))
    assert {field: SEEN[field](letter) for field in expected} == expected


def test_every_letter_is_expected_and_every_expectation_has_its_letter() -> None:
    assert {path.name for path in LETTERS.glob("*.eml")} == set(EXPECTED)
