"""All written questions of a language, kept by the process so that each letter typed is answered at once.

They are titles, the questions that editors wrote and those learnt from readers. A change of an article is
seen by the next request: one figure is compared, and only what changed is read again. Who may see an
article is not known here; whoever shows one asks the database.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from flask import current_app
from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.core.words import fold
from knowledge_base.models import Article, ArticleStatus
from knowledge_base.vocabulary import proven

# How well a line fits: lower is better. Within a word only Japanese is found, and from three letters on.
BEGINS, SOUNDS_SO, HAS_WORD, HAS_SOUND, WITHIN, IN_PARTS, WITH_A_SLIP = range(7)
_SHORTEST_WITHIN = 3
# A shorter word is one slip away from too many others.
_SHORTEST_SLIP = 4
_MOST_SLIPS = 12
# What has more words is a question of one's own: search reads it.
_MOST_PARTS, _MOST_PARTS_WITH_SLIPS = 6, 3
_MOST_KEPT = 2_000
_CHANGED_AT_A_TIME = 500

_KANA = re.compile("[\u3041-\u30ff]+")
_WORD = re.compile(r"[a-z0-9]{4,}")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]{3,}")
_SOUND = re.compile("[A-Z0-9][a-z0-9]+(?:[A-Z][a-z0-9]+)?")


@dataclass(frozen=True, slots=True)
class Line:
    """A question of an article. place: 0 is its title, then its editors' questions, then learnt ones."""

    text: str
    article_id: int
    place: int
    folded: str
    sound: str


class Questions:
    """The lines of a language, to be asked what fits."""

    def __init__(self, of_article: Mapping[int, list[Line]]) -> None:
        self.of_article = of_article
        self.lines = [line for lines in of_article.values() for line in lines]
        self._spelled = _Column([line.folded for line in self.lines], _starts_word)
        self._spoken = _Column([line.sound for line in self.lines], _is_capital)
        self._kept: dict[str, Mapping[int, int]] = {}

    def fitting(self, text: str) -> dict[int, int]:
        """How well each line fits what is typed, by its number; those that do not are left out."""
        folded = " ".join(fold(text).split())
        found = dict(self._having(folded))
        parts = folded.split()
        if 1 < len(parts) <= _MOST_PARTS:
            for line in _common(map(self._having, parts)):
                found.setdefault(line, IN_PARTS)
        return found

    def fitting_with_slips(self, text: str) -> dict[int, int]:
        """The same where one letter of a word is wrong, missing, too many, or has changed its place."""
        parts = fold(text).split()
        if not 0 < len(parts) <= _MOST_PARTS_WITH_SLIPS:
            return {}
        return dict.fromkeys(_common(self._having(part) or self._near(part) for part in parts), WITH_A_SLIP)

    def _having(self, folded: str) -> Mapping[int, int]:
        """The lines with one part of what is typed; kept, for the next letter leaves other parts alone."""
        if folded not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[folded] = self._look_up(folded)
        return self._kept[folded]

    def _look_up(self, folded: str) -> Mapping[int, int]:
        found: dict[int, int] = {}
        is_latin, is_kana = folded.isascii(), _KANA.fullmatch(folded) is not None
        for line, begins in self._spelled.finds(folded):
            if begins or not is_kana:
                found[line] = BEGINS if begins else HAS_WORD
            elif len(folded) >= _SHORTEST_WITHIN:
                found[line] = WITHIN
        # A word in kanji that is there as it is typed: others that only sound so are not meant.
        if self._has_japanese and (not found or is_kana or is_latin):
            sound = _typed(folded)
            for line, begins in self._spoken.finds(sound) if len(sound) > 1 else ():
                found[line] = min(found.get(line, WITHIN), SOUNDS_SO if begins else HAS_SOUND)
        return found

    def _near(self, part: str) -> dict[int, int]:
        """The lines with a word that begins one slip away from the part."""
        found: dict[int, int] = {}
        if len(part) < _SHORTEST_SLIP or not (part.isascii() or _KANA.fullmatch(part)):
            return found
        for beginning in _one_slip(part, self._spellings):
            found |= self._having(beginning)
        sound = _typed(part)
        if not found and len(sound) > _SHORTEST_SLIP:
            for beginning in _one_slip(sound, self._sounds):
                found |= self._having(beginning)
        return found

    @cached_property
    def _has_japanese(self) -> bool:
        return any(not line.folded.isascii() for line in self.lines)

    @cached_property
    def _spellings(self) -> frozenset[str]:
        """Words that people get wrong: loanwords, as they are folded, and Latin words."""
        found = {word for line in self.lines for word in _WORD.findall(line.folded)}
        return frozenset(found | {fold(w) for line in self.lines for w in _KATAKANA.findall(line.text)})

    @cached_property
    def _sounds(self) -> frozenset[str]:
        """Japanese words and pairs of them as they sound."""
        if not self._has_japanese:
            return frozenset()
        return frozenset(word.lower() for line in self.lines for word in _SOUND.findall(line.sound))


