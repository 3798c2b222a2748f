"""Whether what a page says of itself can be an article; each thing wrong is told."""

import enum
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any

from helpdesk.core.clock import now
from helpdesk.core.i18n import LANGUAGES, zone
from helpdesk.core.text import one_line, without_controls
from knowledge_base.categories import DEEPEST, LONGEST_NAME, PATH
from knowledge_base.models import ArticleStatus, Purpose, Visibility
from knowledge_base.transfer.importing.pages import N_, Imported, Page
from knowledge_base.writing.editing import LISTS, LONGEST_BODY, LONGEST_TITLE

_CHOICES: dict[str, type[enum.Enum]] = {
    "status": ArticleStatus,
    "purpose": Purpose,
    "visibility": Visibility,
}
_MOMENTS = ("published_at", "updated_at", "created_at")
_OTHERS = "external_id lang title body category slug aliases files changes weight position review_on owner"
_KNOWN = frozenset([*_OTHERS.split(), *LISTS, *_CHOICES, *_MOMENTS, "title_ja", "title_en"])
_LONGEST_ID = 500


@dataclass
class Draft:
    """An article to be, in our own types. values: only what the page stated."""

    page: Page
    lang: str
    external_id: str | None
    slug: str
    title: str
    body: str
    values: dict[str, Any] = field(default_factory=dict)
    category: tuple[str, ...] | None = None
    aliases: list[str] = field(default_factory=list)
    owner: str = ""
    # A newer text that readers do not have yet: title and body.
    changes: tuple[str, str] | None = None

    @property
    def status(self) -> ArticleStatus | None:
        return self.values.get("status")


def checked(page: Page, done: Imported) -> Draft | None:
    """The page as an article to be; None where something is wrong, which is told."""
    facts = {name: value for name, value in page.facts.items() if value is not None}
    before = len(done.faults)
    lang = str(facts.get("lang") or "").strip()
    title = without_controls(_text(page, facts, "title", done))
    body = without_controls(_text(page, facts, "body", done)).strip("\n")
    if not one_line(title):
        done.fail(page.fault(N_("no title")))
    if not lang:
        done.fail(page.fault(N_("no lang")))
    elif lang not in LANGUAGES:
        done.fail(page.fault(N_("%(name)s is %(value)s"), name="lang", value=repr(lang)))
    if len(body) > LONGEST_BODY:
        done.fail(page.fault(N_("the text is longer than %(most)s characters"), most=LONGEST_BODY))
    title, body = _fitting(page, one_line(title), body, done)
    values = _values(page, facts, done)
    id = facts.get("external_id")
    draft = Draft(
        page, lang, str(id)[:_LONGEST_ID] if id not in (None, "") else None, "", title, body, values
    )
    _more(draft, facts, done)
    _tell_unknown(page, facts, done)
    return draft if len(done.faults) == before else None


def said(draft: Draft, text: str) -> dict[str, str]:
    """A short hash of each thing stated. text: the body, with links named by what they lead to."""
    values = {name: getattr(value, "value", value) for name, value in draft.values.items()}
    values |= {"title": draft.title, "body": text, "changes": draft.changes}
    if draft.category is not None:
        values["category"] = list(draft.category)
    return {name: short_hash(value) for name, value in values.items()}


def short_hash(value: object) -> str:
    return sha256(repr(value).encode(errors="surrogatepass")).hexdigest()[:16]


def _more(draft: Draft, facts: dict[str, Any], done: Imported) -> None:
    """What is no value of the article's own row."""
    if "category" in facts:
        draft.category = _path(facts["category"])
    draft.slug, draft.owner = str(facts.get("slug") or ""), str(facts.get("owner") or "")
    draft.aliases = [str(each) for each in _list(facts.get("aliases", []))]
    changes = facts.get("changes")
    if isinstance(changes, dict):
        title = one_line(str(changes.get("title") or draft.title))[:LONGEST_TITLE]
        text = without_controls(str(changes.get("body") or "")).strip("\n")
        draft.changes = (title, text[:LONGEST_BODY])


def _text(page: Page, facts: dict[str, Any], name: str, done: Imported) -> str:
    value = facts.get(name, "")
    if isinstance(value, str):
        return value
    if name == "title" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    done.fail(page.fault(N_("%(name)s is no text"), name=name))
    return "?"


def _fitting(page: Page, title: str, body: str, done: Imported) -> tuple[str, str]:
    """A title that is too long is cut, and said in full at the head of the text."""
    if len(title) <= LONGEST_TITLE:
        return title, body
    done.warn(page.fault(N_("the title is longer than %(most)s characters: cut"), most=LONGEST_TITLE))
    return title[: LONGEST_TITLE - 1].rstrip() + "…", f"{title}\n\n{body}".strip("\n")


def _values(page: Page, facts: dict[str, Any], done: Imported) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, kind in _CHOICES.items():
        if name in facts and facts[name] != "":
            try:
                found[name] = kind(str(facts[name]).strip().lower())
            except ValueError:
                done.fail(page.fault(N_("%(name)s is %(value)s"), name=name, value=repr(facts[name])))
    for name in LISTS:
        if name in facts:
            if isinstance(facts[name], list | str):
                found[name] = list(dict.fromkeys(filter(None, map(one_line, _list(facts[name])))))
            else:
                done.fail(page.fault(N_("%(name)s is no list"), name=name))
    for name in (*_MOMENTS, "review_on"):
        if facts.get(name):
            moment = _moment(str(facts[name]))
            if moment is None:
                done.warn(page.fault(N_("%(name)s is no date: left out"), name=name))
            else:
                found[name] = moment.astimezone(zone()).date() if name == "review_on" else moment
    position = facts.get("position", facts.get("weight"))
    if re.fullmatch(r"-?\d{1,6}(?:\.\d+)?", str(position)):
        found["position"] = int(float(str(position)))
    return found


def _tell_unknown(page: Page, facts: dict[str, Any], done: Imported) -> None:
    for name in facts.keys() - _KNOWN:
        if not str(name).startswith("_"):
            done.warn(page.fault(N_("%(name)s is not known here: left out"), name=name))


def _path(said: Any) -> tuple[str, ...]:
    """The names from the top down, what is too deep put into the last."""
    parts = [str(each) for each in said] if isinstance(said, list | tuple) else str(said).split(PATH)
    names = [name for part in parts if (name := one_line(part)[:LONGEST_NAME])]
    return tuple(names[:DEEPEST])


def _list(said: Any) -> list[str]:
    return [str(item) for item in said] if isinstance(said, list) else re.split("[,、]", str(said))


def _moment(said: str) -> datetime | None:
    """A moment or a day (its midnight in the workspace's zone); None for what is neither or lies ahead."""
    text = said.strip().replace("/", "-")
    text = re.sub(r" ([+-]\d{2}:?\d{2})$", r"\1", text)
    try:
        if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", text):
            year, month, day = map(int, text.split("-"))
            return datetime.combine(date(year, month, day), time(), zone()).astimezone(UTC)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone())).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def not_ahead(moment: datetime | None) -> datetime:
    """What is dated into the future happened now."""
    return min(moment or now(), now())
