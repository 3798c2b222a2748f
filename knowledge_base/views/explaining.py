"""Why the search answers a question as it does: for editors, result by result, on one stage or two."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import render_template, request

from helpdesk.accounts.permissions import me
from helpdesk.core.db import db
from helpdesk.core.i18n import LANGUAGES, language
from helpdesk.core.text import one_line
from knowledge_base.finding.answers import Answer, Item
from knowledge_base.models import Article
from knowledge_base.search import LONGEST_QUESTION, MOST_ITEMS
from knowledge_base.search import search as find
from knowledge_base.views.blueprint import bp
from knowledge_base.views.desk import staff, stages

if TYPE_CHECKING:
    from knowledge_base.finding.explaining import Explanation

_SHOWN = 10


@dataclass(frozen=True)
class Explained:
    """A result and why it is there. elsewhere: its place on the other stage, None where there is none."""

    item: Item
    place: int
    elsewhere: int | None
    why: "Explanation"

    @property
    def given(self) -> float:
        """What its words gave together, before what multiplies it."""
        return sum(reason.score for reason in self.why.reasons)

    @property
    def most(self) -> float:
        """The largest single part: how long the longest bar is."""
        return max((reason.score for reason in self.why.reasons), default=1.0)


@bp.get("/desk/kb/explain")
@staff
def explain() -> str:
    question = one_line(request.args.get("q", ""))[:LONGEST_QUESTION].strip()
    wanted = request.args.get("lang", "")
    lang = wanted if wanted in LANGUAGES else language()
    stage, beside = request.args.get("stage", ""), request.args.get("beside", "")
    results: list[Explained] = []
    found = other = None
    if question:
        found = _asked(question, lang, stage)
        other = _asked(question, lang, beside) if beside != stage else None
        results = _explained(question, lang, stage, found, other)
    return render_template(
        "knowledge_base/explain.html",
        question=question,
        lang=lang,
        stage=stage,
        beside=beside,
        stages=stages(),
        found=found,
        results=results,
        # The same articles in the order of the other stage.
        others=sorted((each for each in results if each.elsewhere), key=lambda each: each.elsewhere or 0),
        missing=_missing(question, lang, stage, results),
    )


def _asked(question: str, lang: str, stage: str) -> Answer:
    return find(question, lang, viewer=me(), stage=stage, limit=MOST_ITEMS)


def _explained(question: str, lang: str, stage: str, found: Answer, other: Answer | None) -> list[Explained]:
    places = {item.article.id: place for place, item in enumerate(other.items, 1)} if other else {}
    return [
        Explained(item, place, places.get(item.article.id), _why(question, lang, item.article, stage))
        for place, item in enumerate(found.items[:_SHOWN], 1)
    ]


def _missing(
    question: str, lang: str, stage: str, results: list[Explained]
) -> "tuple[Article, Explanation] | None":
    """The article that was asked for by its number and is not among the results."""
    id = request.args.get("article", 0, int)
    if not question or not 0 < id < 2**63 or id in {each.item.article.id for each in results}:
        return None
    article = db.session.scalar(Article.visible_to(me()).where(Article.id == id, Article.lang == lang))
    return (article, _why(question, lang, article, stage)) if article is not None else None


def _why(question: str, lang: str, article: Article, stage: str) -> "Explanation":
    from knowledge_base.finding.explaining import explain as why  # noqa: PLC0415  (numpy costs start-up time)

    return why(question, lang, article, stage)
