"""Who really asks, in a letter that somebody passed on from their own mailbox."""

import re
from itertools import islice

from helpdesk.channels.email.letters.addresses import addresses
from helpdesk.channels.email.letters.bodies import read_contents
from helpdesk.channels.email.letters.headers import words
from helpdesk.channels.email.letters.letter import Address, Forwarded
from helpdesk.channels.email.letters.mime import Part, read_enclosed
from helpdesk.channels.email.letters.quote_marks import (
    FORWARDED,
    LONGEST_HEADING,
    ORIGINAL,
    attribution_length,
    block_length,
)
from helpdesk.core.text import one_line

# A covering note is looked through so far, and a block of headers has so many lines.
_LONGEST_NOTE = 400
_LONGEST_BLOCK = 20
LONGEST_TEXT = 200_000

_SUBJECT = re.compile(r"^\s*(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|転送|fw|tr|wg|i|rv|enc)\s?[:：]", re.IGNORECASE)
_LABELLED = re.compile(r"^[\s\W_]{0,4}([^\s:：*][^:：*\n]{0,30}?)[\s*_]{0,4}[:：][\s*]{0,4}(.*)$")
_LABELS = {
    **dict.fromkeys(("from", "差出人", "送信者", "送信元", "発信者"), "sender"),
    **dict.fromkeys(("subject", "件名", "題名"), "subject"),
    **dict.fromkeys(("date", "sent", "日付", "日時", "送信日時", "送信済み"), "date"),
    **dict.fromkeys(("to", "cc", "bcc", "reply-to", "宛先", "送信先", "importance", "重要度"), "other"),
    **dict.fromkeys(("attachments", "添付ファイル", "message-id", "resent-from"), "other"),
}
_QUOTE = re.compile(r"^\s{0,3}[>＞] ?")
_RULE = re.compile(r"^\s*-{3,60}\s*$")
_REPLY = re.compile(r"^\s*(?:re|aw|sv|返信)\s?[:：]", re.IGNORECASE)
_MAILTO = re.compile(r"\[mailto:([^\]\s]{1,320})\]|\(mailto:([^)\s]{1,320})\)", re.IGNORECASE)
_LINK = re.compile(r"<([^<>\s]+@[^<>\s()]+) \([^()\s]+\)>")


def read_forwarded(root: Part, subject: str, text: str) -> Forwarded | None:
    """The letter within this one, below the mark of a mail program, else enclosed; None without any."""
    is_passed_on = bool(_SUBJECT.match(subject))
    return _in_text(text, is_passed_on=is_passed_on) or _enclosed(root, subject, text)


def _in_text(text: str, *, is_passed_on: bool) -> Forwarded | None:
    lines = list(islice(text.split("\n", _LONGEST_NOTE + 2000), _LONGEST_NOTE + 2000))
    for index, line in enumerate(lines[:_LONGEST_NOTE]):
        if len(line) > LONGEST_HEADING:
            continue
        if FORWARDED.match(line) or (is_passed_on and ORIGINAL.match(line)):
            return _read(lines[index + 1 :], len(text))
        if block_length(lines, index):
            return _read(lines[index:], len(text)) if is_passed_on else None
        if ORIGINAL.match(line) or attribution_length(lines, index):
            return None  # Below are words of before: what was forwarded there is no matter of today.
    return None


def _read(lines: list[str], most: int) -> Forwarded | None:
    """The letter that begins with these header lines; None where they name no sender."""
    lines = [_QUOTE.sub("", line) for line in lines] if _are_quoted(lines) else lines
    found, at = _fields(lines[:_LONGEST_BLOCK])
    if not found.get("sender"):
        return None
    at += at < len(lines) and bool(_RULE.match(lines[at]))
    said = "\n".join(lines[at:]).strip("\n")[: min(most, LONGEST_TEXT)]
    return Forwarded(
        _mailbox(found["sender"]), one_line(found.get("subject", "")), found.get("date", ""), said
    )


def _fields(lines: list[str]) -> tuple[dict[str, str], int]:
    """Sender, subject and date as the block names them, and the number of its lines."""
    found: dict[str, str] = {}
    last = ""
    for at, line in enumerate(lines):
        if not line.strip() or ORIGINAL.match(line[:LONGEST_HEADING]):
            if found.get("sender"):
                return found, at
            continue
        label = _LABELLED.match(line[:2000])
        kind = _LABELS.get(label[1].strip().lower()) if label else None
        if label and kind:
            found.setdefault(kind, label[2].strip())
            last = kind
        elif last and line[:1].isspace():
            found[last] += " " + line.strip()
        elif found:
            return found, at
    return found, len(lines)


def _are_quoted(lines: list[str]) -> bool:
    """Whether the program marks what it passes on as quoted (Apple Mail)."""
    first = [line for line in lines[:10] if line.strip()]
    return bool(first) and bool(_QUOTE.match(first[0]))


def _mailbox(value: str) -> Address:
    value = _LINK.sub(r"<\1>", _MAILTO.sub(lambda found: f"<{found[1] or found[2]}>", value))
    return next(iter(addresses(value)), Address("", ""))


def _enclosed(root: Part, subject: str, text: str) -> Forwarded | None:
    """One letter enclosed as a file, and not as the evidence of a report."""
    if root.content_type in ("multipart/report", "multipart/digest"):
        return None
    letters = [part for part in root.walk() if part.content_type == "message/rfc822"]
    if len(letters) != 1 or _REPLY.match(subject):
        return None
    if len(text) > _LONGEST_NOTE and not _SUBJECT.match(subject):
        return None
    inner = read_enclosed(letters[0])
    if inner is None:
        return None
    headers = inner.headers
    sender = next((each for each in addresses(headers.first("from")) if each.address), None)
    if sender is None:
        return None
    words_of = one_line(words(headers.first("subject")))
    return Forwarded(
        sender, words_of, one_line(headers.first("date")), read_contents(inner).text[:LONGEST_TEXT]
    )
