"""A letter to a ticket that was resolved long ago: it goes on in a new one, tied to the old."""

from dataclasses import replace

from helpdesk.channels.email.arriving.placing import Hint, Place
from helpdesk.customers.models import Contact
from helpdesk.tickets.ties import Tie, is_over, latest_after


def as_of_now(where: Place, writer: str) -> Place:
    """Where a letter of `writer` (an address) is heard, considering how long ago its ticket ended."""
    if where.ticket is None or not is_over(where.ticket):
        return where
    latest = latest_after(where.ticket, Contact.known_as(writer))
    if not is_over(latest):
        return replace(where, ticket=latest)
    # What the border calls forged shall not look like what follows.
    why = Tie.ANSWERS if where.is_suspicious else Tie.FOLLOWS
    return replace(where, ticket=None, hint=Hint(latest, why))
