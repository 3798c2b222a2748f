"""A customer's stays drawn to scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from helpdesk.core.db import db
from helpdesk.core.i18n import day, language
from helpdesk.lifecycle import places
from helpdesk.lifecycle.bygone import Row
from helpdesk.lifecycle.fields import whole_days
from helpdesk.lifecycle.models import Overlay, OverlayKind
from helpdesk.lifecycle.statements import STAYS, STAYS_KNOWN
from helpdesk.lifecycle.wording import kept, overlay_name

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
    # What it rests on, in a line.
    why: str = ""


@dataclass(frozen=True)
class Bar:
    """One time under an overlay; begin and share in per cent of the whole."""

    name: str
    begin: float
    share: float
    words: str
    is_trouble: bool
    href: str


def ribbon(customer_id: int, until: datetime, overlays: set[OverlayKind]) -> tuple[Segment, ...]:
    """The stays of a customer up to `until`, oldest first; in trouble, the present one is marked."""
    stays = _stays(customer_id)
    whole = max(timedelta(seconds=1), until - stays[0].entered_at) if stays else timedelta(1)
    in_trouble = bool(overlays & TROUBLES)
    return tuple(_segment(stay, customer_id, until, whole, in_trouble=in_trouble) for stay in stays)


def as_known(customer_id: int, on: datetime) -> tuple[Segment, ...]:
    """The stays as they were known at that moment, whatever came in since."""
    known = db.session.execute(STAYS_KNOWN, {"customer_id": customer_id, "known_by": on}).all()
    ends = [*(stay.entered_at for stay in known[1:]), None]
    stays = [Row(**{**stay._mapping, "left_at": end}) for stay, end in zip(known, ends, strict=True)]
    whole = max(timedelta(seconds=1), on - stays[0].entered_at) if stays else timedelta(1)
    return tuple(_segment(stay, customer_id, on, whole, in_trouble=False) for stay in stays)


def band(overlays: Sequence[Overlay], since: datetime | None, until: datetime) -> tuple[Bar, ...]:
    """What lay over the stages from `since` up to `until`, on the scale of the stays."""
    if since is None:
        return ()
    whole = max(timedelta(seconds=1), until - since)
    return tuple(_bar(lying, since, until, whole) for lying in overlays if (lying.closed_at or until) > since)


def _bar(lying: Overlay, since: datetime, until: datetime, whole: timedelta) -> Bar:
    begun, ended = max(since, lying.opened_at), min(until, lying.closed_at or until)
    days = _("%(n)s days", n=whole_days(begun, ended))
    return Bar(
        name=overlay_name(lying.kind),
        begin=100 * (begun - since) / whole,
        share=100 * (ended - begun) / whole,
        words=_("from %(day)s, %(for)s", **{"day": day(lying.opened_at), "for": days}),
        is_trouble=lying.kind in TROUBLES,
        href=f"{places.history(lying.customer_id)}#overlays-{lying.id}",
    )


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
        why=_(", ").join(kept(clause, customer_id).words for clause in stay.evidence.get("clauses", [])[:3]),
    )
