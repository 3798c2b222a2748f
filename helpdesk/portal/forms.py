"""What customers fill in: a request, an answer, the address they sign in with."""

from typing import Any

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, HiddenField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from helpdesk.core.fields import arrange, is_address, line
from helpdesk.customers.introducing import Introduction
from helpdesk.tickets.forms import LONGEST_SUBJECT, WritingForm


class TurnForm(WritingForm):
    """Words with files, together no larger than an upload may be."""

    def validate_files(self, field: Field) -> None:
        size = sum(upload.seek(0, 2) for upload in field.data or ())
        for upload in field.data or ():
            upload.seek(0)
        most = current_app.config["HELPDESK_MAX_UPLOAD"]
        if size > most:
            told = gettext(
                "The files are too large together (%(size)d MB). Up to %(most)d MB can be sent at once.",
                size=-(-size // 2**20),
                most=most // 2**20,
            )
            raise ValidationError(told)


class RequestForm(TurnForm, Introduction):
    """A request, and who asks."""

    subject = StringField(
        _("Subject"),
        [DataRequired(_("Type a subject.")), Length(max=LONGEST_SUBJECT)],
        filters=[line],
    )
    # What they came from: the article that did not help, the words they searched for.
    article = HiddenField()
    q = HiddenField(validators=[Length(max=500)])

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        arrange(self, "name", "email", "website", "subject", "body", "files")


class AddressForm(FlaskForm):
    """Where the link to sign in with is to go."""

    email = EmailField(
        _("E-mail address"),
        [DataRequired(_("Type your e-mail address.")), Length(max=254), is_address],
        filters=[line],
    )


class CodeForm(FlaskForm):
    """The six characters of the letter."""

    code = StringField(
        _("Code from the e-mail"), [DataRequired(_("Type the code from the e-mail.")), Length(max=20)]
    )
