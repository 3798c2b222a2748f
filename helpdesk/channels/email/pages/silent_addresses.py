"""Addresses that nothing is sent to: those that bounced, and those that somebody silenced."""

from datetime import datetime

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me, needs, staff_only
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.refusals import why_not
from helpdesk.core.text import one_line
from helpdesk.core.web import Answer, go
from helpdesk.customers.models import Contact, ContactAddress, normal_address

bp = Blueprint("silent", __name__, url_prefix="/desk/settings/silent-addresses")
staff_only(bp)
leads = needs(Role.LEAD)

AT_ONCE = 50


@bp.get("")
@leads
def index(fault: str = "") -> str:
    """The newest first; `before` is the moment and the number of the last one that was shown."""
    silent = _visible().where(ContactAddress.bounced_at.is_not(None))
    if (before := _place(request.args.get("before", ""))) is not None:
        silent = silent.where(tuple_(ContactAddress.bounced_at, ContactAddress.id) < tuple_(*before))
    newest = silent.order_by(ContactAddress.bounced_at.desc(), ContactAddress.id.desc()).limit(AT_ONCE + 1)
    found = db.session.scalars(newest.options(joinedload(ContactAddress.contact))).all()
    last = found[AT_ONCE - 1] if len(found) > AT_ONCE else None
    older = f"{last.bounced_at.isoformat()}_{last.id}" if last and last.bounced_at else ""
    return render_template(
        "email/silent.html", addresses=found[:AT_ONCE], older=older, fault=fault, why_not=why_not
    )


@bp.post("")
@leads
def silence() -> Answer:
    """Write no more to an address that we know."""
    address = normal_address(request.form.get("address", ""))
    found = db.session.scalar(_visible().where(ContactAddress.address == address))
    if found is None:
        return index(_("No customer has this address.")), 422
    found.bounced_at = found.bounced_at or now()
    found.silent_because = one_line(request.form.get("reason", ""))[:300] or _("by %(name)s", name=me().name)
    db.session.commit()
    flash(_("Nothing is sent to %(address)s any more.", address=address))
    return go(url_for(".index"))


@bp.post("/<int:id>/lifting")
@leads
def lift(id: int) -> BaseResponse:
    """Write to it again: its owner has mended it, or it was a mistake."""
    found = db.one_or_404(_visible().where(ContactAddress.id == id))
    found.bounced_at, found.silent_because = None, ""
    db.session.commit()
    flash(_("Letters go to %(address)s again.", address=found.address))
    return go(url_for(".index"))


def _visible() -> Select[ContactAddress]:
    """Addresses of the people whom one may see."""
    people = Contact.visible_to(me()).with_only_columns(Contact.id)
    return select(ContactAddress).where(ContactAddress.contact_id.in_(people))


def _place(text: str) -> tuple[datetime, int] | None:
    moment, _bar, number = text.rpartition("_")
    try:
        return datetime.fromisoformat(moment), int(number)
    except ValueError:
        return None
