"""Categories: a tree in an order that editors choose, with a name in each language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.db import Model, db
from helpdesk.core.text import one_line

# Between the names of a category and of those it lies in, as files and programs write it.
PATH = " / "
# How deep a path goes; what is deeper is put into the last.
DEEPEST = 4
LONGEST_NAME = 100


class Category(Model):
    """One shelf of the help centre. Articles of all languages lie in it; it may lie in another."""

    __tablename__ = "categories"
    __table_args__ = (Index("ix_categories_parent_id_position", "parent_id", "position"),)

    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    # Among those with the same parent.
    position: Mapped[int] = mapped_column(default=0)
    # Empty where it has none in that language yet; then it shows the other one.
    name_ja: Mapped[str] = mapped_column(default="")
    name_en: Mapped[str] = mapped_column(default="")

    def name(self, lang: str) -> str:
        return (self.name_ja or self.name_en) if lang == "ja" else (self.name_en or self.name_ja)


@dataclass
class Shelf:
    """A category in the tree. depth: 0 at the top."""

    category: Category
    depth: int
    children: list["Shelf"] = field(default_factory=list)

    def walk(self) -> Iterable["Shelf"]:
        """Itself, then all below it, in their order."""
        yield self
        for child in self.children:
            yield from child.walk()


class Tree:
    """All categories in one reading; they are few."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self.by_id = {category.id: category for category in categories}
        self._below: dict[int | None, list[Category]] = {}
        for category in sorted(categories, key=lambda each: (each.position, each.id)):
            self._below.setdefault(category.parent_id, []).append(category)

    @classmethod
    def load(cls) -> "Tree":
        return cls(db.session.scalars(select(Category)).all())

    @property
    def top(self) -> list[Shelf]:
        return self._shelves(None, 0)

    @property
    def all(self) -> list[Shelf]:
        """Every category in reading order."""
        return [shelf for top in self.top for shelf in top.walk()]

    def children(self, parent_id: int | None) -> Sequence[Category]:
        return self._below.get(parent_id, ())

    def ancestors(self, category: Category) -> list[Category]:
        """From the top to the category itself."""
        way = [category]
        while (parent_id := way[0].parent_id) is not None:
            way.insert(0, self.by_id[parent_id])
        return way

    def ids_below(self, category: Category) -> set[int]:
        """The category's id and those of all that lie in it."""
        found, waiting = set(), [category]
        while waiting:
            found.add((each := waiting.pop()).id)
            waiting += self.children(each.id)
        return found

    def _shelves(self, parent_id: int | None, depth: int) -> list[Shelf]:
        return [Shelf(each, depth, self._shelves(each.id, depth + 1)) for each in self.children(parent_id)]


def path_of(category: Category | None, lang: str) -> str:
    """The names from the top down, as `at_path` takes them; empty for none."""
    if category is None:
        return ""
    if category.parent_id is None:
        return category.name(lang)
    return PATH.join(each.name(lang) for each in Tree.load().ancestors(category))


def at_path(path: str, lang: str) -> Category | None:
    """The category that a path names in a language, made where it is missing; None for an empty path."""
    found: Category | None = None
    names = [name for part in path.split(PATH) if (name := one_line(part)[:LONGEST_NAME])]
    for name in names[:DEEPEST]:
        found = _child(found, name, lang)
    return found


def _child(parent: Category | None, name: str, lang: str) -> Category:
    parent_id = parent.id if parent else None
    own, other = (
        (Category.name_ja, Category.name_en) if lang == "ja" else (Category.name_en, Category.name_ja)
    )
    below = select(Category).where(Category.parent_id == parent_id)
    # Without a name in this language it shows the other one, and is found again by what it shows.
    is_it = (own == name) | ((own == "") & (other == name))
    known = db.session.scalar(below.where(is_it).order_by(own == "", Category.id).limit(1))
    if known is not None:
        return known
    last = db.session.scalar(below.with_only_columns(func.max(Category.position)))
    made = Category(parent_id=parent_id, position=0 if last is None else last + 1, **{f"name_{lang}": name})
    db.session.add(made)
    db.session.flush()
    return made
