"""Agents hear and answer by mail, and nobody else answers in their name."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.accounts.models import Agent, Team
from helpdesk.channels.email.arriving.colleagues import note_of, own_words
from helpdesk.channels.email.arriving.receiving import take
from helpdesk.channels.email.models import RawLetter, ReplyAddress
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.mail import Letter, LetterState
from helpdesk.core.message_ids import signed_id
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import put_in_copy
from helpdesk.tickets.public_lines import public_lines
from helpdesk.tickets.thread import Channel, Message, MessageKind
from tests.channels.post import SUPPORT, eml

BORDER = "mx.example.com"
PASS = {"authentication_results": f"{BORDER}; dmarc=pass header.from=helpdesk.example.com"}
FAIL = {"authentication_results": f"{BORDER}; dmarc=fail header.from=helpdesk.example.com"}


@pytest.fixture(autouse=True)
def border(app: Flask) -> None:
    app.config["HELPDESK_AUTHSERV_ID"] = BORDER


@pytest.fixture
def held(ticket: Ticket, ada: Agent) -> Ticket:
    """Carol's ticket in Ada's hands, who hears by mail."""
    ada.hears_by_mail = True
    ticket.assign(ada, by=ada)
    db.session.commit()
    return ticket


def address_of(ticket: Ticket, person: Agent | Contact) -> str:
    return str(ReplyAddress.given_to(person, ticket))


def answer(text: str, ticket: Ticket, agent: Agent, **headers: str) -> bytes:
    """As the agent's mail program writes it."""
    fields = {"sender": f"{agent.name} <{agent.email}>", "to": address_of(ticket, agent), **PASS, **headers}
    return eml(text, **fields)


def said(ticket: Ticket) -> list[tuple[str, str]]:
    """What is ours in the thread: its kind and words."""
    ours = select(Message).where(Message.ticket_id == ticket.id, Message.kind != MessageKind.CUSTOMER)
    return [(each.kind.value, each.body) for each in db.session.scalars(ours.order_by(Message.id))]


def test_an_agent_who_answers_to_all_answers_by_their_own_reply_address(held: Ticket, ada: Agent) -> None:
    theirs, hers = address_of(held, held.contact), address_of(held, ada)
    taken = take(answer("It is in your spam folder.", held, ada, to=theirs, cc=hers))

    assert (taken.result, said(held)) == ("appended", [("agent", "It is in your spam folder.")])


def test_an_agent_hears_by_mail_and_answers_from_there(
    held: Ticket, ada: Agent, carol: Contact, work_off: Any, postbox: Any
) -> None:
    held.note("She is difficult.", by=ada)
    held.hear("Where is it?", by=carol)
    work_off()
    news = postbox()[-1]
    words = news.get_body(("plain",)).get_content()

    assert (news["To"], news["Subject"]) == (ada.email, f"[#{held.number}] Invoice lost")
    assert news["Auto-Submitted"] == "auto-generated"
    assert "Where is it?" in words
    assert "difficult" not in words

    quoted = "".join(f"> {line}\n" for line in words.splitlines())
    text = f"It is under way.\n\n-- \nAda\n\nOn Fri, 18 Sep 2026 at 09:00, Support wrote:\n{quoted}"
    taken = take(answer(text, held, ada, to=str(news["Reply-To"]), in_reply_to=str(news["Message-ID"])))
    work_off()

    assert (taken.result, taken.ticket) == ("appended", held.number)
    assert said(held)[-1] == ("agent", "It is under way.")
    assert "It is under way." in postbox()[-1].get_body(("plain",)).get_content()
    assert "carol@example.org" in postbox()[-1]["To"]
    theirs = db.session.scalars(select(RawLetter)).one()
    assert theirs.turn_id == taken.message
    assert str(theirs.message_id) not in str(postbox()[-1])
    assert [turn.text for turn in public_lines(held)][-1] == "It is under way."


