"""Every kind of fact in plain words, with its family, icon and tone, as a customer's timeline tells it.

Within a ticket its own changes are told shorter: see `tickets/happenings.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from helpdesk.core.i18n import language
from helpdesk.core.refusals import why_not
from helpdesk.customers.orders import money
from helpdesk.lifecycle import cues
from helpdesk.lifecycle.fields import is_bad
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.lifecycle.wording import overlay_name, tried
from helpdesk.surveys.models import Skip
from helpdesk.tickets import ties
from helpdesk.tickets.happenings import fact_name
from helpdesk.timeline import Kind

FAMILIES: dict[str, LazyString] = {
    "tickets": lazy_gettext("Tickets"),
    "mails": lazy_gettext("Messages"),
    "help": lazy_gettext("Help centre"),
    "surveys": lazy_gettext("Surveys"),
    "stages": lazy_gettext("Stages"),
    "orders": lazy_gettext("Orders"),
    "use": lazy_gettext("Use"),
}


@dataclass(frozen=True)
class Face:
    """How a kind looks: its family, its icon, and `good`, `trouble`, `stage` or an empty tone."""

    family: str
    icon: str
    tone: str = ""


@dataclass(frozen=True)
class Fact:
    """What is known of an event when it is put into words."""

    kind: Kind
    details: Mapping[str, Any]
    # Of the ticket, of the message it names, of the person it is about; empty where there is none.
    subject: str = ""
    said: str = ""
    person: str = ""
    # Names of agents by number, of stages by key.
    agents: Mapping[int, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)


FACES: dict[Kind, Face] = {
    Kind.CUSTOMER_ADDED: Face("stages", "user-plus", "stage"),
    Kind.CONTACT_ADDED: Face("stages", "user-plus"),
    Kind.CUSTOMER_MERGED: Face("stages", "link"),
    Kind.CUSTOMER_PARTED: Face("stages", "rotate-ccw"),
    Kind.TICKET_OPENED: Face("tickets", "inbox"),
    Kind.TICKET_HEARD: Face("mails", "mail"),
    Kind.TICKET_REPLIED: Face("mails", "send"),
    Kind.TICKET_NOTED: Face("tickets", "sticky-note"),
    Kind.TICKET_ASSIGNED: Face("tickets", "user"),
    Kind.TICKET_CHANGED: Face("tickets", "sliders-horizontal"),
    Kind.TICKET_RESOLVED: Face("tickets", "circle-check", "good"),
    Kind.TICKET_REOPENED: Face("tickets", "rotate-ccw", "trouble"),
    Kind.TICKET_TIED: Face("tickets", "link"),
    Kind.CHAT_ENDED: Face("tickets", "message-circle"),
    Kind.LETTER_FAILED: Face("mails", "triangle-alert", "trouble"),
    Kind.LETTER_RETRIED: Face("mails", "rotate-ccw"),
    Kind.HELP_SEARCHED: Face("help", "search"),
    Kind.ARTICLE_READ: Face("help", "book-open"),
    Kind.ARTICLE_VOTED: Face("help", "thumbs-up"),
    Kind.STAGE_ENTERED: Face("stages", "route", "stage"),
    **dict.fromkeys((Kind.STAGE_LOCKED, Kind.STAGE_UNLOCKED, Kind.MOVE_DECLINED), Face("stages", "lock")),
    Kind.OVERLAY_OPENED: Face("stages", "triangle-alert", "trouble"),
    Kind.OVERLAY_CLOSED: Face("stages", "circle-check", "good"),
    Kind.CUE_ANSWERED: Face("stages", "lightbulb"),
    Kind.SURVEY_INVITED: Face("surveys", "send"),
    Kind.SURVEY_SKIPPED: Face("surveys", "minus"),
    Kind.SURVEY_ANSWERED: Face("surveys", "smile"),
    Kind.TRIAL_STARTED: Face("orders", "hourglass"),
    Kind.TRIAL_ENDED: Face("orders", "hourglass"),
    Kind.ORDER_PAID: Face("orders", "shopping-bag"),
    Kind.ORDER_CHANGED: Face("orders", "shopping-bag"),
    Kind.ORDER_REFUNDED: Face("orders", "rotate-ccw", "trouble"),
    Kind.SUBSCRIPTION_STARTED: Face("orders", "credit-card", "good"),
    Kind.SUBSCRIPTION_CHANGED: Face("orders", "credit-card"),
    Kind.SUBSCRIPTION_ENDED: Face("orders", "credit-card", "trouble"),
    Kind.PAYMENT_FAILED: Face("orders", "circle-alert", "trouble"),
    Kind.PAYMENT_RECOVERED: Face("orders", "credit-card", "good"),
    Kind.USAGE_REPORTED: Face("use", "activity"),
    Kind.VALUE_REACHED: Face("use", "rocket", "good"),
    Kind.CHECKLIST_DONE: Face("use", "check", "good"),
    Kind.REFERRAL_ACCEPTED: Face("use", "star", "good"),
}

_PLAIN: dict[Kind, LazyString] = {
    Kind.CUSTOMER_ADDED: lazy_gettext("We met this customer"),
    Kind.TICKET_RESOLVED: lazy_gettext("Ticket resolved"),
    Kind.TICKET_REOPENED: lazy_gettext("Ticket reopened"),
    Kind.CHAT_ENDED: lazy_gettext("Chat ended"),
    Kind.SURVEY_INVITED: lazy_gettext("Asked how it was"),
    Kind.PAYMENT_FAILED: lazy_gettext("A payment was refused"),
    Kind.PAYMENT_RECOVERED: lazy_gettext("The payment went through after all"),
    Kind.CHECKLIST_DONE: lazy_gettext("The onboarding checklist is complete"),
    Kind.REFERRAL_ACCEPTED: lazy_gettext("Somebody they recommended became a customer"),
}

# A label, and the detail that stands behind it where it is known.
_LABELLED: dict[Kind, tuple[LazyString, str]] = {
    Kind.CUSTOMER_MERGED: (lazy_gettext("Put together with a customer that stood twice"), "name"),
    Kind.CUSTOMER_PARTED: (lazy_gettext("Taken apart again"), "name"),
    Kind.LETTER_RETRIED: (lazy_gettext("A letter was sent again"), ""),
    Kind.STAGE_LOCKED: (lazy_gettext("Rules were told to leave the stage alone"), "reason"),
    Kind.STAGE_UNLOCKED: (lazy_gettext("Rules may move the stage again"), ""),
    Kind.MOVE_DECLINED: (lazy_gettext("A proposed stage was declined"), "reason"),
    Kind.TRIAL_STARTED: (lazy_gettext("Trial began"), "plan"),
    Kind.TRIAL_ENDED: (lazy_gettext("Trial ended"), "plan"),
    Kind.SUBSCRIPTION_STARTED: (lazy_gettext("Subscription began"), "plan"),
    Kind.SUBSCRIPTION_CHANGED: (lazy_gettext("Subscription changed"), "plan"),
    Kind.SUBSCRIPTION_ENDED: (lazy_gettext("Subscription ended"), "plan"),
    Kind.VALUE_REACHED: (lazy_gettext("First result with the product"), ""),
}

_SKIPPED: dict[str, LazyString] = {
    Skip.REOPENED.value: lazy_gettext("the ticket was reopened"),
    Skip.SPAM.value: lazy_gettext("it was spam"),
    Skip.NO_ADDRESS.value: lazy_gettext("there is no address"),
    Skip.REST.value: lazy_gettext("they were asked a short while ago"),
    Skip.CEILING.value: lazy_gettext("they had enough automatic letters for a day"),
    Skip.OVERLAY.value: lazy_gettext("not at this time"),
    Skip.BREACH.value: lazy_gettext("our answer came too late"),
}

_CUE_ANSWERS: dict[str, LazyString] = {
    "told": lazy_gettext("Suggestion passed on"),
    "later": lazy_gettext("Suggestion put off"),
    "unfit": lazy_gettext("Suggestion did not fit"),
}


def words(fact: Fact) -> str:
    """The fact as one line in the reader's language."""
    if fact.kind in _PLAIN:
        return str(_PLAIN[fact.kind])
    if fact.kind in _LABELLED:
        label, name = _LABELLED[fact.kind]
        return _pair(label, fact.details.get(name))
    return _OWN[fact.kind](fact)


