"""What a letter says, once its bytes are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

# Bytes of a whole letter.
LARGEST = 30 * 1024 * 1024


class Unreadable(Exception):
    """The letter cannot be read: empty, beyond the limits (30 MB, 500 parts, 50 deep), or without a header.

    `reason` is one of empty, too-large, too-many-parts, too-deep, no-header; and where the child that reads
    did not get to its end: too-slow, too-much-memory, reader-broke, reader-ended.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Address:
    """A mailbox: the name people read and the lower-case address. Either may be empty."""

    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name and self.address else self.name or self.address


@dataclass(frozen=True)
class Attachment:
    """A file of a letter. The name is fit to show, never to be a path."""

    name: str
    # By the content where its first bytes tell, else as the sender declared it.
    content_type: str
    content: bytes = field(repr=False)
    content_id: str | None = None
    # True where the HTML of the letter shows it in place (cid:).
    is_inline: bool = False


@dataclass(frozen=True)
class Bounce:
    """A mail server's word that a letter of ours did not arrive."""

    recipients: tuple[str, ...]
    # RFC 3463, such as "5.1.1"; empty where the report names none.
    status: str
    # False for a report that delivery is late but still tried.
    is_final: bool
    original_message_id: str | None
    # What the server that refused it said, in one line; empty where the report does not repeat that.
    said: str = ""


@dataclass(frozen=True)
class Forwarded:
    """A letter that the sender only passed on: who wrote it in truth. As claimed as everything else."""

    sender: Address
    subject: str
    # As the forwarding program wrote it: it rarely names a time zone.
    date: str
    text: str


@dataclass(frozen=True)
class Meeting:
    """An invitation, or the word that it is off."""

    what: str
    where: str
    organizer: Address
    # In the zone of the calendar where we know it, else without one; a date alone for whole days.
    starts: datetime | date | None
    ends: datetime | date | None
    # As the calendar names it; empty for UTC and for times without a place.
    zone: str
    is_cancelled: bool = False
    # How often it comes again: (1, "weekly"), (2, "monthly") for every second month; None for once.
    repeats: tuple[int, str] | None = None


@dataclass(frozen=True)
class ParsedLetter:
    """One letter. Everything here is the sender's claim: nothing in it proves who wrote."""

    sender: Address
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    # Addresses our own mail servers noted on the way: the envelope's recipients, first the nearest.
    delivered_to: tuple[str, ...]
    subject: str
    # As the sender's clock had it, in UTC; None where absent or not a date.
    sent_at: datetime | None
    # With the angle brackets, as every id here.
    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    text: str
    # As sent: clean it before it is shown. Images refer to attachments by `cid:` and content_id.
    html: str | None
    attachments: tuple[Attachment, ...]
    # Why nothing may be answered automatically (RFC 3834), or None for a letter that a person wrote.
    automatic_because: str | None
    # The subject reads like "out of office": a hint that never drops a letter.
    is_absence_notice: bool
    bounce: Bounce | None
    language: str
    # Raw, in the order of the letter: only the top one of our own border counts.
    authentication_results: tuple[str, ...]
    # Every header by lower-case name, decoded.
    headers: Mapping[str, tuple[str, ...]] = field(repr=False)
    # What was odd or cut, in short words such as "no-from", for the people who run the desk.
    oddities: tuple[str, ...] = ()
    forwarded: Forwarded | None = None
    meeting: Meeting | None = None

    @property
    def is_automatic(self) -> bool:
        """Whether no machine may answer it."""
        return self.automatic_because is not None

    @property
    def is_suppressing(self) -> bool:
        """Whether it only wishes for no automatic answer, as whatever people send from Outlook may."""
        return self.automatic_because == "auto-response-suppressed" and not self.is_absence_notice

    @property
    def is_of_machine(self) -> bool:
        """Whether it counts as written by a machine."""
        return self.is_automatic and not self.is_suppressing
