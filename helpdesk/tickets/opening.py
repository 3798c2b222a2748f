"""Opening a ticket from the desk: for a caller, or to write to a customer first."""

from helpdesk.accounts.models import Agent, Team
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets.forms import NewTicketForm
from helpdesk.tickets.kinds import Priority
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel


def open_by(agent: Agent, form: NewTicketForm, *, once: str | None = None) -> Ticket:
    """Open what the valid `form` holds: a caller's words are theirs, a letter of ours is a reply.

    once: by what the form is known again.
    """
    channel = Channel(form.channel.data)
    ticket = Ticket.open_for(
        Contact.meet(form.address.data or "", form.name.data or ""),
        assignee=agent,
        subject=form.subject.data or "",
        via=channel,
        team=db.session.get(Team, form.team.data),
        priority=Priority(form.priority.data),
    )
    if channel is Channel.PHONE:
        ticket.hear(form.body.data or "", attachments=form.attachments())
        ticket.opened(once=once, by_agent=agent.id)
    else:
        ticket.opened(once=once, by_agent=agent.id)
        ticket.reply(form.body.data or "", by=agent, attachments=form.attachments())
    return ticket
