"""One import from end to end: read, check, compare, write. All of it or nothing."""

from collections.abc import Callable
from pathlib import Path

from flask import current_app

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.core.text import one_line
from knowledge_base.acts import LONGEST_NOTE
from knowledge_base.transfer.importing import freshdesk, help_centres, json_lines, markdown_files, zendesk
from knowledge_base.transfer.importing.belongings import Addresses, Files, missing
from knowledge_base.transfer.importing.checking import Draft, checked, said
from knowledge_base.transfer.importing.links import Links
from knowledge_base.transfer.importing.merging import Plan, known_of, merge
from knowledge_base.transfer.importing.pages import N_, BadSource, Bundle, Fault, Imported
from knowledge_base.transfer.importing.shelving import Shelves
from knowledge_base.transfer.importing.sources import Source, open_source
from knowledge_base.transfer.importing.writing import Writer
from knowledge_base.writing.addressing import slug_of

MOST_SAMPLES = 20
# How often somebody who waits is told how far it is, in pages.
_TOLD_EVERY = 200

Told = Callable[[str, int, int], None]


def take(
    path: Path,
    lang: str = "",
    *,
    by: Agent | None = None,
    name: str = "",
    dry_run: bool = False,
    overwrite: bool = False,
    told: Told | None = None,
) -> Imported:
    """Write all articles of a file, a folder or a zip. Nothing is committed; with faults nothing is written.

    lang: for those that name none. overwrite: also over what was changed here. told: hears how far it is
    (step, done, of how many). Raises `OSError` where the path cannot be read.
    """
    done = Imported()
    source = None
    try:
        source = open_source(path, name)
        run = _Run(source, done, by=by, note=name or path.name, overwrite=overwrite, told=told)
        run.go(lang, dry_run=dry_run)
    except BadSource as error:
        done.fail(Fault(name or str(path), error.message, error.line, error.values))
    finally:
        if source is not None:
            source.close()
    return done


