"""A customer's course, what agents say about it, and where the whole base stands."""

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me, needs, staff_only
from helpdesk.core.db import db
from helpdesk.core.web import answer, go
from helpdesk.customers import leading_on
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import cues, overlays, report, stages
from helpdesk.lifecycle import history as course
from helpdesk.lifecycle.models import OverlayKind, Stage
from helpdesk.lifecycle.presets import stages_in_use
from helpdesk.lifecycle.wording import card
from helpdesk.tickets.models import Ticket

bp = Blueprint("lifecycle", __name__)
staff_only(bp)

LONGEST_REASON = 500


@bp.get("/desk/customers/<int:id>/history")
def history(id: int) -> str:
    """The course of one customer; a page elsewhere may take its `#customer-history`."""
    found = course.read(_customer(id), me(), request.args.get("event", type=int))
    return render_template("lifecycle/history.html", history=found, course=course)


@bp.post("/desk/customers/<int:id>/stage")
def move(id: int) -> Response:
    """Move by hand: to one of our stages, with a reason."""
    customer, stage = _customer(id), _stage(request.form.get("stage", ""))
    stages.move(customer, stage, by=me(), reason=_reason())
    db.session.commit()
    flash(_("The stage was changed. Rules leave it alone for 30 days."))
    return go(url_for(".history", id=id))


@bp.post("/desk/customers/<int:id>/stage/undo")
def undo(id: int) -> Response:
    try:
        stages.undo(_customer(id), by=me())
    except stages.NothingToUndo:
        abort(409)
    db.session.commit()
    return go(url_for(".history", id=id))


@bp.post("/desk/customers/<int:id>/pause")
def pause(id: int) -> Response:
    """Lay a pause over the stage, with a reason; it ends by hand only."""
    overlays.open_by_hand(_customer(id), OverlayKind.PAUSED, by=me(), reason=_reason())
    db.session.commit()
    return go(url_for(".history", id=id))


@bp.post("/desk/customers/<int:id>/resumption")
def resume(id: int) -> Response:
    overlays.close_by_hand(_customer(id), OverlayKind.PAUSED, by=me())
    db.session.commit()
    return go(url_for(".history", id=id))


@bp.post("/desk/tickets/<int:number>/cue-answers")
def answer_cue(number: int) -> str | Response | tuple[str, int]:
    """Note what became of a cue; the next one, or silence, takes its place."""
    ticket = db.one_or_404(Ticket.visible_to(me()).where(Ticket.id == number))
    cue = cues.find(request.form.get("cue", "")) or abort(404)
    given, reason = request.form.get("answer", ""), request.form.get("reason", "").strip()[:LONGEST_REASON]
    if given not in cues.ANSWERS:
        abort(400)
    if given == "unfit" and not reason:
        return _unexplained(ticket), 422
    cues.answer(ticket, cue, given, by=me(), reason=reason)
    db.session.commit()
    return answer(
        "lifecycle/_cue.html",
        otherwise=f"/desk/tickets/{number}",
        cue=card(cues.cue_for(ticket), ticket.customer_id),
        ticket_id=number,
    )


@bp.get("/desk/reports/lifecycle", endpoint="report")
@needs(Role.LEAD)
def show_report() -> str:
    """Counts per stage and moves; each opens its rows below."""
    chosen, asked, rows = stages_in_use(), request.args, None
    if "stage" in asked:
        rows = report.customers_on(_stage(asked["stage"]), me())
    elif "before" in asked:
        rows = report.customers_moved(_stage(asked["before"]), _stage(asked.get("after", "")), me())
    standings, moves = report.standings(chosen, me()), report.moves(chosen, me())
    return render_template("lifecycle/report.html", standings=standings, moves=moves, rows=rows)


def _customer(id: int) -> Customer:
    """The customer, or 404; of one that was put into another, the way to the other's page."""
    return leading_on.find(id, me())


def _stage(key: str) -> Stage:
    return next((stage for stage in stages_in_use() if stage.key == key), None) or abort(404)


def _reason() -> str:
    return request.form.get("reason", "").strip()[:LONGEST_REASON] or abort(422)


def _unexplained(ticket: Ticket) -> str:
    error = _("Say in a few words why it does not fit.")
    now_shown = card(cues.cue_for(ticket), ticket.customer_id)
    return render_template("lifecycle/_cue.html", cue=now_shown, ticket_id=ticket.id, error=error)
