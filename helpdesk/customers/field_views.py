"""Settings of the team's own fields of customers: added, named, ordered, retired."""

import re
from typing import Any

from flask import Blueprint, flash, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from wtforms import (  # type: ignore[attr-defined]
    BooleanField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import staff_only
from helpdesk.core.db import db
from helpdesk.core.fields import line, prose
from helpdesk.core.web import Answer, go
from helpdesk.customers.custom_fields import CustomField, FieldType

bp = Blueprint("fields", __name__, url_prefix="/desk/settings/fields")
staff_only(bp, Role.LEAD)

TYPES = {
    FieldType.TEXT: _("A line of text"),
    FieldType.NUMBER: _("Number"),
    FieldType.DAY: _("Day"),
    FieldType.FLAG: _("Yes or no"),
    FieldType.CHOICE: _("One of a list"),
}
MOST_FIELDS, MOST_CHOICES = 100, 100


class FieldForm(FlaskForm):
    """One field of the team's own; its type stays what it was made as."""

    name_ja = StringField(_("Name in Japanese"), [InputRequired(), Length(max=60)], filters=[line])
    name_en = StringField(_("Name in English"), [InputRequired(), Length(max=60)], filters=[line])
    type = SelectField(_("Kind of value"), choices=[SelectChoice(t.value, n) for t, n in TYPES.items()])
    choices = TextAreaField(
        _("The list"),
        [Length(max=5000)],
        filters=[prose],
        description=_("Of a list: one value on each line."),
    )
    purpose = StringField(
        _("What it is kept for"),
        [InputRequired(), Length(max=200)],
        filters=[line],
        description=_("As you would tell the person."),
    )
    is_sensitive = BooleanField(
        _("Sensitive"),
        description=_(
            "Health, belief, origin and the like: shown only on request, and no rule may ask for it."
        ),
    )

    def fill(self, field: CustomField) -> None:
        """Set what may be changed."""
        field.name_ja, field.name_en = self.name_ja.data or "", self.name_en.data or ""
        field.purpose, field.is_sensitive = self.purpose.data or "", self.is_sensitive.data
        values = dict.fromkeys(filter(None, map(line, (self.choices.data or "").splitlines())))
        field.choices = {"values": list(values)[:MOST_CHOICES]} if field.type is FieldType.CHOICE else {}


@bp.get("")
def index(form: FlaskForm | None = None) -> str:
    everything = select(CustomField).order_by(CustomField.is_retired, CustomField.position, CustomField.id)
    fields = db.session.scalars(everything).all()
    return render_template("settings/fields.html", fields=fields, types=TYPES, form=form or FieldForm())


@bp.post("")
def add() -> Answer:
    form = FieldForm()
    if not form.validate():
        return index(form), 422
    last = db.session.scalar(select(func.max(CustomField.position))) or 0
    if len(db.session.scalars(select(CustomField.id)).all()) >= MOST_FIELDS:
        form.name_ja.errors = [gettext("There are as many fields as there may be.")]
        return index(form), 422
    field = CustomField(key=_key(form.name_en.data or ""), type=FieldType(form.type.data), position=last + 1)
    form.fill(field)
    db.session.add(field)
    return _saved()


@bp.get("/<int:id>")
def field(id: int, form: FlaskForm | None = None) -> str:
    found = _found(id)
    shown: dict[str, Any] = {"choices": "\n".join(found.choices.get("values", ())), "type": found.type.value}
    form = form or FieldForm(obj=found, data=shown)
    form.choices.data = shown["choices"] if not form.errors else form.choices.data
    form.type.data = found.type.value
    return render_template("settings/field.html", custom=found, types=TYPES, form=form)


@bp.post("/<int:id>")
def change(id: int) -> Answer:
    found, form = _found(id), FieldForm()
    form.type.data = found.type.value
    if not form.validate():
        return field(id, form), 422
    form.fill(found)
    return _saved()


@bp.post("/<int:id>/place")
def raise_up(id: int) -> Answer:
    """One place up among those in use."""
    found, fields = _found(id), list(db.session.scalars(CustomField.in_use()))
    place = next((number for number, each in enumerate(fields) if each is found), 0)
    if place:
        fields[place - 1 : place + 1] = [found, fields[place - 1]]
    for number, each in enumerate(fields):
        each.position = number
    return _saved()


@bp.post("/<int:id>/retirement")
def retire(id: int) -> Answer:
    """Out of use: its values are kept, but no longer shown; or back again."""
    found = _found(id)
    found.is_retired = not found.is_retired
    return _saved()


def _found(id: int) -> CustomField:
    found: CustomField = db.get_or_404(CustomField, id)
    return found


def _saved() -> Answer:
    db.session.commit()
    flash(gettext("Saved."))
    return go(url_for(".index"))


def _key(name: str) -> str:
    """What files and programs call it: of the English name, never given twice."""
    stem = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40] or "field"
    taken, key, number = set(db.session.scalars(select(CustomField.key))), stem, 2
    while key in taken:
        key, number = f"{stem}_{number}", number + 1
    return key
