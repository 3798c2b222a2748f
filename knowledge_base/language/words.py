"""Text → words, for Japanese and English alike: the same for an article and for a question.

Japanese is cut by SudachiPy (shortest units, normalised form), with katakana read as hiragana; English is
lower-cased and stemmed. Words that carry little ("how", "教える") are soft: they count in titles alone.
"""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any

from whoosh.lang.porter2 import stem

from helpdesk.core.words import TODAYS_KANJI, fold

# Raised with every change to what `words` gives; an index made by another version must be rebuilt.
_VERSION = 3
# Sudachi refuses more than 49,149 bytes a call.
_LONGEST_RUN = 4_000
_LONGEST_WORD = 64

JAPANESE = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\uff66-\uff9f"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Of either width.
_DIGITS, _LETTERS = "0-9\uff10-\uff19", "A-Za-z\uff21-\uff3a\uff41-\uff5a"
_SIGNS = _DIGITS + _LETTERS
_RUN = re.compile(
    rf"(?P<japanese>[{JAPANESE}]+)"
    # Numbers with points (3.11.2), names of languages (c++), words with their apostrophes.
    rf"|(?P<other>[vV\uff36\uff56]?[{_DIGITS}]+(?:[.\uff0e][{_DIGITS}]+)+"
    rf"|(?<![{_SIGNS}])[{_LETTERS}](?:[+\uff0b]{{2}}|[#\uff03])(?![{_SIGNS}])"
    rf"|[^\W_{JAPANESE}]+(?:['’\uff07][A-Za-z\uff21-\uff3a\uff41-\uff5a]+)*)"
)
_ENDING = re.compile(r"(?:n['’]t|['’][a-z]+)$")
_SHORTENED = {"can't": "can", "won't": "will", "shan't": "shall"}
_VERSION_NUMBER = re.compile(r"v[0-9]+(?:\.[0-9]+)*")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc\uff66-\uff9f]{3,}")
# In half width a letter may be two signs.
_SHORTEST_LOANWORD = 3
_LATIN = re.compile(r"[a-z]{4,}")
# AB-1234 is one code, though its parts are words too; hyphens of any kind and width.
_HYPHENS = "-\uff0d\u2010-\u2013\u2212"
_CODE = re.compile(rf"[^\W_{JAPANESE}]+(?:[{_HYPHENS}][^\W_{JAPANESE}]+)+")
_CODE_SIGNS = re.compile(r"[a-z].*[0-9]|[0-9].*[a-z]")
# A dash of the Japanese keyboard after a loanword's kana is typed for a long vowel.
_DASH_FOR_LONG = re.compile(r"(?<=[\u30a1-\u30fa])[\uff0d\u2010\u2015\u2212]")
_TO_KATAKANA = {code: chr(code + 0x60) for code in range(0x3041, 0x3097)}

