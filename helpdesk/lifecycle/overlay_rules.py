"""The rules of what lies over a stage: shipped as version 1 of each, from then on people's own."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select

from helpdesk.core.clock import now
from helpdesk.core.db import db, insert_into
from helpdesk.core.predicates import Trace
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.lifecycle.rulebook import Purpose, Rule, RuleStatus

_KNOWN = "overlay_rules"


@dataclass(frozen=True)
class OverlayRule:
    """One published version: `opens` begins the overlay, and it stays while `opens` or `holds` is true."""

    kind: OverlayKind
    version: int
    opens: dict[str, Any]
    holds: dict[str, Any]


@dataclass(frozen=True)
class Ruled(Trace):
    """A verdict that says by which version of which rule it was found."""

    rule: OverlayRule

    def evidence(self) -> dict[str, Any]:
        return {
            **super().evidence(),
            "rule": {"overlay": self.rule.kind.value, "version": self.rule.version},
        }


def in_use() -> list[OverlayRule]:
    """The published rules, read once in each transaction, so that another process's version is soon ours.

    Writes what ships where nobody has asked before.
    """
    session = db.session()
    transaction, rules = session.info.get(_KNOWN, (None, []))
    if transaction is None or transaction is not session.get_transaction():
        rules = _read()
        session.info[_KNOWN] = session.get_transaction(), rules
    return list(rules)


def forget() -> None:
    """Somebody just published another version in this transaction."""
    db.session().info.pop(_KNOWN, None)


def keep_shipped() -> None:
    """Write version 1 of each rule that ships and has never been written; two at once do no harm."""
    shared = {"purpose": Purpose.OVERLAY, "version": 1, "status": RuleStatus.PUBLISHED, "published_at": now()}
    rows = [
        {**shared, "key": kind.value, "when": rule["opens"], "particulars": _lasting(rule)}
        for kind, rule in shipped().items()
    ]
    written = insert_into(Rule).on_conflict_do_nothing(index_elements=["purpose", "key", "version"])
    db.session.execute(written, rows)


@lru_cache(maxsize=1)
def shipped() -> dict[OverlayKind, dict[str, Any]]:
    """What ships, by kind; a pause is laid by hand alone."""
    text = (Path(__file__).parent / "overlays.toml").read_text(encoding="utf-8")
    return {OverlayKind(kind): rules for kind, rules in tomllib.loads(text).items()}


def _read() -> list[OverlayRule]:
    rows = _rows()
    if {row.key for row in rows} < {kind.value for kind in shipped()}:
        keep_shipped()
        rows = _rows()
    return [
        OverlayRule(OverlayKind(row.key), row.version, row.when, row.particulars.get("holds", {}))
        for row in rows
        if row.status is RuleStatus.PUBLISHED
    ]


def _rows() -> list[Any]:
    """What is published, and every first version, which says that the rule was written once."""
    wanted = or_(Rule.status == RuleStatus.PUBLISHED, Rule.version == 1)
    columns = select(Rule.key, Rule.version, Rule.status, Rule.when, Rule.particulars)
    return list(db.session.execute(columns.where(Rule.purpose == Purpose.OVERLAY, wanted).order_by(Rule.id)))


def _lasting(rule: dict[str, Any]) -> dict[str, Any]:
    return {"holds": rule["holds"]} if "holds" in rule else {}