@pytest.mark.parametrize("mark", ["#note", "#Note:", "＃メモ", "# メモ", "#メモ　"])
def test_a_note_stays_inside(held: Ticket, ada: Agent, work_off: Any, postbox: Any, mark: str) -> None:
    work_off()
    before = len(postbox())
    take(answer(f"{mark}\nCall her.\n> old", held, ada))
    work_off()

    assert said(held)[-1] == ("note", "Call her.")
    assert len(postbox()) == before


def test_its_files_go_along_and_so_do_those_in_copy(
    held: Ticket, ada: Agent, work_off: Any, postbox: Any
) -> None:
    put_in_copy(held, "ken@example.org", "Ken", by=ada)
    file = 'Content-Type: application/pdf; name="a.pdf"\r\n\r\n%PDF-1.4'
    body = f"--b\r\n\r\nHere.\r\n--b\r\n{file}\r\n--b--"
    bounds = {"content_type": 'multipart/mixed; boundary="b"', "mime_version": "1.0"}
    message = db.session.get_one(Message, take(answer(body, held, ada, **bounds)).message)

    assert [each.name for each in message.attachments] == ["a.pdf"]
    assert message.recipients["cc"] == ['"Ken" <ken@example.org>']
    work_off()
    assert "ken@example.org" in postbox()[-1]["Cc"]


# The holes of peers, by their names (reliability.md 2, row 1).


def refused(held: Ticket, letter: bytes, reason: str = "staff-unproved") -> None:
    """Nothing of it is anybody's words, least of all a customer's to read."""
    before = db.session.scalars(select(Message.id)).all()
    taken = take(letter)
    assert (taken.result, taken.reason) == ("quarantined", reason)
    assert db.session.scalars(select(Message.id)).all() == before


def test_freescout_cve_2026_47123_a_message_id_is_no_proof_of_an_agent(held: Ticket, ada: Agent) -> None:
    references = {"to": SUPPORT, "in_reply_to": signed_id(held.id), "subject": f"[#{held.number}]"}
    refused(held, answer("Pay here.", held, ada, **references))


@pytest.mark.parametrize(
    "form", ["<{n}.1.1@helpdesk.example.com>", "<{n}@helpdesk.example.com>", "<reply-{n}-1@x>"]
)
def test_freescout_ghsa_8vm3_an_old_form_of_id_opens_no_door(held: Ticket, form: str) -> None:
    guess = {"in_reply_to": form.format(n=held.id), "to": f"support+{held.id}@helpdesk.example.com"}

    assert take(eml(sender="eve@evil.example", **guess)).ticket != held.number


@pytest.mark.parametrize("how", ["left", "moved"])
def test_freescout_ghsa_83xx_who_lost_access_answers_no_more(held: Ticket, ada: Agent, how: str) -> None:
    letter = answer("Still me.", held, ada)
    if how == "left":
        ada.deactivated_at = now()
    else:
        held.team, held.assignee = Team(name="Elsewhere"), None
    db.session.commit()

    refused(held, letter, "staff-left" if how == "left" else "staff-no-access")


def test_freescout_ghsa_j49f_an_agents_token_from_a_new_address_is_a_strangers_letter(
    held: Ticket, ada: Agent
) -> None:
    taken = take(answer("From home.", held, ada, sender="Ada <ada@home.example>"))
    message = db.session.get_one(Message, taken.message)

    assert (message.kind, message.contact.name, message.agent) == (MessageKind.CUSTOMER, "Ada", None)
    assert message.id not in [turn.id for turn in public_lines(held)]


def test_zendesk_cve_2024_49193_a_spoofed_requester_brings_nobody_in(
    held: Ticket, ada: Agent, carol: Contact, work_off: Any, postbox: Any
) -> None:
    """A forged letter of Carol's to support+id, with the attacker in Cc, who then hears all."""
    spoofed = {"to": f"support+id{held.id}@helpdesk.example.com", "cc": "eve@evil.example"}
    taken = take(eml("Copy Eve from now on.", subject=f"[#{held.number}]", **spoofed))
    held.reply("Your card ends in 4242.", by=ada)
    work_off()

    assert taken.ticket != held.number
    assert not any("evil" in str(letter["To"]) + str(letter["Cc"]) for letter in postbox())
    assert Contact.known_as("eve@evil.example") is None