def tone(fact: Fact) -> str:
    """The tone of its kind, or of what was answered."""
    if fact.kind is Kind.SURVEY_ANSWERED:
        csat, ces = fact.details.get("csat"), fact.details.get("ces")
        return "trouble" if is_bad(fact) else "good" if (csat or 0) >= 4 or (ces or 0) >= 5 else ""
    return FACES[fact.kind].tone


def _pair(label: LazyString | str, value: Any) -> str:
    return str(_("%(label)s: %(value)s", label=label, value=value)) if value else str(label)


def _assigned(fact: Fact) -> str:
    whom = fact.agents.get(fact.details.get("after") or 0)
    return str(_("Given to %(whom)s", whom=whom) if whom else _("Given to nobody"))


def _changed(fact: Fact) -> str:
    names = [fact_name(name) for name in fact.details.get("changed") or ()]
    return _pair(_("Changed"), str(_(", ")).join(names))


def _tried(fact: Fact) -> str:
    return tried(fact.kind, fact.details)


def _entered(fact: Fact) -> str:
    key = fact.details.get("stage") or ""
    stage = fact.stages.get(key, key)
    if fact.details.get("undone"):
        return str(_("Back on “%(stage)s”: the move was taken back", stage=stage))
    return str(_("Entered the stage “%(stage)s”", stage=stage))


