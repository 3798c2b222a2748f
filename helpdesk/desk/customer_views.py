"""Customers on the desk: the list, the page of one, and its plain facts."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from helpdesk.accounts.models import Agent, Role
from helpdesk.accounts.permissions import me
from helpdesk.core.db import db, reading
from helpdesk.core.i18n import language
from helpdesk.core.web import Answer, go
from helpdesk.customers.forms import CustomerForm
from helpdesk.customers.models import Customer
from helpdesk.customers.orders import money
from helpdesk.desk import customer_page, likeness_page
from helpdesk.desk import customers as base
from helpdesk.desk.happenings import FAMILIES
from helpdesk.desk.rows import stage_names
from helpdesk.desk.views import bp
from helpdesk.lifecycle.editing import segments
from helpdesk.lifecycle.history import PARTS
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.lifecycle.wording import overlay_name


@bp.get("/desk/customers")
def customers() -> str:
    wanted = base.Wanted.of(request.args)
    page = base.read(me(), wanted, before=request.args.get("before", type=int))
    return render_template(
        "desk/customers.html",
        wanted=wanted,
        page=page,
        stages=stage_names(),
        overlays={kind: overlay_name(kind) for kind in OverlayKind},
        segments=segments.named(language()),
        duplicates=likeness_page.count(me()) if me().may(Role.LEAD) else None,
    )


@bp.get("/desk/customers/<int:id>")
def customer(id: int) -> str:
    family, before = request.args.get("show", ""), request.args.get("before", type=int)
    page = customer_page.read(id, me(), family=family, before=before)
    return render_template(
        "desk/customer.html",
        page=page,
        customer=page.customer,
        families=FAMILIES,
        parts=PARTS,
        overlay_name=overlay_name,
        money=money,
    )


@bp.get("/desk/customers/<int:id>/edit")
def edit_customer(id: int) -> str:
    found = customer_page.find(id, me())
    return render_template("desk/customer_edit.html", customer=found, form=_form(found))


@bp.post("/desk/customers/<int:id>/particulars")
def change_customer(id: int) -> Answer:
    """Set the plain facts, unless somebody else did since the form was opened."""
    found = customer_page.find(id, me())
    form = _form(found)
    if not form.validate():
        return render_template("desk/customer_edit.html", customer=found, form=form), 422
    if form.is_overtaken(found):
        return _overtaken(form, found)
    try:
        found.change(**form.values())
        db.session.commit()
    except StaleDataError:
        db.session.rollback()
        return _overtaken(form, customer_page.find(id, me()))
    flash(_("Saved."))
    return go(url_for(".customer", id=id))


def _form(found: Customer) -> CustomerForm:
    colleagues = Agent.visible_to(me()).with_only_columns(Agent.id, Agent.name)
    return CustomerForm.of(found, [(row.id, row.name) for row in db.session.execute(colleagues)])


def _overtaken(form: CustomerForm, found: Customer) -> tuple[str, int]:
    """Show what was typed beside what stands now; the next press is meant."""
    with reading():
        form.version.data = str(found.version)
        return render_template("desk/customer_edit.html", customer=found, form=form, is_overtaken=True), 409
