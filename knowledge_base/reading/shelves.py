"""Categories as readers walk through them: only those in which there is something for them to read."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from helpdesk.core.db import db
from knowledge_base.categories import Category, Shelf, Tree
from knowledge_base.models import Article, Viewer
from knowledge_base.reading.related import LEAF, ORDER, Leaf

# Articles of one category that its page lists.
MOST_LISTED = 300


@dataclass(frozen=True)
class Branch:
    """A category with what a reader finds in it. count: of it and all below; articles: the first few."""

    category: Category
    count: int
    articles: Sequence[Leaf] = ()
    children: Sequence["Branch"] = field(default_factory=list)


@dataclass(frozen=True)
class CategoryPage:
    """All that a category's page shows. path: from the top down, itself the last."""

    path: Sequence[Category]
    branch: Branch
    articles: Sequence[Article]


class Shelves:
    """The categories with the articles of one language that a viewer may read; three statements at most."""

    def __init__(self, lang: str, viewer: Viewer, *, taste: int = 0) -> None:
        """taste: articles shown of each category."""
        self.lang, self.viewer = lang, viewer
        self.tree = Tree.load()
        self._counts: dict[int, int] = {}
        self._first: dict[int, list[Leaf]] = {}
        self._taste = taste
        self._count() if not taste else self._look_in()

    @property
    def top(self) -> list[Branch]:
        return self._filled(self.tree.top)

    def page(self, id: int) -> CategoryPage | None:
        """The page of a category; None where there is none, or nothing to read in it."""
        category = self.tree.by_id.get(id)
        shelf = next((each for each in self.tree.all if each.category.id == id), None)
        branches = self._filled([shelf] if shelf else [])
        if category is None or not branches:
            return None
        own = Article.readable_by(self.viewer).where(
            Article.lang == self.lang, Article.category_id == category.id
        )
        articles = db.session.scalars(own.order_by(*ORDER).limit(MOST_LISTED)).all()
        return CategoryPage(self.tree.ancestors(category), branches[0], articles)

    def _filled(self, shelves: Sequence[Shelf]) -> list[Branch]:
        branches = (self._branch(shelf) for shelf in shelves)
        return [branch for branch in branches if branch.count]

    def _branch(self, shelf: Shelf) -> Branch:
        children = self._filled(shelf.children)
        own = self._counts.get(shelf.category.id, 0)
        articles = [*self._first.get(shelf.category.id, ())]
        # What lies in the categories below comes where the category itself has too little.
        articles += [leaf for child in children for leaf in child.articles]
        count = own + sum(child.count for child in children)
        return Branch(shelf.category, count, articles[: self._taste], children)

    def _count(self) -> None:
        own = Article.readable_by(self.viewer).where(Article.lang == self.lang)
        counts = own.with_only_columns(Article.category_id, func.count(Article.id))
        rows = db.session.execute(counts.group_by(Article.category_id))
        self._counts = {id: count for id, count in rows if id is not None}

    def _look_in(self) -> None:
        """The first articles of each category in its order, and how many there are, in one statement."""
        own = Article.readable_by(self.viewer).where(
            Article.lang == self.lang, Article.category_id.is_not(None)
        )
        place = func.row_number().over(partition_by=Article.category_id, order_by=ORDER).label("place")
        count = func.count().over(partition_by=Article.category_id).label("count")
        ranked = own.with_only_columns(*LEAF, Article.category_id, place, count).subquery()
        first = select(ranked).where(ranked.c.place <= self._taste).order_by(ranked.c.place)
        for *leaf, category_id, _place, number in db.session.execute(first):
            self._counts[category_id] = number
            self._first.setdefault(category_id, []).append(Leaf(*leaf))
