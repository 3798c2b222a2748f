"""What comes with the text: files beside it, and addresses that it had elsewhere."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select

from helpdesk.accounts.models import Agent
from helpdesk.core import files
from helpdesk.core.clock import now
from helpdesk.core.db import db, insert_into
from knowledge_base.belongings import ArticleFile, ArticleMove
from knowledge_base.models import Article
from knowledge_base.transfer.importing.merging import CHUNK, Plan
from knowledge_base.transfer.importing.pages import N_, BadSource, Imported, Page
from knowledge_base.transfer.importing.sources import Source
from knowledge_base.writing.addressing import slug_of


class Files:
    """The files of one source, each read, laid down and kept once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._hashes: dict[str, str] = {}
        self._laid: dict[str, dict[str, Any]] = {}

    def hash_of(self, files: dict[str, str]) -> str:
        """One hash for names and contents."""
        told = sorted((name, self._hash(path)) for name, path in files.items())
        return sha256(repr(told).encode()).hexdigest()[:16]

    def lay(self, page: Page) -> None:
        """Write the files of a page to the disk, as long as nobody waits for us to write rows."""
        for name, path in page.files.items():
            if path not in self._laid:
                self._laid[path] = files.lay(self.source.read(path), name)
                self._hashes[path] = self._laid[path]["sha256"]

    def attach(self, plans: Sequence[Plan], by: Agent | None) -> int:
        """Give articles their files; one of the same name takes the place of the one before. How many."""
        named = [
            (plan.id, name, path) for plan in plans for name, path in sorted(plan.draft.page.files.items())
        ]
        laid = {path: self._laid[path] for _id, _name, path in named}
        ids: dict[str, int] = {}
        for n in range(0, len(laid), CHUNK):
            ids |= files.keep_laid([*laid.values()][n : n + CHUNK])
        told = {"agent_id": by.id if by else None, "created_at": now()}
        rows = [
            {"article_id": id, "name": name, "file_id": ids[laid[path]["sha256"]], **told}
            for id, name, path in named
        ]
        row = insert_into(ArticleFile)
        new = {name: row.excluded[name] for name in ("file_id", "agent_id", "created_at")}
        if rows:
            db.session.execute(
                row.on_conflict_do_update(index_elements=["article_id", "name"], set_=new), rows
            )
        return len(rows)

    def _hash(self, path: str) -> str:
        if path not in self._hashes:
            self._hashes[path] = sha256(self.source.read(path)).hexdigest()
        return self._hashes[path]


def missing(page: Page, source: Source, done: Imported) -> None:
    """A file that a page names and the source does not hold is a fault of that page."""
    for name, path in page.files.items():
        if path not in source:
            done.fail(page.fault(N_("the file %(file)s is not there"), file=path))
            continue
        try:
            source.size(path)
        except (BadSource, OSError):
            done.fail(page.fault(N_("the file %(file)s is not there"), file=name))


class Addresses:
    """All addresses that are taken, for new articles and for those that lead to them."""

    def __init__(self) -> None:
        self.taken = {(row.lang, row.slug) for row in db.session.execute(select(Article.lang, Article.slug))}
        moved = db.session.execute(select(ArticleMove.lang, ArticleMove.slug, ArticleMove.article_id))
        self._leads_to = {(row.lang, row.slug): row.article_id for row in moved}
        self.taken |= self._leads_to.keys()
        self._numbers: dict[tuple[str, str], int] = {}

    def free(self, lang: str, wanted: str) -> str:
        """The address, with a number where it is taken; it is taken from now on."""
        slug, number = wanted, self._numbers.get((lang, wanted), 2)
        while (lang, slug) in self.taken:
            slug, number = f"{wanted}-{number}", number + 1
        self._numbers[lang, wanted] = number
        self.taken.add((lang, slug))
        return slug

    def lead(self, plans: Sequence[Plan], done: Imported) -> None:
        """Let the addresses that pages had elsewhere lead to the articles."""
        rows = [row for plan in plans for row in self._moves(plan, done)]
        if rows:
            db.session.execute(insert(ArticleMove), rows)

    def _moves(self, plan: Plan, done: Imported) -> Iterator[dict[str, Any]]:
        for alias in plan.draft.aliases:
            parts = [part for part in alias.split("?")[0].strip("/").split("/") if part]
            slug = slug_of(parts[-1].removesuffix(".html")) if parts else ""
            if not slug or slug == plan.slug or self._leads_to.get((plan.draft.lang, slug)) == plan.id:
                continue
            if (plan.draft.lang, slug) in self.taken:
                done.warn(
                    plan.draft.page.fault(N_("the address %(address)s is another article's"), address=alias)
                )
                continue
            self.taken.add((plan.draft.lang, slug))
            yield {"lang": plan.draft.lang, "slug": slug, "article_id": plan.id}
