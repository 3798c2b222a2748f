"""What an admin words themselves: which fields a template may name, and what each stands for."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from helpdesk.channels.email.leaving.voice import FIELDS
from helpdesk.channels.email.mailboxes import MailTemplate
from helpdesk.core.fields import line, prose

LONGEST_BODY = 20_000

_OF_ANSWERS: Mapping[str, Any] = {
    "answer": _("What the agent wrote"),
    "salutation": _("How the customer is spoken to; empty where the agent has greeted them already"),
    "agent": _("The agent's name"),
    "signature": _("The agent's signature, else the mailbox's"),
    "company": _("The name of our company"),
    "number": _("The number of the request"),
    "subject": _("The subject of the request"),
}
_OF_ACKNOWLEDGEMENTS: Mapping[str, Any] = {
    "salutation": _("How the customer is spoken to; empty where nobody vouches for the sender"),
    "company": _("The name of our company"),
    "number": _("The number of the request"),
    "subject": _("The subject of their letter; empty where nobody vouches for the sender"),
    "signature": _("The mailbox's signature, else its name"),
}
# By purpose: its fields, in the order they are listed.
PURPOSES: Mapping[str, Mapping[str, Any]] = {
    "reply": {name: _OF_ANSWERS[name] for name in FIELDS},
    "acknowledgement": _OF_ACKNOWLEDGEMENTS,
}
NAMES = {"reply": _("Answer"), "acknowledgement": _("Word that a letter has come")}

# Of more than one line: a subject has no room for them.
_LONG = frozenset(("answer", "signature"))
_BRACES = re.compile(r"\{\{([^{}]{0,200})\}\}")


class TemplateForm(FlaskForm):
    """The words of one place. An empty text goes back to those of the house."""

    # What stood there when the page was made, as `mark_of` writes it.
    seen = HiddenField()
    subject = StringField(_("Subject"), [Length(max=200)], filters=[line])
    body = TextAreaField(_("Text"), [Length(max=LONGEST_BODY)], filters=[prose])

    def holds(self, purpose: str) -> bool:
        """Whether it names nothing but the fields of its purpose; its errors say what it should not name."""
        is_fine = self.validate()
        fields = set(PURPOSES[purpose])
        in_subject, in_body = self.subject.data or "", self.body.data or ""
        if wrong := unknown(in_subject, fields - _LONG):
            self.subject.errors = [gettext("A subject knows no field %(name)s.", name=wrong[0])]
        if wrong := unknown(in_body, fields):
            self.body.errors = [gettext("There is no field %(name)s here.", name=wrong[0])]
        elif purpose == "reply" and in_body and "answer" not in _named(in_body):
            missing = gettext("Say where the answer stands: the text needs %(name)s.", name="{{ answer }}")
            self.body.errors = [missing]
        elif in_subject and not in_body:
            self.body.errors = [gettext("A subject of your own goes with a text of your own.")]
        return is_fine and not self.errors


def unknown(text: str, fields: set[str]) -> list[str]:
    """What stands between braces and is none of `fields`, as it is written."""
    return [f"{{{{ {name} }}}}" for name in _named(text) if name not in fields]


def of_template(own: MailTemplate | None) -> dict[str, str]:
    """What stands in the form of a place."""
    return {"subject": own.subject, "body": own.body, "seen": mark_of(own)} if own else {"seen": mark_of(own)}


def mark_of(own: MailTemplate | None) -> str:
    """A mark of the words of a place: another one as soon as somebody changes them."""
    return sha256(f"{own.subject}\n{own.body}".encode()).hexdigest() if own else "none"


def _named(text: str) -> list[str]:
    return [found.strip() for found in _BRACES.findall(text)]
