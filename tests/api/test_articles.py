"""Articles by program."""

import pytest

from helpdesk.core.db import db
from knowledge_base.models import Article, ArticleStatus, Visibility


@pytest.fixture
def write(app):
    """`write(title, visibility=…)`: one more published article."""

    def add(title, *, lang="en", body="Reset it **there**.", **others) -> Article:
        slug = title.lower().replace(" ", "-")
        made = {"status": ArticleStatus.PUBLISHED, **others}
        article = Article(lang=lang, slug=slug, title=title, body=body, **made)
        db.session.add(article)
        db.session.commit()
        return article

    return add


def test_anybody_reads_what_is_public(visit, write):
    article = write("Password reset", external_id="kb-1")
    other = write("パスワードの再設定", lang="ja", external_id="kb-1")
    told = visit().get(f"/api/v1/kb/articles/{article.id}").json

    assert (told["title"], told["body"]) == ("Password reset", "Reset it **there**.")
    assert "<strong>there</strong>" in told["html"]
    assert told["url"] == "http://localhost/kb/en/password-reset"
    assert [each["id"] for each in told["translations"]] == [other.id]


@pytest.mark.parametrize(
    ("others", "strangers", "staffs"),
    [
        ({"visibility": Visibility.STAFF}, 404, 200),
        ({"status": ArticleStatus.DRAFT}, 404, 404),
        ({"status": ArticleStatus.ARCHIVED}, 404, 404),
    ],
)
def test_strangers_read_nothing_else(visit, api, write, others, strangers, staffs):
    path = f"/api/v1/kb/articles/{write('Refund rules', **others).id}"

    assert (visit().get(path).status_code, api.get(path).status_code) == (strangers, staffs)


def test_a_cookie_of_staff_opens_nothing(desk, write):
    hidden = write("Refund rules", visibility=Visibility.STAFF)

    assert desk.get(f"/api/v1/kb/articles/{hidden.id}").status_code == 404


def test_searching(visit, write, work_off):
    article = write("Password reset")
    told = visit().get("/api/v1/kb/search?q=password&lang=en&limit=3").json

    assert set(told) == {"items", "match", "other_language", "took_ms", "next"}
    assert [(each["id"], each["slug"], each["title"]) for each in told["items"]] == [
        (article.id, "password-reset", "Password reset")
    ]
    assert set(told["items"][0]) == {"id", "external_id", "slug", "lang", "title", "snippet", "score"}


def test_only_staff_find_what_is_theirs(visit, api, write):
    write("Refund rules", visibility=Visibility.STAFF)
    path = "/api/v1/kb/search?q=refund&lang=en"

    assert (visit().get(path).json["items"], len(api.get(path).json["items"])) == ([], 1)


def test_a_question_is_needed(visit):
    assert visit().get("/api/v1/kb/search").json["errors"][0]["field"] == "q"
    assert visit().get("/api/v1/kb/search?q=").json["items"] == []
