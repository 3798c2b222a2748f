"""Handing letters over: a lease, one conversation with a server, and what came of it for each reader."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from flask import current_app
from sqlalchemy import update

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs import task
from helpdesk.core.mail import Letter, LetterState
from helpdesk.core.smtp import Refusal, Refused, Server, hand_over
from helpdesk.core.text import one_line

# Longer than a conversation with a server takes, shorter than a job's lease: a crashed one is repeated.
SENDING_FOR = timedelta(minutes=4)
# How long to wait after each try that may yet succeed: two days in all, then the letter has failed.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440))


@task
def deliver(letter_id: int) -> None:
    """Send one letter, unless it is sent, cancelled, or for the moment in another worker's hands."""
    if not _take_up(letter_id):
        return _look_again(letter_id)
    letter = db.session.get_one(Letter, letter_id)
    try:
        parcel, mailbox_id = (letter.as_message(), letter.envelope_from, letter.unsettled), letter.mailbox_id
    except (ValueError, FileNotFoundError) as fault:
        return letter.fail(str(fault))
    # Before the server hears of it: a crash from here on is seen as "answer unknown", and no lock is held.
    db.session.commit()
    try:
        refused = hand_over(*parcel, _server_of(mailbox_id))
    except Refused as refusal:
        db.session.get_one(Letter, letter_id).fail(str(refusal))
    except OSError as fault:
        _try_again(db.session.get_one(Letter, letter_id), str(fault))
    else:
        _settle(letter, parcel[2], refused)
    return None


def send_again(letter: Letter) -> None:
    """Try anew, as the same letter, whom it did not reach."""
    settled = {address: how for address, how in letter.copies.get("settled", {}).items() if how == "sent"}
    letter.copies = {**letter.copies, "settled": settled}
    letter.state, letter.error, letter.attempts = LetterState.QUEUED, "", 0
    deliver.later(letter_id=letter.id)


def _settle(letter: Letter, told: Sequence[str], refused: Mapping[str, Refusal]) -> None:
    """Note who has the letter and who never will; whoever may yet get it is tried again, alone."""
    settled = dict(letter.copies.get("settled", {}))
    for address in told:
        refusal = refused.get(address)
        if refusal is None:
            settled[address] = "sent"
        elif refusal.is_final:
            settled[address] = one_line(refusal.words)[:300]
            letter.tell_of_failure(address, refusal.words)
    letter.copies = {**letter.copies, "settled": settled}
    waiting = [refusal.words for refusal in refused.values() if not refusal.is_final]
    if waiting:
        return _try_again(letter, waiting[0])
    reached = [address for address, how in settled.items() if how == "sent"]
    letter.state, letter.error = (LetterState.SENT, "") if reached else (LetterState.FAILED, settled[told[0]])
    letter.sent_at = now() if reached else None
    return None


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
