"""What of an article is counted, field by field: the same for every store that keeps it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.language.readings import reading_entry
from knowledge_base.language.words import spellings, words

TEXT_FIELDS = ("title", "body", "tags", "asked")
# Beside what is scored: the words that people misspell, and how words are read.
FIELDS = (*TEXT_FIELDS, "spelling", "readings")

# Soft words ("how", "教える") tell titles apart; in a text they only make noise.
_WITH_SOFT = ("title", "tags")
# A normal form may hold a space; Whoosh, which is given the terms with spaces between, takes it as two.
_TERM = re.compile(r"[^ \t\r\n]+")


@dataclass(frozen=True)
class Document:
    """An article as it is indexed: plain text, no markup. asked: questions it answers, as customers ask."""

    id: int
    title: str
    body: str
    tags: Sequence[str] = ()
    asked: Sequence[str] = ()
    # Of the article's row, to tell whether the index has it as it is now.
    version: int = 0


def terms(document: Document) -> dict[str, list[str]]:
    """The terms of each of `FIELDS`, in reading order, each as often as it is there."""
    texts = {
        "title": document.title,
        "body": document.body,
        "tags": "\n".join(document.tags),
        "asked": "\n".join(document.asked),
    }
    found = {name: words(text) for name, text in texts.items()}
    counted = {
        name: [word.term for word in found[name] if not word.is_soft or name in _WITH_SOFT]
        for name in TEXT_FIELDS
    }
    counted["spelling"] = [spelling for text in texts.values() for spelling in spellings(text)]
    entries = (reading_entry(word) for words_of_field in found.values() for word in words_of_field)
    counted["readings"] = [*dict.fromkeys(entries)]
    return {name: _TERM.findall(" ".join(counted[name])) for name in FIELDS}