@pytest.mark.parametrize("results", [{}, FAIL, {"authentication_results": "evil.example; dmarc=pass"}])
def test_an_agent_whom_the_border_does_not_vouch_for_says_nothing(
    held: Ticket, ada: Agent, results: dict[str, str], postbox: Any, work_off: Any
) -> None:
    letter = eml("Pay here.", sender=ada.email, to=address_of(held, ada), **results)
    refused(held, letter)
    work_off()

    assert not [letter for letter in postbox() if "was not sent on" in letter["Subject"]]


def test_the_token_of_another_is_not_theirs(
    held: Ticket, ada: Agent, grace: Agent, carol: Contact, work_off: Any, postbox: Any
) -> None:
    for whose in (ada, carol):
        refused(held, answer("As I am here…", held, grace, to=address_of(held, whose)))
    work_off()

    told = postbox()[-1]
    assert (told["To"], told["Subject"]) == (grace.email, "Your letter was not sent on")


def test_no_colleague_reads_the_token_of_another(held: Ticket, ada: Agent, grace: Agent, visit: Any) -> None:
    taken = take(answer("It is under way.", held, ada))
    address = f"/desk/tickets/{held.id}/messages/{taken.message}/source"

    assert (visit(ada).get(address).status_code, visit(grace).get(address).status_code) == (200, 404)


def test_a_revoked_token_of_an_agent_leads_nowhere(held: Ticket, ada: Agent) -> None:
    letter = answer("Still me.", held, ada)
    ReplyAddress.given_to(ada, held).revoke()
    db.session.commit()

    assert take(letter).ticket != held.number
    assert said(held) == []


@pytest.mark.parametrize("header", ["auto_submitted", "x_autoreply"])
def test_an_absence_notice_of_an_agent_goes_nowhere(held: Ticket, ada: Agent, header: str) -> None:
    assert take(answer("I am away.", held, ada, **{header: "auto-replied"})).result == "ignored"
    take(answer("I am away.", held, ada, subject="Out of office: Invoice lost"))

    assert said(held) == [("note", "I am away.")]


def test_a_letter_without_words_is_no_answer(held: Ticket, ada: Agent) -> None:
    refused(
        held,
        answer("On Fri, 18 Sep 2026, Support wrote:\n> ##### Write above #####\n> x", held, ada),
        "staff-empty",
    )


def test_a_colleague_may_be_a_customer_too(app: Flask, ada: Agent, grace: Agent) -> None:
    taken = take(eml("My printer is broken.", sender=f"Ada <{ada.email}>", **PASS))
    hers = db.session.get_one(Ticket, int(taken.ticket or 0))
    hers.reply("Which one?", by=grace)
    again = take(eml("The left one.", sender=f"Ada <{ada.email}>", to=address_of(hers, hers.contact), **PASS))

    assert (taken.result, again.result, again.ticket) == ("opened", "appended", hers.number)


@pytest.mark.parametrize("change", ["off", "given away", "left", "chat", "own address"])
def test_who_hears_nothing(
    held: Ticket, ada: Agent, grace: Agent, carol: Contact, work_off: Any, postbox: Any, change: str
) -> None:
    work_off()
    before = len(postbox())
    held.hear("Hello?", by=carol, channel=Channel.CHAT if change == "chat" else Channel.EMAIL)
    if change == "off":
        ada.hears_by_mail = False
    elif change == "given away":
        held.assign(grace, by=ada)
    elif change == "left":
        ada.deactivated_at = now()
    elif change == "own address":
        ada.email = SUPPORT
    work_off()

    assert len(postbox()) == before


