"""A ticket's verbs."""

from helpdesk.tickets.kinds import Status
from helpdesk.timeline import Kind


def test_resolving_twice_is_the_same_as_once(ticket, ada, facts):
    ticket.resolve(by=ada)
    ticket.resolve(by=ada)

    assert facts().count(Kind.TICKET_RESOLVED) == 1


def test_an_answer_to_a_resolved_ticket_reopens_it(ticket, ada, carol):
    ticket.resolve(by=ada)
    ticket.hear("Still not there.", by=carol)

    assert ticket.status is Status.OPEN
    assert ticket.cycle == 2


def test_a_reply_makes_it_their_turn_and_takes_the_ticket(ticket, ada):
    ticket.reply("Here it is.", by=ada)

    assert ticket.status is Status.WAITING
    assert ticket.assignee is ada
    assert ticket.waiting_since is None
