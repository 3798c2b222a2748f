"""An editor learns why an article is where it is."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from helpdesk.core.db import db
from knowledge_base.finding import explaining
from knowledge_base.finding.explaining import explain
from knowledge_base.semantic.nearness import Nearness
from knowledge_base.vocabulary import SynonymGroup


@pytest.fixture
def articles(written, work_off):
    made = {
        "password": written("パスワードを忘れたとき", "再設定のメールを送ります。", lang="ja"),
        "invoice": written("請求書を再発行する", "再発行を押します。", lang="ja", stages=["adoption"]),
        "draft": written("書きかけ", is_public=False, lang="ja"),
    }
    work_off()
    return made


def test_the_score_is_what_the_terms_gave_times_coverage_and_boost(articles):
    found = explain("請求書を再発行", "ja", articles["invoice"], "adoption")

    given = sum(reason.score for reason in found.reasons)
    assert found.score == pytest.approx(given * (1 + found.coverage) * found.boost)
    assert (found.place, found.word_place, found.boost, found.match) == (1, 1, 1.3, "good")
    assert {reason.field for reason in found.reasons} == {"title", "body"}


def test_each_word_says_what_answers_it_and_how_rare_it_is(articles):
    words = explain("PWの再発行", "ja", articles["password"]).words

    first = words[0]
    assert first.terms["pw"] == 1.0
    assert 0 < first.terms["ぱすわーど"] < 1
    assert (first.articles, first.is_here) == (1, True)
    assert [word.is_here for word in words if "発行" in word.terms] == [False]


def test_an_article_that_is_not_found_says_so(articles):
    found = explain("請求書", "ja", articles["password"])

    assert (found.place, found.score, found.reasons) == (None, 0.0, [])
    assert found.is_indexed


def test_a_draft_is_not_in_the_index(articles):
    assert not explain("書きかけ", "ja", articles["draft"]).is_indexed


def test_a_correction_is_told(articles):
    assert explain("パスワド", "ja", articles["password"]).corrections == ["パスワード"]


def test_without_an_index_nothing_is_known(app, articles):
    shutil.rmtree(Path(app.config["HELPDESK_HOME"]) / "index")

    found = explain("請求書", "ja", articles["invoice"])

    assert (found.is_indexed, found.place, found.words) == (False, None, ())


def test_synonyms_that_editors_write_count_at_once(articles):
    assert explain("ビル", "ja", articles["invoice"]).place is None
    db.session.add(SynonymGroup(expressions=["ビル", "請求書"]))
    db.session.commit()

    assert explain("ビル", "ja", articles["invoice"]).place == 1
    db.session.query(SynonymGroup).delete()
    assert explain("ビル", "ja", articles["invoice"]).place is None


def test_the_meaning_is_told_beside_the_words(articles, monkeypatch):
    ids = np.array(sorted(articles[name].id for name in ("password", "invoice")))
    near = Nearness(ids, np.array([0.7, 0.9]), np.array([0.8, 0.6]), np.zeros(2, np.int32))
    monkeypatch.setattr(explaining, "near_in_meaning", lambda question, lang: near)

    found = explain("猫", "ja", articles["invoice"])

    assert (found.meaning.title, found.meaning.text, found.meaning.weight) == (0.9, 0.6, 1.6)
    assert found.meaning.score == pytest.approx(1.6 * (1 / 11 + 1 / 12))
    assert found.score == pytest.approx(found.meaning.score)
