"""What of an article is given to the model: its title, and pieces of its text, each after the title."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from knowledge_base.language.prose import prose

TITLE, TEXT = "title", "text"

# Characters of a piece; a shorter rest belongs to the one before it.
_PIECE, _SHORTEST_REST = 400, 150
# Of a book the beginning: each piece costs a third of a second.
_MOST_PIECES = 16
# Where a piece may end, looked for in its last quarter.
_ENDS = "\n。！？!?"


@dataclass(frozen=True)
class Piece:
    """A text to embed. kind: title or text; number: counts the pieces of the text."""

    kind: str
    number: int
    text: str

    @property
    def place(self) -> tuple[str, int]:
        return self.kind, self.number

    @property
    def hash(self) -> str:
        return sha256(self.text.encode("utf-8", "replace")).hexdigest()[:32]


def pieces(title: str, body: str) -> list[Piece]:
    """All that is embedded of an article; body: Markdown."""
    texts = [f"{title}\n{part}" for part in parts(body)] or [title]
    return [Piece(TITLE, 0, title), *(Piece(TEXT, number, text) for number, text in enumerate(texts))]


def parts(body: str) -> list[str]:
    """The plain text of an article in parts of some 400 characters; none for an empty one."""
    return [*_parts(prose(body))]


def _parts(text: str) -> Iterator[str]:
    start = 0
    for _ in range(_MOST_PIECES):
        if start >= len(text):
            return
        end = start + _PIECE
        if len(text) - end <= _SHORTEST_REST:
            end = len(text)
        else:
            end = _sentence_end(text, start + _PIECE * 3 // 4, end)
        yield text[start:end].strip()
        start = end


def _sentence_end(text: str, earliest: int, end: int) -> int:
    """After the last sentence that ends between the two; the end itself where none does."""
    return max(text.rfind(sign, earliest, end) for sign in _ENDS) + 1 or end
