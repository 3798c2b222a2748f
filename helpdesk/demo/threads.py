"""One ticket as it is told: each turn writes its message and its facts and moves the ticket along."""

from datetime import datetime, timedelta
from typing import Any

from helpdesk.core.text import excerpt
from helpdesk.demo import content, office
from helpdesk.demo.lives import Life
from helpdesk.demo.rows import Row
from helpdesk.demo.voices import ask
from helpdesk.demo.world import Colleague, World
from helpdesk.tickets.kinds import Priority, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import EXCERPT_LENGTH, Channel, Message, MessageKind, TicketTag
from helpdesk.timeline import Kind

_TAGS = {
    "how-to": "使い方",
    "trouble": "不具合",
    "billing": "料金",
    "cancellation": "解約",
    "sales-question": "導入検討",
    "complaint": "ご意見",
}
_MONTHS = "January February March April May June July August September October November December".split()


class Thread:
    """A ticket being told. Its verbs do to rows what the ticket's own do to objects."""

    def __init__(
        self,
        world: World,
        life: Life,
        topic: dict[str, Any],
        at: datetime,
        *,
        channel: Channel,
        subject: str = "",
    ) -> None:
        self.world, self.life, self.topic = world, life, topic
        self.lang = life.house.language
        number = world.rng.randrange(len(_known(life, at)))
        self.contact, self.person = life.made["contacts"][number], life.house.people[number]
        self.colleague = _who_answers(world, life, topic, at)
        self.names = self._names(at)
        self.channel = channel
        self.ticket = self._ticket(at, subject or topic[f"label_{self.lang}"])
        self._tag()

    def hear(self, text: str, at: datetime, *, is_first: bool = False) -> None:
        message = self._say(MessageKind.CUSTOMER, text, at, contact_id=self.contact)
        self.ticket["waiting_since"] = self.ticket["waiting_since"] or at
        if self.ticket["status"] is Status.RESOLVED:
            self._reopen(at)
        self.ticket["status"] = Status.OPEN
        kind = Kind.TICKET_OPENED if is_first else Kind.TICKET_HEARD
        told: dict[str, Any] = (
            {"channel": self.channel.value} if is_first else {"message_id": _later(message)}
        )
        self._tell(kind, at, contact=self.contact, **told)

    def reply(self, text: str, at: datetime) -> None:
        message = self._say(MessageKind.AGENT, text, at, agent_id=self.colleague.id)
        self.ticket["first_replied_at"] = self.ticket["first_replied_at"] or at
        self.ticket["waiting_since"], self.ticket["status"] = None, Status.WAITING
        self.assign(at)
        self._tell(Kind.TICKET_REPLIED, at, agent_id=self.colleague.id, message_id=_later(message))

    def note(self, text: str, at: datetime) -> None:
        message = self._say(MessageKind.NOTE, text, at, agent_id=self.colleague.id)
        self._tell(Kind.TICKET_NOTED, at, agent_id=self.colleague.id, message_id=_later(message))

    def assign(self, at: datetime) -> None:
        if self.ticket["assignee_id"] is None:
            self.ticket["assignee_id"], self.ticket["updated_at"] = self.colleague.id, at
            told = {"before": None, "after": self.colleague.id}
            self._tell(Kind.TICKET_ASSIGNED, at, agent_id=self.colleague.id, **told)

    def resolve(self, at: datetime, *, will_reopen: bool = False, satisfied: bool | None = None) -> None:
        """Close it and ask how it was. satisfied: what they will say; None leaves it to chance."""
        ticket = self.ticket
        ticket.update(status=Status.RESOLVED, resolved_at=at, updated_at=at, waiting_since=None)
        self._tell(Kind.TICKET_RESOLVED, at, agent_id=self.colleague.id, cycle=ticket["cycle"])
        if self.channel is Channel.CHAT:
            self._tell(Kind.CHAT_ENDED, at, agent_id=self.colleague.id)
        ask(self.world, self.life, ticket, will_reopen=will_reopen, satisfied=satisfied)

    def _reopen(self, at: datetime) -> None:
        self.ticket.update(resolved_at=None, cycle=self.ticket["cycle"] + 1)
        self._tell(Kind.TICKET_REOPENED, at, contact=self.contact, cycle=self.ticket["cycle"])

    def _ticket(self, at: datetime, subject: str) -> Row:
        stage = self.life.stage_at(at)
        return self.world.rows.add(
            Ticket,
            customer_id=self.life.made["customer"],
            contact_id=self.contact,
            team_id=self.colleague.team_id,
            assignee_id=None,
            subject=content.filled(subject, self.names),
            excerpt="",
            status=Status.OPEN,
            priority=_priority(self.world, self.topic),
            channel=self.channel,
            language=self.lang,
            topic=self.topic["label_ja"],
            cycle=1,
            stage_id=self.world.stages[stage],
            opened_at=at,
            updated_at=at,
            first_replied_at=None,
            waiting_since=None,
            reply_due_at=office.after(at, self.world.reply_within[stage]),
            resolved_at=None,
        )

    def _tag(self) -> None:
        if self.world.rng.random() < 0.5:
            self.world.rows.add(TicketTag, ticket_id=self.ticket, name=_TAGS[self.topic["kind"]])

    def _say(self, kind: MessageKind, text: str, at: datetime, **writer: Any) -> Row:
        body = content.filled(text, self.names)
        self.ticket["updated_at"] = at
        if kind is not MessageKind.NOTE:
            self.ticket["excerpt"] = excerpt(body, EXCERPT_LENGTH)
        return self.world.rows.add(
            Message,
            ticket_id=self.ticket,
            kind=kind,
            channel=self.channel,
            contact_id=writer.get("contact_id"),
            agent_id=writer.get("agent_id"),
            body=body,
            quoted="",
            html=None,
            is_automatic=False,
            proof="verified" if self.channel is Channel.EMAIL and "contact_id" in writer else "",
            created_at=at,
        )

    def _tell(self, kind: Kind, at: datetime, **told: Any) -> None:
        # Details may hold a message that has no number yet.
        details = {name: told.pop(name) for name in [*told] if name not in ("agent_id", "contact")}
        event = self.world.tell(kind, self.life, self.ticket, at, table="tickets", ticket=self.ticket, **told)
        event["details"] = lambda: {name: v() if callable(v) else v for name, v in details.items()}

    def _names(self, at: datetime) -> dict[str, str]:
        rng = self.world.rng
        product = content.company()["product"][f"name_{self.lang}"]
        return {
            "contact": self.person.called,
            "company": self.life.house.company,
            "product": product,
            "agent": self.colleague.called[self.lang],
            "invoice_no": f"INV-{at.year}-{rng.randrange(1, 1000):04}",
            "date": _day(at - timedelta(days=rng.randint(1, 12)), self.lang),
            "due_date": _day(at + timedelta(days=rng.randint(3, 20)), self.lang),
        }


