"""Images and files of articles: by a plain field, or pasted while somebody writes."""

from io import BytesIO

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.files import FileRefused
from knowledge_base.belongings import ArticleFile
from knowledge_base.models import Article
from knowledge_base.writing import editing, uploading

FORM = {"purpose": "how-to", "visibility": "public"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def names():
    return list(db.session.scalars(select(ArticleFile.name).order_by(ArticleFile.id)))


def sent(content=PNG, name="shot.png"):
    return (BytesIO(content), name)


def test_a_pasted_image_comes_back_as_markdown(desk, article):
    said = desk.post(f"/desk/kb/{article.id}/files", data={"file": sent(), "alt": "The [red] button"})

    assert said.json == {"markdown": "![The \\[red\\] button](files/shot.png)", "image": True}
    assert names() == ["shot.png"]


def test_a_file_that_is_no_image_is_a_link(desk, article):
    said = desk.post(f"/desk/kb/{article.id}/files", data={"file": sent(b"%PDF-1.7", "申込書 (1).pdf")})

    assert said.json["markdown"] == "[申込書-1-](files/申込書-1-.pdf)"


def test_the_same_bytes_are_kept_once_and_the_same_name_twice(article, ada):
    for content, name in ((PNG, "a.png"), (PNG, "b.png"), (PNG + b"x", "a.png")):
        uploading.attach(article, name, content, by=ada)

    assert names() == ["a.png", "a-2.png"]


@pytest.mark.parametrize("name", ["run.exe", "a.png.exe", "ＲＵＮ．ＥＸＥ"])
def test_programs_are_refused_with_the_reason(desk, article, name):
    said = desk.post(f"/desk/kb/{article.id}/files", data={"file": sent(b"MZ", name)})

    assert said.status_code == 422
    assert "we do not take programs" in said.json["error"]
    assert names() == []


def test_an_empty_file_is_refused(article, ada):
    with pytest.raises(FileRefused):
        uploading.attach(article, "a.png", b"", by=ada)


def test_without_a_script_a_file_comes_with_the_saving(desk, article):
    form = {**FORM, "base": "1", "title": "T", "body": "Text.", "file": sent(), "alt": "A button"}
    desk.post(f"/desk/kb/{article.id}", data=form)

    assert article.newest.body == "Text.\n\n![A button](files/shot.png)"


def test_a_refused_file_loses_no_text(desk, article):
    form = {**FORM, "base": "1", "title": "T", "body": "Long work.", "file": sent(b"MZ", "run.exe")}
    page = desk.post(f"/desk/kb/{article.id}", data=form)

    assert page.status_code == 422
    assert "Long work." in page.text
    assert "run.exe (.exe) is a program" in page.text
    assert len(article.revisions) == 1


def test_a_new_article_gets_a_place_for_its_first_image(desk):
    said = desk.post("/desk/kb/drafts", data={**FORM, "title": "", "body": "Begun.", "lang": "ja"}).json
    article = db.session.get(Article, said["id"])

    assert (article.newest.body, article.newest.number, said["base"]) == ("Begun.", 1, 1)
    assert not article.is_published


def test_the_preview_shows_the_image(desk, article, ada):
    uploading.attach(article, "shot.png", PNG, by=ada)
    page = desk.post(f"/desk/kb/preview?id={article.id}", data={"body": "![x](files/shot.png)", "lang": "en"})

    assert f"/kb/files/{article.id}/shot.png" in page.text


def test_strangers_upload_nothing(reader, article):
    answer = reader.post(f"/desk/kb/{article.id}/files", data={"file": sent()})

    assert "/sign-in" in answer.location
    assert names() == []


@pytest.mark.parametrize("naming", ["", "![x](files/shot.png)", "/kb/files/{id}/shot.png", "changed since"])
def test_a_file_is_deleted_unless_a_text_or_its_history_shows_it(desk, article, ada, naming):
    file = uploading.attach(article, "shot.png", PNG, by=ada)
    named = "![x](files/shot.png)" if naming == "changed since" else naming.format(id=article.id)
    editing.revise(article, article.title, named, by=ada)
    if naming == "changed since":
        editing.revise(article, article.title, "No image.", by=ada)
    db.session.commit()
    desk.post(f"/desk/kb/{article.id}/files/{file.id}/removal")

    assert names() == ([] if not naming else ["shot.png"])


def test_a_file_of_another_article_is_not_deleted(desk, article, written, ada):
    file = uploading.attach(article, "shot.png", PNG, by=ada)
    db.session.commit()
    answer = desk.post(f"/desk/kb/{written('Other').id}/files/{file.id}/removal")

    assert (answer.status_code, names()) == (404, ["shot.png"])
