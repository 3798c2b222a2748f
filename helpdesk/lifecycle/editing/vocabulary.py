"""The words of the rule editor: fields by group, operators by type, and what may be chosen."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from helpdesk.core.i18n import LANGUAGES, language
from helpdesk.core.predicates import Field, Type
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.models import Anchor, OverlayKind, Stage
from helpdesk.lifecycle.wording import overlay_name

# Each field of the catalogue stands in one of them.
GROUPS: dict[Any, tuple[str, ...]] = {
    _l("Stage"): ("stage", "anchor", "days_in_stage", "overlay"),
    _l("Account"): ("age_days", "source", "language"),
    _l("Money"): (
        *("trial_running", "trial_ended_unpaid_days", "paid", "days_since_first_payment", "product_lines"),
        *("payment_failed", "contracted_90d", "days_to_renewal", "subscription_ended", "order_silence"),
        "days_since_return",
    ),
    _l("Use"): (
        *("value_reached", "checklist_done", "usage_share_of_plan", "active_days_28", "days_since_active"),
    ),
    _l("Support"): (
        *("open_tickets", "tickets_28d", "same_topic_28d", "writers_90d", "reopens_90d", "breached_90d"),
        *("breached_open", "reopened_open", "waiting_on_us_hours", "open_trouble"),
    ),
    _l("Voice"): (
        *("csat_last", "ces_last", "nps_last", "nps_180d", "days_since_bad_answer", "last_answer_bad_days"),
        "low_csat_60d",
    ),
    _l("Relation"): (
        *("days_since_two_way_contact", "health", "health_coverage", "days_health_below_40"),
        *("days_since_referral", "days_since_advocate_act"),
    ),
}
WORDS = {"all": _l("all of these hold"), "any": _l("any of these holds"), "none": _l("none of these holds")}
_IS, _IS_NOT, _ONE_OF = _l("is"), _l("is not"), _l("is one of")
_EMPTY = {"missing": _l("is not known"), "known": _l("is known")}
_OPERATORS: dict[Type, dict[str, Any]] = {
    Type.NUMBER: {
        **{"ge": _l("is at least"), "le": _l("is at most"), "gt": _l("is more than")},
        **{"lt": _l("is less than"), "eq": _l("equals"), "ne": _l("does not equal"), "in": _ONE_OF},
        **_EMPTY,
    },
    Type.FLAG: {"eq": _IS, "ne": _IS_NOT, **_EMPTY},
    Type.TEXT: {"eq": _IS, "ne": _IS_NOT, "in": _ONE_OF, **_EMPTY},
    Type.MOMENT: {"within_days": _l("lies within the last days"), **_EMPTY},
    Type.WORDS: {"eq": _l("contains"), "ne": _l("does not contain"), "in": _l("contains one of"), **_EMPTY},
}
ANCHORS = {
    Anchor.AWARE: _l("Aware"),
    Anchor.ENGAGE: _l("Engaged"),
    Anchor.DECIDE: _l("Deciding"),
    Anchor.BUY: _l("Buying"),
    Anchor.ONBOARD: _l("Getting started"),
    Anchor.RETAIN: _l("Staying"),
    Anchor.ADVOCATE: _l("Recommending"),
}
_LANGUAGE_NAMES = {"ja": "日本語", "en": "English"}


def fields_by_group() -> dict[str, dict[str, str]]:
    """Names and labels of all fields, group by group, in the reader's words."""
    return {
        str(group): {name: str(CATALOGUE[name].label) for name in names if name in CATALOGUE}
        for group, names in GROUPS.items()
    }


def operators(field: Field[Any]) -> dict[str, str]:
    """What may be asked of the field, the usual first; `known` is `missing` turned round."""
    return {op: str(words) for op, words in _OPERATORS[field.type].items()}


def choices(field: Field[Any], stages: list[Stage]) -> Mapping[str, str]:
    """What the field may be compared with, where that is a short list; empty where anything is typed."""
    if field.type is Type.FLAG:
        return {"true": _("yes"), "false": _("no")}
    if field.name == "stage":
        return {stage.key: stage.name(language()) for stage in stages}
    if field.name == "anchor":
        return {anchor.value: str(ANCHORS[anchor]) for anchor in Anchor}
    if field.name == "overlay":
        return {kind.value: overlay_name(kind) for kind in OverlayKind}
    if field.name == "language":
        return {lang: _LANGUAGE_NAMES.get(lang, lang) for lang in LANGUAGES}
    return {}


def unit(field: Field[Any]) -> str:
    """Days, hours or per cent, as it stands behind a figure."""
    return str({"days": _("days"), "hours": _("hours")}.get(field.unit, field.unit))