def test_whoever_is_given_a_ticket_hears_what_was_written_last(
    ticket: Ticket, ada: Agent, grace: Agent, work_off: Any, postbox: Any
) -> None:
    ada.hears_by_mail = True
    ticket.assign(ada, by=grace)
    work_off()

    assert "I cannot find my invoice." in postbox()[-1].get_body(("plain",)).get_content()
    assert db.session.scalars(select(Letter.purpose)).all() == ["news"]


def test_news_that_come_back_are_no_fact_of_the_customers(
    held: Ticket, carol: Contact, work_off: Any, facts: Any
) -> None:
    held.hear("Where is it?", by=carol)
    work_off()
    letter = db.session.scalars(select(Letter).where(Letter.purpose == "news")).one()
    before = facts()
    letter.settle({letter.address: "550 5.1.1 no such user"})

    assert (letter.state, facts()) == (LetterState.FAILED, before)


def test_without_a_border_no_answer_is_asked_for(
    app: Flask, held: Ticket, carol: Contact, work_off: Any, postbox: Any
) -> None:
    app.config["HELPDESK_AUTHSERV_ID"] = ""
    held.hear("Hello?", by=carol)
    work_off()

    assert postbox()[-1]["Reply-To"] is None
    assert "not taken in here" in postbox()[-1].get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "Yes.\n\n2026年9月18日(金) 9:00 Support <s@x.jp>:\n\n> ##### 返信はこの行より上に ##### \n> 本文",
            "Yes.",
        ),
        (
            "Yes.\n\n差出人: Support <s@x.jp>\n送信日時: 2026年9月18日 9:00\n宛先: Ada <ada@x.jp>\n"
            "件名: [#1] Invoice\n\n##### 返信はこの行より上に書いてください #####\n\n本文",
            "Yes.",
        ),
        (
            "Yes.\n________________________________\nFrom: Support <s@x.jp>\nSent: Friday 9:00\n"
            "To: Ada\nSubject: [#1] Invoice\n\n##### Write your answer above this line #####\nShe wrote",
            "Yes.",
        ),
        (
            "Yes.\n\n> 2026/09/18 9:00、Support <s@x.jp>のメール:\n> \n> ##### 返信はこの行より上に #####",
            "Yes.",
        ),
        ("Yes.\n\nSent from my iPhone\n\n> ##### Write your answer above #####\n> She wrote", "Yes."),
        ("Yes.\n##### Write your answer above this line #####\nHer words.", "Yes."),
        ("##### Write your answer above this line #####\nHer words.", ""),
        ("> all quoted", ""),
        ("Only mine.", "Only mine."),
    ],
)
def test_only_own_words_are_sent(text: str, words: str) -> None:
    assert own_words(text) == words


def test_a_hash_that_is_no_note_is_an_answer() -> None:
    assert note_of("#1 of the list\n#note below") is None
    assert note_of("#note call her") == "call her"


FORWARDED = (
    "Please help him.\n\n---------- Forwarded message ---------\nFrom: Ken <ken@elsewhere.example>\n"
    "Date: Fri, 18 Sep 2026 at 08:00\nSubject: Broken lamp\nTo: Ada\n\nMy lamp is broken.\n"
)


def test_a_letter_that_an_agent_passes_on_is_its_first_senders(ticket: Ticket, ada: Agent) -> None:
    letter = {
        "sender": f"Ada <{ada.email}>",
        "subject": "Fwd: Broken lamp",
        "cc": "boss@helpdesk.example.com",
    }
    taken = take(eml(FORWARDED, **letter, **PASS))
    first, note = db.session.scalars(select(Message).where(Message.ticket_id == int(taken.ticket or 0)))

    assert (taken.result, first.ticket.subject, first.ticket.contact.name) == ("opened", "Broken lamp", "Ken")
    assert (first.body, first.proof, first.recipients) == ("My lamp is broken.", "unverified", {})
    assert (note.kind, note.agent) == (MessageKind.NOTE, None)
    assert "Ada forwarded" in note.body
    assert "Please help him." in note.body
    refused(ticket, eml(FORWARDED + "Again.", **letter))
