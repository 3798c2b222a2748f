"""Text as the full-text index sees it: folded, cut into grams, asked for, shown with what was found.

No dictionary: Japanese (and every script written without spaces) becomes overlapping pairs of
characters, so that a run of pairs is an exact substring; everything else becomes whole words.
What `grams` makes of a text and what `parse` makes of a question must stay in step: whoever changes
one raises `VERSION` and builds the index anew.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup, escape

VERSION = 1

# Characters of a text that are indexed; what follows is a pasted log, not words someone will ask for.
LONGEST_TEXT = 200_000

_LONGEST_WORD = 64
_LONGEST_QUESTION = 400
_MOST_TERMS = 12
# A shorter word is asked for as it stands: every word that begins with "a" would be half of the index.
_SHORTEST_PREFIX = 3

# Kana, kanji, marks of repetition and length, hangul, Thai: written without spaces, or glued to particles.
_UNSPACED = (
    "\u0e01-\u0e4e\u1100-\u11ff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_COMPOUND = re.compile(r"[a-z0-9]+(?:[-'’‐‑][a-z0-9]+)+")
_JOINT = re.compile(r"[-'’‐‑]")
_PIECE = re.compile(r'["“”„‟]([^"“”„‟]*)["“”„‟]|([^\s"“”„‟、。，．！？｡､]+)')
# A dash of any kind after kana is a long vowel: サ－バ－ is typed as often as サーバー.
_DASH_AFTER_KANA = re.compile(r"(?<=[\u3041-\u3096ー])[-‐‑‒–—―−─]")
# One character as the reader sees it: half-width kana carry their marks behind them.
_CLUSTER = re.compile(r"(?s:.)[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*")


# Kanji of names and of old books, and the usual ones.
_OLD = "髙﨑濵濱邊邉齋齊斎澤櫻廣國眞栁曻嶋𠮷德惠壽榮龍瀧藪假"
_NEW = "高崎浜浜辺辺斉斉斉沢桜広国真柳昇島吉徳恵寿栄竜滝薮仮"
TODAYS_KANJI = {ord(before): after for before, after in zip(_OLD, _NEW, strict=True)}


@cache
def _run() -> re.Pattern[str]:
    """Words as they stand; made with the first text, since such a pattern takes milliseconds to make.

    Japanese letters are broken into lines in the middle of a word, so a line's end does not end a run.
    """
    return re.compile(
        rf"(?P<unspaced>[{_UNSPACED}]+(?:\r?\n[{_UNSPACED}]+)*)"
        rf"|(?P<word>(?<![a-z0-9])[a-z](?:\+\+|\#)(?![a-z0-9+\#])|[^\W_{_UNSPACED}]+)"
    )


def _letters() -> dict[int, str]:
    """What each letter is folded to after NFKC and lower case: hiragana, no accents, kanji of today."""
    kana = {code: chr(code - 0x60) for code in [*range(0x30A1, 0x30F7), 0x30FD, 0x30FE]}
    latin = {
        code: unicodedata.normalize("NFD", chr(code))[0]
        for code in [*range(0xE0, 0x250), *range(0x1E00, 0x1F00)]
    }
    return kana | latin | TODAYS_KANJI


_LETTERS = _letters()


def fold(text: str) -> str:
    """The text with width, case, accents and the two kanas made one; other characters stay in their order."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(_LETTERS)
    return _DASH_AFTER_KANA.sub("ー", folded)


def grams(text: str) -> list[str]:
    """The index's words of a text, in reading order; none for a text without letters or digits.

    A run of unspaced script gives its pairs of neighbours and its last character. Words joined by a
    hyphen or an apostrophe come in parts (wi, fi), and once more as one (wifi) after all others.
    """
    folded = fold(text[:LONGEST_TEXT])
    tokens = [token for run in _run().finditer(folded) for token in _tokens(run)]
    return tokens + [_JOINT.sub("", compound)[:_LONGEST_WORD] for compound in _COMPOUND.findall(folded)]


@dataclass(frozen=True)
class Term:
    """Words that must stand side by side; the last one may be the beginning of a longer one."""

    tokens: tuple[str, ...]
    is_prefix: bool
    # The parts of a hyphenated word written as one, or empty.
    joined: str
    # What a reader would mark, as folded pieces that only punctuation may part.
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """A question: every term must be found."""

    terms: tuple[Term, ...]

    def __bool__(self) -> bool:
        return bool(self.terms)


