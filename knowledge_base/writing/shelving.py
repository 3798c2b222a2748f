"""What editors do with categories: add, rename, move, take away; and the order of articles within one.

All see the tree under a lock, so that two who move categories in the same moment make no ring of them.
"""

import enum
from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, bindparam, func, select, update

from helpdesk.core.db import db
from helpdesk.core.text import one_line
from knowledge_base.categories import DEEPEST, LONGEST_NAME, Category, Shelf, Tree
from knowledge_base.models import Article
from knowledge_base.reading.related import ORDER

MOST_ORDERED = 500


class Step(enum.Enum):
    """A step of a category in the tree, or of an article in its category, as a key or a button takes it."""

    UP = "up"
    DOWN = "down"
    # Into the category above it, as its last; out of the one that it lies in, behind that.
    IN = "in"
    OUT = "out"


class Refused(Exception):
    """The change cannot be made; `why` is one of nameless, inside, too-deep, taken, gone."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def add(name_ja: str, name_en: str, parent_id: int | None = None) -> Category:
    """A new category, the last of its parent's. Raises `Refused`."""
    tree = _locked()
    parent = tree.by_id.get(parent_id) if parent_id is not None else None
    if parent is not None and len(tree.ancestors(parent)) >= DEEPEST:
        raise Refused("too-deep")
    beside = tree.children(parent.id if parent else None)
    made = Category(parent_id=parent.id if parent else None)
    _name(made, name_ja, name_en, beside)
    db.session.add(made)
    _number([*beside, made])
    db.session.flush()
    return made


def rename(category: Category, name_ja: str, name_en: str) -> None:
    """Call it otherwise. Raises `Refused` without any name, or with one that a category beside it has."""
    beside = [each for each in _locked(category).children(category.parent_id) if each.id != category.id]
    _name(category, name_ja, name_en, beside)


def take_step(category: Category, step: Step) -> None:
    """Move it by one; where there is nothing to pass, it stays. Raises `Refused` for too deep."""
    tree = _locked(category)
    beside = list(tree.children(category.parent_id))
    place = [each.id for each in beside].index(category.id)
    if step in (Step.UP, Step.DOWN):
        other = place + (1 if step is Step.DOWN else -1)
        if 0 <= other < len(beside):
            beside.insert(other, beside.pop(place))
            _number(beside)
    elif step is Step.IN and place:
        _put(tree, category, beside[place - 1].id, None)
    elif step is Step.OUT and category.parent_id is not None:
        parent = tree.by_id[category.parent_id]
        around = list(tree.children(parent.parent_id))
        behind = [each.id for each in around].index(parent.id) + 1
        before = around[behind].id if behind < len(around) else None
        _put(tree, category, parent.parent_id, before)


def put(category: Category, parent_id: int | None, before_id: int | None = None) -> None:
    """Put it into a parent (None is the top), before one of those there, else as the last.

    Raises `Refused` where it would lie in itself or too deep.
    """
    _put(_locked(category), category, parent_id, before_id)


def remove(category: Category, destination: Category | None) -> int:
    """Take it away: its articles go to the destination (None: to no category), categories in it up.

    Returns how many articles were moved. Raises `Refused` where the destination is the category itself.
    """
    tree = _locked(category)
    if destination is not None and destination.id == category.id:
        raise Refused("inside")
    beside, inside = list(tree.children(category.parent_id)), list(tree.children(category.id))
    place = [each.id for each in beside].index(category.id)
    for child in inside:
        child.parent_id = category.parent_id
    _number([*beside[:place], *inside, *beside[place + 1 :]])
    own = update(Article).where(Article.category_id == category.id)
    moved = db.session.execute(
        own.values(category_id=destination.id if destination else None, position=0),
        execution_options={"synchronize_session": False},
    )
    db.session.flush()
    db.session.delete(category)
    db.session.flush()
    return int(moved.rowcount)  # type: ignore[attr-defined]


def articles_of(category: Category, lang: str) -> list[Article]:
    """All articles of a language that lie in a category itself, in its order, whoever may read them."""
    own = select(Article).where(Article.category_id == category.id, Article.lang == lang)
    return list(db.session.scalars(own.order_by(*ORDER).limit(MOST_ORDERED)))


def order(article: Article, *, step: Step | None = None, before_id: int | None = None) -> None:
    """Move an article in its category by one step up or down, or before another one (None: to the end)."""
    category = db.session.get(Category, article.category_id) if article.category_id else None
    if category is None:
        return
    _locked()
    ids = [each.id for each in articles_of(category, article.lang)]
    place = ids.index(article.id)
    ids.pop(place)
    if step is not None:
        target = place + (1 if step is Step.DOWN else -1)
    else:
        target = ids.index(before_id) if before_id in ids else len(ids)
    ids.insert(max(0, target), article.id)
    # Not through the article's version: whoever edits its words must not be stopped by its place.
    articles = cast(Table, Article.__table__)
    placed = update(articles).where(articles.c.id == bindparam("row")).values(position=bindparam("place"))
    db.session.execute(placed, [{"row": id, "place": number} for number, id in enumerate(ids, 1)])


def may_hold(tree: Tree, category: Category) -> Sequence[Shelf]:
    """The categories that may take the articles of this one."""
    return [shelf for shelf in tree.all if shelf.category.id != category.id]


def _locked(category: Category | None = None) -> Tree:
    """The tree, which nobody else changes until our transaction ends. Raises `Refused` where it lacks it."""
    rows = select(Category).order_by(Category.id).with_for_update()
    tree = Tree(db.session.scalars(rows.execution_options(populate_existing=True)).all())
    if category is not None and category.id not in tree.by_id:
        raise Refused("gone")
    return tree


def _name(category: Category, name_ja: str, name_en: str, beside: Sequence[Category]) -> None:
    ja, en = (one_line(name)[:LONGEST_NAME].replace(" / ", "/") for name in (name_ja, name_en))
    if not ja and not en:
        raise Refused("nameless")
    if any((ja and other.name_ja == ja) or (en and other.name_en == en) for other in beside):
        raise Refused("taken")
    category.name_ja, category.name_en = ja, en


def _put(tree: Tree, category: Category, parent_id: int | None, before_id: int | None) -> None:
    parent = tree.by_id.get(parent_id) if parent_id is not None else None
    if parent is not None and parent.id in tree.ids_below(category):
        raise Refused("inside")
    above = len(tree.ancestors(parent)) if parent else 0
    if above + _height(tree, category) > DEEPEST:
        raise Refused("too-deep")
    beside = [each for each in tree.children(parent.id if parent else None) if each.id != category.id]
    place = next((n for n, each in enumerate(beside) if each.id == before_id), len(beside))
    beside.insert(place, category)
    category.parent_id = parent.id if parent else None
    _number(beside)


def _height(tree: Tree, category: Category) -> int:
    """Itself and the categories below it, counted along the longest way down."""
    return 1 + max((_height(tree, child) for child in tree.children(category.id)), default=0)


def _number(categories: Sequence[Category]) -> None:
    for position, category in enumerate(categories):
        category.position = position


def counts() -> dict[int | None, dict[str, int]]:
    """How many articles lie in each category itself, by language; under None those that lie in none."""
    rows = select(Article.category_id, Article.lang, func.count(Article.id))
    found: dict[int | None, dict[str, int]] = {}
    for id, lang, count in db.session.execute(rows.group_by(Article.category_id, Article.lang)):
        found.setdefault(id, {})[lang] = count
    return found
