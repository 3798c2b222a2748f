"""The written content of the demo company: what people ask and answer, articles, names, comments."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "content"

# The names that writers of the texts may leave open.
_NAMES = ("contact", "company", "product", "agent", "invoice_no", "date", "due_date")
# A person without a company writes no line for it.
_WITHOUT_COMPANY = (
    ("{company}の{contact}", "{contact}"),
    ("{company}の", ""),
    ("{company} {contact}", "{contact}"),
    ("{company}\n", ""),
    ("\n{company}", ""),
    ("{contact}, {company}", "{contact}"),
    ("{contact} / {company}", "{contact}"),
    ("{company}", ""),
)


@dataclass(frozen=True)
class ArticleText:
    """One article as its file says it."""

    about: dict[str, Any]
    body: str


@cache
def company() -> dict[str, Any]:
    """The invented company, its product, plans and support desk."""
    return _read("company")


@cache
def people() -> dict[str, Any]:
    """Names to combine, the teams and the agents."""
    return _read("people")


@cache
def comments() -> dict[str, Any]:
    """What customers write beside a score, and why some leave."""
    return _read("comments")


@cache
def topics() -> dict[str, dict[str, Any]]:
    """What customers write about, by key."""
    return {topic["key"]: topic for topic in _read("topics")["topic"]}


@cache
def articles() -> tuple[ArticleText, ...]:
    """The help centre, Japanese first."""
    files = [*sorted((_FOLDER / "articles/ja").glob("*.md")), *sorted((_FOLDER / "articles/en").glob("*.md"))]
    return tuple(_article(file) for file in files)


@cache
def help_centre() -> dict[str, Any]:
    """What the help centre has beside its articles: shelves, words, questions learnt."""
    return _read("help_centre")


def file(name: str) -> bytes:
    """An image or a file of an article."""
    return (_FOLDER / "files" / name).read_bytes()


def filled(text: str, names: dict[str, str]) -> str:
    """The text with its open names filled in; `company` may be empty, the others not."""
    text = text.strip("\n")
    if not names["company"]:
        for before, after in _WITHOUT_COMPANY:
            text = text.replace(before, after)
    for name in _NAMES:
        text = text.replace(f"{{{name}}}", names[name])
    return text


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _article(file: Path) -> ArticleText:
    _, about, body = file.read_text(encoding="utf-8").split("+++\n", 2)
    return ArticleText(tomllib.loads(about), body.strip())