def parse(question: str) -> Query:
    """What someone typed, as terms: parted by spaces, kept together by double quotes. Never raises.

    Nothing in it is an operator. A question without letters or digits gives an empty query, which
    finds nothing; of a very long one the beginning counts.
    """
    terms = []
    for quoted, plain in _PIECE.findall(question[:_LONGEST_QUESTION]):
        term = _term(fold(quoted or plain), is_quoted=bool(quoted))
        if term is not None and term not in terms:
            terms.append(term)
    return Query(tuple(terms[:_MOST_TERMS]))


def snippet(text: str, query: Query, *, length: int = 160) -> Markup:
    """About `length` characters of the text around its first find, everything found in <mark>, all escaped.

    Without a find it is the text's beginning.
    """
    text = " ".join(text[:LONGEST_TEXT].split())
    found = _found(text, query)
    start = max(0, found[0][0] - length // 3) if found else 0
    start = min(start, max(0, len(text) - length))
    return marked(text, found, start, start + length)


def marked(text: str, finds: Iterable[tuple[int, int]], start: int, end: int) -> Markup:
    """The text from `start` to `end`, escaped, finds that begin there in <mark>; "…" where it is cut.

    finds: where each begins and ends, in order, none overlapping.
    """
    parts, at = [Markup("…") if start else Markup()], start
    for begin, stop in finds:
        if at <= begin < end:
            parts += [escape(text[at:begin]), Markup("<mark>"), escape(text[begin:stop]), Markup("</mark>")]
            at = stop
    parts += [escape(text[at:end]), Markup("…") if end < len(text) else Markup()]
    return Markup("").join(parts)


def _tokens(run: re.Match[str]) -> list[str]:
    if run.lastgroup == "word":
        return [run.group()[:_LONGEST_WORD]]
    characters = run.group().replace("\r", "").replace("\n", "")
    return [characters[at : at + 2] for at in range(len(characters))]


def _term(folded: str, *, is_quoted: bool) -> Term | None:
    """The term, or None where no letter is in it. Its last run is open: more of a text may follow it."""
    runs = [*_run().finditer(folded)]
    tokens = [token for run in runs for token in _tokens(run)]
    if not tokens:
        return None
    is_word = runs[-1].lastgroup == "word"
    if not is_word and len(tokens[-1]) == 1 and len(runs[-1].group()) > 1:
        tokens.pop()
    is_prefix = (len(tokens[-1]) >= _SHORTEST_PREFIX and not is_quoted) if is_word else len(tokens[-1]) == 1
    joined = _JOINT.sub("", folded)[:_LONGEST_WORD] if _COMPOUND.fullmatch(folded) else ""
    return Term(tuple(tokens), is_prefix, joined, tuple(run.group() for run in runs))


def _found(text: str, query: Query) -> list[tuple[int, int]]:
    """Where the query's terms stand in the text, in order, none overlapping; ends are exclusive."""
    if not query:
        return []
    folded, origins = _folded_with_origins(text)
    pattern = re.compile("|".join(_pattern(term) for term in query.terms))
    spans = [match.span() for match in pattern.finditer(folded) if match.group()]
    return [(origins[begin], origins[end]) if origins else (begin, end) for begin, end in spans]


def _folded_with_origins(text: str) -> tuple[str, list[int]]:
    """The folded text and where each of its characters came from; no origins where each stayed in place."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded, []
    pieces, origins = [], []
    for cluster in _CLUSTER.finditer(text):
        piece = unicodedata.normalize("NFKC", cluster.group()).lower().translate(_LETTERS)
        pieces.append(piece)
        origins += [cluster.start()] * len(piece)
    return _DASH_AFTER_KANA.sub("ー", "".join(pieces)), [*origins, len(text)]


def _pattern(term: Term) -> str:
    """A pattern for folded text; blanks inside unspaced script are line ends that were made blanks."""
    spoken = r"[\W_]*".join(_spelt(piece) for piece in term.pieces)
    choices = [spoken, re.escape(term.joined)] if term.joined else [spoken]
    last_is_word = not re.match(f"[{_UNSPACED}]", term.pieces[-1])
    first_is_word = not re.match(f"[{_UNSPACED}]", term.pieces[0])
    before = rf"(?<![^\W_{_UNSPACED}])" if first_is_word else ""
    after = (rf"[^\W_{_UNSPACED}]*" if term.is_prefix else rf"(?![^\W_{_UNSPACED}])") if last_is_word else ""
    return f"{before}(?:{'|'.join(choices)}){after}"


def _spelt(piece: str) -> str:
    characters: Iterator[str] = (re.escape(character) for character in piece)
    return " ?".join(characters) if re.match(f"[{_UNSPACED}]", piece) else re.escape(piece)
