"""A letter that may be forged, or is somebody else's, is the desk's alone until an agent looked at it."""

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.files import keep
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.public_lines import public_lines
from helpdesk.tickets.thread import Attachment, Channel

CODE = "Your sign-in code is 481516."


@pytest.fixture
def held_back(ticket, carol):
    """A forged letter, and one of another service that went to the ticket's reply address."""
    service = Contact.meet("feedback@service.example", "Service")
    forged = ticket.hear("Send it to me instead.", by=carol, proof="suspicious")
    code = ticket.hear(CODE, by=service, proof="verified")
    db.session.commit()
    return [forged, code]


def test_the_customer_reads_neither(held_back, ticket):
    assert [turn.text for turn in public_lines(ticket)] == ["I cannot find my invoice."]


def test_no_answer_quotes_them(held_back, ticket, ada, work_off, postbox):
    ticket.reply("One moment.", by=ada)
    work_off()

    assert "481516" not in str(postbox()[-1])
    assert "instead" not in str(postbox()[-1])


def test_an_agent_sees_them_and_lets_the_customer_read_them(held_back, desk, ticket):
    assert desk.get(f"/desk/tickets/{ticket.id}").text.count("/confirmation") == 2
    for message in held_back:
        desk.post(f"/desk/tickets/{ticket.id}/messages/{message.id}/confirmation")

    assert [turn.text for turn in public_lines(ticket)][1:] == ["Send it to me instead.", CODE]
    assert "/confirmation" not in desk.get(f"/desk/tickets/{ticket.id}").text


def test_nobody_confirms_a_note_or_a_message_of_another_ticket(desk, visit, mallory, ticket, carol, ada):
    note = ticket.note("Ours.", by=ada)
    other = Ticket.open_for(carol, subject="Other", via=Channel.FORM)
    db.session.commit()
    desk.post(f"/desk/tickets/{ticket.id}/messages/{note.id}/confirmation")

    assert "Ours." not in [turn.text for turn in public_lines(ticket)]
    assert desk.post(f"/desk/tickets/{other.id}/messages/{note.id}/confirmation").status_code == 404


def test_a_forged_request_is_not_on_its_victims_list(come, carol, ada):
    forged = Ticket.open_for(carol, subject="Pay at once", via=Channel.EMAIL)
    forged.hear("Pay at once.", proof="suspicious")
    db.session.commit()
    browser = come("carol")

    assert "Pay at once" not in browser.get("/requests").text
    assert browser.get(f"/requests/{forged.id}").status_code == 404
    forged.reply("Was this you?", by=ada)
    db.session.commit()
    assert browser.get(f"/requests/{forged.id}").status_code == 200


def test_whoever_types_anothers_address_into_a_chat_reads_nothing_of_theirs(visit, carol, ada):
    impostor = visit()
    impostor.post("/chat", data={"name": "Carol", "email": "carol@example.org", "body": "It is me."})
    chat = db.session.scalar(select(Ticket).where(Ticket.channel == Channel.CHAT))
    secret = Attachment(file=keep(b"secret", "s.txt"), name="s.txt")
    said = chat.hear("My card is 4242.", by=carol, channel=Channel.EMAIL, attachments=[secret])
    chat.reply("One moment.", by=ada)
    db.session.commit()

    for page in ("/chat", "/chat/lines"):
        assert "4242" not in impostor.get(page).text
    assert "One moment." in impostor.get("/chat").text
    assert impostor.get(f"/chat/files/{secret.id}/s.txt").status_code == 404
    assert said.body in [turn.text for turn in public_lines(chat)]
