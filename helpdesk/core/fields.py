"""What the fields of all forms share: how typed text is cleaned, and what an address looks like."""

from flask_babel import lazy_gettext as _
from wtforms.form import BaseForm
from wtforms.validators import Regexp

from helpdesk.core.text import one_line, without_controls

is_address = Regexp(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$", message=_("This is not an e-mail address."))


def line(text: str | None) -> str:
    """Names and subjects: one line, nothing invisible in it."""
    return one_line(text or "")


def prose(text: str | None) -> str:
    """Lines of text without the blank ones around them; an indent of full-width space stays."""
    return without_controls(text or "").strip("\n ")


def arrange(form: BaseForm, *names: str) -> None:
    """Let the fields of these names come first, in this order, as the page shows them; so do their errors."""
    fields = form._fields
    form._fields = {name: fields[name] for name in (*names, *fields) if name in fields}
