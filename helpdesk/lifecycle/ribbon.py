"""A customer's stays drawn to scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from helpdesk.core.db import db
from helpdesk.core.i18n import day, language
from helpdesk.lifecycle import places
from helpdesk.lifecycle.fields import whole_days
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.lifecycle.statements import STAYS

TROUBLES = frozenset({OverlayKind.AT_RISK, OverlayKind.ENDED})


@dataclass(frozen=True)
class Segment:
    """One stay; share in per cent of the whole."""

    name: str
    share: float
    words: str
    is_current: bool
    is_trouble: bool
    href: str


def ribbon(customer_id: int, until: datetime, overlays: set[OverlayKind]) -> tuple[Segment, ...]:
    """The stays of a customer up to `until`, oldest first; in trouble, the present one is marked."""
    stays = _stays(customer_id)
    whole = max(timedelta(seconds=1), until - stays[0].entered_at) if stays else timedelta(1)
    in_trouble = bool(overlays & TROUBLES)
    return tuple(_segment(stay, customer_id, until, whole, in_trouble=in_trouble) for stay in stays)


def _stays(customer_id: int) -> Sequence[Any]:
    return db.session.execute(STAYS, {"customer_id": customer_id}).all()


def _segment(stay: Any, customer_id: int, until: datetime, whole: timedelta, *, in_trouble: bool) -> Segment:
    ended, is_current = stay.left_at or until, stay.left_at is None
    days = _("%(n)s days", n=whole_days(stay.entered_at, ended))
    return Segment(
        name=stay.name_ja if language() == "ja" else stay.name_en,
        share=100 * (ended - stay.entered_at) / whole,
        words=_("from %(day)s, %(for)s", **{"day": day(stay.entered_at), "for": days}),
        is_current=is_current,
        is_trouble=is_current and in_trouble,
        href=f"{places.history(customer_id)}#stays-{stay.id}",
    )
