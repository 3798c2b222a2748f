"""What was probably meant by the words of a question that no article has.

Such a word may be a slip, or Japanese written as it is spoken (かいやく, セイキュウショ, kaiyaku). A
question whose words all stand in articles is left as it is.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from unicodedata import normalize
from weakref import WeakKeyDictionary

from helpdesk.core.words import fold
from knowledge_base.index.counting import TEXT_FIELDS
from knowledge_base.index.postings import Postings
from knowledge_base.language.readings import SHORTEST, by_reading, in_kana, spoken
from knowledge_base.language.words import Word, in_katakana, is_loanword, is_unknown, spellings, words

# Letters from which on two slips are forgiven instead of one.
_LONG_WORD = 8
# A shorter one in latin letters may as well be right, and unknown.
_SURE_WORD, _UNSURE_WEIGHT = 6, 0.5
# Of a word in latin letters so much must be known readings; before them a short one may be.
_READ_SHARE = 0.5
_SHORTEST_ROMAJI = 4
# Articles may have a misspelt word with another ending.
_ENDINGS, _SHORTEST_STEM = ("s", "es", "ed", "er", "ing"), 4
# Of a text that is full of strange words the first ones are looked into.
_MOST_SPELLINGS = 12
_KANA = re.compile(
    rf"[\u3041-\u3096ー\uff70]{{{SHORTEST},}}|[\u30a1-\u30fa\u30fc\uff66-\uff9f]{{{SHORTEST},}}"
)
_HIRAGANA = re.compile("[\u3041-\u309f]")
# A long vowel is written so in loanwords alone.
_KANA_TERM, _KANA_OF_ANY = re.compile("[\u3041-\u3096]+"), re.compile("[\u3041-\u3096ー]+")
# What is left of a loanword of three kana where one was missed: ロク.
_HALF_LOANWORD = re.compile(r"(?<![\u30a1-\u30fa\u30fc])[\u30a1-\u30fa\u30fc]{2}(?![\u30a1-\u30fa\u30fc])")
# No kanji tells where words of such a question begin.
_KANA_ALONE = re.compile(r"[\u3041-\u309f\u30a0-\u30ff\uff66-\uff9f\W]+")

_readings: "WeakKeyDictionary[Postings, dict[str, list[str]]]" = WeakKeyDictionary()


@dataclass(frozen=True)
class Meant:
    """Words that stand for some of a question, each any of its terms, with whether it is soft.

    instead_of: the question's terms that they take the place of; shown: what to call it before people.
    """

    words: Sequence[dict[str, bool]]
    instead_of: frozenset[str]
    shown: str
    # How much it counts: one of many short words is soon found a slip away.
    weight: float = 1.0


def meant(
    question: str, found: Collection[Word], postings: Postings, synonyms: Collection[str]
) -> Iterator[Meant]:
    """What words of the question that no article has may mean.

    found: all words of the question. synonyms: spellings that are right, though they are in no article.
    """
    unknown = {word for word in found if not word.is_soft and not _is_known(word.term, postings)}
    is_kana = bool(_KANA_ALONE.fullmatch(question))
    if not unknown and not is_kana:
        return
    done: set[str] = set()
    for read in (*_in_kana(question, found, unknown, postings, is_kana=is_kana), *_romaji(unknown, postings)):
        done |= read.instead_of
        yield read
    # A part of what is right is no slip: サインイン is two words to the dictionary.
    right = [run.span() for run in _KANA.finditer(question) if in_katakana(run.group()) in synonyms]
    strange = [word for word in unknown if not any(a <= word.start and word.end <= b for a, b in right)]
    parts = (spelling for word in strange for spelling in spellings(word.spelt))
    halves = _HALF_LOANWORD.findall(normalize("NFKC", question))
    for spelling in [*dict.fromkeys([*spellings(question), *parts, *halves])][:_MOST_SPELLINGS]:
        own = words(spelling)
        is_right = spelling in synonyms or postings.has("spelling", spelling) or _is_loanword(spelling)
        is_open = not is_right and done.isdisjoint(word.term for word in own)
        if is_open and not any(_is_known(word.term, postings) for word in own):
            yield from _slip(spelling, own, postings, synonyms)


def _is_known(term: str, postings: Postings) -> bool:
    return any(postings.has(name, term) for name in TEXT_FIELDS)


def _is_loanword(run: str) -> bool:
    return not run.isascii() and not _HIRAGANA.match(run) and is_loanword(in_katakana(run))


def _in_kana(
    question: str, found: Collection[Word], unknown: Collection[Word], postings: Postings, *, is_kana: bool
) -> Iterator[Meant]:
    """Words of the articles written in kana, where the question's own are unknown."""
    for run in _KANA.finditer(question):
        if _is_loanword(run.group()):
            continue
        kana = fold(run.group())
        # Half-width kana become fewer: then each place is the whole run's.
        is_even = len(kana) == len(run.group())
        for where, terms in spoken(kana, _terms_by_reading(postings)):
            start, end = (run.start() + where.start, run.start() + where.stop) if is_even else run.span()
            there = [word for word in found if word.start < end and word.end > start]
            known = [term for term in terms if _is_known(term, postings)]
            # 満たしています has no 指定 in it: no word begins in the middle of another.
            if any(word.start < run.start() for word in there):
                continue
            # Nor is anything read out of words that ask, like どう.
            is_wrong = any(word in unknown or (is_kana and not word.is_soft) for word in there)
            if known and (is_wrong or (is_kana and not there)):
                replaced = frozenset(word.term for word in there)
                yield Meant([dict.fromkeys(known, False)], replaced, _shown(known, postings))


