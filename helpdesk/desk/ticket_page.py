"""All that the first response of a ticket's page holds, in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import joinedload, lazyload

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.lifecycle.reading import Strip, strip
from helpdesk.tickets import lines
from helpdesk.tickets.cards import Card, cards
from helpdesk.tickets.choices import Choices, choices
from helpdesk.tickets.drafts import Draft, aside, begun
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Offered
from helpdesk.tickets.recipients import people_beside

# Other tickets of the customer shown beside it; the customer's page has them all.
MOST_OTHERS = 6


@dataclass(frozen=True)
class TicketPage:
    """What `templates/desk/ticket.html` takes."""

    ticket: Ticket
    strip: Strip
    thread: lines.Lines
    cards: Sequence[Card]
    draft: Draft
    choices: Choices
    people: Sequence[tuple[Offered, str]]
    others: Sequence[Any]


def read(number: int, viewer: Agent, *, before: int | None = None, draft: int | None = None) -> TicketPage:
    """Ticket `number` as `viewer` sees it, 404 where they do not; or its messages before number `before`.

    draft: the planned answer that was taken back into the composer.
    """
    ticket = db.one_or_404(_with_its_people(Ticket.visible_to(viewer)).where(Ticket.id == number))
    thread = lines.newest(ticket, before)
    return TicketPage(
        ticket=ticket,
        strip=strip(ticket),
        thread=thread,
        cards=cards(ticket, viewer),
        draft=begun(ticket, thread.newest_message, taken=aside(ticket, draft or 0, viewer=viewer)),
        choices=choices(viewer),
        people=people_beside(ticket),
        others=_others(ticket, viewer),
    )


def _with_its_people(tickets: Select[Any]) -> Select[Any]:
    return tickets.options(
        joinedload(Ticket.customer, innerjoin=True),
        joinedload(Ticket.contact, innerjoin=True).options(lazyload(Contact.addresses)),
        joinedload(Ticket.team, innerjoin=True),
        joinedload(Ticket.assignee).options(lazyload(Agent.teams)),
    )


def _others(ticket: Ticket, viewer: Agent) -> Sequence[Any]:
    """The customer's other tickets that `viewer` may see, newest first."""
    columns = (Ticket.id, Ticket.subject, Ticket.status, Ticket.updated_at)
    found = Ticket.visible_to(viewer).with_only_columns(*columns)
    theirs = found.where(Ticket.customer_id == ticket.customer_id, Ticket.id != ticket.id)
    return db.session.execute(theirs.order_by(Ticket.id.desc()).limit(MOST_OTHERS + 1)).all()
