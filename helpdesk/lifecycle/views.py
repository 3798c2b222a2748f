"""What agents say about a cue, and where the whole base stands; `course_views.py` is about one customer."""

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me, needs, staff_only
from helpdesk.core.db import db
from helpdesk.core.web import answer
from helpdesk.lifecycle import cues, report
from helpdesk.lifecycle.models import Stage
from helpdesk.lifecycle.presets import stages_in_use
from helpdesk.lifecycle.wording import card
from helpdesk.tickets.models import Ticket

bp = Blueprint("lifecycle", __name__)
staff_only(bp)

LONGEST_REASON = 500


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
        rows = report.customers_on(stage_named(asked["stage"]), me())
    elif "before" in asked:
        rows = report.customers_moved(stage_named(asked["before"]), stage_named(asked.get("after", "")), me())
    standings, moves = report.standings(chosen, me()), report.moves(chosen, me())
    return render_template("lifecycle/report.html", standings=standings, moves=moves, rows=rows)


def stage_named(key: str) -> Stage:
    return next((stage for stage in stages_in_use() if stage.key == key), None) or abort(404)


def _unexplained(ticket: Ticket) -> str:
    error = _("Say in a few words why it does not fit.")
    now_shown = card(cues.cue_for(ticket), ticket.customer_id)
    return render_template("lifecycle/_cue.html", cue=now_shown, ticket_id=ticket.id, error=error)
