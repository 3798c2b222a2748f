"""What the exports of other help centres share: pages of their API's answers as JSON files, HTML inside."""

import json
import re
from collections.abc import Iterator
from typing import Any

from knowledge_base.transfer.importing.html import html_to_markdown
from knowledge_base.transfer.importing.pages import N_, BadSource, Fault, Imported, Page
from knowledge_base.transfer.importing.sources import Source

# Files of the API's answers are large; JSON lines are read a line at a time.
LARGEST_JSON = 100 * 2**20


def answers(source: Source, paths: list[str], done: Imported) -> list[tuple[str, Any]]:
    """What the JSON files hold, each with its path."""
    found = []
    for path in paths:
        try:
            if source.size(path) > LARGEST_JSON:
                raise BadSource(N_("larger than %(size)s MB"), size=LARGEST_JSON // 2**20)
            found.append((path, json.loads(source.text(path))))
        except BadSource as error:
            done.fail(Fault(source.place(path), error.message, error.line, error.values))
        except json.JSONDecodeError as error:
            done.fail(Fault(source.place(path), N_("no JSON: %(why)s"), error.lineno, {"why": error.msg}))
        except RecursionError:
            done.fail(Fault(source.place(path), N_("no JSON: %(why)s"), None, {"why": "too deep"}))
    return found


def rows(told: Any, *names: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object that stands in a list or alone under one of these names, however deep."""
    waiting = [("", told)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, list):
            waiting += [(name, each) for each in reversed(value)]
        elif isinstance(value, dict):
            if name in names:
                yield name, value
            waiting += [
                (key, each) for key, each in reversed(value.items()) if isinstance(each, (dict, list))
            ]


def language(locale: object) -> str:
    """`ja` for ja and ja-jp, `en` for en-us; empty for what is no language of ours."""
    code = re.split("[-_]", str(locale or "").lower())[0]
    return code if code in ("ja", "en") else ""


def page(place: str, facts: dict[str, Any], html: object, *, number: object) -> Page:
    """An article of an API's answer. number: its id there, by which links call it."""
    made = Page(place, facts, names=[f"article:{number}"])
    facts["body"] = html_to_markdown(str(html or ""))
    facts["title"] = str(facts.get("title") or "")
    return made


def leave_out(done: Imported, source: Source, locales: set[str]) -> None:
    for locale in sorted(locales):
        done.warn(Fault(source.name, N_("pages in %(lang)s are left out"), values={"lang": locale}))


def attach(made: Page, source: Source, address: str, number: object, name: str) -> bool:
    """Find the file that lies in the export for an address; False where none does."""
    wanted = {f"{number}/{name}".lower(), f"{number}-{name}".lower(), f"{number}_{name}".lower()}
    plain = [path for path in source.paths if path.lower().endswith("/" + name.lower()) or path == name]
    known = [path for path in plain if any(path.lower().endswith(each) for each in wanted)]
    known = known or [path for path in source.paths if re.search(rf"(?:^|[/_-]){number}[._/-]", path)]
    known = known or (plain if len(plain) == 1 else [])
    if known and number:
        made.beside[address], made.called[known[0]] = known[0], name
    return bool(known)
