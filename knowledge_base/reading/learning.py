"""Questions learnt from those who asked: which article answered them, as readers said and agents showed.

A question counts for its article (`is_proven`) once an agent sent the article to somebody who asked it, or
two readers more said that it solved it than said that it did not. An editor's refusal is for ever.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import flag_modified

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.text import one_line
from knowledge_base.index.feeding import index_changes
from knowledge_base.models import Article
from knowledge_base.reading.trail import masked
from knowledge_base.steps import HelpStep, Step
from knowledge_base.vocabulary import LearnedQuestion

# From so many votes on, less those against it, readers have proved a question; one link of an agent does.
VOTES_NEEDED, LINKS_NEEDED = 2, 1
# A vote belongs to what the visitor searched so shortly before.
_ASKED_WITHIN = timedelta(minutes=30)
_LONGEST = 200
PAGE = 100


def is_proven(learned: LearnedQuestion) -> bool:
    """Whether the search takes the question for one that the article answers."""
    return not learned.is_refused and (learned.links >= LINKS_NEEDED or learned.votes >= VOTES_NEEDED)


def voted(article: Article, visitor: str, is_helpful: bool) -> None:
    """Learn from a vote, before its step is noted; a visitor's later vote takes the place of the earlier."""
    own = select(HelpStep).where(HelpStep.visitor == visitor).order_by(HelpStep.at.desc(), HelpStep.id.desc())
    asked = own.where(HelpStep.step == Step.SEARCHED, HelpStep.at > now() - _ASKED_WITHIN).limit(1)
    search = db.session.scalar(asked)
    if search is None or not search.query or search.lang != article.lang:
        return
    same = own.where(HelpStep.step == Step.VOTED, HelpStep.article_id == article.id, HelpStep.at >= search.at)
    before = db.session.scalar(same.limit(1))
    change = _worth(is_helpful) - (_worth(before.is_helpful) if before else 0)
    learned = _of(article, search.query, may_begin=is_helpful)
    if learned is not None and change:
        _count(article, learned, votes=change)


def linked(article: Article, questions: Iterable[str]) -> None:
    """Learn from an agent who answered these questions with the article; each text counts once a call."""
    for question in dict.fromkeys(filter(None, map(_question, questions))):
        learned = _of(article, question, may_begin=True)
        if learned is not None:
            _count(article, learned, links=1)


def refuse(learned: LearnedQuestion) -> None:
    """The two do not belong together; nothing is learnt of it any more."""
    _change(learned, is_refused=True)


def adopt(learned: LearnedQuestion) -> None:
    """Make it one of the questions that are written on the article; learning of it ends there."""
    article = db.session.get_one(Article, learned.article_id)
    if learned.query not in article.questions:
        article.questions = [*article.questions, learned.query]
    _change(learned, is_refused=True)
    _index(article)


def listed(
    article_id: int | None = None, before: int | None = None
) -> tuple[Sequence[tuple[LearnedQuestion, Article]], bool]:
    """What was learnt and is not refused, the newest first, of one article or all; and if there is more."""
    chosen: Select[LearnedQuestion, Article] = (
        select(LearnedQuestion, Article)
        .join(Article, Article.id == LearnedQuestion.article_id)
        .options(joinedload(Article.shelf))
        .where(LearnedQuestion.is_refused.is_(False))
    )
    if article_id is not None:
        chosen = chosen.where(LearnedQuestion.article_id == article_id)
    if before is not None:
        chosen = chosen.where(LearnedQuestion.id < before)
    rows = db.session.execute(chosen.order_by(LearnedQuestion.id.desc()).limit(PAGE + 1)).all()
    return [(row[0], row[1]) for row in rows[:PAGE]], len(rows) > PAGE


def _worth(is_helpful: bool | None) -> int:
    return 0 if is_helpful is None else 1 if is_helpful else -1


def _question(text: str) -> str:
    return masked(one_line(text))[:_LONGEST]


def _of(article: Article, question: str, *, may_begin: bool) -> LearnedQuestion | None:
    """The row of a question; a new one where it may begin, and none for what the article says already."""
    query = _question(question)
    own = select(LearnedQuestion).where(
        LearnedQuestion.article_id == article.id, LearnedQuestion.query == query
    )
    learned = db.session.scalar(own)
    if learned is None and may_begin and query not in (article.title, *article.questions):
        learned = LearnedQuestion(article_id=article.id, query=query, votes=0, links=0, is_refused=False)
        db.session.add(learned)
    return learned


def _count(article: Article, learned: LearnedQuestion, *, votes: int = 0, links: int = 0) -> None:
    was_proven = is_proven(learned)
    learned.votes += votes
    learned.links += links
    learned.at = now()
    if is_proven(learned) != was_proven:
        _index(article)


def _change(learned: LearnedQuestion, *, is_refused: bool) -> None:
    was_proven, learned.is_refused = is_proven(learned), is_refused
    if is_proven(learned) != was_proven:
        _index(db.session.get_one(Article, learned.article_id))


def _index(article: Article) -> None:
    """Let the index take the article anew: another version of it is one that the index does not have."""
    flag_modified(article, "questions")
    db.session.flush()
    index_changes.later(key=article.lang, lang=article.lang)
