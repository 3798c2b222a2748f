"""A customer at the moment of a ticket: all that is known of them, and what this question is about."""

from datetime import timedelta
from functools import cached_property
from typing import Any

from flask_babel import lazy_gettext as _l

from helpdesk.core.predicates import Fields, Seen, Type
from helpdesk.lifecycle.catalogue import CATALOGUE as CUSTOMER
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.support import open_tickets, some
from helpdesk.tickets.models import Ticket
from helpdesk.timeline import Kind

# Topics and tags under which nobody is sold anything.
TROUBLE = frozenset({"complaint", "incident", "billing-dispute", "cancellation", "refund"})
CANCELLING = frozenset({"cancellation"})
INCIDENT = frozenset({"incident"})
# What leaving and anger sound like. A hint for people, never a verdict on a customer.
CANCEL_WORDS = (
    "解約",
    "退会",
    "解除したい",
    "やめたい",
    "cancel",
    "unsubscribe",
    "close my account",
    "terminate",
)
TROUBLE_WORDS = (
    *("苦情", "クレーム", "返金", "二重請求", "誤請求", "障害", "ひどい", "納得でき", "納得いか", "他社に"),
    *("refund", "complain", "overcharged", "charged twice", "unacceptable", "outage", "terrible"),
)


class Situation(Facts):
    """Facts about the customer of `ticket`, and about the ticket."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(ticket.customer_id)
        self.ticket = ticket

    @cached_property
    def words(self) -> str:
        """Subject and newest lines, in small letters."""
        return f"{self.ticket.subject}\n{self.ticket.excerpt}".lower()

    @cached_property
    def labels(self) -> frozenset[str]:
        """Topic and tags."""
        return frozenset({self.ticket.topic, *self.ticket.tag_names} - {""})


FIELDS: Fields[Situation] = Fields()


@FIELDS.field("cancel_words", Type.WORDS, _l("Words of leaving"))
def _cancel_words(situation: Situation) -> Seen:
    return _spoken(situation, CANCEL_WORDS)


@FIELDS.field("trouble_words", Type.WORDS, _l("Words of anger"))
def _trouble_words(situation: Situation) -> Seen:
    return _spoken(situation, TROUBLE_WORDS)


@FIELDS.field("is_cancel_request", Type.FLAG, _l("Wants to cancel"))
def _is_cancel_request(situation: Situation) -> Seen:
    said = _cancel_words(situation).value or situation.labels & CANCELLING
    return Seen(not situation.ticket.is_resolved and bool(said), _this(situation))


@FIELDS.field("is_trouble", Type.FLAG, _l("Complaint, incident, billing dispute, cancellation or refund"))
def _is_trouble(situation: Situation) -> Seen:
    """Unsolved, and labelled so or sounding so."""
    words = _cancel_words(situation).value or _trouble_words(situation).value
    return Seen(
        not situation.ticket.is_resolved and bool(words or situation.labels & TROUBLE), _this(situation)
    )


@FIELDS.field("open_incident", Type.FLAG, _l("Open incident"))
def _open_incident(situation: Situation) -> Seen:
    """Another open ticket of the customer is about an incident."""
    others = [ticket for ticket in open_tickets(situation) if ticket.id != situation.ticket.id]
    return some([ticket for ticket in others if ticket.topic in INCIDENT])


@FIELDS.field("no_sell", Type.FLAG, _l("Nothing is sold on this stage"))
def _no_sell(situation: Situation) -> Seen:
    return Seen(bool(situation.customer.stage_no_sell), (f"customers/{situation.customer_id}",))


@FIELDS.field("needs_care", Type.FLAG, _l("Needs care"))
def _needs_care(situation: Situation) -> Seen:
    return Seen(bool(situation.customer.needs_care), (f"customers/{situation.customer_id}",))


@FIELDS.field("declined_90d", Type.WORDS, _l("Declined in 90 days"))
def _declined_90d(situation: Situation) -> Seen:
    declined = _answers(situation, "unfit", timedelta(days=90))
    return Seen(frozenset(e.details["cue_kind"] for e in declined), tuple(f"events/{e.id}" for e in declined))


@FIELDS.field("contacts_7d", Type.NUMBER, _l("Proposals in 7 days"))
def _contacts_7d(situation: Situation) -> Seen:
    told = [e for e in _answers(situation, "told", timedelta(days=7)) if e.details["cue_kind"] in _PROPOSALS]
    return Seen(len(told), tuple(f"events/{event.id}" for event in told))


@FIELDS.field("has_consent", Type.FLAG, _l("Agreed to be written to"))
def _has_consent(situation: Situation) -> Seen:
    """Missing, as nobody has been asked yet: what would send something by itself stays silent."""
    return Seen(None)


CATALOGUE: Fields[Situation] = Fields(CUSTOMER, FIELDS)

_PROPOSALS = frozenset({"adopt", "upsell", "cross-sell", "advocate"})


def _answers(situation: Situation, answer: str, within: timedelta) -> list[Any]:
    since = situation.at - within
    given = [event for event in situation.told(Kind.CUE_ANSWERED) if event.occurred_at > since]
    return [event for event in given if event.details.get("answer") == answer]


def _spoken(situation: Situation, words: tuple[str, ...]) -> Seen:
    return Seen(frozenset(word for word in words if word in situation.words), _this(situation))


def _this(situation: Situation) -> tuple[str, ...]:
    return (f"tickets/{situation.ticket.id}",)
