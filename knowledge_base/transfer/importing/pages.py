"""What is read from files before it becomes articles: pages, categories, and what is wrong with them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# Of warnings that are alike, so many are told one by one.
MOST_ALIKE = 20


def N_(message: str) -> str:
    """Marks a sentence that is translated where it is shown."""
    return message


class BadSource(Exception):
    """A file cannot be read at all; `message` is a sentence of ours, `values` fill it in."""

    def __init__(self, message: str, line: int | None = None, **values: object) -> None:
        super().__init__(message % values)
        self.message, self.line, self.values = message, line, values


@dataclass(frozen=True)
class Fault:
    """What is wrong with one article, and where: the file, and the line where lines count.

    message: a sentence with places for `values`, so that it can be said in every language.
    """

    file: str
    message: str
    line: int | None = None
    values: dict[str, object] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"

    @property
    def words(self) -> str:
        """The sentence in English."""
        return self.message % self.values

    @property
    def as_json(self) -> dict[str, Any]:
        return {"place": self.place, "file": self.file, "line": self.line, "message": self.words}

    @property
    def kept(self) -> dict[str, Any]:
        """As a row of the database keeps it, to be said in the reader's language later."""
        values = {name: str(value) for name, value in self.values.items()}
        return {"place": self.place, "message": self.message, "values": values}


@dataclass
class Page:
    """One article as its file tells it. facts: by the names that JSON lines give them, only those stated."""

    file: str
    facts: dict[str, Any]
    line: int | None = None
    # Its path in the folder without ending and language; links among pages go by it.
    path: str = ""
    # Other names that links call it by.
    names: Sequence[str] = ()
    # An address to make the slug of, where none is stated.
    slug_hint: str = ""
    # Anchors that the source gave to headings by name: the name and the words of the heading.
    anchors: dict[str, str] = field(default_factory=dict)
    # What the text shows or offers: the name in the text, the file in the source.
    files: dict[str, str] = field(default_factory=dict)
    # Files that lie in the source for addresses elsewhere.
    beside: dict[str, str] = field(default_factory=dict)
    # What such a file is called, where its name in the source is another.
    called: dict[str, str] = field(default_factory=dict)
    # Its place among all pages of the import.
    number: int = -1
    # Written by our own export: nothing of its text needs to be translated.
    is_ours: bool = False

    @property
    def lang(self) -> str:
        return str(self.facts.get("lang") or "")

    def fault(self, message: str, **values: object) -> Fault:
        return Fault(self.file, message, self.line, values)


@dataclass(frozen=True)
class Shelf:
    """A category that the source names by itself: its path in one language, its names in both."""

    path: tuple[str, ...]
    lang: str
    names: dict[str, str] = field(default_factory=dict)
    position: int | None = None


@dataclass
class Imported:
    """What an import did, or would do; with faults it did nothing."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    # Taken, but not quite as it was.
    warnings: list[Fault] = field(default_factory=list)
    # Changed there and here: left as it is here.
    conflicts: list[Fault] = field(default_factory=list)
    # A few of the pages as they will look: (lang, category, title, Markdown).
    samples: list[dict[str, Any]] = field(default_factory=list)
    _alike: Counter[str] = field(default_factory=Counter)

    def fail(self, fault: Fault) -> None:
        self.faults.append(fault)

    def warn(self, fault: Fault) -> None:
        """Note it; of those alike only the first are kept, all are counted."""
        self.counts["warnings"] += 1
        self._alike[fault.message] += 1
        if self._alike[fault.message] <= MOST_ALIKE:
            self.warnings.append(fault)

    @property
    def as_json(self) -> dict[str, Any]:
        """As the command prints it."""
        names = ("created", "updated", "skipped")
        return {
            **{name: self.counts[name] for name in names},
            "files": self.counts["files"],
            "errors": [fault.as_json for fault in self.faults],
            "conflicts": [fault.as_json for fault in self.conflicts],
            "warnings": [fault.as_json for fault in self.warnings],
            "warnings_total": self.counts["warnings"],
        }


@dataclass
class Bundle:
    """All that one source holds."""

    pages: list[Page] = field(default_factory=list)
    shelves: list[Shelf] = field(default_factory=list)
