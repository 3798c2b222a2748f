"""What was typed into the one search box: words, a ticket's number, and filters such as `status:open`."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Self

from sqlalchemy import ColumnElement, select

from helpdesk.accounts.models import Agent
from helpdesk.core.words import Query, parse
from helpdesk.customers.models import Customer
from helpdesk.lifecycle.models import Stage
from helpdesk.tickets.filters import Filters
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket

# Of a longer question the beginning counts.
LONGEST = 400

# What one may type beside words, an example of each.
EXAMPLES = (
    *("status:open", "priority:urgent", "channel:email"),
    *("stage:adoption", "tag:refund", "assignee:me"),
)

_FILTER = re.compile(r"(?<!\S)(status|stage|priority|channel|tag|assignee)[:：](\S+)", re.IGNORECASE)
_NUMBER = re.compile(r"[#＃]?\d{1,15}")


@dataclass(frozen=True)
class Asked:
    """A question of the search box. `text` is what was typed; the rest is what was made of it."""

    text: str
    query: Query
    # The ticket whose number was typed, or None.
    number: int | None = None
    filters: Filters = Filters()  # noqa: RUF009  (frozen)
    status: Status | None = None
    stage: str = ""
    # "me", "none", or empty.
    assignee: str = ""

    @classmethod
    def of(cls, text: str) -> Self:
        """Read what was typed. What looks like a filter but names nothing we know is searched as words."""
        text = " ".join(text[:LONGEST].split())
        found, words = cls(text, Query(())), text
        for filter_ in _FILTER.finditer(text):
            narrowed = found._narrowed(filter_[1].lower(), filter_[2].lower())
            if narrowed is not found:
                found, words = narrowed, words.replace(filter_[0], " ", 1)
        number = unicodedata.normalize("NFKC", words.strip())
        is_number = _NUMBER.fullmatch(number)
        return replace(found, query=parse(words), number=int(number.removeprefix("#")) if is_number else None)

    def __bool__(self) -> bool:
        """Whether anything can be looked for."""
        return bool(self.query or self.is_narrowed)

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter holds."""
        return bool(self.filters or self.status or self.stage or self.assignee)

    def conditions(self, viewer: Agent) -> list[ColumnElement[bool]]:
        """Each filter as a condition on `Ticket`."""
        found = self.filters.conditions()
        if self.status:
            found.append(Ticket.status == self.status)
        if self.stage:
            there = select(Customer.id).join(Stage, Stage.id == Customer.stage_id)
            found.append(Ticket.customer_id.in_(there.where(Stage.key == self.stage)))
        if self.assignee:
            found.append(Ticket.assignee_id == (viewer.id if self.assignee == "me" else None))
        return found

    def _narrowed(self, key: str, value: str) -> Self:
        """The same question with one filter more, or itself where the filter names nothing."""
        if key == "status":
            known = next((status for status in Status if status.value == value), None)
            return replace(self, status=known) if known else self
        if key == "stage":
            return replace(self, stage=value)
        if key == "assignee":
            return replace(self, assignee=value) if value in ("me", "none") else self
        chosen = Filters.of({**self.filters.as_query(), key: value})
        return replace(self, filters=chosen) if chosen != self.filters else self
