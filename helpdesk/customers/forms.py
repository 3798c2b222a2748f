"""What agents fill in about customers."""

from typing import Any, cast

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (  # type: ignore[attr-defined]
    BooleanField,
    Field,
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from helpdesk.core.db import db
from helpdesk.core.fields import line, prose
from helpdesk.customers import custom_values
from helpdesk.customers.custom_fields import CustomField
from helpdesk.customers.models import Customer


class CustomerForm(FlaskForm):
    """Plain facts about a customer. `version` is what the writer saw: nobody's change is lost silently."""

    version = HiddenField()
    name = StringField(_("Name"), [InputRequired(), Length(max=200)], filters=[line])
    kana = StringField(_("Reading (kana)"), [Length(max=200)], filters=[line])
    language = SelectField(
        _("Language"),
        choices=[
            SelectChoice("", _("not known")),
            SelectChoice("ja", "日本語"),
            SelectChoice("en", "English"),
        ],
        default="",
    )
    owner = SelectField(_("Owner"), coerce=int, default=0)
    needs_care = BooleanField(
        _("Needs care"),
        description=_("Bereavement, illness, a minor: nothing is sold, words are chosen with care."),
    )
    note = TextAreaField(_("Note"), [Length(max=5000)], filters=[prose])
    tags = StringField(_("Tags"), [Length(max=2000)], description=_("With commas between them."))
    # The team's own fields, a control each: see `of`.
    own: list[CustomField] = []
    before: dict[str, Any] = {}

    @classmethod
    def of(cls, customer: Customer, owners: list[tuple[int, str]]) -> "CustomerForm":
        """The form as `customer` stands; owners: whom one may choose."""
        own = list(db.session.scalars(CustomField.in_use()))
        shown = {name: getattr(customer, name) or "" for name in ("name", "kana", "language", "note")}
        form: Any = custom_values.form_with(cls, own)(
            data={
                **shown,
                **custom_values.shown_in_form(own, customer.extra),
                "tags": ", ".join(customer.tags),
                "version": customer.version,
                "owner": customer.owner_id or 0,
                "needs_care": customer.needs_care,
            }
        )
        holder = [(customer.owner.id, customer.owner.name)] if customer.owner else []
        chosen = [(0, _("Nobody")), *dict([*owners, *holder]).items()]
        form.owner.choices = [SelectChoice(id, name) for id, name in chosen]
        form.own, form.before = own, dict(customer.extra)
        return cast(CustomerForm, form)

    @property
    def own_controls(self) -> list[Field]:
        """The controls of the team's own fields."""
        return custom_values.controls(self)

    def is_overtaken(self, customer: Customer) -> bool:
        """Whether somebody else changed the customer since the form was opened."""
        return self.version.data != str(customer.version)

    def values(self) -> dict[str, object]:
        """What `Customer.change` takes."""
        return {
            "name": self.name.data,
            "kana": self.kana.data or "",
            "language": self.language.data or None,
            "owner_id": self.owner.data or None,
            "needs_care": self.needs_care.data,
            "note": self.note.data,
            "tags": custom_values.tags_of(self.tags.data or ""),
            "extra": custom_values.joined(self.before, custom_values.typed(self, self.own)),
        }
