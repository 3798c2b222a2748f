"""What is shown for a question whose words stand in no article: what looks most like it, and no more."""

import pytest

from knowledge_base.finding.nearest import nearest
from knowledge_base.models import Visibility
from knowledge_base.search import search


@pytest.fixture
def articles(written, work_off):
    made = {
        "reading": written("ファイルの読み込みに失敗する", "もう一度お試しください。", lang="ja"),
        "invoice": written("請求書を再発行する", "画面から出せます。", lang="ja", questions=["領収の控え"]),
        "import": written("Spreadsheets and addressbooks", "Choose a file.", lang="en"),
        "staff": written("読み方の手引き", "社内向け。", lang="ja", visibility=Visibility.STAFF),
    }
    work_off()
    return made


def shown(question, lang):
    found = search(question, lang)
    return [item.article.title for item in found.items], found.match


def test_a_part_of_a_word_brings_what_has_it(articles):
    assert shown("読み", "ja") == (["ファイルの読み込みに失敗する"], "near")
    assert shown("addressb", "en") == (["Spreadsheets and addressbooks"], "near")


def test_what_is_no_word_by_itself_is_compared_too(articles):
    assert shown("込み", "ja") == (["ファイルの読み込みに失敗する"], "near")
    assert shown("。。？", "ja") == ([], "none")


def test_what_looks_like_nothing_gets_nothing(articles):
    assert shown("xyzzy", "en") == ([], "none")
    assert shown("火星", "ja") == ([], "none")


def test_letters_of_the_other_language_are_not_compared(articles):
    assert shown("addressb", "ja") == ([], "none")


def test_words_in_common_are_left_as_they_are(articles, monkeypatch):
    def fail(*_arguments, **_more):
        raise AssertionError("compared letters")

    monkeypatch.setattr("knowledge_base.finding.ranking.nearest", fail)

    assert shown("請求書", "ja") == (["請求書を再発行する"], "good")


def test_of_equals_the_shorter_question_comes_first(articles):
    ids = [id for id, _share in nearest("読み", "ja", limit=10)]

    assert ids == [articles["staff"].id, articles["reading"].id]