def _romaji(unknown: Collection[Word], postings: Postings) -> Iterator[Meant]:
    """Words of the articles in latin letters, as Japanese is typed."""
    for word in unknown:
        spelt = fold(word.spelt)
        kana = in_kana(spelt) if spelt.isascii() and len(spelt) >= _SHORTEST_ROMAJI else None
        if kana is None:
            continue
        read = [*spoken(kana, _terms_by_reading(postings))]
        length = sum(where.stop - where.start for where, _ in read)
        if read and read[0][0].start < SHORTEST and length >= len(kana) * _READ_SHARE:
            groups = [[term for term in terms if _is_known(term, postings)] for _, terms in read]
            shown = "".join(_shown(terms, postings) for terms in groups if terms)
            if shown:
                parts = [dict.fromkeys(terms, False) for terms in groups if terms]
                yield Meant(parts, frozenset([word.term]), shown)


def _slip(
    spelling: str, own: Collection[Word], postings: Postings, synonyms: Collection[str]
) -> Iterator[Meant]:
    """The articles' spelling that is one slip away, or two for a long word; of several the commonest."""
    right = _nearest(spelling, postings, synonyms)
    for ending in _ENDINGS:
        stem = spelling.removesuffix(ending)
        if right is None and stem != spelling and len(stem) >= _SHORTEST_STEM:
            right = _nearest(stem, postings, synonyms)
            # With a letter before it, too, it is another word: around is not rounding.
            right = right if right is not None and right[0] == stem[0] else None
    if right is None:
        right = _compound(spelling, postings, synonyms)
    if right is not None:
        parts = [{word.term: word.is_soft} for word in words(right)]
        weight = 1.0 if len(spelling) >= _SURE_WORD or not spelling.isascii() else _UNSURE_WEIGHT
        yield Meant(parts, frozenset(word.term for word in own), right, weight)


def _compound(spelling: str, postings: Postings, synonyms: Collection[str]) -> str | None:
    """Two loanwords in one, of which one is right: スホマアプリ is スマホ and アプリ."""
    if not _KANA.fullmatch(spelling):
        return None
    for at in range(SHORTEST, len(spelling) - SHORTEST + 1):
        first, second = spelling[:at], spelling[at:]
        knows = [part in synonyms or postings.has("spelling", part) for part in (first, second)]
        if any(knows) and not all(knows):
            meant = _nearest(second if knows[0] else first, postings, synonyms)
            if meant is not None:
                return first + meant if knows[0] else meant + second
    return None


def _nearest(spelling: str, postings: Postings, synonyms: Collection[str]) -> str | None:
    near = [
        (distance, -len(postings.read("spelling", word)[0]), word)
        for known in (postings.lexicon("spelling"), synonyms)
        for word, distance in _near(spelling, known)
    ]
    # The lexicon may still have words of articles that are gone.
    right = min((each for each in near if each[1] < 0 or each[2] in synonyms), default=None)
    return right[2] if right else None


def _near(spelling: str, known: Collection[str]) -> list[tuple[str, int]]:
    # On first use: most processes never meet a slip.
    from rapidfuzz import process  # noqa: PLC0415
    from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415

    # An ending is no part of what tells two words apart: rounding is not refunding.
    slips = 2 if len(spelling.removesuffix("ing")) >= _LONG_WORD else 1
    scorer = DamerauLevenshtein.distance
    near = process.extract(spelling, known, scorer=scorer, score_cutoff=slips, limit=20)
    return [(word, distance) for word, distance, _ in near if _begins_alike(spelling, word)]


def _begins_alike(spelling: str, word: str) -> bool:
    """Whether a Latin word's first letter is right, missed, doubled or second: few get it wrong otherwise.

    dunning and rounding are words that no article has rather than running and counting.
    """
    is_near = spelling[0] == word[0] or spelling[1:2] == word[0] or spelling[0] == word[1:2]
    return is_near or not spelling.isascii()


def _terms_by_reading(postings: Postings) -> dict[str, list[str]]:
    """The articles' words by how they are read; made once a generation, when first needed."""
    if postings not in _readings:
        _readings[postings] = _with_kanji(by_reading(postings.lexicon("readings")))
    return _readings[postings]


def _with_kanji(known: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The same, with 請求 for せいきゅうしょ where an article has that in kana, too."""
    strange = {
        term: read
        for read, terms in known.items()
        for term in terms
        if not _is_usual(term) and is_unknown(in_katakana(term))
    }
    plain = {read: [term for term in terms if term not in strange] for read, terms in known.items()}
    plain = {read: terms for read, terms in plain.items() if terms}
    found = {read: [*terms] for read, terms in known.items()}
    for term, read in strange.items():
        where, terms = next(spoken(term, plain), (slice(0, 0), ()))
        if where.start == 0 and where.stop >= len(term) * _READ_SHARE:
            found[read] += [
                each for each in terms if each not in found[read] and not _KANA_OF_ANY.fullmatch(each)
            ]
    return found


def _shown(terms: Sequence[str], postings: Postings) -> str:
    """The commonest of some terms as people write it: loanwords are kept in hiragana, others have kanji."""
    best = max(terms, key=lambda term: (_is_usual(term), len(postings.read("body", term)[0])))
    loanword = in_katakana(best)
    return loanword if postings.has("spelling", loanword) else best


def _is_usual(term: str) -> bool:
    """Whether a term is how people write it: kana alone seldom are, but for loanwords."""
    return not _KANA_TERM.fullmatch(term) or is_loanword(in_katakana(term))
