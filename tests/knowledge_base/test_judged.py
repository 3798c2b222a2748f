"""The judged questions: what customers would type, and which of the demo company's articles answer it."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from helpdesk.core.text import one_line
from helpdesk.demo import content

_FOLDER = Path(__file__).parent / "judged"
_KINDS = {"natural", "word", "hiragana", "katakana", "romaji", "mixed", "code"}


@pytest.fixture(params=["ja", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def questions(lang: str) -> list[dict[str, Any]]:
    return tomllib.loads((_FOLDER / f"{lang}.toml").read_text(encoding="utf-8"))["question"]


def test_there_are_enough_to_judge_by(questions):
    answered = [each for each in questions if each["answers"]]
    assert len(answered) >= 160
    assert len(questions) - len(answered) >= 40


def test_each_is_well_formed(questions):
    for each in questions:
        assert set(each) == {"text", "answers", "kind"}, each
        assert each["text"] == one_line(each["text"]) != "", each
        assert each["kind"] in _KINDS, each
        assert len(set(each["answers"])) == len(each["answers"]), each
    texts = [each["text"].casefold() for each in questions]
    assert sorted({text for text in texts if texts.count(text) > 1}) == []


def test_they_name_articles_that_customers_can_find(questions, lang):
    abouts = [each.about for each in content.articles() if each.about["lang"] == lang]
    keys = {about["key"] for about in abouts if not about.keys() & {"status", "visibility"}}
    named = {key for each in questions for key in each["answers"]}
    assert named - keys == set()


def test_none_is_taken_from_an_article(questions, lang):
    """A question that repeats a title or a written question would judge nothing."""
    about = [each.about for each in content.articles() if each.about["lang"] == lang]
    taken = {text.casefold() for each in about for text in (each["title"], *each["questions"])}
    assert sorted(each["text"] for each in questions if each["text"].casefold() in taken) == []
