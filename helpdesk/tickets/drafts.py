"""What stands in the composer: nothing yet, or what was typed and why it did not go out."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from helpdesk.accounts.models import Agent
from helpdesk.tickets.forms import WritingForm
from helpdesk.tickets.lines import Said, newer_than
from helpdesk.tickets.models import Ticket


@dataclass(frozen=True)
class Draft:
    """A reply or a note as it was typed."""

    # The newest message its writer has read.
    last_message_id: int
    text: str = ""
    kind: str = "reply"
    problems: Sequence[str] = ()
    # What others said meanwhile; sending then needs a second press.
    newer: Sequence[Said] = ()


def posted(ticket: Ticket, form: WritingForm, *, writer: Agent) -> Draft:
    """What was just sent in, with everything that stands against it."""
    form.validate()
    last = request.form.get("last_message_id", default=0, type=int)
    kind = "note" if request.form.get("kind") == "note" else "reply"
    is_careless = kind == "reply" and last > 0 and "anyway" not in request.form
    newer = newer_than(ticket, last, reader=writer) if is_careless else ()
    return Draft(last, form.body.data or "", kind, form.problems, newer)
