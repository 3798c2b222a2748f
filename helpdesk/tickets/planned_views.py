"""Writing in a ticket: answers, said at once, held for a moment or planned for later; and notes."""

from dataclasses import replace

from flask import flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.permissions import me
from helpdesk.core.db import db, reading
from helpdesk.core.web import Answer, answer, go, is_partial
from helpdesk.tickets import drafts, once, planning
from helpdesk.tickets.cards import cards
from helpdesk.tickets.drafts import Draft, posted
from helpdesk.tickets.forms import WritingForm
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.planned import PlannedReply
from helpdesk.tickets.thread import Message
from helpdesk.tickets.views import bp, page_of, visible

__all__ = ["bp"]


@bp.post("/<int:number>/replies")
def reply(number: int) -> Answer:
    """Answer the customer. What is marked as a note is one, whichever button sent it."""
    ticket = visible(number)
    mark = once.mark_of(ticket, writer=me())
    if (said := once.done(ticket, mark)) is not None:
        return _written(ticket, said)
    draft = posted(ticket, form := WritingForm(), writer=me())
    if draft.kind == "note":
        return note(number)
    files = drafts.attachments(ticket, draft, form, writer=me())
    ready = replace(drafts.answer_of(draft, files), once=mark)
    if draft.is_stopped:
        return _refused(ticket, draft, ready)
    return _written(ticket, planning.send(ticket, ready, by=me(), at=drafts.time_of(draft)))


@bp.post("/<int:number>/notes")
def note(number: int) -> Answer:
    """Write something down for colleagues: it is never held, and goes to nobody."""
    ticket = visible(number)
    mark = once.mark_of(ticket, writer=me())
    if (said := once.done(ticket, mark)) is not None:
        return _written(ticket, said)
    draft = posted(ticket, form := WritingForm(), writer=me())
    files = drafts.attachments(ticket, draft, form, writer=me())
    if draft.problems:
        return _refused(ticket, draft, drafts.answer_of(draft, files))
    return _written(ticket, ticket.note(draft.text, by=me(), once=mark, attachments=files))


@bp.get("/<int:number>/planned")
def planned(number: int) -> str:
    """What is on its way in the ticket; asked again whenever the ticket has news."""
    ticket = visible(number)
    return render_template("tickets/_planned.html", ticket=ticket, cards=cards(ticket, me()))


@bp.post("/<int:number>/planned/<int:planned_id>/withdrawal")
def take_back(number: int, planned_id: int) -> Answer:
    """Undo, or edit: what was on its way stands in the composer again, before what was begun meanwhile."""
    ticket = visible(number)
    found = _within_reach(ticket, planned_id)
    if not planning.take_back(found):
        return _too_late(ticket)
    draft = drafts.begun(ticket, drafts.newest_message(ticket), taken=found)
    draft = _before_what_was_begun(draft)
    place = f"{page_of(ticket)}?draft={found.id}#composer"
    db.session.commit()
    return _sent(ticket, draft, place)


@bp.post("/<int:number>/planned/<int:planned_id>/cancellation")
def cancel(number: int, planned_id: int) -> Answer:
    """Let it go out never."""
    ticket = visible(number)
    if not planning.take_back(_within_reach(ticket, planned_id)):
        return _too_late(ticket)
    db.session.commit()
    return _cards(ticket)


@bp.post("/<int:number>/planned/<int:planned_id>/sending")
def send_now(number: int, planned_id: int) -> Answer:
    """Say it at once: in its writer's name, or, where that is in doubt, in the name of who presses."""
    ticket = visible(number)
    found = _within_reach(ticket, planned_id)
    by = me() if "why" in found.particulars or planning.doubt(found) else found.agent
    if planning.say_now(found, by=by) is None:
        return _too_late(ticket)
    db.session.commit()
    return _cards(ticket)


def _within_reach(ticket: Ticket, planned_id: int) -> PlannedReply:
    """The planned answer, held so that nobody else says it or takes it back; or 404."""
    db.one_or_404(PlannedReply.within_reach(ticket, me()).where(PlannedReply.id == planned_id))
    found = planning.held(planned_id)
    assert found is not None
    return found


def _before_what_was_begun(draft: Draft) -> Draft:
    """With what stands in the composer by now. Beside a note's words it becomes a note: none leaves."""
    begun = request.form.get("body", "").strip("\n ")
    if not begun:
        return draft
    kind = "note" if request.form.get("kind") == "note" else "reply"
    return replace(draft, text=f"{draft.text}\n\n{begun}", kind=kind)


def _written(ticket: Ticket, said: Message | PlannedReply) -> Answer:
    # Before the commit, after which each would be read anew.
    is_said = isinstance(said, Message)
    place = f"{page_of(ticket)}#{'message' if is_said else 'planned'}-{said.id}"
    last = said.id if isinstance(said, Message) else said.last_message_id
    db.session.commit()
    with reading():
        return _sent(ticket, drafts.begun(ticket, last or drafts.newest_message(ticket)), place)


def _sent(ticket: Ticket, draft: Draft, place: str) -> Answer:
    with reading():
        on_their_way = cards(ticket, me()) if is_partial() else ()
        told = {"ticket": ticket, "draft": draft, "cards": on_their_way}
        return answer("tickets/_sent.html", otherwise=place, **told)


def _cards(ticket: Ticket) -> Answer:
    with reading():
        place, on_their_way = f"{page_of(ticket)}#planned", cards(ticket, me())
        return answer("tickets/_planned.html", otherwise=place, ticket=ticket, cards=on_their_way)


def _too_late(ticket: Ticket) -> BaseResponse:
    """It was said in the same moment, or taken back by somebody else: the page shows which."""
    place = page_of(ticket)
    db.session.rollback()
    flash(_("It was too late: this answer has gone out, or somebody else took it back."))
    return go(place)


def _refused(ticket: Ticket, draft: Draft, ready: planning.Answer) -> tuple[str, int]:
    """Show what was typed and why it did not go out. Nothing of it happened; its files are kept for it."""
    template = "tickets/_composer.html" if is_partial() else "tickets/refused.html"
    draft = replace(draft, source=0, kept=())
    if ready.attachments:
        aside = planning.put_aside(ticket, ready, by=me())
        draft = replace(draft, source=aside.id, kept=aside.files)
        db.session.commit()
    else:
        db.session.rollback()
    with reading():
        page = render_template(template, ticket=ticket, draft=draft, cards=())
        return page, 200 if draft.is_adding and not draft.problems else 422
