"""Values of a team's own fields: what fits which field, from forms and from programs."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (  # type: ignore[attr-defined]
    Field,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import Length, ValidationError

from helpdesk.core.db import db
from helpdesk.core.fields import line
from helpdesk.core.i18n import language
from helpdesk.customers.custom_fields import CustomField, FieldType

LONGEST_TEXT = 1000
LARGEST = 10**15
MOST_TAGS, LONGEST_TAG = 50, 50
_PREFIX = "extra_"


class Unfit(ValueError):
    """A value does not fit its field, or there is no such field; says the key."""


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a program sends them; None takes a value away. Raises `Unfit`."""
    fields = {field.key: field for field in db.session.scalars(CustomField.in_use())}
    for key, value in given.items():
        if key not in fields or not (value is None or fits(fields[key], value)):
            raise Unfit(key)
    return dict(given)


def fits(field: CustomField, value: Any) -> bool:
    """Whether `value` is of the field's type."""
    if field.type is FieldType.FLAG:
        return isinstance(value, bool)
    if field.type is FieldType.NUMBER:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and math.isfinite(value) and abs(value) <= LARGEST
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or "\0" in value:
        return False
    if field.type is FieldType.DAY:
        return _is_day(value)
    return field.type is FieldType.TEXT or value in field.choices.get("values", ())


@dataclass(frozen=True)
class Own:
    """What one of the team's own fields says of a customer, for readers."""

    name: str
    value: str
    purpose: str
    is_sensitive: bool


def own_values(extra: Mapping[str, Any]) -> list[Own]:
    """The fields that say something, in their order."""
    fields = db.session.scalars(CustomField.in_use()) if extra else ()
    return [
        Own(field.name(language()), shown(field, extra[field.key]), field.purpose, field.is_sensitive)
        for field in fields
        if field.key in extra
    ]


def shown(field: CustomField, value: Any) -> str:
    """A value for readers."""
    if field.type is FieldType.FLAG:
        return str(gettext("Yes") if value else gettext("No"))
    return written(field, value)


def joined(before: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The values after a change: what is not named stays, None goes."""
    return {key: value for key, value in {**before, **told}.items() if value is not None}


def form_with(base: type[FlaskForm], fields: Iterable[CustomField]) -> type[FlaskForm]:
    """A form class with a control for each of these fields."""
    return type(base.__name__, (base,), {_PREFIX + field.key: _control(field) for field in fields})


def shown_in_form(fields: Iterable[CustomField], extra: Mapping[str, Any]) -> dict[str, str]:
    """What the controls show of these values."""
    return {_PREFIX + field.key: written(field, extra.get(field.key)) for field in fields}


def controls(form: FlaskForm) -> list[Field]:
    """The fields of `form_with`, in their order."""
    return [control for control in form if control.name.startswith(_PREFIX)]


def typed(form: FlaskForm, fields: Sequence[CustomField]) -> dict[str, Any]:
    """What was filled in, in its types; None where it was emptied."""
    return {field.key: parsed(field, form[_PREFIX + field.key].data or "") for field in fields}


def parsed(field: CustomField, given: str) -> Any:
    """A typed text as the field's value; None for an empty one. Raises `ValueError`."""
    if not given:
        return None
    if field.type is FieldType.NUMBER:
        number = float(given.replace(",", ""))
        return int(number) if number == int(number) else number
    return given == "yes" if field.type is FieldType.FLAG else given


def written(field: CustomField, value: Any) -> str:
    """A value as its control holds it."""
    if value is None:
        return ""
    if field.type is FieldType.FLAG:
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def tags_of(given: str) -> list[str]:
    """Tags typed with commas between them, each once."""
    parts = (line(part)[:LONGEST_TAG] for part in re.split(r"[,、，\n]", given))
    return list(dict.fromkeys(filter(None, parts)))[:MOST_TAGS]


def _control(field: CustomField) -> Any:
    label, hint = field.name(language()), field.purpose
    if field.type is FieldType.FLAG:
        choices = [SelectChoice("", "–"), SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))]
        return SelectField(label, choices=choices, default="", description=hint)
    if field.type is FieldType.CHOICE:
        values = [SelectChoice(value, value) for value in field.choices.get("values", ())]
        return SelectField(label, choices=[SelectChoice("", "–"), *values], default="", description=hint)
    kind = {"type": "date"} if field.type is FieldType.DAY else {}
    checks = [Length(max=LONGEST_TEXT), _fitting(field)]
    return StringField(label, checks, filters=[line], render_kw=kind, description=hint)


def _fitting(field: CustomField) -> Any:
    def check(_form: FlaskForm, control: Field) -> None:
        try:
            value = parsed(field, control.data or "")
        except (ValueError, OverflowError):
            value = ...
        if value is not None and not fits(field, value):
            raise ValidationError(gettext("This does not fit the field."))

    return check


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
