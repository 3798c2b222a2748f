"""The lead's desk: figures with what they rest on, the answers behind them, and tables to take away."""

from datetime import date

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext as _

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me, staff_only
from helpdesk.core.charts import bar, is_labelled, line
from helpdesk.core.clock import now
from helpdesk.core.i18n import local
from helpdesk.core.spreadsheets import ENCODINGS, csv_bytes
from helpdesk.reports import answers as behind
from helpdesk.reports.choices import choices
from helpdesk.reports.exporting import rows
from helpdesk.reports.filters import BadFilter, Filters
from helpdesk.reports.naming import CHANNEL_NAMES, CUT_NAMES
from helpdesk.reports.period import PRESETS
from helpdesk.reports.satisfaction import satisfaction as report_of
from helpdesk.surveys.scores import DEFINITIONS

bp = Blueprint("reports", __name__, url_prefix="/desk/reports")
staff_only(bp, Role.LEAD)
bp.add_app_template_global(bar, "chart_bar")
bp.add_app_template_global(line, "chart_line")
bp.add_app_template_global(is_labelled, "chart_is_labelled")

_WORDS = {
    "presets": PRESETS,
    "cuts": CUT_NAMES,
    "channels": CHANNEL_NAMES,
    "definitions": DEFINITIONS,
}


@bp.app_template_filter("percent")
def percent(share: float) -> str:
    """0.783 as 78.3%."""
    return f"{share * 100:.1f}%"


@bp.get("/satisfaction")
def satisfaction() -> str | tuple[str, int]:
    try:
        filters, fault = _filters(), ""
    except BadFilter as error:
        filters, fault = Filters.read({}, _today()), str(error)
    page = render_template(
        "reports/satisfaction.html",
        report=report_of(filters, me()),
        comments=behind.comments(filters, me()),
        choices=choices(me()),
        fault=fault,
        **_WORDS,
    )
    return (page, 400) if fault else page


@bp.get("/satisfaction/answers")
def answers() -> str:
    filters = _filters_or_400()
    page = behind.answers(filters, me(), after=request.args.get("after", ""))
    older = url_for(".answers", **filters.args, after=page.older) if page.older else None
    return render_template(
        "reports/answers.html", page=page, filters=filters, older=older, choices=choices(me()), **_WORDS
    )


@bp.get("/satisfaction.csv")
def satisfaction_csv() -> Response:
    """The page's figures for a spreadsheet; `encoding` is utf-8 (with its mark) or cp932."""
    filters, encoding = _filters_or_400(), request.args.get("encoding", "utf-8").lower()
    if encoding not in ENCODINGS:
        abort(400, _("Unknown encoding."))
    table = csv_bytes(rows(report_of(filters, me())), encoding)
    window = filters.window
    name = f"satisfaction-{filters.by.value}-{window.since}-{window.until}.csv"
    charset = "utf-8" if encoding == "utf-8" else "shift_jis"
    disposition = f'attachment; filename="{name}"'
    return Response(
        table, content_type=f"text/csv; charset={charset}", headers={"Content-Disposition": disposition}
    )


def _filters() -> Filters:
    return Filters.read(request.args, _today())


def _filters_or_400() -> Filters:
    try:
        return _filters()
    except BadFilter as error:
        abort(400, _("This choice cannot be: %(field)s.", field=str(error)))


def _today() -> date:
    return local(now()).date()
