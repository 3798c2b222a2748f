"""Who and what a ticket tells of, so that it can be kept out of what everybody may read."""

from sqlalchemy import or_, select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.customers.models import Contact, ContactAddress
from helpdesk.customers.orders import Order
from helpdesk.desk.neutral import Known
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Participant
from helpdesk.tickets.thread import Message

_MOST_PEOPLE, _MOST_ORDERS = 300, 500


def known_of(ticket: Ticket) -> Known:
    """The names of the customer, its people and whoever takes part in the thread, with their numbers."""
    writers = select(Message.contact_id).where(Message.ticket_id == ticket.id)
    beside = Participant.of(ticket).order_by(None).with_only_columns(Participant.contact_id)
    theirs = or_(Contact.customer_id == ticket.customer_id, Contact.id.in_(writers), Contact.id.in_(beside))
    people = db.session.execute(
        select(Contact.id, Contact.name, Contact.kana, Contact.phone).where(theirs).limit(_MOST_PEOPLE)
    ).all()
    ids = [person.id for person in people]
    addresses = db.session.scalars(select(ContactAddress.address).where(ContactAddress.contact_id.in_(ids)))
    answering = select(Message.agent_id).where(Message.ticket_id == ticket.id)
    staff = db.session.scalars(select(Agent.name).where(Agent.id.in_(answering)))
    orders = select(Order.external_id).where(
        Order.customer_id == ticket.customer_id, Order.external_id.is_not(None)
    )
    numbers = db.session.scalars(orders.order_by(Order.id.desc()).limit(_MOST_ORDERS))
    customer = ticket.customer
    others = (*addresses, *(person.phone for person in people), *numbers, customer.domain, str(ticket.id))
    return Known(
        people=tuple(name for person in people for name in (person.name, person.kana) if name),
        companies=tuple(name for name in (customer.name, customer.kana) if name),
        staff=tuple(staff),
        others=tuple(each for each in others if each),
    )
