"""Rules in words, for those who read them and do not edit."""

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from helpdesk.core.predicates import Clause, Predicate
from helpdesk.core.rule_parsing import BadRule, parse
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.editing.vocabulary import WORDS, choices, operators, unit
from helpdesk.lifecycle.models import Stage


@dataclass(frozen=True)
class Sentence:
    """A clause in words, or what holds of the parts below it."""

    words: str
    parts: tuple["Sentence", ...] = field(default=())


def of_rule(rule: dict[str, Any], stages: list[Stage]) -> Sentence | None:
    """The rule in the reader's words; None where there is none, its fault where it cannot be read."""
    if not rule:
        return None
    try:
        return _of(parse(rule, CATALOGUE), stages)
    except BadRule as error:
        return Sentence(_("%(where)s: %(why)s", where=error.where, why=error.why))


def of_clause(clause: Clause, stages: list[Stage]) -> str:
    """A clause in words: "Days on this stage is at least 90 days"."""
    asked = CATALOGUE[clause.field]
    if clause.op == "missing":
        words = operators(asked)["known" if clause.wanted is False else "missing"]
        return str(_("%(field)s %(is)s", **{"field": asked.label, "is": words}))
    known = choices(asked, stages)
    wanted = clause.wanted if isinstance(clause.wanted, list) else [clause.wanted]
    said = _(", ").join(str(known.get(_key(one), one)) for one in wanted)
    values = {"field": asked.label, "is": operators(asked)[clause.op], "value": said, "unit": unit(asked)}
    return str(_("%(field)s %(is)s %(value)s %(unit)s", **values)).strip()


def _of(predicate: Predicate, stages: list[Stage]) -> Sentence:
    if isinstance(predicate, Clause):
        return Sentence(of_clause(predicate, stages))
    word, parts = predicate.word, predicate.parts
    if word == "not":
        inner = parts[0]
        word, parts = "none", parts if isinstance(inner, Clause) or inner.word != "any" else inner.parts
    return Sentence(str(WORDS[word]), tuple(_of(part, stages) for part in parts))


def _key(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
