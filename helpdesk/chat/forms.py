"""What a visitor fills in to be helped at once."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from helpdesk.core.fields import arrange, prose
from helpdesk.customers.introducing import Introduction
from helpdesk.tickets.once import new_key

# A chat's turn is short; whatever is longer is a request with files.
LONGEST_TURN = 5000


class TurnForm(FlaskForm):
    """One turn."""

    class Meta:
        # The session's token does not reach a frame on another site; `chat.proof` says what stands for it.
        csrf = False

    body = TextAreaField(
        _("Your question"),
        [DataRequired(_("Write something first.")), Length(max=LONGEST_TURN)],
        filters=[prose],
    )
    once = HiddenField(default=new_key)


class StartForm(TurnForm, Introduction):
    """The first turn, and who speaks."""

    # The article that did not help, where they came from one.
    article = HiddenField()

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        arrange(self, "body", "name", "email", "website")