class _Run:
    """What the steps of one import hand on."""

    def __init__(
        self,
        source: Source,
        done: Imported,
        *,
        by: Agent | None,
        note: str,
        overwrite: bool,
        told: Told | None,
    ) -> None:
        self.source, self.done, self.by, self.overwrite = source, done, by, overwrite
        self.note = one_line(f"Import: {note}")[:LONGEST_NOTE]
        self.told = told or (lambda _step, _at, _of: None)
        self.bundle, self.files = Bundle(), Files(source)
        self.drafts: list[Draft] = []
        self.plans: list[Plan] = []

    def go(self, lang: str, *, dry_run: bool) -> None:
        """All steps, the writing ones only where nothing is wrong."""
        self.read(lang)
        if not self.done.faults and not dry_run:
            self.lay_files()
        self.plan()
        if not self.done.faults and not dry_run:
            self.write()

    def read(self, lang: str) -> None:
        """Everything that needs no database: reading, translating, checking. The long part."""
        for path, why in self.source.refused:
            self.done.warn(Fault(self.source.place(path), why))
        self.bundle = _bundle(self.source, lang, self.done)
        pages = self.bundle.pages
        largest = current_app.config["HELPDESK_MAX_UPLOAD"]
        self.links = Links(self.source, pages, self.done, largest_file=largest)
        for number, page in enumerate(pages):
            if number % _TOLD_EVERY == 0:
                self.told("read", number, len(pages))
            self.links.take_up(page)
            if (draft := checked(page, self.done)) is not None:
                self.drafts.append(draft)
                missing(page, self.source, self.done)
        if not pages and not self.done.faults:
            self.done.fail(Fault(self.source.name, N_("no articles found")))
        self._refuse_twins()

    def lay_files(self) -> None:
        """Put the files in their place while everybody may still write; without rows they are nobody's."""
        for draft in self.drafts:
            self.files.lay(draft.page)

    def plan(self) -> None:
        """Compare with what stands here; the texts get their addresses. On SQLite nobody else writes now."""
        self.told("compare", 0, len(self.drafts))
        self.shelves, self.addresses = Shelves(), Addresses()
        known = known_of(self.drafts, self.shelves)
        self.plans = [Plan(draft, known.get(number)) for number, draft in enumerate(self.drafts)]
        self.by_page = {plan.draft.page.number: plan for plan in self.plans}
        for plan in self.plans:
            self._place(plan)
        if not self.done.faults:
            for plan in self.plans:
                self._compare(plan)
        self._sample()

    def write(self) -> None:
        """The short part, in one transaction."""
        for shelf in self.bundle.shelves:
            self.shelves.tell(shelf)
        writer = Writer(self.shelves, by=self.by, note=self.note)
        new = [plan for plan in self.plans if plan.known is None]
        changed = [plan for plan in self.plans if plan.taken]
        self.told("write", 0, len(new) + len(changed))
        writer.make(new)
        for plan in new:
            plan.slug = plan.slug or self.addresses.free(plan.draft.lang, f"a-{plan.id}")
        texts = {plan.id: self._text(plan) for plan in (*new, *changed)}
        writer.write([*new, *changed], texts)
        self.addresses.lead([*new, *changed], self.done)
        if count := self.files.attach([*new, *changed], self.by):
            self.done.counts["files"] = count
        db.session.flush()

    def _place(self, plan: Plan) -> None:
        """The id and the address it has, or will have."""
        draft = plan.draft
        if plan.known is not None:
            plan.id, plan.slug = plan.known.row.id, plan.known.row.slug
            return
        wanted = next(filter(None, map(slug_of, (draft.slug, draft.page.slug_hint, draft.title))), "")
        # What can make no address of its own gets one of its number.
        plan.slug = self.addresses.free(draft.lang, wanted) if wanted else ""

    def _compare(self, plan: Plan) -> None:
        stable = self.links.settle(plan.draft.body, self._lasting)
        plan.said = said(plan.draft, stable)
        for name in ("published_at", "updated_at", "created_at", "changes"):
            plan.said.pop(name, None)
        if plan.draft.page.files:
            plan.said["files"] = self.files.hash_of(plan.draft.page.files)
        merge(plan, self._text(plan), overwrite=self.overwrite)
        if plan.conflicts:
            names = ", ".join(sorted(plan.conflicts))
            self.done.conflicts.append(
                plan.draft.page.fault(N_("changed here and there: %(names)s"), names=names)
            )
            plan.taken = set()
        kind = "created" if plan.known is None else "updated" if plan.taken else "skipped"
        self.done.counts[kind] += 1

    def _text(self, plan: Plan) -> str:
        return self.links.settle(plan.draft.body, self._address)

    def _address(self, number: int) -> str:
        plan = self.by_page.get(number)
        return f"/kb/{plan.draft.lang}/{plan.slug}" if plan else ""

    def _lasting(self, number: int) -> str:
        plan = self.by_page.get(number)
        return f"{plan.draft.external_id or plan.slug}:{plan.draft.lang}" if plan else ""

    def _refuse_twins(self) -> None:
        """Two articles of one import must not be the same."""
        seen: dict[tuple[str, str], Draft] = {}
        for draft in self.drafts:
            if draft.external_id is None:
                continue
            first = seen.setdefault((draft.external_id, draft.lang), draft)
            if first is not draft:
                place = first.page.fault("").place
                told = N_("the id %(id)s is also that of %(place)s")
                self.done.fail(draft.page.fault(told, id=draft.external_id, place=place))

    def _sample(self) -> None:
        changed = [plan for plan in self.plans if plan.known is None or plan.taken] or self.plans
        step = max(1, len(changed) // MOST_SAMPLES)
        for plan in changed[::step][:MOST_SAMPLES]:
            draft = plan.draft
            told = {"lang": draft.lang, "title": draft.title, "category": " / ".join(draft.category or ())}
            kind = "created" if plan.known is None else "updated" if plan.taken else "skipped"
            self.done.samples.append({**told, "kind": kind, "body": self._text(plan)})


def _bundle(source: Source, lang: str, done: Imported) -> Bundle:
    """The articles in whatever form they come."""
    only = getattr(source, "only", None)
    paths = [only] if only else source.paths
    if any(path.lower().endswith(markdown_files.SUFFIXES) for path in paths):
        return markdown_files.read(source, lang, done)
    lines = [path for path in paths if path.endswith((".jsonl", ".ndjson"))]
    if lines:
        return json_lines.read(source, lines, lang, done)
    files = [path for path in paths if path.endswith(".json")]
    if len(files) == 1 and _is_lines(source, files[0]):
        return json_lines.read(source, files, lang, done)
    if not files and only:
        return markdown_files.read(source, lang, done)
    told = help_centres.answers(source, files, done)
    if zendesk.is_guide(told):
        return zendesk.read(source, told, lang, done)
    if freshdesk.is_solutions(told):
        return freshdesk.read(source, told, lang, done)
    return Bundle()


def _is_lines(source: Source, path: str) -> bool:
    """Whether a .json file holds JSON lines under our names, and not the answer of an API."""
    head = source.read(path)[:2_000_000].decode("utf-8", errors="replace").lstrip()
    first = head.partition("\n")[0]
    return (
        first.startswith("{")
        and first.rstrip().endswith("}")
        and '"title"' in first
        and '"articles"' not in first
    )
