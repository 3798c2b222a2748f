"""Answers to surveys and the satisfaction report, for those who may read them as pages."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from helpdesk.accounts.models import Role
from helpdesk.api import paging
from helpdesk.api.problems import Problem
from helpdesk.api.routes import route
from helpdesk.api.shapes.surveys import (
    ReportQuery,
    ResponseList,
    ResponseOut,
    ResponseQuery,
    SatisfactionOut,
)  # fmt: skip
from helpdesk.api.tokens import caller
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.i18n import local
from helpdesk.reports.exporting import as_dict
from helpdesk.reports.filters import BadFilter, Filters
from helpdesk.reports.satisfaction import satisfaction as report_of
from helpdesk.surveys.models import Survey


@route(
    "/v1/surveys/responses",
    "GET",
    _("List answers to surveys"),
    query=ResponseQuery,
    out=ResponseList,
    role=Role.LEAD,
)
def responses(query: ResponseQuery) -> ResponseList:
    place, since = paging.place(query.cursor, datetime, int), query.answered_since
    people = (joinedload(getattr(Survey, who)) for who in ("customer", "contact", "agent", "team"))
    answered = Survey.visible_to(caller()).where(Survey.answered_at.is_not(None)).options(*people)
    order = (Survey.answered_at, Survey.id)
    if since is not None:
        answered = answered.where(Survey.answered_at >= since).order_by(*order)
    else:
        answered = answered.order_by(*(column.desc() for column in order))
    if place:
        answered = answered.where((paging.after if since else paging.before)(*order, place))  # type: ignore[arg-type]
    shown, last = paging.cut(db.session.scalars(answered.limit(query.limit + 1)).all(), query.limit)
    following = paging.mark(last.answered_at, last.id) if last and last.answered_at else None
    return ResponseList(items=[*map(ResponseOut.of, shown)], next=following)


@route(
    "/v1/reports/satisfaction",
    "GET",
    _("Read the satisfaction report"),
    query=ReportQuery,
    out=SatisfactionOut,
    role=Role.LEAD,
)
def satisfaction(query: ReportQuery) -> SatisfactionOut:
    given = {
        name: str(value) for name, value in query.model_dump(mode="json", by_alias=True).items() if value
    }
    try:
        filters = Filters.read(given, local(now()).date())
    except BadFilter as error:
        raise Problem(422, "invalid", fields=[(str(error), "This choice cannot be.")]) from error
    return SatisfactionOut(**as_dict(report_of(filters, caller())))
