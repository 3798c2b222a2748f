"""Categories by their names, read once for a whole import and made where they are missing."""

from helpdesk.core.db import db
from helpdesk.core.text import one_line
from knowledge_base.categories import DEEPEST, LONGEST_NAME, Category, Tree
from knowledge_base.transfer.importing.pages import Shelf

Names = tuple[str, ...]


class Shelves:
    """All categories. Finds as `categories.at_path` does, without asking the database each time."""

    def __init__(self) -> None:
        self.tree = Tree.load()
        self._below: dict[int | None, list[Category]] = {}
        for shelf in self.tree.all:
            self._below.setdefault(shelf.category.parent_id, []).append(shelf.category)
        self._by_id = dict(self.tree.by_id)

    def names(self, category_id: int | None, lang: str) -> Names:
        """From the top down; empty for none."""
        names: Names = ()
        while category_id is not None:
            category = self._by_id[category_id]
            names, category_id = (category.name(lang), *names), category.parent_id
        return names

    def at(self, names: Names, lang: str) -> Category | None:
        """The category with this path in a language, made where it is missing."""
        found: Category | None = None
        for name in names[:DEEPEST]:
            found = self._child(found, name, lang) or self._make(found, {lang: name})
        return found

    def tell(self, shelf: Shelf) -> None:
        """Make a category that the source names by itself, give it the names it lacks and its place."""
        path = tuple(one_line(name)[:LONGEST_NAME] for name in shelf.path)
        if not path or not all(path) or len(path) > DEEPEST:
            return
        parent = self.at(path[:-1], shelf.lang)
        names = {lang: one_line(name)[:LONGEST_NAME] for lang, name in shelf.names.items()}
        names = {lang: name for lang, name in names.items() if name} or {shelf.lang: path[-1]}
        own = self._child(parent, path[-1], shelf.lang)
        found = own or next(
            filter(None, (self._child(parent, name, lang) for lang, name in names.items())), None
        )
        if found is None:
            self._make(parent, names, shelf.position)
            return
        for lang, name in names.items():
            if not getattr(found, f"name_{lang}"):
                setattr(found, f"name_{lang}", name)

    def _child(self, parent: Category | None, name: str, lang: str) -> Category | None:
        below = self._below.get(parent.id if parent else None, ())
        own = [each for each in below if (each.name_ja if lang == "ja" else each.name_en) == name]
        shown = [each for each in below if each.name(lang) == name]
        return next(iter(own or shown), None)

    def _make(self, parent: Category | None, names: dict[str, str], position: int | None = None) -> Category:
        parent_id = parent.id if parent else None
        below = self._below.setdefault(parent_id, [])
        last = max((each.position for each in below), default=-1)
        told = {f"name_{lang}": name for lang, name in names.items()}
        made = Category(parent_id=parent_id, position=last + 1 if position is None else position, **told)
        db.session.add(made)
        db.session.flush()
        below.append(made)
        self._by_id[made.id] = made
        return made
