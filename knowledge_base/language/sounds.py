"""How a text sounds, in one plain spelling of Latin letters: かいやく, kaiyaku and 解約 become the same.

Every way to write a sound gives the same letters (shi and si, ふ and fu and hu), long vowels and doubled
consonants are one letter, so what is typed halfway is the beginning of what it will be.
"""

import re
from collections.abc import Iterator
from unicodedata import normalize

from helpdesk.core.words import fold
from knowledge_base.language.words import JAPANESE, tokenizer

_VOWELS = "aiueo"
_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "g": "がぎぐげご", "s": "さしすせそ", "z": "ざじずぜぞ",
    "t": "たちつてと", "d": "だぢづでど", "n": "なにぬねの", "f": "はひふへほ", "b": "ばびぶべぼ",
    "p": "ぱぴぷぺぽ", "m": "まみむめも", "r": "らりるれろ", "y": "や-ゆ-よ", "w": "わゐ-ゑ-",
}  # fmt: skip
_SMALL = dict(zip("ぁぃぅぇぉ", _VOWELS, strict=True)) | {"ゃ": "ya", "ゅ": "yu", "ょ": "yo", "ゎ": "wa"}
_LETTERS = {
    kana: consonant + vowel
    for consonant, row in _ROWS.items()
    for kana, vowel in zip(row, _VOWELS, strict=True)
    if kana != "-"
} | {
    "を": "o",
    "ん": "n",
    "っ": "",
    "ー": "",
    "ゔ": "bu",
    "ぢ": "zi",
    "づ": "zu",
    "ヶ": "ke",
    "ゐ": "i",
    "ゑ": "e",
}
_RUN = re.compile(rf"[{JAPANESE}]+|[^\W_{JAPANESE}]+")
_JAPANESE = re.compile(f"[{JAPANESE}]")
# Half a word of hiragana is no word to a dictionary.
_HIRAGANA = re.compile("[\u3041-\u3096ー]+")
_SPELLINGS = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"m(?=[bp])", "n"),
        (r"th(?=i)", "t"),
        (r"sh(?=[aueo])", "sy"),
        (r"sh(?=i|$)", "s"),
        (r"ch(?=[aueo])|cy", "ty"),
        (r"ch(?=i|$)", "t"),
        (r"ts(?=u|$)", "t"),
        (r"jy?(?=[aueo])", "zy"),
        (r"j", "z"),
        (r"h(?=[aiueoy]|$)", "f"),
        (r"v", "b"),
        (r"wo", "o"),
    )
)


def sound(text: str) -> str:
    """The text's letters as they sound; a capital one begins a word: 請求書を送る is SeikyuSyOkuru."""
    sounding: list[str] = []
    for piece in _pieces(text):
        for place, letter in enumerate(_latin(piece)):
            _put(sounding, letter, begins=place == 0)
    return "".join(sounding)


def typed(text: str) -> str:
    """The same of what somebody types, without capitals; Latin letters are taken for Japanese ones."""
    letters = [_read(piece) if piece.isascii() else _latin(piece) for piece in _pieces(text)]
    sounding: list[str] = []
    for letter in "".join(letters):
        _put(sounding, letter, begins=False)
    return "".join(sounding)


def _pieces(text: str) -> Iterator[str]:
    """The text in words: Japanese ones in kana as they are read, others folded; signs are left out."""
    for run in _RUN.findall(normalize("NFKC", text)):
        if _HIRAGANA.fullmatch(run) or not _JAPANESE.match(run):
            yield fold(run)
        else:
            yield from (fold(morpheme.reading_form()) for morpheme in tokenizer().tokenize(run))


def _latin(piece: str) -> str:
    """Kana in Latin letters; what is no kana stays, without what is neither letter nor digit."""
    found: list[str] = []
    for letter in piece:
        if letter in _SMALL:
            if found and found[-1][-1:] in _VOWELS:
                found[-1] = _joined(found[-1], _SMALL[letter])
            else:
                found.append(_SMALL[letter])
        else:
            found.append(_LETTERS.get(letter, letter if letter.isalnum() else ""))
    return "".join(found)


def _joined(large: str, small: str) -> str:
    """Two kana as one sound: フ and ァ are fa, シ and ェ are sye, ウ and ィ are wi."""
    if large == "u":
        return "w" + small
    return large[:-1] + ("ye" if large[-1] == "i" and small == "e" else small)


def _read(latin: str) -> str:
    for pattern, instead in _SPELLINGS:
        latin = pattern.sub(instead, latin)
    return latin


def _put(sounding: list[str], letter: str, *, begins: bool) -> None:
    """Add a letter, unless it only makes the one before it longer."""
    last = sounding[-1].lower() if sounding else ""
    if letter == last:
        if begins:
            sounding[-1] = letter.upper()
    elif not (last == "o" and letter == "u" and not begins):
        sounding.append(letter.upper() if begins else letter)
