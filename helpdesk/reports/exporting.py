"""The report as other programs take it: a table for spreadsheets, a structure for JSON."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from helpdesk.core.spreadsheets import Cell
from helpdesk.core.statistics import Estimate
from helpdesk.reports.naming import CUT_NAMES
from helpdesk.reports.satisfaction import Line, Report
from helpdesk.surveys.scores import DEFINITION_VERSION


def rows(report: Report) -> Iterator[list[Cell]]:
    """The report as a table with a heading: shares in per cent, one decimal; hidden figures are empty."""
    yield [str(CUT_NAMES[report.filters.by]), *_headings()]
    for line in report.lines:
        yield [line.name, *_cells(line)]
    yield [_("All"), *_cells(report.total)]


def as_dict(report: Report) -> dict[str, Any]:
    """The report for JSON: shares from 0 to 1; `value` is null where nobody or too few answered."""
    window = report.filters.window
    return {
        "from": window.since.isoformat(),
        "to": window.until.isoformat(),
        "by": report.filters.by.value,
        "definition_version": DEFINITION_VERSION,
        "as_of": report.as_of.isoformat(),
        "total": _figures(report.total),
        "items": [{"key": line.key, "name": line.name, **_figures(line)} for line in report.lines],
    }


def _headings() -> list[str]:
    return [
        *(_("CSAT %"), _("CSAT % from"), _("CSAT % to"), _("CSAT answers"), _("CSAT mean")),
        *(_("CES %"), _("CES % from"), _("CES % to"), _("CES answers"), _("CES mean"), _("Net easy")),
        *(_("Invited"), _("Answered"), _("Response %")),
    ]


def _cells(line: Line) -> list[Cell]:
    scores = line.scores
    response = scores.response
    return [
        *_share(scores.csat),
        _shown(scores.csat_mean, 2),
        *_share(scores.ces),
        _shown(scores.ces_mean, 2),
        round(scores.net_easy, 1) if scores.net_easy is not None and _is_shown(scores.ces) else None,
        *(scores.invited, scores.responded),
        round(response.value * 100, 1) if response else None,
    ]


def _share(figure: Estimate | None) -> list[Cell]:
    """Value, lower and upper bound in per cent, and n."""
    if figure is None or not _is_shown(figure):
        return [None, None, None, figure.n if figure else 0]
    return [*(round(part * 100, 1) for part in (figure.value, figure.low, figure.high)), figure.n]


def _shown(figure: Estimate | None, digits: int) -> float | None:
    return round(figure.value, digits) if figure is not None and _is_shown(figure) else None


def _is_shown(figure: Estimate | None) -> bool:
    return figure is not None and not figure.is_hidden


def _figures(line: Line) -> dict[str, Any]:
    scores = line.scores
    return {
        "csat": {**_figure(scores.csat), "mean": _shown(scores.csat_mean, 4)},
        "ces": {**_figure(scores.ces), "mean": _shown(scores.ces_mean, 4)},
        "invited": scores.invited,
        "answered": scores.responded,
        "response_rate": round(scores.response.value, 4) if scores.response else None,
        "change": {"csat": line.csat_direction, "ces": line.ces_direction},
    }


def _figure(figure: Estimate | None) -> dict[str, Any]:
    """Nobody and too few look alike in `value`, and are told apart by `n`."""
    if figure is None or figure.is_hidden:
        return {"value": None, "n": figure.n if figure else 0, "interval": None}
    bounds = [round(figure.low, 4), round(figure.high, 4)]
    return {"value": round(figure.value, 4), "n": figure.n, "interval": bounds}
