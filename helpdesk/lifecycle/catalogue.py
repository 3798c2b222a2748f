"""All that a rule may ask about a customer; what was read once of some facts is not read again."""

from collections.abc import Callable
from dataclasses import replace

from helpdesk.core.predicates import Field, Fields, Seen
from helpdesk.lifecycle import fields, money, support
from helpdesk.lifecycle.facts import Facts

# What a review itself changes while it runs.
_CHANGING = frozenset(
    {
        *("stage", "anchor", "days_in_stage", "overlay"),
        *("health", "health_coverage", "days_health_below_40"),
    }
)


def _once(field: Field[Facts]) -> Callable[[Facts], Seen]:
    name, read = field.name, field.read

    def read_once(facts: Facts) -> Seen:
        seen = facts.seen.get(name)
        if seen is None:
            seen = facts.seen[name] = read(facts)
        return seen

    return read if name in _CHANGING else read_once


_ALL: Fields[Facts] = Fields(fields.FIELDS, support.FIELDS, money.FIELDS)
CATALOGUE: Fields[Facts] = Fields({name: replace(field, read=_once(field)) for name, field in _ALL.items()})
