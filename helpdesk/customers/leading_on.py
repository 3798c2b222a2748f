"""From the page of a customer that was put into another to the other's."""

from typing import NoReturn

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.sql.base import ExecutableOption

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.customers.models import Customer


def find(id: int, viewer: Agent, *options: ExecutableOption) -> Customer:
    """The customer of the page in hand, or 404: one whom the viewer may not see does not exist for them.

    Whoever asks for one that was put into another is led to the same page of the other.
    """
    seen = Customer.visible_to(viewer)
    found: Customer | None = db.session.scalar(seen.where(Customer.id == id).options(*options))
    if found is None:
        successor: Customer = db.one_or_404(seen.where(Customer.id == Customer.successor_of(id)))
        _lead_to(successor.id)
    return found


def _lead_to(successor: int) -> NoReturn:
    if request.method == "GET":
        place = {**request.args, **(request.view_args or {}), "id": successor}
        abort(redirect(url_for(str(request.endpoint), **place)))
    # What was typed was meant for another page than the one that takes it now.
    flash(_("This customer was put together with another one in the meantime; nothing was changed."))
    abort(redirect(f"/desk/customers/{successor}", 303))
