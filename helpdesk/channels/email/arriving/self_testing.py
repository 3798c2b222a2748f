"""A mailbox writes to itself: when the letter is back, its server has said whether others will believe it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select

from helpdesk.channels.email.arriving.authenticity import METHODS, outcomes
from helpdesk.channels.email.leaving.acknowledging import LOOP_HEADER, is_our_echo
from helpdesk.channels.email.letters.letter import ParsedLetter
from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.mail import AUTOMATIC, Letter, LetterState
from helpdesk.core.signing import mark
from helpdesk.core.smtp import mailbox as written

PURPOSE = "self-test"
# A letter to oneself that is not back by then may not come at all.
PATIENCE = timedelta(minutes=10)
# Of one mailbox within an hour, however often somebody presses.
MOST_AN_HOUR = 5


@dataclass(frozen=True)
class SelfTest:
    """What is known of a mailbox's newest letter to itself."""

    address: str
    sent_at: datetime
    # Why it could not leave; empty where it could, or may yet.
    error: str
    # None until it is back.
    back_at: datetime | None
    # Who wrote the results, and whether the settings name them as our border; empty where nobody did.
    border: str
    is_named: bool
    # spf, dkim and dmarc: pass, fail and so on; empty where nobody looked.
    results: dict[str, str]

    @property
    def is_late(self) -> bool:
        return self.back_at is None and not self.error and self.sent_at < now() - PATIENCE

    @property
    def is_fine(self) -> bool:
        return self.back_at is not None and all(each == "pass" for each in self.results.values())


def has_room(mailbox: Mailbox) -> bool:
    """Whether it may write to itself once more now."""
    recent = select(func.count()).where(
        Letter.purpose == PURPOSE,
        Letter.written_at > now() - timedelta(hours=1),
        Letter.mailbox_id == mailbox.id,
    )
    return (db.session.scalar(recent) or 0) < MOST_AN_HOUR


def write(mailbox: Mailbox) -> Letter:
    """Send a letter from the mailbox to its own address, through its own server."""
    letter = Letter.draft(
        sender=mailbox.sender,
        recipient=written(mailbox.name, mailbox.address),
        subject=_("A letter to ourselves"),
        text=_("This letter tests how our letters arrive. When it is fetched again, it leaves no request."),
        envelope_from=mailbox.address,
        mailbox_id=mailbox.id,
        purpose=PURPOSE,
    )
    # Some servers give letters another Message-ID: by this one it is known all the same.
    name = f"letter-{letter.id}"
    letter.headers = AUTOMATIC | {LOOP_HEADER: f"{name}.{mark('loop', name)}"}
    letter.ask_for_delivery()
    return letter


def note_return(letter: ParsedLetter) -> None:
    """Keep what was found out about one of our own letters, where it is a self-test that was not back yet."""
    ours = select(Letter).where(Letter.purpose == PURPOSE, Letter.message_id == letter.message_id)
    own = db.session.scalar(ours) or _named(letter.headers.get(LOOP_HEADER.lower(), ("",))[0])
    if own is None or "returned" in own.enclosures:
        return
    border = current_app.config["HELPDESK_AUTHSERV_ID"]
    found, results = outcomes(letter, border)
    told = {"at": now().isoformat(), "border": found, "is_named": bool(border), "results": results}
    # Not in `copies`: these are written by whoever sends it, perhaps at this very moment.
    own.enclosures = {**own.enclosures, "returned": told}


def newest(mailbox: Mailbox) -> SelfTest | None:
    """How its last letter to itself fared; None where it never wrote one."""
    return next(iter(newest_of([mailbox])), None)


def newest_of(mailboxes: Iterable[Mailbox]) -> list[SelfTest]:
    """The same for many at once; those that never wrote one are left out."""
    kept = [each for each in mailboxes if each.id]
    ids, addresses = [each.id for each in kept], [each.address for each in kept]
    last = select(func.max(Letter.id)).where(
        Letter.address.in_(addresses), Letter.purpose == PURPOSE, Letter.mailbox_id.in_(ids)
    )
    letters = select(Letter).where(Letter.id.in_(last.group_by(Letter.mailbox_id))).order_by(Letter.id)
    return [_read(letter) for letter in db.session.scalars(letters)]


def advice(test: SelfTest) -> list[str]:
    """What to do about it, in the reader's language; nothing where all is well."""
    if test.error:
        return [_("Look at the server for outgoing letters: the self-test could not leave.")]
    if test.is_late:
        return [
            _("See whether it lies in the spam folder, and whether letters of this mailbox come in here.")
        ]
    if test.back_at is None:
        return []
    if not any(test.results.values()):
        return [_unsaid(test)]
    remedies = {
        "spf": _("SPF: name the sending server in the domain's SPF record (TXT, v=spf1 …)."),
        "dkim": _("DKIM: have the sending server sign letters, and publish its key under the domain."),
        "dmarc": _("DMARC: publish a record (_dmarc, v=DMARC1 …) and let SPF or DKIM pass for this domain."),
    }
    return [remedies[method] for method in METHODS if test.results.get(method) != "pass"]


def _unsaid(test: SelfTest) -> str:
    if test.is_named:
        said = _("The server named in HELPDESK_AUTHSERV_ID said nothing: see how it names itself in letters.")
    else:
        said = _("No server wrote down what it found out: ask its operator for Authentication-Results.")
    return str(said)


def _named(echo: str) -> Letter | None:
    """The self-test that a loop header names, where it is one that we wrote."""
    number = echo.strip().partition(".")[0].removeprefix("letter-")
    known = db.session.get(Letter, int(number)) if is_our_echo(echo) and number.isdecimal() else None
    return known if known is not None and known.purpose == PURPOSE else None


def _read(letter: Letter) -> SelfTest:
    told = letter.enclosures.get("returned", {})
    return SelfTest(
        address=letter.address,
        sent_at=letter.sent_at or letter.written_at,
        error=letter.error if letter.state is LetterState.FAILED else "",
        back_at=datetime.fromisoformat(told["at"]) if told else None,
        border=told.get("border", ""),
        is_named=told.get("is_named", False),
        results={method: told["results"][method] for method in METHODS} if told else {},
    )
