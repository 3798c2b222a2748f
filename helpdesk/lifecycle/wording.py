"""What rules saw and why nothing is sold, in the reader's words, each with the address of its evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from helpdesk.core.i18n import day, language
from helpdesk.core.predicates import Answer, Clause, Seen, Value
from helpdesk.lifecycle import places
from helpdesk.lifecycle.cues import Cue, Reason, Shown, Silent
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.lifecycle.situation import CATALOGUE
from helpdesk.timeline import Kind

_OVERLAYS = {
    OverlayKind.AT_RISK: _l("At risk"),
    OverlayKind.PAUSED: _l("Paused"),
    OverlayKind.ENDED: _l("Ended"),
    OverlayKind.WON_BACK: _l("Won back"),
}


_KINDS = {
    "save": _l("Keep the customer"),
    "recover": _l("Recovery"),
    "onboard": _l("Getting started"),
    "renew": _l("Renewal"),
    "adopt": _l("Better use"),
    "upsell": _l("A larger plan"),
    "cross-sell": _l("Something beside it"),
    "advocate": _l("Referral"),
}


_REASONS = {
    Reason.TROUBLE: _l("this question is about trouble and is not solved"),
    Reason.LATE_OR_REOPENED: _l("an open ticket is late or was reopened"),
    Reason.BAD_ANSWER: _l("a bad rating has not been made good"),
    Reason.AT_RISK: _l("the customer is at risk or has left"),
    Reason.INCIDENT: _l("an incident is open"),
    Reason.NO_SELL: _l("nothing is sold on this stage"),
    Reason.DECLINED: _l("they declined this lately"),
    Reason.NEEDS_CARE: _l("this customer needs care"),
    Reason.CONTACT_CAP: _l("enough was proposed this week"),
    Reason.NO_CONSENT: _l("they have not agreed to be written to"),
}


@dataclass(frozen=True)
class Fact:
    """A few words, and the address of what they rest on."""

    words: str
    href: str


@dataclass(frozen=True)
class Card:
    """A cue or a silence, ready to be shown. `key` is empty for a silence."""

    key: str
    kind: str
    title: str
    what: str
    say: str
    why: tuple[Fact, ...]
    # Why nothing is sold now, empty where something may be; and what that rests on.
    hold: str
    hold_why: tuple[Fact, ...]
    is_for_after: bool
    others: tuple[str, ...]


def card(shown: Shown | Silent, customer_id: int) -> Card:
    """`shown` in the reader's language."""
    held = shown if isinstance(shown, Silent) else shown.held_back
    hold = reason_words(held.reason) if held and held.reason is not Reason.NOTHING else ""
    hold_why = tuple(told(answer, customer_id) for answer in held.evidence) if held else ()
    if isinstance(shown, Silent):
        return Card("", "", "", "", "", (), hold, hold_why, False, ())
    cue, spoken = shown.cue, language()
    return Card(
        key=cue.key,
        kind=cue.kind,
        title=kind_name(cue),
        what=cue.what(spoken),
        say=cue.say(spoken),
        why=tuple(told(answer, customer_id) for answer in shown.evidence),
        hold=hold,
        hold_why=hold_why,
        is_for_after=shown.is_for_after,
        others=tuple(other.what(spoken) for other in shown.others),
    )


def told(answer: Answer, customer_id: int) -> Fact:
    """A clause as "label: value", with the address of what it was read from."""
    source = answer.seen.sources[0] if answer.seen.sources else f"customers/{customer_id}"
    return Fact(_pair(answer.clause.field, answer.seen.value), places.evidence(source, customer_id))


def kept(clause: dict[str, Any], customer_id: int) -> Fact:
    """A clause as kept with a stay or an overlay."""
    seen = Seen(clause.get("seen"), tuple(clause.get("sources", ())))
    return told(Answer(Clause(clause["field"], clause["op"], clause.get("wanted")), seen, True), customer_id)


def lacking(answer: Answer, customer_id: int) -> Fact:
    """What a clause saw, and what it asks for: "Usage of the plan: 74% → 80%"."""
    seen = told(answer, customer_id)
    return Fact(f"{seen.words} → {_value(answer.clause.wanted, _unit(answer.clause.field))}", seen.href)


def tried(kind: Kind, details: Mapping[str, Any]) -> str:
    """What a customer searched, read or judged in the help centre."""
    if kind is Kind.HELP_SEARCHED:
        said = {"query": details.get("query", ""), "hits": details.get("hits") or 0}
        return str(_("searched “%(query)s”: %(hits)s found", **said))
    title = details.get("title", "")
    if kind is Kind.ARTICLE_READ:
        return str(_("read “%(title)s”", title=title))
    if details.get("is_helpful"):
        return str(_("found “%(title)s” helpful", title=title))
    return str(_("did not find “%(title)s” helpful", title=title))


def overlay_name(kind: OverlayKind) -> str:
    """What lies over the stage."""
    return str(_OVERLAYS[kind])


def kind_name(cue: Cue) -> str:
    """What a cue is for."""
    return str(_KINDS[cue.kind])


def reason_words(reason: Reason) -> str:
    """Why nothing is sold now."""
    return str(_REASONS[reason])


def _pair(field: str, value: Value | None) -> str:
    known = CATALOGUE.get(field)
    label = str(known.label) if known else {"first_contact": _("First contact")}.get(field, field)
    return str(_("%(label)s: %(value)s", label=label, value=_value(value, _unit(field))))


def _unit(field: str) -> str:
    known = CATALOGUE.get(field)
    return known.unit if known else ""


def _value(value: Any, unit: str) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if value is None:
        return "—"
    if isinstance(value, (int, float)):
        return _number(value, unit)
    if isinstance(value, (frozenset, list)):
        return str(_(", ")).join(_word(word) for word in sorted(value))
    return day(value) if isinstance(value, datetime) else _moment_or_word(str(value))


def _number(value: float, unit: str) -> str:
    number = f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
    if unit == "days":
        return str(_("%(n)s days", n=number))
    if unit == "hours":
        return str(_("%(n)s hours", n=number))
    return f"{number}{unit}"


def _moment_or_word(value: str) -> str:
    try:
        return day(datetime.fromisoformat(value))
    except ValueError:
        return _word(value)


def _word(value: str) -> str:
    kinds = {kind.value: kind for kind in OverlayKind}
    return overlay_name(kinds[value]) if value in kinds else value