_DROPPED = frozenset({"助詞", "助動詞", "記号", "補助記号", "空白"})
_AFFIXES = {"接頭辞": 1, "接尾辞": -1}
_SOFT_CLASSES = frozenset({"接続詞", "感動詞", "代名詞", "連体詞"})
# What people ask with rather than about, as folded normal forms.
_SOFT_JAPANESE = frozenset(
    "教える 知る 欲しい 下さる 思う 聞く 尋ねる 伺う 願う 御願い お願い 願い 頂く 宜しい 宜しく 困る 事"
    " こと 物 もの 所 ところ 時 とき 場合 際 為 ため 方 人 今 前 後 中 どう 如何 どの どれ どんな 何"
    " 何処 何時 何故 誰 いつ どこ なぜ 何れ 幾つ 幾ら 出来る 分かる 行う 使う 見る 言う 有る 無い 成る"
    " 為る 遣る 居る 良い 必要 可能 可 確認 方法 仕方 遣り方 手順 質問 問い合わせ 問題 件 内容 様 此れ"
    " 其れ 此の 其の 様子 感じ 旨 他 等".split()
)
_SOFT_ENGLISH = frozenset(
    "a about after again all also am an and any are as at be been before being but by can could did do"
    " does doing done for from get gets getting give go going got had has have having he help her here"
    " hers him his how however i if in into is it its just know let like make may me might mine more"
    " most much must my need no not now of off ok on one only or other our ours out over please shall"
    " she should so some such tell than thank thanks that the their theirs them then there these they"
    " this those through to too under up us use using very want was way we were what when where which"
    " while who whom whose why will with without would you your yours".split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: its normal form, and where it stands in the text as written (end exclusive).

    spelt: the word there; reading: of a Japanese word how it is spoken, in katakana; affix: it is a part of
    the word after it (1) or before it (-1), like 再 and 書 in 再発行 and 請求書.
    """

    term: str
    start: int
    end: int
    is_soft: bool
    spelt: str
    reading: str = ""
    affix: int = 0


def words(text: str) -> list[Word]:
    """The words of a text in reading order; particles and auxiliaries are left out. Empty for no letters."""
    # Each sign stays in its place.
    text = _DASH_FOR_LONG.sub("ー", text).translate(TODAYS_KANJI)
    found: list[Word] = []
    for run in _RUN.finditer(text):
        if run.lastgroup == "other":
            found += _other(run.group(), run.start())
            continue
        for start in range(run.start(), run.end(), _LONGEST_RUN):
            found += _japanese(text[start : min(start + _LONGEST_RUN, run.end())], start)
    codes = [word for code in _CODE.finditer(text) for word in _code(code)]
    return sorted(found + codes, key=lambda word: word.start) if codes else found


def is_japanese(text: str) -> bool:
    """Whether any Japanese character is in the text: a question's script decides how its words weigh."""
    return re.search(f"[{JAPANESE}]", text) is not None


def spellings(text: str) -> Iterator[str]:
    """Words whose spelling people get wrong: loanwords from 3 kana, latin words from 4 letters on."""
    loanwords = (in_katakana(run) for run in _KATAKANA.findall(text))
    yield from (word for word in loanwords if len(word) >= _SHORTEST_LOANWORD)
    yield from (word[:_LONGEST_WORD] for word in _LATIN.findall(fold(text)))


def in_katakana(kana: str) -> str:
    """Kana of any kind in katakana of full width."""
    return fold(kana).translate(_TO_KATAKANA)[:_LONGEST_WORD]


@lru_cache(maxsize=2_000)
def is_loanword(katakana: str) -> bool:
    """Whether a run of katakana is made of words that the dictionary has: no slip, and nothing to read."""
    return all(
        not word.is_oov() and word.part_of_speech()[:2] == ("名詞", "普通名詞") and len(word.surface()) > 1
        for word in tokenizer().tokenize(katakana)
    )


@lru_cache(maxsize=20_000)
def is_unknown(katakana: str) -> bool:
    """Whether the dictionary has no word for a part of a run of katakana."""
    return any(word.is_oov() for word in tokenizer().tokenize(katakana))


@cache
def stamp() -> str:
    """What the words depend on: indexes made under another stamp give other words."""
    return f"{_VERSION}-{version('sudachipy')}-{version('sudachidict-core')}-{version('whoosh')}"


def _other(run: str, start: int) -> list[Word]:
    term = _stemmed(run)
    return [Word(term, start, start + len(run), term in _soft_english(), run)] if term else []


def _code(code: re.Match[str]) -> Iterator[Word]:
    """A code of letters and digits as one word, whether it is written with hyphens or without."""
    term = re.sub(f"[{_HYPHENS}]", "", fold(code.group()))[:_LONGEST_WORD]
    if _CODE_SIGNS.search(term):
        yield Word(term, code.start(), code.end(), False, code.group())


@lru_cache(maxsize=20_000)
def _stemmed(word: str) -> str:
    folded = fold(word)[:_LONGEST_WORD]
    folded = _SHORTENED.get(folded.replace("’", "'")) or _ENDING.sub("", folded)
    if _VERSION_NUMBER.fullmatch(folded):
        return folded.removeprefix("v")
    return str(stem(folded)) if folded.isascii() and folded.isalpha() else folded


@cache
def _soft_english() -> frozenset[str]:
    return frozenset(str(stem(word)) for word in _SOFT_ENGLISH)


def _japanese(run: str, start: int) -> Iterator[Word]:
    for morpheme in tokenizer().tokenize(run):
        is_kept, is_soft, affix = _class(morpheme.part_of_speech_id(), morpheme)
        if is_kept:
            term = fold(morpheme.normalized_form())[:_LONGEST_WORD]
            soft = is_soft or term in _SOFT_JAPANESE
            begin, end = morpheme.begin(), morpheme.end()
            yield Word(term, start + begin, start + end, soft, run[begin:end], morpheme.reading_form(), affix)


_classes: dict[int, tuple[bool, bool, int]] = {}


def _class(part_of_speech_id: int, morpheme: Any) -> tuple[bool, bool, int]:
    """Whether words of this class are kept, whether they are soft, and affixes; looked up once a class."""
    if part_of_speech_id not in _classes:
        first, second, *_ = morpheme.part_of_speech()
        is_light_verb = first in ("動詞", "形容詞") and second == "非自立可能"
        is_kept = first not in _DROPPED and not is_light_verb
        _classes[part_of_speech_id] = is_kept, first in _SOFT_CLASSES, _AFFIXES.get(first, 0)
    return _classes[part_of_speech_id]


_of_thread = threading.local()
_loading = threading.Lock()


def tokenizer() -> Any:
    """This thread's tokenizer: one shared by threads raises errors."""
    if not hasattr(_of_thread, "tokenizer"):
        with _loading:
            _of_thread.tokenizer = _dictionary().tokenizer("A")
    return _of_thread.tokenizer


@cache
def _dictionary() -> Any:
    # On first use: most commands need no Japanese, and the dictionary takes its time to load.
    from sudachipy import Dictionary  # noqa: PLC0415

    return Dictionary()
