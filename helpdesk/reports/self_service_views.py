"""The help centre's figures and what to write next, for everybody who writes articles: all our team."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext as _

from helpdesk.accounts.permissions import me, staff_only
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.i18n import local
from helpdesk.core.spreadsheets import ENCODINGS, csv_bytes
from helpdesk.reports import self_service_articles as articles_of
from helpdesk.reports import self_service_exporting as exporting
from helpdesk.reports import self_service_gaps as gaps
from helpdesk.reports.filters import BadFilter
from helpdesk.reports.period import PRESETS
from helpdesk.reports.self_service import self_service
from helpdesk.reports.self_service_choice import Choice
from helpdesk.reports.self_service_steps import walk
from helpdesk.tickets.models import Ticket
from knowledge_base.models import Article

# Rows of each list on the first page, and of a list of its own.
_FEW, _MANY = 8, 200
_TICKETS = 50

bp = Blueprint("self_service", __name__, url_prefix="/desk/reports/self-service")
staff_only(bp)


@bp.get("")
def report() -> str | tuple[str, int]:
    try:
        choice, fault = _choice(), ""
    except BadFilter as error:
        choice, fault = Choice.read({}, _today()), str(error)
    walked = walk(choice)
    asked = gaps.questions(choice, walked)
    lines, _more = articles_of.lines(choice, me(), "unhelpful")
    page = render_template(
        "reports/self_service.html",
        report=self_service(choice, walked),
        lists={kind: gaps.most(asked, kind) for kind in gaps.KINDS},
        topics=gaps.topics(choice, me()),
        lines=lines[:_FEW],
        few=_FEW,
        fault=fault,
        **_around(choice),
    )
    return (page, 400) if fault else page


@bp.get("/questions")
def questions() -> str:
    """All searches that ended in one way, the same questions together."""
    choice, kind = _choice_or_400(), request.args.get("kind", "none")
    if kind not in gaps.KINDS:
        abort(400)
    asked = gaps.most(gaps.questions(choice), kind, _MANY)
    return render_template("reports/self_service_questions.html", kind=kind, asked=asked, **_around(choice))


@bp.get("/questions/one")
def question() -> str:
    """The searches behind a row, and the tickets that followed."""
    choice, text, lang = _choice_or_400(), request.args.get("text", ""), request.args.get("of", "")
    found = next((a for a in gaps.questions(choice) if text in a.group.texts and a.lang == lang), None)
    if found is None:
        abort(404)
    chosen = gaps.tickets_after(found.group.texts, lang, choice, me())
    tickets, older = _tickets(chosen, "question", text=text, of=lang, **choice.args)
    return render_template(
        "reports/self_service_question.html", asked=found, tickets=tickets, older=older, **_around(choice)
    )


@bp.get("/topics")
def topic() -> str:
    """The tickets behind a topic that no article covers, as far as one may see them."""
    choice, name = _choice_or_400(), request.args.get("name", "")
    found = next((topic for topic in gaps.topics(choice, me()) if name in topic.names), None)
    if found is None:
        abort(404)
    tickets, older = _tickets(gaps.tickets_of(found.names, choice, me()), "topic", name=name, **choice.args)
    return render_template(
        "reports/self_service_topic.html", topic=found, tickets=tickets, older=older, **_around(choice)
    )


@bp.get("/articles")
def articles() -> str:
    choice, page = _choice_or_400(), max(1, request.args.get("page", 1, int))
    shown = request.args.get("show", "read")
    if shown not in articles_of.SHOWN:
        abort(400)
    lines, has_more = articles_of.lines(choice, me(), shown, page)
    return render_template(
        "reports/self_service_articles.html",
        lines=lines,
        shown=shown,
        page=page,
        has_more=has_more,
        **_around(choice),
    )


@bp.get("/articles/<int:id>")
def article(id: int) -> str:
    """What readers said of an article, revision by revision."""
    found = db.one_or_404(Article.visible_to(me()).where(Article.id == id))
    return render_template(
        "reports/self_service_article.html",
        article=found,
        judged=articles_of.judged(found),
        reasons=articles_of.reasons(found),
    )


@bp.get("/figures.csv", endpoint="csv")
def as_csv() -> Response:
    """The page's figures and lists for a spreadsheet; `encoding` is utf-8 (with its mark) or cp932."""
    choice, encoding = _choice_or_400(), request.args.get("encoding", "utf-8").lower()
    if encoding not in ENCODINGS:
        abort(400, _("Unknown encoding."))
    walked = walk(choice)
    rows: Iterator[Any] = exporting.rows(
        self_service(choice, walked), gaps.questions(choice, walked)[:_MANY], gaps.topics(choice, me())
    )
    name = f"self-service-{choice.window.since}-{choice.window.until}.csv"
    charset = "utf-8" if encoding == "utf-8" else "shift_jis"
    disposition = f'attachment; filename="{name}"'
    return Response(
        csv_bytes(rows, encoding),
        content_type=f"text/csv; charset={charset}",
        headers={"Content-Disposition": disposition},
    )


def _tickets(chosen: Any, endpoint: str, **args: Any) -> tuple[Sequence[Any], str | None]:
    """A page of tickets, the newest first, and where older ones are."""
    columns = (Ticket.id, Ticket.subject, Ticket.opened_at, Ticket.status)
    before = request.args.get("before", type=int)
    found = chosen.with_only_columns(*columns).order_by(Ticket.id.desc()).limit(_TICKETS + 1)
    rows = db.session.execute(found.where(Ticket.id < before) if before else found).all()
    if len(rows) <= _TICKETS:
        return rows, None
    return rows[:_TICKETS], url_for(f".{endpoint}", **args, before=rows[_TICKETS - 1].id)


def _around(choice: Choice) -> dict[str, Any]:
    return {"choice": choice, "presets": PRESETS}


def _choice() -> Choice:
    return Choice.read(request.args, _today())


def _choice_or_400() -> Choice:
    try:
        return _choice()
    except BadFilter as error:
        abort(400, _("This choice cannot be: %(field)s.", field=str(error)))


def _today() -> date:
    return local(now()).date()
