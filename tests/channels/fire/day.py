"""One day of the house: customers write, agents answer, programs open tickets, and a killer goes round."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from queue import Queue

from sqlalchemy import ColumnElement, Select, func, literal, select

from helpdesk.core.clock import now
from helpdesk.core.db import db, reading
from helpdesk.core.jobs import Job
from helpdesk.core.mail import Letter, LetterState
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.planned import PlannedReply, PlannedState
from helpdesk.tickets.thread import Channel, Message, MessageKind
from tests.channels.fire.clients import AgentAtWork, Client, Program
from tests.channels.fire.moody import Moody
from tests.channels.fire.units import Killer, Unit
from tests.channels.post import eml
from tests.imap_server import ImapServer, Line

# Letters that lie on the server and are not taken yet, before more come.
MOST_BEHIND = 40
# Work that is due so soon is waited for.
SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class Size:
    """How much happens, how many kills there are, and the pause between two, in seconds."""

    letters: int
    programs: int
    kills: int
    pause: tuple[float, float]
    agents: int
    workers: int
    # After so many seconds a day that is not over has failed.
    patience: int

    @property
    def questions(self) -> int:
        """Of the letters those that open a ticket; the others answer ours."""
        return self.letters - self.letters // 5


@dataclass
class Day:
    """Who is there, and what was asked of the house so far."""

    size: Size
    server: ImapServer
    line: Line
    post: Moody
    units: list[Unit]
    agents: list[AgentAtWork]
    programs: list[Program]
    killer: Killer
    work: "Queue[tuple[int, int]]"
    # The words of what customers wrote, first letters and answers to ours.
    questions: list[str] = field(default_factory=list)
    thanks: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    _met: set[str] = field(default_factory=set)
    _given: dict[tuple[int, int], float] = field(default_factory=dict)

    @property
    def answered(self) -> dict[int, str]:
        """The words of each answer that the house said it had taken, by ticket."""
        return {number: words for agent in self.agents for number, words in agent.answered.items()}

    def run(self) -> None:
        """Under fire from the first that is done until all was asked for; then in peace until all is done."""
        self._until(self._is_up)
        self.killer.start()
        self._until(self._is_asked)
        self.line.faults.clear()
        self._until(self._is_done)

    def figures(self) -> str:
        """What was done, in one line."""
        clients: list[Client] = [*self.agents, *self.programs]
        came = Counter(str(each.letter["Message-ID"]) for each in self.post.taken)
        told = {
            "seconds": round(time.monotonic() - self.began),
            "letters laid": self.laid,
            "letters in": heard_by_mail(),
            "answers taken": len(self.answered),
            "forms sent twice": sum(each.pressed_again for each in self.agents),
            "tickets by programs": sum(len(each.opened) for each in self.programs),
            "letters arrived": len(came),
            "repeated": came.total() - len(came),
            "attempts": dict(self.post.moods),
            "kills": dict(self.killer.kills),
            "IMAP connections": self.line.connections,
            "asked in vain": dict(sum((each.lost for each in clients), Counter())),
        }
        return "; ".join(f"{name} {figure}" for name, figure in told.items())

    @property
    def laid(self) -> int:
        """How many letters customers wrote."""
        return len(self.questions) + len(self.thanks)

    def _until(self, is_over: Callable[[], bool]) -> None:
        ends = time.monotonic() + self.size.patience
        while not is_over():
            assert time.monotonic() < ends, f"not {is_over.__name__}: {self.figures()}"
            self._go_on()
            time.sleep(0.3)

    def _go_on(self) -> None:
        """The next letters arrive, the next tickets are given to agents."""
        if self.laid - heard_by_mail() < MOST_BEHIND:
            first = len(self.questions)
            for number in range(first, min(first + 10, self.size.questions)):
                self._lay(self.questions, f"Question {number}.", sender=f"C{number} <c{number}@example.org>")
        for each in [*self.post.taken]:
            self._thank(each.letter)
        for ticket, message in [*unanswered(), *refused()]:
            again_after = 5.0 if message else 1e9
            if time.monotonic() - self._given.get((ticket, message), -1e9) > again_after:
                self._given[ticket, message] = time.monotonic()
                self.work.put((ticket, message))

    def _thank(self, letter: EmailMessage) -> None:
        """Some customers answer our letters, each letter once."""
        known = str(letter["Message-ID"])
        if known in self._met or len(self.thanks) >= self.size.letters - self.size.questions:
            return
        self._met.add(known)
        if len(self._met) % 3 == 0:
            back = {"to": str(letter["Reply-To"] or letter["From"]), "in_reply_to": known}
            self._lay(self.thanks, f"Thank you {len(self.thanks)}.", sender=str(letter["To"]), **back)

    def _lay(self, pile: list[str], words: str, **headers: str) -> None:
        self.server.lay(eml(words, subject=words, **headers))
        pile.append(words)

    def _is_up(self) -> bool:
        """Whether all who work have begun."""
        return bool(self.post.taken) and any(each.opened for each in self.programs)

    def _is_asked(self) -> bool:
        """Whether everything was asked for."""
        return (
            self.laid == self.size.letters
            and len(self.answered) == self.size.questions + self.size.programs
            and not any(each.is_alive() for each in self.programs)
            and not self.killer.is_alive()
        )

    def _is_done(self) -> bool:
        """Whether the house has nothing left to do."""
        return (
            count(Message.kind == MessageKind.CUSTOMER) == self.size.letters + self.size.programs
            and count(PlannedReply.state == PlannedState.WAITING) == 0
            and count(Letter.state != LetterState.SENT) == 0
            and count(Letter.id > 0) >= len(self.answered)
            and count(Job.failed_at.is_(None), Job.due_at < now() + SOON) == 0
            and self.server.count(what="UNSEEN") == 0
        )


def count(*conditions: ColumnElement[bool]) -> int:
    """Rows of one table."""
    with reading():
        found = db.session.scalar(select(func.count()).where(*conditions)) or 0
        db.session.rollback()
    return found


def heard_by_mail() -> int:
    """Messages of customers whose letters were fetched."""
    return count(Message.kind == MessageKind.CUSTOMER, Message.channel == Channel.EMAIL)


def unanswered() -> Iterator[tuple[int, int]]:
    """Tickets in which nobody of ours has spoken."""
    ours = select(Message.id).where(Message.ticket_id == Ticket.id, Message.kind == MessageKind.AGENT)
    yield from _rows(select(Ticket.id, literal(0)).where(~ours.exists()).order_by(Ticket.id))


def refused() -> Iterator[tuple[int, int]]:
    """Answers whose letter was refused for good, and their tickets."""
    yield from _rows(select(Letter.ticket_id, Letter.reply_id).where(Letter.state == LetterState.FAILED))


def _rows(asked: Select[tuple[int, int]]) -> list[tuple[int, int]]:
    with reading():
        found = [(row[0], row[1]) for row in db.session.execute(asked)]
        db.session.rollback()
    return found
