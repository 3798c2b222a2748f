"""Whether letters reach somebody: which of their addresses came back, since when and why."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.mail import RETURNED
from helpdesk.core.refusals import why_not
from helpdesk.customers.models import Contact, ContactAddress

# A status of RFC 3463, or a reply of RFC 5321: the words are a mail server's.
_SERVERS_WORDS = re.compile(r"\b5(?:\d\d|\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True)
class Silence:
    """Why nothing is sent to an address."""

    since: datetime
    # The words of the server that refused a letter, or of whoever silenced the address; may be empty.
    because: str

    @property
    def is_returned(self) -> bool:
        """Whether a letter came back, rather than that somebody said so."""
        return self.because == RETURNED or bool(_SERVERS_WORDS.search(self.because))

    @property
    def words(self) -> str:
        """Why, in the reader's language where a server said it; else in the words that are kept."""
        return why_not(self.because).words if self.is_returned else self.because

    @classmethod
    def at(cls, since: datetime | None, because: str) -> "Silence | None":
        return None if since is None else cls(since, because)


@dataclass(frozen=True)
class Place:
    """An address, bare and lower-case; silence: None where it is written to."""

    address: str
    silence: Silence | None = None


@dataclass(frozen=True)
class Reader:
    """The customer, as somebody whom answers go to."""

    # Oldest first.
    places: Sequence[Place]
    phone: str = ""

    @property
    def to(self) -> Place | None:
        """Where an answer goes; None where they have no address at all."""
        return best(self.places)


def reader_of(contact_id: int, phone: str = "") -> Reader:
    """The person of this number, their addresses read anew."""
    told = (ContactAddress.address, ContactAddress.bounced_at, ContactAddress.silent_because)
    theirs = select(*told).where(ContactAddress.contact_id == contact_id).order_by(ContactAddress.id)
    rows = db.session.execute(theirs)
    return Reader([Place(row[0], Silence.at(row[1], row[2])) for row in rows], phone)


def place_of(contact: Contact) -> Place | None:
    """Where they are written to; None where they have no address."""
    return best(
        [Place(each.address, Silence.at(each.bounced_at, each.silent_because)) for each in contact.addresses]
    )


def best(places: Iterable[Place]) -> Place | None:
    """The first that works; where none does, the first."""
    found = list(places)
    return next((each for each in found if each.silence is None), found[0] if found else None)
