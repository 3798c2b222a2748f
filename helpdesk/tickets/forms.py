"""What agents fill in about tickets."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (  # type: ignore[attr-defined]
    EmailField,
    Field,
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from helpdesk.core.fields import is_address, line, prose
from helpdesk.core.files import FileRefused, check_name, keep
from helpdesk.core.text import clean_filename
from helpdesk.tickets.kinds import Priority
from helpdesk.tickets.once import new_key
from helpdesk.tickets.thread import Attachment, Channel

LONGEST_SUBJECT = 250
LONGEST_TOPIC = 100
LONGEST_BODY = 200_000


def takeable(_form: FlaskForm, field: Field) -> None:
    """Refuse programs by name, saying why."""
    for upload in field.data or ():
        try:
            check_name(upload.filename or "")
        except FileRefused as refused:
            reason = gettext(
                "Not taken: %(name)s. Files of this type can run as programs.", name=str(refused)
            )
            raise ValidationError(reason) from refused


class WritingForm(FlaskForm):
    """Words with files."""

    body = TextAreaField(
        _("Message"),
        [DataRequired(_("Write something first.")), Length(max=LONGEST_BODY)],
        filters=[prose],
    )
    files = MultipleFileField(_("Attachments"), [takeable])
    # See `once`; what comes back with something wrong in it is still the same form.
    once = HiddenField(default=new_key)

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong, in words."""
        return [str(error) for errors in self.errors.values() for error in errors]

    def attachments(self) -> list[Attachment]:
        """The files, kept; an empty file control sends one without a name."""
        found = []
        for upload in self.files.data or ():
            if name := clean_filename(upload.filename or "", default=""):
                found.append(Attachment(file=keep(upload.read(), name), name=name))
        return found


class NewTicketForm(WritingForm):
    """A ticket that an agent opens: for somebody on the phone, or to write to them first."""

    address = EmailField(_("E-mail address"), [InputRequired(), is_address, Length(max=254)])
    name = StringField(_("Name"), [Length(max=200)], filters=[line])
    channel = SelectField(
        _("How"),
        [InputRequired()],
        choices=[
            SelectChoice(Channel.PHONE.value, _("They called: I write down what they said")),
            SelectChoice(Channel.EMAIL.value, _("I write to them: this goes out as an e-mail")),
        ],
    )
    subject = StringField(_("Subject"), [InputRequired(), Length(max=LONGEST_SUBJECT)], filters=[line])
    priority = SelectField(
        _("Priority"),
        [InputRequired()],
        choices=[
            SelectChoice(Priority.LOW.value, _("Low")),
            SelectChoice(Priority.NORMAL.value, _("Normal")),
            SelectChoice(Priority.HIGH.value, _("High")),
            SelectChoice(Priority.URGENT.value, _("Urgent")),
        ],
        default=Priority.NORMAL.value,
    )
    team = SelectField(_("Team"), [InputRequired()], coerce=int)

    def offer(self, teams: Sequence[Any]) -> "NewTicketForm":
        """Let the agent choose among `teams`."""
        self.team.choices = [SelectChoice(team.id, team.name) for team in teams]
        return self
