"""The search index of everything, built anew in batches: what many rows written at once have by-passed."""

from collections.abc import Callable, Iterator

from sqlalchemy import select

from helpdesk.core import fulltext
from helpdesk.core.db import db
from helpdesk.core.fulltext import Part
from helpdesk.core.i18n import LANGUAGES
from helpdesk.customers.models import Contact, ContactAddress, Customer
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message
from knowledge_base.index import feeding

# Owners whose texts are held in memory at once.
_BATCH = 2_000

Batch = Callable[[int, int], list[Part]]


def rebuild() -> int:
    """Empty the index of tickets and customers and fill it, then that of articles; commits as it goes.

    Returns how many texts of tickets and customers there are.
    """
    written = 0
    for kind, model, parts in (("tickets", Ticket, _of_tickets), ("customers", Customer, _of_customers)):
        fulltext.forget_all(db.session(), kind)
        for first, last in _ranges(model):
            found = parts(first, last)
            fulltext.index_many(db.session(), kind, found)
            db.session.commit()
            written += len(found)
        fulltext.settle(db.session(), kind)
        db.session.commit()
    for lang in LANGUAGES:
        feeding.rebuild_index(lang=lang)
        db.session.commit()
    return written


def _ranges(model: type[Ticket] | type[Customer]) -> Iterator[tuple[int, int]]:
    """First and last number of each batch of rows."""
    last = 0
    while ids := db.session.scalars(
        select(model.id).where(model.id > last).order_by(model.id).limit(_BATCH)
    ).all():
        last = ids[-1]
        yield ids[0], last


def _of_tickets(first: int, last: int) -> list[Part]:
    subjects = select(Ticket.id, Ticket.subject).where(Ticket.id.between(first, last))
    turns = select(Message.ticket_id, Message.id, Message.body).where(Message.ticket_id.between(first, last))
    found = [Part(row.id, 0, row.subject) for row in db.session.execute(subjects)]
    return found + [Part(*row) for row in db.session.execute(turns)]


def _of_customers(first: int, last: int) -> list[Part]:
    names = select(Customer.id, Customer.name, Customer.kana, Customer.domain)
    names = names.where(Customer.merged_into_id.is_(None))
    people = (
        select(Contact.customer_id, Contact.name, Contact.kana, ContactAddress.address)
        .outerjoin(ContactAddress, ContactAddress.contact_id == Contact.id)
        .where(Contact.customer_id.between(first, last))
    )
    words = {
        row.id: [row.name, row.kana, row.domain or ""]
        for row in db.session.execute(names.where(Customer.id.between(first, last)))
    }
    for row in db.session.execute(people):
        words.get(row.customer_id, []).append(f"{row.name} {row.kana} {row.address or ''}")
    return [Part(id, 0, "\n".join(texts)) for id, texts in words.items()]
