"""What people call the stages, teams, agents, channels and topics of a report."""

from collections.abc import Hashable, Sequence
from typing import Any

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy import select

from helpdesk.accounts.models import Agent, Team
from helpdesk.core.db import db
from helpdesk.core.i18n import language
from helpdesk.lifecycle.models import Stage
from helpdesk.reports.filters import Cut
from helpdesk.tickets.thread import Channel

CUT_NAMES: dict[Cut, LazyString] = {
    Cut.STAGE: lazy_gettext("Stage"),
    Cut.TEAM: lazy_gettext("Team"),
    Cut.AGENT: lazy_gettext("Agent"),
    Cut.CHANNEL: lazy_gettext("Channel"),
    Cut.TOPIC: lazy_gettext("Topic"),
    Cut.MONTH: lazy_gettext("Month"),
    Cut.WEEK: lazy_gettext("Week"),
}

CHANNEL_NAMES: dict[Channel, LazyString] = {
    Channel.EMAIL: lazy_gettext("E-mail"),
    Channel.FORM: lazy_gettext("Web form"),
    Channel.CHAT: lazy_gettext("Chat"),
    Channel.PHONE: lazy_gettext("Phone"),
    Channel.API: lazy_gettext("API"),
}


def names_of(by: Cut, values: Sequence[Hashable]) -> dict[Any, str]:
    """Each of `values` with its name: stages and channels in their own order, others by name; none last."""
    known: set[Any] = {value for value in values if value not in (None, "")}
    if by is Cut.CHANNEL:
        named = {channel: str(name) for channel, name in CHANNEL_NAMES.items() if channel in known}
    elif by is Cut.TOPIC:
        named = {topic: str(topic) for topic in sorted(known, key=str)}
    else:
        named = _rows(by, known)
    return named | {value: _nameless(by) for value in values if value in (None, "")}


def _rows(by: Cut, ids: set[Any]) -> dict[Any, str]:
    if by is Cut.STAGE:
        ordered = select(Stage).where(Stage.id.in_(ids)).order_by(Stage.set_id.desc(), Stage.position)
        return {stage.id: stage.name(language()) for stage in db.session.scalars(ordered)}
    table = Team if by is Cut.TEAM else Agent
    ordered_rows = select(table.id, table.name).where(table.id.in_(ids)).order_by(table.name, table.id)
    return {row.id: row.name for row in db.session.execute(ordered_rows)}


def _nameless(by: Cut) -> str:
    return str({Cut.STAGE: _("No stage"), Cut.AGENT: _("Nobody")}.get(by) or _("No topic"))
