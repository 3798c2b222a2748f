"""Bytes of a letter to what it says. Pure: no database, no network, no clock."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from helpdesk.channels.email.letters import automatic
from helpdesk.channels.email.letters.addresses import addresses, bare_addresses
from helpdesk.channels.email.letters.bodies import Contents, read_contents
from helpdesk.channels.email.letters.bounces import read_bounce
from helpdesk.channels.email.letters.enclosures import attachments
from helpdesk.channels.email.letters.forwarded import read_forwarded
from helpdesk.channels.email.letters.headers import Headers, words
from helpdesk.channels.email.letters.letter import Address, Attachment, ParsedLetter, Unreadable
from helpdesk.channels.email.letters.meetings import read_meeting
from helpdesk.channels.email.letters.mime import read_parts
from helpdesk.core.text import one_line, without_controls

__all__ = ["Address", "Attachment", "ParsedLetter", "Unreadable", "parse"]

LONGEST_SUBJECT = 1000
# References kept: the first and the latest of a long thread.
MOST_REFERENCES = 100

_ID = re.compile(r"<[^<>\s]{1,900}>")
_ENVELOPE = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "x-forwarded-to",
)
_RECEIVED_FOR = re.compile(r"\bfor\s{1,20}<?([^\s<>;]{1,64}@[^\s<>;]{1,255})>?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]")
# Names of zones that the library does not know, and that stand in letters all the same.
_ZONES = {"JST": "+0900", "KST": "+0900", "CET": "+0100", "CEST": "+0200", "HKT": "+0800", "SGT": "+0800"}
_ZONE = re.compile(rf"(?<=\d )({'|'.join(_ZONES)})$")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_KANJI = re.compile("[\u4e00-\u9fff]")


def parse(raw: bytes) -> ParsedLetter:
    """Read one letter, whatever mail programs make of RFC 5322. Raises only `Unreadable`."""
    root = read_parts(raw)
    headers, contents = root.headers, read_contents(root)
    sender = _sender(headers)
    subject = one_line(words(headers.first("subject")))[:LONGEST_SUBJECT]
    text = without_controls(contents.text)
    return ParsedLetter(
        sender=sender,
        **_readers(headers),
        subject=subject,
        sent_at=_moment(headers.first("date")),
        message_id=_id(headers.first("message-id")),
        in_reply_to=_id(headers.first("in-reply-to"), is_strict=True),
        references=_references(headers.first("references")),
        text=text,
        html=contents.html,
        attachments=attachments(contents),
        automatic_because=automatic.reason(root, sender.address),
        is_absence_notice=automatic.reads_like_absence(subject),
        bounce=read_bounce(root, sender.address, subject, text),
        language=_language(subject, text, contents),
        authentication_results=tuple(headers.every("authentication-results")),
        headers={name: tuple(map(without_controls, values)) for name, values in headers.decoded().items()},
        oddities=tuple(dict.fromkeys([*_oddities(headers, sender), *contents.oddities])),
        forwarded=read_forwarded(root, subject, text),
        meeting=read_meeting(root),
    )


def _sender(headers: Headers) -> Address:
    """Who the letter says wrote it; without a From, who it says sent it."""
    for name in ("from", "sender", "return-path"):
        for mailbox in _mailboxes(headers, name):
            if mailbox.address:
                return mailbox
    return next(iter(_mailboxes(headers, "from")), Address("", ""))


def _mailboxes(headers: Headers, name: str) -> tuple[Address, ...]:
    """All mailboxes of the headers of this name. Only of From does the first header count alone."""
    values = headers.every(name)[:1] if name == "from" else headers.every(name)[:20]
    return tuple(mailbox for value in values for mailbox in addresses(value))


def _readers(headers: Headers) -> dict[str, Any]:
    """To whom it was written and delivered, and whom to answer."""
    named = {field: _mailboxes(headers, field.replace("_", "-")) for field in ("reply_to", "to", "cc")}
    return {**named, "delivered_to": _delivered_to(headers)}


def _delivered_to(headers: Headers) -> tuple[str, ...]:
    noted = [
        address for name in _ENVELOPE for value in headers.every(name) for address in bare_addresses(value)
    ]
    received = [
        found[1].lower() for value in headers.every("received") if (found := _RECEIVED_FOR.search(value))
    ]
    return tuple(dict.fromkeys([*noted, *received]))


def _moment(value: str) -> datetime | None:
    """The date in UTC. Without a zone it is taken as UTC; out of any calendar it is None."""
    value = _ZONE.sub(lambda found: _ZONES[found[1]], value[:100].strip())
    try:
        moment = datetime.fromisoformat(value) if _ISO.match(value) else parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None


def _id(value: str, *, is_strict: bool = False) -> str | None:
    """The first id; without brackets only where no words may stand beside it, as they do in In-Reply-To."""
    if found := _ID.search(value):
        return found[0]
    bare = "".join(value.split()).strip("<>")
    return f"<{bare[:900]}>" if bare and not is_strict else None


def _references(value: str) -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(_ID.findall(value)))
    return ids if len(ids) <= MOST_REFERENCES else (ids[0], *ids[1 - MOST_REFERENCES :])


def _language(subject: str, text: str, contents: Contents) -> str:
    """ "ja" where kana are written, or kanji in a Japanese character set; else "en"."""
    sample = subject + text[:5000]
    kana, letters = len(_KANA.findall(sample)), sum(char.isalpha() for char in sample)
    if kana * 20 > letters:
        return "ja"
    return "ja" if contents.has_japanese_charset and (kana or _KANJI.search(sample)) else "en"


def _oddities(headers: Headers, sender: Address) -> list[str]:
    found = []
    if not headers.first("from"):
        found.append("no-from")
    if len(headers.every("from")) > 1 or len(addresses(headers.first("from"))) > 1:
        found.append("more-than-one-from")
    if sender.address and "@" in sender.name:
        found.append("address-in-name")
    if headers.is_cut:
        found.append("headers-cut")
    return found
