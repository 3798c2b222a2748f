"""Segments: the customers for whom a published rule held when they were last looked at."""

from collections.abc import Sequence

from sqlalchemy import Select, false, func, select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.rule_parsing import BadRule, parse
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import snapshots
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.rulebook import Purpose, Rule


def named(language: str) -> dict[str, str]:
    """Names of the segments in use, by key."""
    return {rule.key: rule.name(language) for rule in db.session.scalars(Rule.in_use(Purpose.SEGMENT))}


def members(key: str) -> Select[int]:
    """The ids of a segment's customers; nobody's where there is no such segment in use."""
    rule = db.session.scalar(Rule.in_use(Purpose.SEGMENT).where(Rule.key == key))
    return _members(rule) if rule else _NOBODY


def counts(rules: Sequence[Rule], viewer: Agent) -> dict[str, int]:
    """How many customers whom `viewer` may see are in each, by key."""
    visible = Customer.visible_to(viewer)
    asked = {rule.key: visible.where(Customer.id.in_(_members(rule))) for rule in rules}
    return {
        key: db.session.scalar(select(func.count()).select_from(each.subquery())) or 0
        for key, each in asked.items()
    }


_NOBODY: Select[int] = select(Customer.id).where(false())


def _members(rule: Rule) -> Select[int]:
    try:
        return snapshots.matching(parse(rule.when, CATALOGUE), now())
    except BadRule:
        return _NOBODY
