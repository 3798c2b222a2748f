"""Customers that may be one: the list, side by side, put together, told apart, and taken apart again."""

from flask import abort, flash, render_template, request, url_for
from flask_babel import gettext as _

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me, needs
from helpdesk.core import fulltext
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.web import Answer, go
from helpdesk.core.words import parse
from helpdesk.customers import leading_on
from helpdesk.customers.likeness import Merge, Pair, Verdict
from helpdesk.customers.models import Customer
from helpdesk.desk import customer_page, likeness_page
from helpdesk.desk.merging import CHOOSABLE, CannotMerge, CannotPart, Choice, latest_of, merge, part
from helpdesk.desk.views import bp
from helpdesk.lifecycle.wording import overlay_name

_MOST_FOUND = 10


@bp.get("/desk/duplicates")
@needs(Role.LEAD)
def duplicates() -> str:
    """Pairs that nobody decided yet."""
    page = likeness_page.open_pairs(me(), request.args.get("after", ""))
    return render_template("desk/duplicates.html", page=page, reasons=likeness_page.reasons)


@bp.post("/desk/duplicates/<int:id>/difference")
@needs(Role.LEAD)
def tell_apart(id: int) -> Answer:
    """They are two: nobody is asked again."""
    pair = db.one_or_404(db.select(Pair).where(Pair.id == id))
    for customer_id in (pair.one_id, pair.other_id):
        _seen(customer_id)
    pair.verdict, pair.agent_id, pair.decided_at = Verdict.DIFFERENT, me().id, now()
    db.session.commit()
    flash(_("Kept as two. You will not be asked about them again."))
    return go(url_for(".duplicates"))


@bp.get("/desk/customers/<int:id>/merges/new")
def new_merge(id: int) -> str:
    """Two side by side; without `with`, whom to lay beside the customer."""
    kept, other = customer_page.find(id, me()), request.args.get("with", type=int)
    if other is None or other == kept.id:
        return _choose_other(kept)
    return _side_by_side(kept, _seen(other))


@bp.post("/desk/customers/<int:id>/merges")
@needs(Role.LEAD)
def create_merge(id: int) -> Answer:
    """Put another customer into this one."""
    kept, gone = customer_page.find(id, me()), _other()
    try:
        merge(kept.id, gone.id, _choice(), by=me())
    except CannotMerge as why:
        db.session.rollback()
        return _side_by_side(kept, gone, refused=str(why)), 409
    name = gone.name
    db.session.commit()
    flash(_("“%(name)s” was put together with this customer.", name=name))
    return go(url_for(".customer", id=id))


@bp.post("/desk/customers/<int:id>/merge-proposals")
def propose_merge(id: int) -> Answer:
    """Ask the leads to look at the two."""
    kept, other = customer_page.find(id, me()), _other()
    one, two = sorted((kept.id, other.id))
    if one == two:
        abort(404)
    known = db.session.scalar(db.select(Pair).where(Pair.one_id == one, Pair.other_id == two))
    pair = known or Pair(one_id=one, other_id=two, reasons={})
    pair.score, pair.verdict, pair.agent_id, pair.decided_at = 1.0, Verdict.OPEN, me().id, None
    db.session.add(pair)
    db.session.commit()
    flash(_("Proposed. A lead will look at the two."))
    return go(url_for(".customer", id=id))


@bp.get("/desk/merges/<int:id>")
@needs(Role.LEAD)
def show_merge(id: int) -> str:
    """What was put together, and what taking it apart would do."""
    return _parting(_merge(id))


@bp.post("/desk/merges/<int:id>/parting")
@needs(Role.LEAD)
def part_merge(id: int) -> Answer:
    row = _merge(id)
    try:
        part(row, by=me())
    except CannotPart:
        db.session.rollback()
        return _parting(_merge(id)), 409
    gone_id = row.gone_id
    db.session.commit()
    flash(_("Taken apart. Both are what they were."))
    return go(url_for(".customer", id=gone_id))


def _seen(id: int) -> Customer:
    """The customer, or 404, also of one that was put into another: who decided about it did so already."""
    found: Customer = db.one_or_404(Customer.visible_to(me()).where(Customer.id == id))
    return found


def _other() -> Customer:
    """The other one of a form, or 404; pressed twice, the form leads to where the two are one."""
    return leading_on.find(request.form.get("other", type=int) or 0, me())


def _merge(id: int) -> Merge:
    """The merge, or 404; of a customer that was put into another since, too."""
    row: Merge = db.one_or_404(db.select(Merge).where(Merge.id == id))
    standing = Customer.successor_of(row.kept_id) or row.kept_id
    db.one_or_404(Customer.visible_to(me()).where(Customer.id == standing))
    return row


def _parting(row: Merge) -> str:
    later = latest_of(row.kept_id)
    blocking = later if later is not None and later.id != row.id else None
    return render_template("desk/parting.html", merge=row, blocking=blocking)


def _choice() -> Choice:
    """What the form says; of what it does not name, the kept one's stands."""
    versions = [request.form.get(name, type=int) for name in ("version", "other_version")]
    people = ((name.removeprefix("person-"), chosen) for name, chosen in request.form.items())
    return Choice(
        theirs=frozenset(name for name in CHOOSABLE if request.form.get(f"wins-{name}") == "other"),
        same_person={int(one): int(other) for one, other in people if one.isdecimal() and other.isdecimal()},
        versions=(versions[0] or 0, versions[1] or 0),
    )


def _side_by_side(kept: Customer, gone: Customer, refused: str = "") -> str:
    both = likeness_page.preview(kept, gone, me())
    told = {"reasons": likeness_page.reasons, "overlay_name": overlay_name, "may_merge": me().may(Role.LEAD)}
    return render_template("desk/merge.html", both=both, refused=refused, **told)


def _choose_other(kept: Customer) -> str:
    words = " ".join(request.args.get("q", "")[:200].split())
    seen = Customer.visible_to(me())
    ids = db.session.scalars(
        fulltext.newest("customers", parse(words), visible=seen).limit(_MOST_FOUND + 1)
    ).all()
    found = db.session.scalars(
        seen.where(Customer.id.in_(ids), Customer.id != kept.id).order_by(Customer.id)
    ).all()
    return render_template("desk/merge_other.html", customer=kept, q=words, found=found[:_MOST_FOUND])
