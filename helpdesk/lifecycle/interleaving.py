"""Two histories of stays as one: no time counted twice, none left out. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpdesk.lifecycle.models import Cause


@dataclass(frozen=True)
class Piece:
    """What is left of a stay; `left_at` is None where it is open. `stay` is the row it comes from."""

    stay: Any
    entered_at: datetime
    left_at: datetime | None


def interleave(stays: Iterable[Any]) -> list[Piece]:
    """The stays of both, oldest first, each moment on one stage alone; the last one is open.

    Where two hold, the later recorded one does: it was known when the other was. But a mere first contact
    knows nothing, so it yields to whatever was seen or decided. Neighbours on one stage become one stay.
    """
    stays = list(stays)
    pieces: list[Piece] = []
    for entered_at, left_at in _spans(stays):
        holding = [stay for stay in stays if _holds(stay, entered_at)]
        if holding:
            _append(pieces, Piece(max(holding, key=_weight), entered_at, left_at))
    return pieces


def _spans(stays: Sequence[Any]) -> list[tuple[datetime, datetime | None]]:
    """The times between any two moments at which something began or ended; the last one has no end."""
    moments = sorted({moment for stay in stays for moment in (stay.entered_at, stay.left_at) if moment})
    return list(zip(moments, [*moments[1:], None], strict=True))


def _holds(stay: Any, at: datetime) -> bool:
    return stay.entered_at <= at and (stay.left_at is None or at < stay.left_at)


def _weight(stay: Any) -> tuple[bool, datetime, int]:
    return stay.cause is not Cause.START, stay.recorded_at, stay.id


def _append(pieces: list[Piece], new: Piece) -> None:
    last = pieces[-1] if pieces else None
    if last is not None and last.left_at == new.entered_at and last.stay.stage_id == new.stay.stage_id:
        pieces[-1] = Piece(last.stay, last.entered_at, new.left_at)
    else:
        pieces.append(new)
