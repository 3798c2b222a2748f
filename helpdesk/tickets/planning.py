"""What becomes of an answer between its press and the thread: held, planned, said, taken back, overtaken.

Until it is said nothing of it has happened. Whoever says it, takes it back or stops it holds its row, so that
one of them wins: the job, the agent's press, or the customer who writes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import column, delete, func, select, table

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import UTCDateTime, db
from helpdesk.core.jobs import task
from helpdesk.core.live import announce
from helpdesk.customers.models import PRESENT_FOR
from helpdesk.tickets import copies
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.planned import PlannedReply, PlannedState
from helpdesk.tickets.thread import Attachment, Message, MessageKind
from helpdesk.timeline import Event

# What was said or taken back is kept for so long.
KEPT_FOR = timedelta(days=30)

# By name: the chat's room is above this one.
_windows = table("chat_sessions", column("ticket_id"), column("seen_at", UTCDateTime()), column("ended_at"))


@dataclass(frozen=True)
class Answer:
    """What an agent wrote, ready to be said. copies: as `core.smtp.mailbox` writes them."""

    body: str
    attachments: Sequence[Attachment] = ()
    copies: Sequence[str] = ()
    resolves: bool = False
    # The newest message its writer had read.
    last_message_id: int = 0
    # When it was written; None is now.
    written_at: datetime | None = None
    # Silent addresses that it is to be tried at once more.
    lifted: Sequence[str] = ()
    # By what the form that it came with is known again.
    once: str | None = None


def send(ticket: Ticket, answer: Answer, *, by: Agent, at: datetime | None = None) -> Message | PlannedReply:
    """Say the answer: at `at`, or after the moment in which it may be taken back, where there is one."""
    pause = hold_for(ticket)
    if at is None and not pause:
        return _say(ticket, answer, by=by)
    due_at = at or now() + pause
    # Whoever presses has read, or waved through, all that stands there.
    answer = replace(answer, last_message_id=max(answer.last_message_id, _newest_message(ticket)))
    planned = _written(ticket, answer, by=by, due_at=due_at, is_scheduled=at is not None)
    say.later(id=planned.id, after=due_at - now())
    announce(f"ticket-{ticket.id}")
    return planned


def put_aside(ticket: Ticket, answer: Answer, *, by: Agent) -> PlannedReply:
    """Keep what is not to be said yet, so that its files need not be chosen again."""
    aside = _written(ticket, answer, by=by, due_at=now(), is_scheduled=False)
    aside.state = PlannedState.TAKEN_BACK
    return aside


def hold_for(ticket: Ticket) -> timedelta:
    """How long an answer may be taken back; not at all where its reader sits in the chat and waits."""
    return timedelta(seconds=0 if is_in_chat(ticket) else current_app.config["HELPDESK_UNDO_SEND"])


def is_in_chat(ticket: Ticket) -> bool:
    """Whether the customer sits before the ticket's chat window."""
    seen = select(func.max(_windows.c.seen_at)).where(_windows.c.ticket_id == ticket.id)
    seen_at: datetime | None = db.session.scalar(seen.where(_windows.c.ended_at.is_(None)))
    return seen_at is not None and seen_at > now() - PRESENT_FOR


@task
def say(id: int) -> None:
    """Say what is due, or stop it where its ground fell away. Done already, it does nothing."""
    planned = held(id)
    if planned is None or planned.state is not PlannedState.WAITING:
        return
    why = "heard" if _is_overtaken(planned) else doubt(planned) if planned.is_scheduled else ""
    if why:
        _stop(planned, why)
    else:
        say_now(planned, by=planned.agent)


def held(id: int) -> PlannedReply | None:
    """The planned answer and its ticket as they are now; nobody else changes either until we are done.

    The ticket first, as everybody does who writes in it: so nobody waits for somebody who waits for them.
    """
    its_ticket = select(PlannedReply.ticket_id).where(PlannedReply.id == id).scalar_subquery()
    as_it_is = {"populate_existing": True}
    db.session.scalar(
        select(Ticket).where(Ticket.id == its_ticket).with_for_update(), execution_options=as_it_is
    )
    row = select(PlannedReply).where(PlannedReply.id == id).with_for_update(of=PlannedReply)
    return db.session.scalar(row, execution_options=as_it_is)