def _overlay(fact: Fact) -> str:
    kind = next((kind for kind in OverlayKind if kind.value == fact.details.get("overlay")), None)
    name = overlay_name(kind) if kind else ""
    if fact.kind is Kind.OVERLAY_OPENED:
        return str(_("“%(overlay)s” began", overlay=name))
    return str(_("“%(overlay)s” ended", overlay=name))


def _cue(fact: Fact) -> str:
    cue = cues.find(fact.details.get("cue") or "")
    label = _CUE_ANSWERS.get(fact.details.get("answer") or "", lazy_gettext("Suggestion"))
    return _pair(label, cue.what(language()) if cue else "")


def _answered(fact: Fact) -> str:
    scores = [f"{name.upper()} {fact.details[name]}" for name in ("csat", "ces") if fact.details.get(name)]
    comment = fact.details.get("comment")
    said = [*scores, *([_("“%(words)s”", words=comment)] if comment else [])]
    return _pair(_("Survey answered"), str(_(", ")).join(map(str, said)))


def _order(fact: Fact) -> str:
    labels = {Kind.ORDER_PAID: _("Order paid"), Kind.ORDER_CHANGED: _("Order corrected")}
    label = labels.get(fact.kind) or _("Order refunded")
    amount, product = fact.details.get("amount"), fact.details.get("product")
    sum_ = money(amount, fact.details.get("currency") or "JPY") if isinstance(amount, int) else ""
    return _pair(label, " ".join(filter(None, [product, sum_])))


def _used(fact: Fact) -> str:
    people = fact.details.get("active_people")
    return _pair(_("A day of use"), _("%(n)s people", n=people) if people is not None else "")


_OWN: dict[Kind, Callable[[Fact], str]] = {
    Kind.CONTACT_ADDED: lambda fact: _pair(_("A person became known"), fact.person),
    Kind.TICKET_OPENED: lambda fact: _pair(_("Asked"), fact.subject),
    Kind.TICKET_HEARD: lambda fact: _pair(_("They wrote"), fact.said),
    Kind.TICKET_REPLIED: lambda fact: _pair(_("We answered"), fact.said),
    Kind.TICKET_NOTED: lambda fact: _pair(_("Internal note"), fact.said),
    Kind.TICKET_ASSIGNED: _assigned,
    Kind.TICKET_CHANGED: _changed,
    Kind.TICKET_TIED: lambda fact: ties.words(fact.details),
    Kind.LETTER_FAILED: lambda f: _pair(
        _("A letter did not arrive"), why_not(f.details.get("error") or "").words
    ),
    **dict.fromkeys((Kind.HELP_SEARCHED, Kind.ARTICLE_READ, Kind.ARTICLE_VOTED), _tried),
    Kind.STAGE_ENTERED: _entered,
    Kind.OVERLAY_OPENED: _overlay,
    Kind.OVERLAY_CLOSED: _overlay,
    Kind.CUE_ANSWERED: _cue,
    Kind.SURVEY_SKIPPED: lambda f: _pair(_("No survey"), _SKIPPED.get(f.details.get("reason") or "")),
    Kind.SURVEY_ANSWERED: _answered,
    **dict.fromkeys((Kind.ORDER_PAID, Kind.ORDER_CHANGED, Kind.ORDER_REFUNDED), _order),
    Kind.USAGE_REPORTED: _used,
}
