"""Where the marks of a chart lie, in per cent of its box; templates draw them as SVG. Pure.

Nothing is drawn of figures that rest on too few answers: a line breaks there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helpdesk.core.statistics import Estimate


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from the left and its interval, in per cent of the width."""

    width: float
    low: float
    high: float
    is_firm: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a line with its interval; y runs down, as SVG's does."""

    place: int
    x: float
    y: float
    top: float
    bottom: float
    is_firm: bool


@dataclass(frozen=True, slots=True)
class Line:
    """The points to show, and the paths through those that are neighbours and around their intervals."""

    dots: tuple[Dot, ...]
    path: str
    band: str
    # Places without a neighbour: their interval is drawn by itself, for no band runs through them.
    alone: frozenset[int]


def bar(figure: Estimate | None, least: float = 0.0, most: float = 1.0) -> Bar | None:
    """The bar of one figure on a scale from `least` to `most`; None where there is none to show."""
    if figure is None or figure.is_hidden:
        return None
    width, low, high = (_per_cent(value, least, most) for value in (figure.value, figure.low, figure.high))
    return Bar(width, low, high, figure.is_firm)


def line(figures: Sequence[Estimate | None], least: float = 0.0, most: float = 1.0) -> Line:
    """A line through figures of equal steps, each in the middle of its step; empty for none to show."""
    dots = tuple(
        _dot(place, len(figures), found) for place, f in enumerate(figures) if (found := bar(f, least, most))
    )
    runs = list(_runs(dots))
    path = " ".join("M" + " L".join(f"{d.x} {d.y}" for d in run) for run in runs if len(run) > 1)
    band = " ".join(_band(run) for run in runs if len(run) > 1)
    return Line(dots, path, band, frozenset(run[0].place for run in runs if len(run) == 1))


def is_labelled(place: int, count: int, most: int = 5) -> bool:
    """Whether the step at `place` gets a label, so that at most `most` of `count` do, the last always."""
    every = -(-count // most)
    return (count - 1 - place) % every == 0


def _dot(place: int, count: int, found: Bar) -> Dot:
    x = round((place + 0.5) / count * 100, 2)
    y, top, bottom = (round(100 - value, 2) for value in (found.width, found.high, found.low))
    return Dot(place, x, y, top, bottom, found.is_firm)


def _runs(dots: Sequence[Dot]) -> Iterator[list[Dot]]:
    """The dots in groups of direct neighbours."""
    run: list[Dot] = []
    for dot in dots:
        if run and dot.place != run[-1].place + 1:
            yield run
            run = []
        run.append(dot)
    if run:
        yield run


def _band(run: Sequence[Dot]) -> str:
    above = [f"{dot.x} {dot.top}" for dot in run]
    below = [f"{dot.x} {dot.bottom}" for dot in reversed(run)]
    return "M" + " L".join([*above, *below]) + "Z"


def _per_cent(value: float, least: float, most: float) -> float:
    share = (value - least) / (most - least)
    return round(100 * min(1.0, max(0.0, share)), 2)