def say_now(planned: PlannedReply, *, by: Agent) -> Message | None:
    """Say a `held` one, once; None where it was said or taken back before."""
    if planned.state not in (PlannedState.WAITING, PlannedState.OVERTAKEN):
        return None
    answer = Answer(
        planned.body,
        planned.attachments(),
        planned.copies,
        planned.resolves,
        written_at=planned.created_at,
        lifted=planned.lifted,
        once=planned.particulars.get("once"),
    )
    # Before the resolution, which stops what others planned.
    planned.state = PlannedState.SAID
    planned.message = message = _say(planned.ticket, answer, by=by)
    return message


def take_back(planned: PlannedReply) -> bool:
    """Take a `held` one back; False where it was said before."""
    if planned.state in (PlannedState.WAITING, PlannedState.OVERTAKEN):
        planned.state = PlannedState.TAKEN_BACK
        announce(f"ticket-{planned.ticket_id}")
        return True
    return planned.state is PlannedState.TAKEN_BACK


def doubt(planned: PlannedReply) -> str:
    """Why somebody should look at it again: its writer left, or sees the ticket no more."""
    if not planned.agent.is_active:
        return "left"
    seen = Ticket.visible_to(planned.agent).with_only_columns(Ticket.id).where(Ticket.id == planned.ticket_id)
    return "moved" if db.session.scalar(seen) is None else ""


def stop_when_heard(ticket: Ticket, event: Event) -> None:
    """The customer wrote first: what is on its way may no longer fit. Machines overtake nobody."""
    message = db.session.get(Message, event.details["message_id"])
    if message is not None and not message.is_automatic:
        for planned in _waiting(ticket):
            if planned.last_message_id < message.id:
                _stop(planned, "heard")


def stop_when_resolved(ticket: Ticket, event: Event) -> None:
    """Somebody else than its writer closed the ticket: nobody should hear from it again unasked."""
    for planned in _waiting(ticket):
        if planned.is_scheduled and planned.agent_id != event.agent_id:
            _stop(planned, "resolved")


def forget() -> None:
    """Drop what was said or taken back long ago."""
    over = PlannedReply.state.in_((PlannedState.SAID, PlannedState.TAKEN_BACK))
    db.session.execute(delete(PlannedReply).where(over, PlannedReply.due_at < now() - KEPT_FOR))


def _written(
    ticket: Ticket, answer: Answer, *, by: Agent, due_at: datetime, is_scheduled: bool
) -> PlannedReply:
    files = [{"file_id": each.file.id, "name": each.name} for each in answer.attachments]
    planned = PlannedReply(
        ticket_id=ticket.id,
        agent_id=by.id,
        body=answer.body,
        particulars={
            "files": files,
            "copies": list(answer.copies),
            "lifted": list(answer.lifted),
            "then": "resolve" if answer.resolves else "",
            "once": answer.once,
        },
        last_message_id=answer.last_message_id,
        is_scheduled=is_scheduled,
        due_at=due_at,
    )
    db.session.add(planned)
    db.session.flush()
    return planned


def _say(ticket: Ticket, answer: Answer, *, by: Agent) -> Message:
    chosen_at = answer.written_at or now()
    recipients = copies.settle(ticket, answer.copies, by=by, chosen_at=chosen_at, lifted=answer.lifted)
    told = {"attachments": list(answer.attachments), "recipients": recipients}
    message = ticket.reply(answer.body, by=by, once=answer.once, **told)
    if answer.resolves:
        ticket.resolve(by=by)
    return message


def _newest_message(ticket: Ticket) -> int:
    return db.session.scalar(select(func.max(Message.id)).where(Message.ticket_id == ticket.id)) or 0


def _is_overtaken(planned: PlannedReply) -> bool:
    """Whether the customer wrote what its writer has not seen, in the same moment as the press too."""
    unseen = select(Message.id).where(Message.ticket_id == planned.ticket_id, Message.is_automatic.is_(False))
    theirs = unseen.where(Message.kind == MessageKind.CUSTOMER, Message.id > planned.last_message_id)
    return db.session.scalar(theirs.limit(1)) is not None


def _waiting(ticket: Ticket) -> Sequence[PlannedReply]:
    """What is held or planned and not said yet, ours to stop."""
    theirs = PlannedReply.ticket_id == ticket.id
    waiting = select(PlannedReply).where(theirs, PlannedReply.state == PlannedState.WAITING)
    return db.session.scalars(waiting.with_for_update(of=PlannedReply)).all()


def _stop(planned: PlannedReply, why: str) -> None:
    planned.state = PlannedState.OVERTAKEN
    planned.particulars = {**planned.particulars, "why": why}
    announce(f"ticket-{planned.ticket_id}", "inbox")
