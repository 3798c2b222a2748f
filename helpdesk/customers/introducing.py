"""How a stranger says who they are: the fields of every form that people without a session fill in."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from helpdesk.core.fields import is_address, line
from helpdesk.customers.models import Contact


def _left_empty(_form: FlaskForm, field: Field) -> None:
    if field.data:
        raise ValidationError(gettext("This must stay empty: it tells programs from people."))


class Introduction(FlaskForm):
    """Name and address, and a trap for programs that fill in everything they find."""

    name = StringField(_("Your name"), [DataRequired(_("Type your name.")), Length(max=200)], filters=[line])
    email = EmailField(
        _("E-mail address"),
        [DataRequired(_("Type your e-mail address.")), Length(max=254), is_address],
        filters=[line],
    )
    website = StringField(_("Leave this empty"), [_left_empty])

    def known_as(self, contact: Contact | None) -> "Introduction":
        """Ask no name and no address of somebody who is signed in."""
        if contact is not None:
            del self.name, self.email, self.website
        return self
