"""How Japanese words are spoken: what joins かいやく, カイヤク and kaiyaku with 解約.

The index keeps, for each word of the articles, its reading and its term. They are looked up only where
words of a question are in no article, so a question written as articles are is not touched by them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from helpdesk.core.words import fold
from knowledge_base.language.words import Word

# A shorter reading is a part of too many words.
SHORTEST = 3
_LONGEST = 20
_SIGN = "="

# The kana that end in a, i, u, e, o; and what makes such a vowel long: おう as well as おお, but not しい.
_ROWS = (
    "あかがさざただなはばぱまやらわゃぁゎ",
    "いきぎしじちにひびぴみりぃ",
    "うくぐすずつぬふぶぷむゆるゅぅ",
    "えけげせぜてでねへべぺめれぇ",
    "おこごそぞとどのほぼぽもよろょぉ",
)
_LENGTHENED_BY = (
    {kana: row[0] for row in _ROWS for kana in row}
    | dict.fromkeys(_ROWS[1], "")
    | dict.fromkeys(_ROWS[4], "おう")
)
_SAME_SOUND = str.maketrans("ぢづ", "じず")
_KANA = re.compile("[\u3041-\u3096ー]+")

_SYLLABLE = re.compile("-|[ぁ-ゖ][ゃゅょぁぃぅぇぉ]?")
# A consonant before a, i, u, e, o.
_CONSONANTS = {
    "": "あいうえお", "k": "かきくけこ", "g": "がぎぐげご", "s": "さしすせそ", "z": "ざじずぜぞ",
    "t": "たちつてと", "d": "だぢづでど", "n": "なにぬねの", "h": "はひふへほ", "b": "ばびぶべぼ",
    "p": "ぱぴぷぺぽ", "m": "まみむめも", "y": "や-ゆ-よ", "r": "らりるれろ", "w": "わ---を",
    "ky": "きゃ-きゅ-きょ", "gy": "ぎゃ-ぎゅ-ぎょ", "ny": "にゃ-にゅ-にょ", "hy": "ひゃ-ひゅ-ひょ",
    "by": "びゃ-びゅ-びょ", "py": "ぴゃ-ぴゅ-ぴょ", "my": "みゃ-みゅ-みょ", "ry": "りゃ-りゅ-りょ",
    "sy": "しゃ-しゅ-しょ", "sh": "しゃししゅしぇしょ", "zy": "じゃ-じゅ-じょ", "jy": "じゃ-じゅ-じょ",
    "j": "じゃじじゅじぇじょ", "ty": "ちゃ-ちゅ-ちょ", "cy": "ちゃ-ちゅ-ちょ", "ch": "ちゃちちゅちぇちょ",
    "ts": "--つ--", "f": "ふぁふぃふふぇふぉ", "v": "ゔぁゔぃゔゔぇゔぉ", "th": "-てぃ---", "dh": "-でぃ---",
}  # fmt: skip
_ROMAJI = {
    consonant + vowel: kana
    for consonant, syllables in _CONSONANTS.items()
    for vowel, kana in zip("aiueo", _SYLLABLE.findall(syllables), strict=True)
    if kana != "-"
}
# A doubled consonant is a small tsu; an n before no vowel is ん.
_ROMAN_SYLLABLE = re.compile(
    r"(?P<double>([kgsztdhbpmrcfjw])(?=\2)|t(?=ch))"
    rf"|(?P<known>{'|'.join(sorted(_ROMAJI, key=len, reverse=True))})"
    r"|(?P<n>n'|nn(?![aiueoy])|n|m(?=[bmp]))|(?P<long>-)"
)


def reading_entry(word: Word) -> str:
    """A word as the index keeps it to be found by its reading; empty where that helps nobody."""
    kana = fold(word.reading)
    is_useful = not word.is_soft and len(kana) >= SHORTEST and _KANA.fullmatch(kana) and " " not in word.term
    return f"{key(kana)}{_SIGN}{word.term}" if is_useful else ""


def by_reading(entries: Iterable[str]) -> dict[str, list[str]]:
    """The terms of each key, from the index's entries."""
    terms: dict[str, list[str]] = {}
    for entry in entries:
        read, _sign, term = entry.partition(_SIGN)
        terms.setdefault(read, []).append(term)
    return terms


def key(kana: str) -> str:
    """A reading in hiragana without what makes its vowels long: メール, めえる and めーる are one."""
    return "".join(sound for sound, _place in _sounds(kana))


def spoken(kana: str, terms: Mapping[str, Sequence[str]]) -> Iterator[tuple[slice, Sequence[str]]]:
    """The words in a run of hiragana that is not parted into words: where each is, and what it may be.

    Of all ways to read the run it is the one with the longest words.
    """
    sounds = _sounds(kana)
    letters, places = "".join(sound for sound, _ in sounds), [*(place for _, place in sounds), len(kana)]
    # The best way to read the run from each place on: how good it is, and the end of its first word.
    best: list[tuple[int, int]] = [(0, 0)] * (len(letters) + 1)
    for start in reversed(range(len(letters))):
        best[start] = (best[start + 1][0], 0)
        for end in range(start + 2, min(start + _LONGEST, len(letters)) + 1):
            length = places[end] - places[start]
            if length >= SHORTEST and letters[start:end] in terms:
                best[start] = max(best[start], (best[end][0] + length**2, end))
    start = 0
    while start < len(letters):
        end = best[start][1]
        if end:
            yield slice(places[start], places[end]), terms[letters[start:end]]
        start = end or start + 1


@lru_cache(maxsize=2_000)
def in_kana(latin: str) -> str | None:
    """A word in small latin letters as hiragana: kaiyaku is かいやく. None for one that is not Japanese."""
    kana, place = [], 0
    while place < len(latin):
        found = _ROMAN_SYLLABLE.match(latin, place)
        if found is None:
            return None
        signs = {"double": "っ", "n": "ん", "long": "ー"}
        kana.append(signs.get(found.lastgroup or "") or _ROMAJI[found.group()])
        place = found.end()
    return "".join(kana)


def _sounds(kana: str) -> list[tuple[str, int]]:
    """The letters of a reading's key, each with its place in the reading."""
    found: list[tuple[str, int]] = []
    before = ""
    for place, letter in enumerate(kana.translate(_SAME_SOUND)):
        if letter == "ー" or (before and letter in _LENGTHENED_BY.get(before, "")):
            continue
        found.append((letter, place))
        before = letter
    return found
