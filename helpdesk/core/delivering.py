"""Handing letters over: a lease, conversations with a server, and what came of them for each reader."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from smtplib import SMTPResponseException

from flask import current_app
from sqlalchemy import update

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs import task
from helpdesk.core.mail import REACHED, Letter, LetterState
from helpdesk.core.smtp import Refused, Server, hand_over
from helpdesk.core.text import one_line

# Longer than the longest conversation with a server, shorter than a job's lease: a crashed one is repeated.
SENDING_FOR = timedelta(minutes=4)
# How long to wait after each try that may yet succeed: two days in all, then the letter has failed.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440))


@task
def deliver(letter_id: int) -> None:
    """Send one letter, unless it is sent, cancelled, or for the moment in another worker's hands.

    Whoever answers to an address of their own gets a parcel of their own: the same letter but for Reply-To.
    """
    if not _take_up(letter_id):
        return _look_again(letter_id)
    letter = db.session.get_one(Letter, letter_id)
    try:
        message, parcels = letter.as_message(), letter.conversations
    except (ValueError, FileNotFoundError) as fault:
        return letter.fail(str(fault))
    turn, envelope_from, mailbox_id = letter.attempts, letter.envelope_from, letter.mailbox_id
    waiting = ""
    for reply_to, readers in parcels:
        # Before the server hears of it: a crash from here on is seen as "answer unknown". No lock is held.
        db.session.commit()
        outcome = _converse(_addressed(message, reply_to), envelope_from, readers, mailbox_id)
        if not _hold(letter_id, turn):
            return None
        letter.settle(outcome.settled)
        waiting = waiting or outcome.waiting
        if outcome.is_server_away:
            break
    return _try_again(letter, waiting) if letter.unsettled else None


@dataclass(frozen=True)
class _Outcome:
    """What came of a parcel: for readers who need it no more, and why others have to wait."""

    settled: Mapping[str, str]
    waiting: str = ""
    # Then further parcels need not be tried now.
    is_server_away: bool = False


def _converse(
    message: EmailMessage, envelope_from: str, readers: Sequence[str], mailbox_id: int | None
) -> _Outcome:
    try:
        refused = hand_over(message, envelope_from, readers, _server_of(mailbox_id))
    except Refused as refusal:
        return _Outcome(dict.fromkeys(readers, str(refusal)))
    except SMTPResponseException as fault:
        return _Outcome({}, str(fault))
    except OSError as fault:
        return _Outcome({}, str(fault), is_server_away=True)
    settled = {each: refused[each].words if each in refused else REACHED for each in readers}
    later = {each: refusal.words for each, refusal in refused.items() if not refusal.is_final}
    settled = {each: how for each, how in settled.items() if each not in later}
    return _Outcome(settled, next(iter(later.values()), ""))


def _addressed(message: EmailMessage, reply_to: str) -> EmailMessage:
    """The message with this Reply-To in place of another: files are read and encoded once for all."""
    del message["Reply-To"]
    if reply_to:
        message["Reply-To"] = reply_to
    return message


def _server_of(mailbox_id: int | None) -> Server | None:
    """The server of the mailbox it leaves from; None is that of the settings. Leaves no transaction open."""
    if mailbox_id is None:
        return None
    known: Callable[[int], Server | None] = current_app.extensions["helpdesk.smtp_server"]
    return known(mailbox_id)


def _take_up(letter_id: int) -> bool:
    """Lease the letter; False where there is nothing to send, or somebody is at it."""
    is_free = (Letter.state == LetterState.QUEUED) | (
        (Letter.state == LetterState.SENDING) & (Letter.leased_until < now())
    )
    attempts, until = Letter.attempts + 1, now() + SENDING_FOR
    lease = {"state": LetterState.SENDING, "attempts": attempts, "leased_until": until}
    taken = update(Letter).where(Letter.id == letter_id, is_free).values(lease).returning(Letter.id)
    return db.session.scalar(taken.execution_options(synchronize_session="fetch")) is not None


def _hold(letter_id: int, turn: int) -> bool:
    """Lease it anew after a conversation; False where we took so long that another worker took it up."""
    is_ours = (Letter.state == LetterState.SENDING) & (Letter.attempts == turn)
    until = {"leased_until": now() + SENDING_FOR}
    held = update(Letter).where(Letter.id == letter_id, is_ours).values(until).returning(Letter.id)
    return db.session.scalar(held.execution_options(synchronize_session="fetch")) is not None


def _look_again(letter_id: int) -> None:
    """Come back when the lease ends: whoever holds the letter may have died, or failed, with it."""
    letter = db.session.get_one(Letter, letter_id)
    if letter.state is LetterState.SENDING and letter.leased_until is not None:
        deliver.later(letter_id=letter_id, key=f"again-{letter_id}", after=letter.leased_until - now())


def _try_again(letter: Letter, error: str) -> None:
    if letter.attempts > len(WAITS):
        return letter.fail(error)
    letter.state, letter.error = LetterState.QUEUED, one_line(error)[:500]
    deliver.later(letter_id=letter.id, after=WAITS[letter.attempts - 1])
    return None
