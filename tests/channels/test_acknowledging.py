"""A word that a letter has come: to people only, once, and with a ceiling that no loop passes."""

import pytest

from helpdesk.accounts.models import Team
from helpdesk.channels.email.arriving.receiving import take
from helpdesk.channels.email.mailboxes import LetterStyle, Mailbox
from helpdesk.core import ceilings
from helpdesk.core.db import db
from helpdesk.core.mail import Letter, LetterState
from helpdesk.tickets.thread import Message
from tests.channels.post import LETTERS, SUPPORT, eml

BORDER = "mx.example.com"


@pytest.fixture
def mailbox(app) -> Mailbox:
    app.config["HELPDESK_AUTHSERV_ID"] = BORDER
    made = Mailbox(name="Harunoki Support", address=SUPPORT, acknowledges=True, team=Team.default())
    db.session.add(made)
    db.session.commit()
    return made


def acknowledgements() -> list[Letter]:
    return list(
        db.session.scalars(db.select(Letter).filter_by(purpose="acknowledgement").order_by(Letter.id))
    )


def test_a_person_hears_that_the_letter_has_come(mailbox, work_off, postbox):
    proof = f"{BORDER}; dmarc=pass header.from=example.org"
    take(eml(subject="Lost invoice", message_id="<first@example.org>", authentication_results=proof))
    work_off()

    (letter,) = postbox()
    assert letter["From"] == f'"Harunoki Support" <{SUPPORT}>' or SUPPORT in str(letter["From"])
    assert str(letter["To"]) == "Carol <carol@example.org>"
    assert "Lost invoice" in letter["Subject"]
    assert letter["In-Reply-To"] == "<first@example.org>"
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["X-Auto-Response-Suppress"] == "All"
    assert "+r1" in letter["Reply-To"]


def test_a_plain_mailbox_says_so_in_plain_text_with_its_signature(mailbox, work_off, postbox):
    mailbox.style, mailbox.signature = LetterStyle.PLAIN, "Harunoki\n03-0000-0000"
    take(eml())
    work_off()

    (letter,) = postbox()
    text = letter.get_content().replace("\r\n", "\n")
    assert letter.get_content_type() == "text/plain"
    assert text.startswith("Harunoki Support has received your message")
    assert text.endswith("\n-- \nHarunoki\n03-0000-0000\n")


def test_whoever_is_not_proved_gets_none_of_the_words_back(mailbox, work_off, postbox):
    """A desk whose confirmations carry the stranger's subject is a relay for spam."""
    take(
        eml("Buy now!", subject="Cheap pills http://evil.example", sender="Cheap pills <victim@example.org>")
    )
    work_off()

    (letter,) = postbox()
    assert "pills" not in letter.as_string()
    assert "Cheap" not in letter.as_string()
    assert "evil" not in letter.as_string()


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied"},
        {"precedence": "bulk"},
        {"list_id": "<x.example.org>"},
        {"x_auto_response_suppress": "All"},
        {"return_path": "<>"},
        {"sender": "No Reply <no-reply@example.org>"},
        {"subject": "自動返信：不在のお知らせ"},
        {"authentication_results": f"{BORDER}; dmarc=fail header.from=example.org"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_no_machine_and_nobody_forged_is_answered(mailbox, work_off, headers):
    take(eml(**headers))
    work_off()

    assert acknowledgements() == []


def test_a_later_letter_of_the_ticket_is_not_acknowledged(mailbox, work_off):
    take(eml(message_id="<first@example.org>"))
    work_off()
    (first,) = acknowledgements()

    take(eml("More words.", to=first.headers["Reply-To"]))
    work_off()

    assert acknowledgements() == [first]


def test_two_desks_that_greet_each_other_go_silent(mailbox, work_off):
    for number in range(25):
        take(eml(f"Ticket {number} was made for you.", subject=f"Your ticket {number}"))
        work_off()

    sent = [letter for letter in acknowledgements() if letter.state is LetterState.SENT]
    assert len(sent) == ceilings.MOST_A_DAY


def test_a_desk_that_changes_its_address_goes_silent_too(mailbox, work_off, clock):
    for number in range(25):
        take(eml("Made for you.", sender=f"Desk <ticket-{number}@desk.example.org>"))
        work_off()
    assert len(acknowledgements()) == ceilings.MOST_AN_HOUR

    clock.shift(3700)
    take(eml("Made for you.", sender="Desk <ticket-99@desk.example.org>"))
    work_off()
    assert len(acknowledgements()) == ceilings.MOST_AN_HOUR + 1


def test_what_we_wrote_ourselves_comes_back_to_nothing(mailbox, work_off, postbox):
    take(eml())
    work_off()
    (letter,) = postbox()
    del letter["Message-ID"]
    letter["Message-ID"] = "<rewritten@relay.example>"

    assert take(letter.as_bytes()).result == "ignored"


def test_an_invitation_that_wishes_for_no_answer_gets_none_and_is_no_machine_s(mailbox, work_off, postbox):
    raw = (LETTERS / "invitation_that_repeats.eml").read_bytes()
    taken = take(raw.replace(b"support@helpdesk.example.com", SUPPORT.encode()))
    work_off()
    message = db.session.get_one(Message, taken.message)

    assert (taken.result, message.is_automatic, postbox()) == ("opened", False, [])
    assert "[繰り返し: 2週間ごと]" in message.body or "[Repeats: every 2 weeks]" in message.body
