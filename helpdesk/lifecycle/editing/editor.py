"""The editor of one rule, wherever it is kept: lines to fill in, its JSON, whom it holds for, and why."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict

from helpdesk.accounts.permissions import me
from helpdesk.core.db import db
from helpdesk.core.predicates import Predicate
from helpdesk.core.rule_parsing import BadRule, parse
from helpdesk.core.web import Answer, go, is_partial
from helpdesk.customers.models import Customer
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.editing import asking, lines, sentences, vocabulary
from helpdesk.lifecycle.editing.drafts import Overtaken
from helpdesk.lifecycle.editing.lines import Line, NoForm
from helpdesk.lifecycle.editing.looking_back import look_back
from helpdesk.lifecycle.models import Stage

# A rule of the most clauses, each with many values, is far shorter.
LONGEST_JSON = 200_000


@dataclass(frozen=True)
class Slot:
    """The rule to edit: its title, where it came from, and what keeps it."""

    title: str
    rule: dict[str, Any]
    back: str
    crumbs: list[tuple[str, str]]
    stages: list[Stage]
    keep: Callable[[dict[str, Any], int], None]
    edition: int
    may_be_empty: bool = False


@dataclass
class Written:
    """What stands in the editor now, with what is wrong with it."""

    lines: list[Line] | None
    rule: dict[str, Any]
    json: str = ""
    predicate: Predicate | None = None
    # By the number of its line from 1; 0 is the JSON.
    faults: dict[int, str] = field(default_factory=dict)

    def check(self, places: dict[str, int] | None = None) -> "Written":
        """Read the rule; a fault goes to the line that it is on."""
        self.json = self.json or lines.in_json(self.rule)
        if self.rule and not self.faults:
            try:
                self.predicate = parse(self.rule, CATALOGUE)
            except BadRule as error:
                line = (places or {}).get(error.where, 0)
                self.faults[line] = error.why if line else f"{error.where}: {error.why}"
        return self


def show(slot: Slot) -> Answer:
    """The editor as it is opened."""
    return _page(slot, _of_rule(slot.rule))


def take(slot: Slot) -> Answer:
    """What was pressed: a line added or taken away, a customer asked for, or the rule kept."""
    do = request.form.get("do", "")
    written = _posted(request.form, do)
    if do not in ("save", "save-json"):
        return _page(slot, written, 422 if do == "take" and written.faults else 200)
    if do == "save" and slot.may_be_empty and request.form.get("is_empty"):
        written = Written(None, {})
    elif written.predicate is None:
        return _page(slot, written, 422)
    try:
        slot.keep(written.rule, request.form.get("edition", type=int) or 0)
        db.session.commit()
    except (Overtaken, StaleDataError) as error:
        db.session.rollback()
        return _page(slot, written, 422, theirs=error.theirs if isinstance(error, Overtaken) else "–")
    flash(_("Saved in the draft."))
    return go(slot.back)


def _posted(form: MultiDict[str, str], do: str) -> Written:
    if do in ("take", "save-json") or form.get("mode") == "json":
        return _of_json(form.get("json", ""))
    posted = lines.of_form(form)
    changed = lines.act(posted, do)
    rule, places = lines.as_rule(changed)
    return Written(changed, rule).check(places)


def _of_json(text: str) -> Written:
    try:
        rule = json.loads(text[:LONGEST_JSON])
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        why = _("This is no JSON: look at line %(line)s, character %(column)s.", **where)
        return Written(None, {}, json=text, faults={0: why})
    except (ValueError, RecursionError):
        return Written(None, {}, json=text, faults={0: _("This is no JSON.")})
    return _of_rule(rule, text)


def _of_rule(rule: Any, text: str = "") -> Written:
    if rule == {}:
        return Written(lines.blank(), {}).check()
    try:
        parse(rule, CATALOGUE)
        shown = lines.of_rule(rule)
    except BadRule as error:
        fault = f"{error.where}: {error.why}"
        return Written(None, {}, json=text or lines.in_json(rule), faults={0: fault})
    except NoForm:
        return Written(None, rule).check()
    return Written(shown, rule).check(lines.as_rule(shown)[1])


def _page(slot: Slot, written: Written, status: int = 200, theirs: str = "") -> Answer:
    """theirs: who else changed it; saved again, what stands here replaces it."""
    template = "lifecycle/editing/_rule_form.html" if is_partial() else "lifecycle/editing/rule.html"
    known = written.predicate
    page = render_template(
        template,
        slot=slot,
        written=written,
        groups=vocabulary.fields_by_group(),
        catalogue=CATALOGUE,
        vocabulary=vocabulary,
        deepest=lines.DEEPEST,
        matching=asking.matching(known, me()) if known else None,
        looked_back=look_back(known, me()) if known and request.form.get("do") == "look-back" else None,
        sentence=sentences.of_clause,
        theirs=theirs,
        edition=slot.edition if theirs else request.form.get("edition", slot.edition),
        **_asked_for(known),
    )
    return (page, status) if status != 200 else page


def _asked_for(known: Predicate | None) -> dict[str, Any]:
    """The customer to explain, or those among whom to choose."""
    typed = request.values.get("who", "").replace("\0", "").strip()[:200]
    do, why, found = request.form.get("do", ""), None, []
    whom = do.removeprefix("why-") if do.startswith("why-") else request.form.get("whom", "")
    if do == "find" and typed:
        found = list(asking.find(typed, me()))
        whom = str(found[0].id) if len(found) == 1 else ""
    if known is not None and whom.isascii() and whom.isdigit() and len(whom) < 19:
        customer = db.session.scalar(Customer.visible_to(me()).where(Customer.id == int(whom)))
        why = asking.why(known, customer) if customer else None
    return {"who": typed, "found": found if why is None else [], "why": why, "do": do}
