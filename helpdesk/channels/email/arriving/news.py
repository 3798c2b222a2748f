"""What customers write goes to the agent who has the ticket, as a letter to be answered from there."""

from typing import Any

from flask import current_app
from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.channels.email.mailboxes import Mailbox, is_own
from helpdesk.channels.email.models import ReplyAddress
from helpdesk.core.db import db
from helpdesk.core.jobs import task
from helpdesk.core.mail import AUTOMATIC, Letter
from helpdesk.core.mail_words import rendered
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel, Message, MessageKind
from helpdesk.timeline import Event

# What stands above and below the words to answer: the reader of answers cuts there.
ABOVE = "#####"
# Ids of earlier news that a letter refers to, and characters of a message that it shows.
MOST_REFERENCES, LONGEST_SHOWN = 20, 20_000


def tell_of_message(ticket: Ticket, event: Event) -> None:
    """A customer wrote: tell whoever has the ticket. Those in a chat are talked to there."""
    _tell(ticket, event.details["message_id"])


def tell_of_handing_over(ticket: Ticket, event: Event) -> None:
    """A colleague gave the ticket to somebody: tell them what was written last."""
    if ticket.assignee_id is not None and event.agent_id != ticket.assignee_id:
        theirs = select(Message.id).where(
            Message.ticket_id == ticket.id, Message.kind == MessageKind.CUSTOMER
        )
        last = db.session.scalar(theirs.order_by(Message.id.desc()).limit(1))
        if last is not None:
            _tell(ticket, last)


@task
def write(message_id: int, agent_id: int) -> None:
    """Write the letter, where it is still theirs to read."""
    message, agent = db.session.get(Message, message_id), db.session.get_one(Agent, agent_id)
    if message is None or not _may_hear(agent, message.ticket):
        return
    home, lang = Mailbox.answering(message.ticket.mailbox_id), agent.language
    can_answer = bool(current_app.config["HELPDESK_AUTHSERV_ID"])
    words = rendered("colleagues/news", lang, **_shown(message, above=ABOVE, can_answer=can_answer))
    headers = AUTOMATIC | _threading(message.ticket, agent)
    if can_answer:
        headers["Reply-To"] = str(ReplyAddress.given_to(agent, message.ticket))
    Letter.write(
        recipient=agent.email,
        sender=home.sender,
        subject=words.subject,
        text=words.text,
        html=words.html,
        headers=headers,
        purpose="news",
        ticket_id=message.ticket_id,
        mailbox_id=home.id,
    )


def _tell(ticket: Ticket, message_id: int) -> None:
    agent = ticket.assignee
    message = db.session.get_one(Message, message_id)
    if agent is not None and agent.hears_by_mail and message.channel is not Channel.CHAT:
        write.later(message_id=message_id, agent_id=agent.id)


def _may_hear(agent: Agent, ticket: Ticket) -> bool:
    """Whether it is in their hands now; one who signs in with an address of ours would only write to us."""
    is_theirs = agent.is_active and agent.hears_by_mail and ticket.assignee_id == agent.id
    return is_theirs and not is_own(agent.email)


def _shown(message: Message, **more: Any) -> dict[str, Any]:
    ticket = message.ticket
    is_other = message.contact_id != ticket.contact_id
    return {
        "ticket": ticket,
        "message": message,
        "body": message.body[:LONGEST_SHOWN],
        "is_cut": len(message.body) > LONGEST_SHOWN,
        "is_other": is_other,
        **more,
    }


def _threading(ticket: Ticket, agent: Agent) -> dict[str, str]:
    """So that their mail program keeps what is of one ticket together."""
    told = select(Letter.message_id).where(
        Letter.ticket_id == ticket.id, Letter.address == agent.email, Letter.purpose == "news"
    )
    earlier = db.session.scalars(told.order_by(Letter.id.desc()).limit(MOST_REFERENCES)).all()
    if not earlier:
        return {}
    return {"In-Reply-To": earlier[0], "References": " ".join(reversed(earlier))}
