"""What flows into each stage and out of it by month, and the moves that skip a stage or step back."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from helpdesk.measures.staying import Move, Stage, Stay


@dataclass(frozen=True, slots=True)
class Flow:
    """How many stays began and ended on a stage in a month."""

    entered: int
    left: int

    @property
    def balance(self) -> int:
        return self.entered - self.left


def flows(stays: Iterable[Stay], zone: tzinfo) -> dict[tuple[Stage, date], Flow]:
    """In and out by stage and month; months are `zone`'s and named by their first day.

    A month in which nothing began or ended on a stage is left out.
    """
    entered, left = Counter[tuple[Stage, date]](), Counter[tuple[Stage, date]]()
    for stay in stays:
        entered[stay.stage, _month(stay.since, zone)] += 1
        if stay.until is not None:
            left[stay.stage, _month(stay.until, zone)] += 1
    return {place: Flow(entered[place], left[place]) for place in sorted({*entered, *left})}


@dataclass(frozen=True, slots=True)
class Skip:
    """A move over stages that lie between."""

    who: Hashable
    source: Stage
    target: Stage
    over: tuple[Stage, ...]
    at: datetime


def skips(moved: Iterable[Move], order: Sequence[Stage]) -> list[Skip]:
    """Moves forward over at least one stage of the given order; stages outside of it skip nothing."""
    place = {stage: index for index, stage in enumerate(order)}
    found = []
    for move in moved:
        if move.source in place and move.target in place:
            over = tuple(order[place[move.source] + 1 : place[move.target]])
            if over:
                found.append(Skip(move.who, move.source, move.target, over, move.at))
    return found


def steps_back(moved: Iterable[Move], order: Sequence[Stage]) -> list[Move]:
    """Moves to an earlier stage of the given order."""
    place = {stage: index for index, stage in enumerate(order)}
    return [
        move
        for move in moved
        if move.source in place and move.target in place and place[move.target] < place[move.source]
    ]


def _month(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date().replace(day=1)
