"""What a search gives: articles in order, how well they fit, and what to show of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from knowledge_base.models import Article

GOOD, NEAR, NONE = "good", "near", "none"


@dataclass(frozen=True)
class Item:
    """An article found. title, snippet: escaped, what was asked in <mark>; score: within one answer only.

    is_close: not far behind the best; people may be spared the others.
    """

    article: Article
    title: Markup
    snippet: Markup
    score: float
    is_close: bool = True

    def as_json(self) -> dict[str, Any]:
        article = self.article
        names = {"id": article.id, "external_id": article.external_id, "slug": article.slug}
        found = {"title": article.title, "snippet": str(self.snippet), "score": round(self.score, 4)}
        return {**names, "lang": article.lang, **found}


@dataclass(frozen=True)
class Ranking:
    """The articles of one language that fit. match: good, near (no real answer) or none.

    shown: gives them, best first, each with its snippet; what nobody looks at is not made.
    """

    shown: Callable[[], Sequence[Item]] = tuple
    match: str = NONE
    # Other spellings that were searched as well.
    corrections: Sequence[str] = ()
    # How near the nearest is in meaning, where vectors say it.
    cosine: float | None = None
    # The most of the question's words that one of the articles has, 0 to 1.
    coverage: float = 0.0
    # Nothing has a word of the question or is near to it: programs get the articles, people are not misled.
    is_far: bool = False

    @cached_property
    def items(self) -> Sequence[Item]:
        return self.shown()


@dataclass(frozen=True)
class Answer:
    """What a question gets. other_language: up to five articles of it where the own has no good one.

    is_far: as of a `Ranking`, of the own language and of the other one together.
    """

    items: Sequence[Item]
    match: str
    other_language: Sequence[Item]
    corrections: Sequence[str]
    took_ms: float
    is_far: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "items": [item.as_json() for item in self.items],
            "match": self.match,
            "other_language": [item.as_json() for item in self.other_language],
            "took_ms": round(self.took_ms, 1),
        }
