"""A town in which one of everything stands, and everybody who might try its doors."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.accounts.models import Agent, ApiToken
from helpdesk.channels.email.leaving import file_links
from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.channels.email.models import RawLetter, RawState
from helpdesk.chat.models import ChatSession
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.files import keep
from helpdesk.core.signing import mark
from helpdesk.customers.likeness import Pair
from helpdesk.customers.models import Contact
from helpdesk.customers.sessions import ContactSession
from helpdesk.desk import merging
from helpdesk.lifecycle import presets
from helpdesk.lifecycle.editing import drafts
from helpdesk.lifecycle.rulebook import Purpose, Rule
from helpdesk.surveys.invitations import token_of as survey_token
from helpdesk.tickets import planning
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.planning import Answer
from helpdesk.tickets.thread import Attachment, Channel
from knowledge_base.models import Visibility
from knowledge_base.writing import editing, uploading
from knowledge_base.writing.editing import Particulars
from tests.conftest import Browser

# Stands in an internal note and in a forged letter, and nowhere else.
CANARY = "kanarienvogel"
LETTER = b"From: Carol <carol@example.org>\r\nSubject: Invoice\r\n\r\nWhere is it?\r\n"
CHAT_COOKIE = "helpdesk_chat"


@pytest.fixture
def town(
    app: Flask, ticket: Ticket, carol: Contact, ada: Agent, grace: Agent, root: Agent, mallory: Agent
) -> SimpleNamespace:
    """Numbers, slugs and tokens of one of everything, by name."""
    presets.ensure_default()
    dave = Contact.meet("dave@example.net", "Dave", language="en")
    twice = [Contact.meet(f"dave@{place}.example", "Dave").customer for place in ("home", "work", "old")]
    pair = Pair(one=twice[0], other=twice[1], score=0.9, reasons={"name": 1.0})
    db.session.add(pair)
    merged = merging.merge(twice[0].id, twice[2].id, merging.Choice(), by=grace)
    attached = Attachment(file=keep(b"\x89PNG\r\n\x1a\n picture", "a.png"), name="a.png")
    reply = ticket.hear("As you see.", html="<p>As you see.</p>", attachments=[attached])
    ticket.note(f"Careful: {CANARY}.", by=ada)
    chat = Ticket.open_for(carol, subject="A chat", via=Channel.CHAT)
    chat.hear("Hello?")
    shot = Attachment(file=keep(b"\x89PNG\r\n\x1a\n shot", "b.png"), name="b.png")
    said = chat.reply("Yes?", by=ada, attachments=[shot])
    chat_token = ChatSession.start(chat)
    solved = Ticket.open_for(carol, subject="Solved", via=Channel.FORM)
    solved.hear("Thanks.")
    solved.resolve(by=ada)
    letters = [_letter(1, RawState.QUARANTINED), _letter(2, RawState.TAKEN)]
    letters[1].ticket_id, letters[1].turn_id = ticket.id, reply.id
    later = now() + timedelta(days=1)
    waiting = planning.send(ticket, Answer("Not yet."), by=ada, at=later)
    draft = editing.write("Draft", "Not yet.", lang="en", by=ada, slug="draft")
    in_topic, for_staff = Particulars(category="billing"), Particulars(visibility=Visibility.STAFF)
    article = editing.write("Invoices", "Read *this*.", lang="en", by=ada, particulars=in_topic)
    internal = editing.write("Internal", "Ours.", lang="en", by=ada, particulars=for_staff)
    for each in (article, internal):
        editing.publish(each, by=ada)
        uploading.attach(each, "plan.png", b"\x89PNG\r\n\x1a\n plan", by=ada)
    uploading.attach(draft, "plan.png", b"\x89PNG\r\n\x1a\n plan", by=ada)
    ApiToken.issue(ada, "Ada's", [])
    house = Mailbox(name="Us", address="us@helpdesk.example.com", team=ticket.team, is_active=False)
    db.session.add(house)
    path = drafts.begin(by=root)
    db.session.add(Rule(purpose=Purpose.SEGMENT, key="quiet", name_ja="静か", name_en="Quiet"))
    db.session.commit()
    return SimpleNamespace(
        colleague=ada.id,
        path=path.id,
        place=path.stages[-1].id,
        team=ticket.team_id,
        token=db.session.scalar(select(ApiToken.id)),
        ticket=ticket.id,
        customer=carol.customer_id,
        message=reply.id,
        attachment=attached.id,
        letter=letters[0].id,
        draft=draft.id,
        pair=pair.id,
        merge=merged.id,
        planned=waiting.id,
        mailbox=house.id,
        contact_address=carol.addresses[0].id,
        talk=chat.id,
        answer=said.id,
        file_link=urlsplit(file_links.address_of(shot, later)).path,
        article=article.id,
        chat_file=shot.id,
        chat_token=chat_token,
        chat_proof=mark("chat", chat_token),
        survey=survey_token(solved),
        carol=carol,
        dave=dave,
        ada=ada,
        grace=grace,
        root=root,
        mallory=mallory,
    )


def _letter(number: int, state: RawState) -> RawLetter:
    letter = RawLetter(sha256=str(number), content=LETTER, size=len(LETTER), state=state)
    db.session.add(letter)
    db.session.flush()
    return letter


@pytest.fixture
def come(visit: Callable[..., Browser], town: SimpleNamespace) -> Callable[[str], Browser]:
    """The browser of somebody by name: nobody, carol (who also holds the chat), dave, mallory, ada, …"""

    def browse(who: str) -> Browser:
        person = getattr(town, who, None)
        browser = visit(person if isinstance(person, Agent) else None)
        if isinstance(person, Contact):
            token = ContactSession.start(person, "test")
            db.session.commit()
            with browser.session_transaction() as session:
                session["contact"] = token
        if who == "carol":
            browser.set_cookie(CHAT_COOKIE, town.chat_token)
        return browser

    return browse


@pytest.fixture
def bearer(town: SimpleNamespace) -> Callable[..., dict[str, str]]:
    """The header of a program that acts for an agent, by name."""

    def header(who: str, *scopes: str) -> dict[str, str]:
        token = ApiToken.issue(getattr(town, who), "test", list(scopes))
        db.session.commit()
        return {"Authorization": f"Bearer {token}"}

    return header
