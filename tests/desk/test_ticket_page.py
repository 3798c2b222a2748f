"""The first response of a ticket's page: everything an agent needs, nothing anybody else should see."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from helpdesk.channels.email.models import RawLetter
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.mail import Letter
from helpdesk.core.markup import clean_html
from helpdesk.tickets import lines
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel


def test_the_first_response_holds_strip_thread_and_composer(desk, ticket):
    page = desk.get(f"/desk/tickets/{ticket.number}").text

    assert 'id="ticket-strip"' in page
    assert "I cannot find my invoice." in page
    assert f'action="/desk/tickets/{ticket.number}/replies"' in page
    assert 'id="ticket-cue"' in page


@pytest.mark.parametrize("part", ["", "/strip", "/lines", "/files/1/a.pdf", "/messages/1/html"])
def test_mallory_finds_no_such_ticket(visit, mallory, ticket, part):
    assert visit(mallory).get(f"/desk/tickets/{ticket.number}{part}").status_code == 404


@pytest.mark.parametrize("part", ["", "/lines", "/files/1/a.pdf", "/messages/1/html"])
def test_a_stranger_signs_in_first(visit, ticket, part):
    assert "/sign-in" in visit().get(f"/desk/tickets/{ticket.number}{part}").location


def test_an_agents_markdown_is_shown_as_it_is_meant(desk, ticket, ada):
    ticket.reply("Press **Save**.", by=ada)

    assert "Press <strong>Save</strong>." in desk.get(f"/desk/tickets/{ticket.number}").text


def test_a_customers_words_are_text_with_links(desk, ticket):
    ticket.hear("<img src=x onerror=alert(1)> see https://example.org/a")
    page = desk.get(f"/desk/tickets/{ticket.number}").text

    assert "&lt;img src=x" in page
    assert 'href="https://example.org/a"' in page


def test_quoted_text_is_folded_away(desk, ticket):
    ticket.hear("Thanks.", quoted="> Your invoice is here.")
    page = desk.get(f"/desk/tickets/{ticket.number}").text

    assert page.index("<summary>Earlier text</summary>") < page.index("Your invoice is here.")


def test_what_happened_stands_between_the_messages(desk, ticket, ada, grace):
    ticket.assign(ada, by=grace)
    ticket.resolve(by=ada)
    page = desk.get(f"/desk/tickets/{ticket.number}").text

    assert "Assigned to Ada by Grace" in page
    assert "Resolved by Ada" in page


def test_a_reply_that_did_not_arrive_says_so(desk, ticket, ada):
    message = ticket.reply("Here.", by=ada)
    letter = Letter.write(recipient="carol@example.org", subject="x", text="x", reply_id=message.id)
    letter.fail("550 no such user")
    page = desk.get(f"/desk/tickets/{ticket.number}").text

    assert "This reply did not arrive." in page
    assert "550 no such user" in page


def test_hostile_html_is_shown_only_in_a_sandboxed_frame(desk, ticket):
    hostile = '<p onclick="x()">Hello</p><script>alert(1)</script><img src="http://evil.example/pixel">'
    message = ticket.hear("Hello", html=clean_html(hostile))
    page = desk.get(f"/desk/tickets/{ticket.number}")
    frame = desk.get(f"/desk/tickets/{ticket.number}/messages/{message.id}/html")

    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert "Content-Security-Policy" in frame.headers
    assert "default-src 'none'" in frame.headers["Content-Security-Policy"]
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert not [word for word in ("alert(1)", "onclick", "evil.example") if word in frame.text + page.text]


def test_a_long_thread_begins_with_its_newest_part(desk, ticket):
    for number in range(lines.MOST_MESSAGES + 5):
        ticket.hear(f"Line number {number}.")
    page = desk.get(f"/desk/tickets/{ticket.number}").text

    assert "Line number 54." in page
    assert "Line number 3." not in page
    assert "Earlier messages" in page


def test_the_earlier_part_is_one_press_away(desk, ticket):
    said = [ticket.hear(f"Line number {number}.") for number in range(lines.MOST_MESSAGES + 5)]
    first_shown = said[5].id
    piece = desk.get(f"/desk/tickets/{ticket.number}/lines?before={first_shown}").text
    page = desk.get(f"/desk/tickets/{ticket.number}?before={first_shown}").text

    assert "Line number 3." in piece
    assert "Line number 3." in page
    assert "Line number 6." not in piece
    assert "Earlier messages" not in piece


def test_other_tickets_of_the_customer_stand_beside_it(desk, ticket, carol):
    Ticket.open_for(carol, subject="Wrong address", via=Channel.FORM).hear("It is wrong.")

    assert "Wrong address" in desk.get(f"/desk/tickets/{ticket.number}").text


def test_other_tickets_that_one_may_not_see_do_not(visit, mallory, ticket, carol, ada):
    secret = Ticket.open_for(carol, subject="Secret matter", via=Channel.FORM)
    secret.hear("Between us.")
    ticket.assign(mallory, by=ada)

    assert "Secret matter" not in visit(mallory).get(f"/desk/tickets/{ticket.number}").text


def test_the_page_asks_as_often_for_a_long_thread_as_for_a_short_one(desk, ticket, ada):
    ticket.reply("First.", by=ada)
    few = _asked(lambda: desk.get(f"/desk/tickets/{ticket.number}"))
    for number in range(40):
        ticket.reply(f"And {number}.", by=ada)
        ticket.hear("Thank you.")

    assert _asked(lambda: desk.get(f"/desk/tickets/{ticket.number}")) == few


def test_two_who_look_and_nothing_new_is_no_content(desk, ticket):
    newest = lines.newest(ticket)
    address = f"/desk/tickets/{ticket.number}/lines?after={newest.newest_message}&event={newest.newest_event}"

    assert desk.get(address).status_code == 204


def test_news_come_with_the_place_that_asks_for_more(desk, ticket):
    newest = lines.newest(ticket)
    message = ticket.hear("One more thing.")
    address = f"/desk/tickets/{ticket.number}/lines?after={newest.newest_message}"
    news = desk.get(address).text

    assert "One more thing." in news
    assert f"lines?after={message.id}&amp;" in news
    assert 'id="ticket-header" hx-swap-oob="true"' in news


def _asked(act):
    """How many statements `act` ran."""
    ran = []

    def note(_connection, _cursor, statement, *_more):
        ran.append(statement)

    db.session.commit()
    event.listen(db.engine, "before_cursor_execute", note)
    act()
    event.remove(db.engine, "before_cursor_execute", note)
    return len([each for each in ran if not each.startswith("BEGIN")])


def test_the_promise_goes_from_the_strip_with_the_first_answer(desk, ticket, ada):
    strip = f"/desk/tickets/{ticket.number}/strip"
    ticket.reply_due_at = now() + timedelta(hours=2)
    assert "First reply within" in desk.get(strip).text

    ticket.reply("Here it is.", by=ada)
    assert "First reply" not in desk.get(strip).text
    assert f'hx-get="{strip}"' in desk.get(f"/desk/tickets/{ticket.number}").text


def test_what_came_by_mail_says_so_and_shows_its_letter_to_its_writer_alone(desk, visit, ticket, ada, grace):
    """A colleague's letter holds the address that speaks for them."""
    for message in (ticket.reply("Yes.", by=ada), ticket.note("Difficult.", by=ada)):
        letter = RawLetter(sha256=f"{message.id}", content=b"Subject: Re", size=11, turn_id=message.id)
        letter.ticket_id = ticket.id
        db.session.add(letter)
    pages = [each.get(f"/desk/tickets/{ticket.number}").text for each in (desk, visit(grace))]

    assert [page.count("By mail") for page in pages] == [2, 2]
    assert [page.count('/source"') for page in pages] == [2, 0]