def _later(row: Row) -> Any:
    return lambda: row.id


def _known(life: Life, at: datetime) -> list[Row]:
    """Their people who had turned up by then; the first one at least."""
    contacts: list[Row] = life.made["contacts"]
    return [contact for contact in contacts if contact["created_at"] <= at] or contacts[:1]


def _who_answers(world: World, life: Life, topic: dict[str, Any], at: datetime) -> Colleague:
    """Success looks after those who choose, grow or leave; support after everything else."""
    is_success = topic["kind"] in ("sales-question", "cancellation") and life.stage_at(at) != "onboarding"
    team = world.teams["success" if is_success else "support"]
    speaking = [c for c in world.colleagues if c.team_id == team and life.house.language in c.languages]
    # Leads and the administrator answer too, but seldom.
    return world.rng.choices(speaking, [4 if c.role.value == "agent" else 1 for c in speaking])[0]


def _priority(world: World, topic: dict[str, Any]) -> Priority:
    if topic["key"] == "outage":
        return Priority.URGENT
    if topic["kind"] == "complaint" or topic["planted_defect"]:
        return Priority.HIGH
    return Priority.LOW if world.rng.random() < 0.08 else Priority.NORMAL


def _day(at: datetime, lang: str) -> str:
    local = at.astimezone(office.ZONE)
    return f"{local.month}月{local.day}日" if lang == "ja" else f"{local.day} {_MONTHS[local.month - 1]}"
