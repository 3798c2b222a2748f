"""Tickets for bulk data: four messages each, with the facts that the desk would have noted."""

from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from helpdesk.demo import phrases
from helpdesk.demo.chance import weighted
from helpdesk.demo.rows import Row, Rows
from helpdesk.tickets.kinds import Priority, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import EXCERPT_LENGTH, Channel, Message, MessageKind, TicketTag
from helpdesk.timeline import Event, Kind

_STATUSES = {Status.OPEN: 4, Status.WAITING: 5, Status.RESOLVED: 91}
_CHANNELS = {Channel.EMAIL: 60, Channel.FORM: 20, Channel.CHAT: 15, Channel.PHONE: 5}
_PRIORITIES = {Priority.LOW: 8, Priority.NORMAL: 78, Priority.HIGH: 11, Priority.URGENT: 3}
_TAGS = "billing setup bug wish vip shipping refund training".split()
_NOTED, _TAGGED, _UNASSIGNED = 0.15, 0.5, 0.02


class Writer(NamedTuple):
    """Somebody who may open a ticket, as numbers."""

    contact_id: int
    customer_id: int
    stage_id: int | None
    lang: str


def tickets(
    rng: Random,
    count: int,
    between: tuple[datetime, datetime],
    writers: list[Writer],
    agents: dict[int, list[int]],
) -> Rows:
    """So many tickets opened between the two moments, in order. agents: by team, the first takes half."""
    rows, (since, until) = Rows(), between
    moments = sorted(rng.random() for _ in range(count))
    teams = [*agents]
    weights = [len(teams) - 1 or 1, *[1] * (len(teams) - 1)]
    for moment in moments:
        team = rng.choices(teams, weights)[0]
        agent = rng.choice(agents[team]) if agents[team] else None
        _Bulk(rng, rows, rng.choice(writers), team, agent).tell(since + (until - since) * moment)
    return rows


class _Bulk:
    """One ticket being written."""

    def __init__(self, rng: Random, rows: Rows, writer: Writer, team: int, agent: int | None) -> None:
        self.rng, self.rows, self.writer, self.team, self.agent = rng, rows, writer, team, agent
        self.said = phrases.letters(rng, writer.lang)
        self.status = weighted(rng, _STATUSES)
        self.channel = weighted(rng, _CHANNELS)
        if self.status is Status.OPEN and rng.random() < _UNASSIGNED * 20:
            self.agent = None

    def tell(self, at: datetime) -> None:
        """Asked, answered, asked again, answered again; resolved, or whoever's turn it is."""
        moments = [at + timedelta(minutes=n * self.rng.uniform(20, 90)) for n in range(4)]
        ticket = self._ticket(moments)
        self._note_fact(Kind.TICKET_OPENED, ticket, at, channel=self.channel.value)
        for number, (body, moment) in enumerate(zip(self.said.turns, moments, strict=True)):
            self._turn(ticket, number, body, moment)
        if self.agent and self.rng.random() < _NOTED:
            self._say(ticket, MessageKind.NOTE, self.said.note, moments[2])
        if self.status is Status.RESOLVED:
            self._note_fact(Kind.TICKET_RESOLVED, ticket, moments[3], cycle=1)
        if self.rng.random() < _TAGGED:
            self.rows.add(TicketTag, ticket_id=ticket, name=self.rng.choice(_TAGS))

    def _turn(self, ticket: Row, number: int, body: str, at: datetime) -> None:
        """Theirs and ours in turn; the last word of an open ticket is theirs."""
        is_ours = number % 2 == 1 and not (number == 3 and self.status is Status.OPEN)
        if not is_ours or self.agent is None:
            self._say(ticket, MessageKind.CUSTOMER, body, at)
            if number:
                self._note_fact(Kind.TICKET_HEARD, ticket, at)
            return
        self._say(ticket, MessageKind.AGENT, body, at)
        if number == 1:
            self._note_fact(Kind.TICKET_ASSIGNED, ticket, at, before=None, after=self.agent)
        self._note_fact(Kind.TICKET_REPLIED, ticket, at)

    def _ticket(self, moments: list[datetime]) -> Row:
        is_open = self.status is Status.OPEN
        return self.rows.add(
            Ticket,
            customer_id=self.writer.customer_id,
            contact_id=self.writer.contact_id,
            team_id=self.team,
            assignee_id=self.agent,
            subject=self.said.subject,
            excerpt=self.said.turns[3][:EXCERPT_LENGTH],
            status=self.status,
            priority=weighted(self.rng, _PRIORITIES),
            channel=self.channel,
            language=self.writer.lang,
            topic="",
            cycle=1,
            stage_id=self.writer.stage_id,
            opened_at=moments[0],
            updated_at=moments[3],
            first_replied_at=moments[1] if self.agent else None,
            waiting_since=moments[2] if is_open else None,
            reply_due_at=moments[0] + timedelta(hours=8),
            resolved_at=moments[3] if self.status is Status.RESOLVED else None,
            version=1,
        )

    def _say(self, ticket: Row, kind: MessageKind, body: str, at: datetime) -> None:
        is_theirs = kind is MessageKind.CUSTOMER
        self.rows.add(
            Message,
            ticket_id=ticket,
            kind=kind,
            channel=self.channel,
            contact_id=self.writer.contact_id if is_theirs else None,
            agent_id=None if is_theirs else self.agent,
            body=body,
            quoted="",
            html=None,
            is_automatic=False,
            proof="",
            created_at=at,
        )

    def _note_fact(self, kind: Kind, ticket: Row, at: datetime, **details: Any) -> None:
        is_theirs = kind in (Kind.TICKET_OPENED, Kind.TICKET_HEARD)
        self.rows.add(
            Event,
            kind=kind,
            customer_id=self.writer.customer_id,
            ticket_id=ticket,
            subject_type="tickets",
            subject_id=ticket,
            stage_id=self.writer.stage_id,
            agent_id=None if is_theirs else self.agent,
            contact_id=self.writer.contact_id if is_theirs else None,
            cause_id=None,
            depth=0,
            occurred_at=at,
            recorded_at=at,
            source="house",
            idempotency_key=None,
            details=details,
        )
