"""The guards of the composer say nothing against the answers of the demo: no false alarm in any of them."""

from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.tickets import checks
from helpdesk.tickets.reach import reader_of
from helpdesk.tickets.thread import Message, MessageKind


def test_no_answer_of_the_demo_is_stopped(company):
    answers = select(Message).where(Message.kind == MessageKind.AGENT, Message.agent_id.is_not(None))
    replies = db.session.scalars(answers).all()
    stopped = {
        (finding.code, reply.body)
        for reply in replies
        for finding in checks.findings(
            reply.ticket,
            reply.body,
            has_files=bool(reply.attachments),
            people=(),
            reader=reader_of(reply.ticket.contact_id),
        )
    }

    assert stopped == set()
    assert len(replies) > 1000
