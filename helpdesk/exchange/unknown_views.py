"""The quarantine of events: what other systems told under names that we do not know."""

import json

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import staff_only
from helpdesk.core.db import db
from helpdesk.core.web import Answer, go
from helpdesk.exchange import unknown_events
from helpdesk.exchange.outside import FROM_OUTSIDE

bp = Blueprint("unknown_events", __name__, url_prefix="/desk/settings/unknown-events")
staff_only(bp, Role.LEAD)

KINDS = sorted(kind.value for kind in FROM_OUTSIDE)


@bp.get("")
def index() -> str:
    groups = unknown_events.groups()
    payloads = {g.type: json.dumps(g.example.payload, ensure_ascii=False)[:300] for g in groups}
    return render_template("exchange/unknown_events.html", groups=groups, payloads=payloads, kinds=KINDS)


@bp.post("/taking")
def take() -> Answer:
    """Take all of one type as another; a worker does it."""
    type, kind = request.form.get("type", ""), request.form.get("kind", "")
    if kind not in KINDS:
        flash(_("Choose from the list."), "error")
        return go(url_for(".index"))
    unknown_events.take_as.later(key=f"{type}:{kind}", type=type, kind=kind, after_id=0)
    db.session.commit()
    flash(_("They are being taken. What does not fit stays here."))
    return go(url_for(".index"))


@bp.post("/dropping")
def drop() -> Answer:
    unknown_events.drop(request.form.get("type", ""))
    db.session.commit()
    flash(_("Dropped."))
    return go(url_for(".index"))
