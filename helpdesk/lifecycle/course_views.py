"""The course of one customer, and what people decide about it: each with a reason, nothing by halves."""

from datetime import date
from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from helpdesk.accounts.permissions import me
from helpdesk.core.db import db
from helpdesk.core.web import go
from helpdesk.customers import leading_on
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import history as course
from helpdesk.lifecycle import locks, overlays, proposals, reasons, stages
from helpdesk.lifecycle.models import OverlayKind, Stay
from helpdesk.lifecycle.views import LONGEST_REASON, bp, stage_named

__all__ = ["bp"]

HISTORY = "/desk/customers/<int:id>/history"
# What a view answers: where to go on, or the page again with what was wrong.
Answer = Response | tuple[str, int]


@bp.get(HISTORY)
def history(id: int) -> str | tuple[str, int]:
    """The course of one customer, as known now or at the end of the day `known`."""
    customer, asked = _customer(id), request.args.get("known", "")
    if not asked:
        return _page(customer)
    known_on = _day(asked)
    if known_on is None or known_on > course.today():
        return _page(customer, error=_("Choose a day up to today.")), 422
    return _page(customer, known_on=known_on)


@bp.post("/desk/customers/<int:id>/stage")
def move(id: int) -> Answer:
    """Move by hand: to one of our stages, with a reason; not where somebody else was quicker."""
    customer, stage = _held(id), stage_named(request.form.get("stage", ""))
    if _is_overtaken(customer):
        return _page(customer, error=_("Somebody moved this customer in the meantime. Look again.")), 409
    if customer.stage_id == stage.id:
        return _page(customer, error=_("The customer stands on this stage already.")), 422
    try:
        stages.move(customer, stage, by=me(), **_why())
    except reasons.Unexplained:
        return _unexplained(customer)
    return _done(id, _("The stage was changed. Rules leave it alone for 30 days."))


@bp.post("/desk/customers/<int:id>/stage/undo")
def undo(id: int) -> Answer:
    customer = _held(id)
    try:
        stages.undo(customer, by=me())
    except stages.NothingToUndo:
        return _page(customer, error=_("There is no move that could be taken back.")), 409
    return _done(id)


@bp.post("/desk/customers/<int:id>/overlays")
def lay_over(id: int) -> Answer:
    """Say by hand that a customer is at risk, paused, gone or won back, with a reason."""
    customer, kind = _held(id), _kind()
    try:
        overlays.open_by_hand(customer, kind, by=me(), **_why())
    except reasons.Unexplained:
        return _unexplained(customer)
    return _done(id)


@bp.post("/desk/customers/<int:id>/overlays/end")
def take_away(id: int) -> Answer:
    overlays.close_by_hand(_held(id), _kind(), by=me())
    return _done(id)


@bp.post("/desk/customers/<int:id>/lock")
def lock(id: int) -> Answer:
    """Let rules leave the customer alone until the end of a day."""
    customer, why = _held(id), _words()
    until = _day(request.form.get("until", ""))
    if until is None or not why:
        return _page(customer, error=_("A lock needs its last day and a reason.")), 422
    try:
        locks.lock(customer, course.end_of(until), by=me(), reason=why)
    except locks.BadLock:
        return _page(customer, error=_("A lock ends after today, and at most a year from now.")), 422
    return _done(id)


@bp.post("/desk/customers/<int:id>/lock/end")
def unlock(id: int) -> Answer:
    locks.unlock(_held(id), by=me())
    return _done(id)


@bp.post("/desk/customers/<int:id>/proposal")
def answer_proposal(id: int) -> Answer:
    """Accept or decline what the rules propose."""
    customer, stage = _held(id), request.form.get("stage", "")
    try:
        if request.form.get("answer") == "accept":
            proposals.accept(customer, stage, by=me())
        else:
            proposals.decline(customer, stage, by=me(), reason=_words())
    except proposals.NothingProposed:
        return _page(customer, error=_("The rules do not propose this any more.")), 409
    return _done(id)


def _customer(id: int) -> Customer:
    """The customer, or 404; of one that was put into another, the way to the other's page."""
    return leading_on.find(id, me())


def _held(id: int) -> Customer:
    """The customer, held until the commit: of two who decide at once, one waits and sees what was done."""
    customer = _customer(id)
    db.session.refresh(customer, with_for_update=True)
    return customer


def _is_overtaken(customer: Customer) -> bool:
    """Whether another stay than the one that the form's reader saw goes on."""
    seen = request.form.get("standing", type=int)
    standing = db.session.scalar(Stay.open_of(customer).with_only_columns(Stay.id))
    return seen is not None and seen != (standing or 0)


def _kind() -> OverlayKind:
    kinds = {kind.value: kind for kind in OverlayKind}
    return kinds.get(request.form.get("kind", "")) or abort(404)


def _why() -> dict[str, Any]:
    return {"code": request.form.get("code", ""), "reason": _words()}


def _words() -> str:
    return request.form.get("reason", "").strip()[:LONGEST_REASON]


def _day(written: str) -> date | None:
    try:
        chosen = date.fromisoformat(written)
    except ValueError:
        return None
    # The last of all days has no end.
    return chosen if chosen < date.max else None


def _done(id: int, said: str = "") -> Response:
    db.session.commit()
    if said:
        flash(said)
    return go(url_for(".history", id=id))


def _unexplained(customer: Customer) -> Answer:
    return _page(customer, error=_("Choose a reason; for another reason, say in a few words which.")), 422


def _page(customer: Customer, *, error: str = "", known_on: date | None = None) -> str:
    """The course with what was wrong, if anything; of that, nothing is kept."""
    if error:
        db.session.rollback()
    found = course.read(customer, me(), request.args.get("event", type=int), known_on)
    given = request.form if error else {}
    return render_template(
        "lifecycle/history.html", history=found, course=course, reasons=reasons, error=error, given=given
    )
