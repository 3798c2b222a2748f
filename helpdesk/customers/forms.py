"""What agents fill in about customers."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (  # type: ignore[attr-defined]
    BooleanField,
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from helpdesk.core.fields import line, prose
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

    @classmethod
    def of(cls, customer: Customer, owners: list[tuple[int, str]]) -> "CustomerForm":
        """The form as `customer` stands; owners: whom one may choose."""
        shown = {name: getattr(customer, name) or "" for name in ("name", "kana", "language", "note")}
        form = cls(
            data={
                **shown,
                "version": customer.version,
                "owner": customer.owner_id or 0,
                "needs_care": customer.needs_care,
            }
        )
        holder = [(customer.owner.id, customer.owner.name)] if customer.owner else []
        chosen = [(0, _("Nobody")), *dict([*owners, *holder]).items()]
        form.owner.choices = [SelectChoice(id, name) for id, name in chosen]
        return form

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
        }