class _Column:
    """Many short texts as one long one, which is looked through at once."""

    def __init__(self, texts: list[str], is_start: Callable[[str, int], bool]) -> None:
        """is_start: whether a word may be found at this place of the text."""
        self._text, self._is_start = "\n".join(texts), is_start
        self._small = self._text.lower()
        self._starts = [0, *accumulate(len(text) + 1 for text in texts)]

    def finds(self, part: str) -> Iterator[tuple[int, bool]]:
        """The number of each text that has the part, and whether it begins with it."""
        at = self._small.find(part)
        while at >= 0:
            after = at + 1
            if self._is_start(self._text, at):
                number = bisect_right(self._starts, at) - 1
                yield number, at == self._starts[number]
                after = self._starts[number + 1]
            at = self._small.find(part, after)


def _starts_word(text: str, at: int) -> bool:
    """Latin words are found by their beginning; Japanese ones stand without spaces."""
    is_latin = text[at].isascii() and text[at].isalnum()
    return not (is_latin and at and text[at - 1].isascii() and text[at - 1].isalnum())


def _is_capital(text: str, at: int) -> bool:
    return text[at].isupper() or text[at].isdigit()


def _common(found: Iterable[Mapping[int, int]]) -> set[int]:
    """The lines that are in all of them; the rest is not looked for once there is none."""
    common: set[int] | None = None
    for lines in found:
        common = {*lines} if common is None else common & lines.keys()
        if not common:
            break
    return common or set()


def questions(lang: str) -> Questions:
    """The questions of the published articles of a language, as they are now."""
    own = Article.lang == lang
    figures = select(func.count(Article.id), func.max(Article.id), func.sum(Article.version)).where(own)
    stamp = tuple(db.session.execute(figures).one())
    kept = current_app.extensions.setdefault("helpdesk.questions", {})
    if lang not in kept or kept[lang][0] != stamp:
        known = kept[lang][1] if lang in kept else {}
        versions = select(Article.id, Article.version).where(own, Article.status == ArticleStatus.PUBLISHED)
        wanted = {row.id: row.version for row in db.session.execute(versions.order_by(Article.id))}
        changed = [id for id, version in wanted.items() if known.get(id, (None,))[0] != version]
        known = {id: known[id] for id in wanted if id in known} | _read(changed, wanted)
        made = Questions({id: known[id][1] for id in wanted if id in known})
        kept[lang] = (stamp, known, made)
    current: Questions = kept[lang][2]
    return current


_Known = dict[int, tuple[int, list[Line]]]


def _read(ids: list[int], versions: Mapping[int, int]) -> _Known:
    """The lines of these articles, each with the version they are of."""
    found: _Known = {}
    for start in range(0, len(ids), _CHANGED_AT_A_TIME):
        some = ids[start : start + _CHANGED_AT_A_TIME]
        learnt = proven(some)
        rows = select(Article.id, Article.title, Article.questions).where(Article.id.in_(some))
        for id, title, written in db.session.execute(rows):
            found[id] = versions[id], list(_lines(id, [title, *written, *learnt.get(id, ())]))
    return found


def _lines(id: int, texts: Iterable[str]) -> Iterator[Line]:
    """None twice, however it is spelled."""
    # The dictionary costs start-up time: paid by whoever types first, not by every start.
    from knowledge_base.language.sounds import sound  # noqa: PLC0415

    known = set()
    for place, text in enumerate(texts):
        folded = " ".join(fold(text).split())
        if folded not in known:
            known.add(folded)
            yield Line(text, id, place, folded, "" if folded.isascii() else sound(text))


def _typed(folded: str) -> str:
    from knowledge_base.language.sounds import typed  # noqa: PLC0415

    return typed(folded)


def _one_slip(part: str, words: Iterable[str]) -> list[str]:
    """Beginnings of words, about as long as the part, that are one slip away from it."""
    lengths = range(len(part) - 1, len(part) + 2)
    beginnings = {word[:length] for word in words for length in lengths if len(word) >= length}
    # On first use: most processes never meet a slip.
    from rapidfuzz import process  # noqa: PLC0415
    from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415

    near = process.extract(
        part, beginnings, scorer=DamerauLevenshtein.distance, score_cutoff=1, limit=_MOST_SLIPS
    )
    return sorted(beginning for beginning, _distance, _place in near)
