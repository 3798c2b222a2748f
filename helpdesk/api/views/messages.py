"""The messages of a ticket: read, and written as the token's agent."""

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.api import paging
from helpdesk.api.routes import route
from helpdesk.api.shapes.common import Paging
from helpdesk.api.shapes.tickets import MessageIn, MessageList, MessageOut
from helpdesk.api.tokens import caller
from helpdesk.api.views.tickets import visible
from helpdesk.core.db import db
from helpdesk.tickets.thread import Message

_RULE = "/v1/tickets/<int:number>/messages"


@route(_RULE, "GET", _("List the messages of a ticket"), query=Paging, out=MessageList)
def index(number: int, query: Paging) -> MessageList:
    ticket = visible(number)
    begun = paging.place(query.cursor, int) or (0,)
    thread = select(Message).where(Message.ticket_id == ticket.id, Message.id > begun[0])
    whole = thread.options(joinedload(Message.agent), joinedload(Message.contact))
    found = db.session.scalars(whole.order_by(Message.id).limit(query.limit + 1)).all()
    shown, last = paging.cut(found, query.limit)
    return MessageList(items=[*map(MessageOut.of, shown)], next=paging.mark(last.id) if last else None)


@route(_RULE, "POST", _("Reply, or leave a note"), body=MessageIn, out=MessageOut, status=201, scope="write")
def create(number: int, body: MessageIn) -> MessageOut:
    ticket = visible(number)
    write = ticket.reply if body.public else ticket.note
    return MessageOut.of(write(body.body, by=caller()))
