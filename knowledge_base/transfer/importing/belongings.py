"""What comes with the text: files beside it, and addresses that it had elsewhere."""

from hashlib import sha256

from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db, insert_into
from helpdesk.core.files import keep
from knowledge_base.belongings import ArticleFile, ArticleMove
from knowledge_base.models import Article
from knowledge_base.transfer.importing.merging import Plan
from knowledge_base.transfer.importing.pages import N_, BadSource, Imported
from knowledge_base.transfer.importing.sources import Source
from knowledge_base.writing.addressing import slug_of


class Files:
    """The files of one source, each read and kept once."""

    def __init__(self, source: Source, done: Imported) -> None:
        self.source, self.done = source, done
        self._hashes: dict[str, str] = {}
        self._kept: dict[str, int] = {}

    def hash_of(self, files: dict[str, str]) -> str:
        """One hash for names and contents."""
        told = sorted((name, self._hash(path)) for name, path in files.items())
        return sha256(repr(told).encode()).hexdigest()[:16]

    def attach(self, plan: Plan, by: Agent | None) -> int:
        """Give an article its files; one of the same name takes the place of the one before. How many."""
        for name, path in sorted(plan.draft.page.files.items()):
            if path not in self._kept:
                self._kept[path] = keep(self.source.read(path), name).id
            told = {"file_id": self._kept[path], "agent_id": by.id if by else None, "created_at": now()}
            row = insert_into(ArticleFile).values(article_id=plan.id, name=name, **told)
            db.session.execute(row.on_conflict_do_update(index_elements=["article_id", "name"], set_=told))
        return len(plan.draft.page.files)

    def _hash(self, path: str) -> str:
        if path not in self._hashes:
            self._hashes[path] = sha256(self.source.read(path)).hexdigest()
        return self._hashes[path]


def missing(plan: Plan, source: Source, done: Imported) -> None:
    """A file that a page names and the source does not hold is a fault of that page."""
    for name, path in plan.draft.page.files.items():
        if path not in source:
            done.fail(plan.draft.page.fault(N_("the file %(file)s is not there"), file=path))
            continue
        try:
            source.size(path)
        except (BadSource, OSError):
            done.fail(plan.draft.page.fault(N_("the file %(file)s is not there"), file=name))


class Addresses:
    """All addresses that are taken, for new articles and for those that lead to them."""

    def __init__(self) -> None:
        self.taken = {(row.lang, row.slug) for row in db.session.execute(select(Article.lang, Article.slug))}
        moved = select(ArticleMove.lang, ArticleMove.slug)
        self.taken |= {(row.lang, row.slug) for row in db.session.execute(moved)}
        self._numbers: dict[tuple[str, str], int] = {}

    def free(self, lang: str, wanted: str) -> str:
        """The address, with a number where it is taken; it is taken from now on."""
        slug, number = wanted, self._numbers.get((lang, wanted), 2)
        while (lang, slug) in self.taken:
            slug, number = f"{wanted}-{number}", number + 1
        self._numbers[lang, wanted] = number
        self.taken.add((lang, slug))
        return slug

    def lead(self, plan: Plan, done: Imported) -> None:
        """Let the addresses that the page had elsewhere lead to the article."""
        for alias in plan.draft.aliases:
            parts = [part for part in alias.split("?")[0].strip("/").split("/") if part]
            slug = slug_of(parts[-1].removesuffix(".html")) if parts else ""
            if not slug or slug == plan.slug or self._leads_here(plan, slug):
                continue
            if (plan.draft.lang, slug) in self.taken:
                done.warn(
                    plan.draft.page.fault(N_("the address %(address)s is another article's"), address=alias)
                )
                continue
            self.taken.add((plan.draft.lang, slug))
            db.session.add(ArticleMove(lang=plan.draft.lang, slug=slug, article_id=plan.id))

    def _leads_here(self, plan: Plan, slug: str) -> bool:
        own = select(ArticleMove.id).where(ArticleMove.lang == plan.draft.lang, ArticleMove.slug == slug)
        return (
            plan.known is not None
            and db.session.scalar(own.where(ArticleMove.article_id == plan.id)) is not None
        )
