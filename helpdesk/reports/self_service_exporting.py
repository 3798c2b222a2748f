"""The help centre's report as a table for spreadsheets."""

from collections.abc import Iterable, Iterator

from flask_babel import gettext as _

from helpdesk.core.spreadsheets import Cell
from helpdesk.core.statistics import FEWEST, Estimate
from helpdesk.reports.self_service import Report
from helpdesk.reports.self_service_gaps import Asked, Topic


def rows(report: Report, asked: Iterable[Asked], topics: Iterable[Topic]) -> Iterator[list[Cell]]:
    """Figures, then questions, then topics; shares in per cent, those that rest on too little are empty."""
    yield from _figures(report)
    yield []
    yield [
        *(_("Question"), _("Language"), _("Searches"), _("No result")),
        *(_("Only near"), _("Nothing chosen"), _("Then a ticket"), _("Asked as")),
    ]
    for each in asked:
        counts = (each.count, each.none, each.near, each.unchosen, each.asked)
        yield [each.text, each.lang, *counts, " / ".join(each.group.texts)]
    yield []
    yield [_("Topic without an article"), _("Language"), _("Tickets")]
    for topic in topics:
        yield [topic.name, topic.lang, topic.count]


def _figures(report: Report) -> Iterator[list[Cell]]:
    deflection, searching = report.deflection, report.searching
    yield [_("Figure"), _("Value"), _("From"), _("Until"), "n"]
    yield [_("Solved for sure %"), *_share(deflection.floor)]
    yield [_("Solved at most %"), *_share(deflection.ceiling)]
    yield [_("Solved of those known %"), *_share(deflection.decided)]
    yield [_("Searches without a result %"), *_share(searching.without_result)]
    yield [_("Searches with a choice %"), *_share(searching.click_through)]
    yield [_("Searches followed by a ticket %"), *_share(searching.then_ticket)]
    yield [_("Mean reciprocal rank of the choice"), *_mean(searching.mean_reciprocal_rank, searching.chosen)]
    yield [_("Self-service score"), *_mean(report.score, report.askers)]


def _mean(value: float | None, n: int) -> list[Cell]:
    is_shown = value is not None and n >= FEWEST
    return [round(value, 4) if is_shown and value is not None else None, None, None, n]


def _share(figure: Estimate | None) -> list[Cell]:
    if figure is None or figure.is_hidden:
        return [None, None, None, figure.n if figure else 0]
    return [*(round(part * 100, 1) for part in (figure.value, figure.low, figure.high)), figure.n]
