"""What stands in the composer: nothing yet, or what was typed and why it did not go out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy import func, select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.tickets import copies, later, planning, reach
from helpdesk.tickets.copies import Choice
from helpdesk.tickets.findings import Finding
from helpdesk.tickets.forms import WritingForm
from helpdesk.tickets.lines import Said, newer_than
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.once import new_key
from helpdesk.tickets.planned import PlannedReply, PlannedState
from helpdesk.tickets.reach import Reader
from helpdesk.tickets.thread import Attachment, Message


@dataclass(frozen=True)
class Draft:
    """A reply or a note as it was typed."""

    # The newest message its writer has read.
    last_message_id: int
    # To whom an answer goes.
    reader: Reader
    text: str = ""
    kind: str = "reply"
    problems: Sequence[str] = ()
    # What others said meanwhile; sending then needs a second press.
    newer: Sequence[Said] = ()
    # What else needs one, the newer messages included.
    findings: Sequence[Finding] = ()
    # Silent addresses that are tried once more, as the writer wishes.
    lifted: Sequence[str] = ()
    copies: Sequence[Choice] = ()
    # Files that lie with a planned answer: its id, and as {"file_id": 3, "name": "…"}.
    source: int = 0
    kept: Sequence[dict[str, Any]] = ()
    # How it was to be sent: "" at once, "resolve", or one of `later.WAYS`; the moment of "at"; and whether
    # what goes out later resolves too.
    way: str = ""
    at: str = ""
    is_resolving: bool = False
    # Whether only somebody was to be put in copy, and nothing sent.
    is_adding: bool = False
    is_file_lost: bool = False
    # Tells the form from every other one, so that it is done once however often it is sent.
    once: str = field(default_factory=new_key)

    @property
    def is_stopped(self) -> bool:
        return bool(self.is_adding or self.problems or self.findings)

    @property
    def resolves(self) -> bool:
        return self.way == "resolve" or (self.way in later.WAYS and self.is_resolving)


def begun(ticket: Ticket, last_message_id: int, *, taken: PlannedReply | None = None) -> Draft:
    """An empty draft, or one with what was `taken` back from its way."""
    if taken is None:
        return Draft(last_message_id, _reader(ticket), copies=copies.choices(ticket))
    # Whoever takes up what was stopped has just been told why.
    return Draft(
        last_message_id if "why" in taken.particulars else taken.last_message_id,
        _reader(ticket),
        taken.body,
        copies=copies.choices(ticket, taken.copies),
        source=taken.id,
        kept=taken.files,
        is_resolving=taken.is_scheduled and taken.resolves,
    )


def posted(ticket: Ticket, form: WritingForm, *, writer: Agent) -> Draft:
    """What was just sent in, with everything that stands against it."""
    form.validate()
    given = request.form
    people, wrong = copies.read(ticket, given)
    draft = Draft(
        given.get("last_message_id", default=0, type=int),
        _reader(ticket),
        form.body.data or "",
        "note" if given.get("kind") == "note" else "reply",
        form.problems,
        copies=people,
        source=given.get("source", default=0, type=int),
        way=given["then"] if "then" in given else given.get("way", ""),
        at=given.get("at", ""),
        is_resolving="resolving" in given,
        is_adding=given.get("step") == "add",
        is_file_lost=bool(form.files.errors),
    )
    if draft.kind == "note":
        return draft
    draft = replace(draft, problems=[*(() if draft.is_adding else form.problems), *wrong, *_untimely(draft)])
    return draft if draft.problems or draft.is_adding else _checked(ticket, draft, form, writer)


def time_of(draft: Draft) -> datetime | None:
    """When it is to go out; None is at once."""
    return later.time_of(draft.way, draft.at)


def attachments(ticket: Ticket, draft: Draft, form: WritingForm, *, writer: Agent) -> list[Attachment]:
    """The files that were just sent in, and those still ticked of what lies with a planned answer."""
    chosen = set(request.form.getlist("kept", type=int))
    source = aside(ticket, draft.source, viewer=writer)
    kept = source.attachments(chosen) if source is not None and chosen else []
    return [*kept, *(form.attachments() if not draft.is_file_lost else ())]


def aside(ticket: Ticket, number: int, *, viewer: Agent) -> PlannedReply | None:
    """A planned answer of the ticket that is not on its way any more."""
    if not number:
        return None
    found = PlannedReply.within_reach(ticket, viewer).where(PlannedReply.id == number)
    return db.session.scalar(found.where(PlannedReply.state == PlannedState.TAKEN_BACK))


def newest_message(ticket: Ticket) -> int:
    return db.session.scalar(select(func.max(Message.id)).where(Message.ticket_id == ticket.id)) or 0


def answer_of(draft: Draft, files: Sequence[Attachment]) -> planning.Answer:
    chosen = [each.written for each in draft.copies if each.is_chosen]
    return planning.Answer(
        draft.text, files, chosen, draft.resolves, draft.last_message_id, lifted=draft.lifted
    )


def _reader(ticket: Ticket) -> Reader:
    return reach.reader_of(ticket.contact_id, ticket.contact.phone)


def _untimely(draft: Draft) -> list[str]:
    try:
        time_of(draft)
    except later.NoSuchTime as error:
        return [str(error)]
    return []


def _checked(ticket: Ticket, draft: Draft, form: WritingForm, writer: Agent) -> Draft:
    """With what the guards find and the writer has not waved through."""
    seen = request.form.getlist("seen") if "anyway" in request.form else None
    if seen == []:
        return draft
    last = draft.last_message_id
    newer = newer_than(ticket, last, reader=writer) if last > 0 else []
    uploads = [each for each in form.files.data or () if each.filename]
    has_files = bool(uploads or request.form.getlist("kept"))
    from helpdesk.tickets import checks  # noqa: PLC0415  (many patterns, and only an answer needs them)

    people, reader = draft.copies, draft.reader
    found = checks.findings(ticket, draft.text, has_files=has_files, people=people, reader=reader)
    for each in db.session.scalars(PlannedReply.held_by_others(ticket, writer)):
        found.insert(0, Finding("colleague", each.agent.name))
    if newer:
        found.insert(0, Finding("newer", str(newer[-1].id)))
    left = [each for each in found if each.code not in (seen or ())]
    # One press waves all through that stand there: who sends anyway has seen each of them.
    if left:
        return replace(draft, findings=found, newer=newer)
    return replace(draft, lifted=_lifted(draft, found))


def _lifted(draft: Draft, found: Sequence[Finding]) -> list[str]:
    """The silent addresses that were waved through; of the customer's, the one that was chosen."""
    silent = [each.what for each in found if each.kind == "silent"]
    theirs = [place.address for place in draft.reader.places]
    chosen = request.form.get("try", "")
    return [chosen if each in theirs and chosen in theirs else each for each in silent]
