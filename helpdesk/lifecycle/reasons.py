"""Why people move a customer by hand: one of a list, so that it can be counted, and words where they help."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from helpdesk.lifecycle.models import OverlayKind

# These two lists share it; it alone says nothing without words.
OTHER = "other"
MOVING: Mapping[str, LazyString] = {
    "sales": _l("Sales told us"),
    "customer": _l("The customer said so"),
    "contract": _l("The contract says so"),
    "data": _l("What we knew was wrong"),
    OTHER: _l("Another reason"),
}
LEAVING: Mapping[str, LazyString] = {
    "price": _l("Price"),
    "missing": _l("Something is missing in the product"),
    "support": _l("Support"),
    "no-need": _l("No need any more"),
    "competitor": _l("They went to a competitor"),
    "closed": _l("They closed their business"),
    OTHER: _l("Another reason"),
}
_NAMES = {**MOVING, **LEAVING, "accepted": _l("The proposal was accepted")}


class Unexplained(ValueError):
    """No reason of the list was chosen, or `other` stands without words."""


def of(kind: OverlayKind | None) -> Mapping[str, LazyString]:
    """The reasons to choose from, for laying `kind` over a stage; None is for a move."""
    return LEAVING if kind is OverlayKind.ENDED else MOVING


def check(code: str, words: str, among: Mapping[str, LazyString]) -> None:
    """Raise `Unexplained` where the reason does not suffice."""
    if code not in among or (code == OTHER and not words):
        raise Unexplained


def name(code: str) -> str:
    """The reason in the reader's language; empty where none was chosen."""
    return str(_NAMES.get(code, ""))
