"""Folders of Markdown as site generators have them: what pages say, what folders say, where links lead."""

import zipfile

import pytest
from sqlalchemy import event, select

from helpdesk.core.db import db
from knowledge_base.belongings import ArticleFile, ArticleMove
from knowledge_base.categories import path_of
from knowledge_base.models import Article, ArticleStatus
from knowledge_base.transfer.importing import take
from knowledge_base.transfer.importing.dialects import ours

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.fixture
def folder(app, tmp_path):
    """A folder of files: `folder({"docs/a.md": "# A"})`; bytes are written as they are."""
    root = tmp_path / "site"

    def lay(files):
        for name, content in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return lay


def taken(root, lang="en", **more):
    done = take(root, lang, **more)
    assert [fault.words for fault in done.faults] == []
    return {article.external_id: article for article in db.session.scalars(select(Article))}, done


def test_front_matter_in_the_words_of_the_generators(folder):
    page = (
        "---\ntitle: 1.10 ships\nslug: /news/v1-10\ntags: [release, 'new']\ndraft: true\n"
        "date: 2024-05-01\naliases:\n  - /old/news-1/\nid: news\n---\nText."
    )
    articles, _done = taken(folder({"a.md": page}))
    article = articles["news"]

    assert (article.title, article.slug, article.tags) == ("1.10 ships", "v1-10", ["release", "new"])
    assert article.status is ArticleStatus.DRAFT
    assert article.published_at.date().isoformat() == "2024-04-30"  # midnight in Tokyo
    assert db.session.scalars(select(ArticleMove.slug)).all() == ["news-1"]


def test_folders_are_categories_named_by_their_index(folder):
    files = {
        "guide/_index.md": "---\ntitle: The guide\nweight: 2\n---\n",
        "guide/first-steps/a.md": "# A\nText.",
        "other/README.md": "# Other things\n\nWords.",
        "other/b.md": "# B\nText.",
    }
    articles, _done = taken(folder(files))

    paths = {id: path_of(article.shelf, "en") for id, article in articles.items()}
    assert paths["guide/first-steps/a"] == "The guide / First steps"
    assert paths["other/b"] == paths["other/README"] == "Other things"
    assert "guide/_index" not in articles


def test_the_only_folder_is_a_category_where_a_page_names_it(folder):
    named, _done = taken(folder({"guide/_index.md": "---\ntitle: The guide\n---\n", "guide/a.md": "# A"}))

    assert path_of(named["guide/a"].shelf, "en") == "The guide"


def test_a_folder_around_all_pages_says_nothing(folder):
    articles, _done = taken(folder({"docs/src/a.md": "# A", "docs/src/b/c.md": "# C"}))

    assert {id: path_of(article.shelf, "en") for id, article in articles.items()} == {
        "docs/src/a": "",
        "docs/src/b/c": "B",
    }


@pytest.mark.parametrize(
    ("japanese", "english"),
    [
        ("a.ja.md", "a.md"),
        ("ja/a.md", "en/a.md"),
        ("docs/ja/x/a.md", "docs/en/x/a.md"),
        ("i18n/ja/docusaurus-plugin-content-docs/current/a.md", "docs/a.md"),
    ],
)
def test_a_language_stands_in_the_name_or_in_the_folder(folder, japanese, english):
    root = folder({japanese: "# あ\n本文", english: "# A\nText"})
    take(root, "en")
    rows = db.session.execute(select(Article.external_id, Article.lang, Article.title)).all()

    assert {(lang, title) for _id, lang, title in rows} == {("ja", "あ"), ("en", "A")}
    assert len({id for id, _lang, _title in rows}) == 1


def test_pages_in_other_languages_are_left_out_and_told(folder):
    articles, done = taken(folder({"docs/en/a.md": "# A", "docs/de/a.md": "# Ah", "b.fr.md": "# B"}))

    assert [article.title for article in articles.values()] == ["A"]
    assert sorted(fault.words for fault in done.warnings) == [
        "pages in de are left out",
        "pages in fr are left out",
    ]


def test_links_among_pages_lead_to_our_addresses(folder):
    files = {
        "guide/a.md": "# A\n\n[b](../b.md#set-up-now) [[x]](b.md) `[c](../b.md)`\n\n```\n[d](../b.md)\n```\n"
        "[e]: ../b.md\n[out](https://example.com/b.md) [me](#here)\n\n## Here {#here}",
        "b.md": "# B\n\n## Set up, now!\n\nText.",
    }
    articles, done = taken(folder(files))
    text = articles["guide/a"].body

    assert "[b](/kb/en/b#section-set-up-now)" in text
    assert "`[c](../b.md)`" in text
    assert "```\n[d](../b.md)\n```" in text
    assert "[e]: /kb/en/b" in text
    assert "(https://example.com/b.md)" in text
    assert "[me](#section-here)" in text
    assert text.endswith("## Here")
    assert [fault.words for fault in done.warnings] == ["b.md leads nowhere"]


def test_links_of_a_site_leave_out_the_order_of_its_folders(folder):
    files = {"01-app/02-start/index.md": "# Start", "01-app/03-cache.md": "# C\n[s](/docs/app/start#x)"}
    articles, done = taken(folder(files))

    assert articles["01-app/03-cache"].body == "[s](/kb/en/start)"
    assert done.warnings == []


def test_a_link_stays_in_its_language(folder):
    root = folder({"a.md": "# A\n[b](b.md)", "a.ja.md": "# あ\n[b](b.md)", "b.md": "# B", "b.ja.md": "# び"})
    take(root, "en")
    texts = {
        article.lang: article.body for article in db.session.scalars(select(Article)) if "[b]" in article.body
    }

    assert texts == {"en": "[b](/kb/en/b)", "ja": "[b](/kb/ja/b)"}


def test_images_and_files_come_along(folder):
    files = {
        "guide/a.md": '# A\n![One](img/one.png "T") ![Two](/img/one.png) [sheet](../t%20x.csv) '
        '<img src="img/one.png" alt="Three">',
        "guide/img/one.png": PNG,
        "static/img/one.png": PNG + b"2",
        "t x.csv": "a,b",
    }
    articles, done = taken(folder(files))
    names = db.session.scalars(select(ArticleFile).order_by(ArticleFile.name)).all()

    assert [file.name for file in names] == ["one-2.png", "one.png", "t x.csv"]
    assert names[1].file.path.read_bytes() == PNG
    assert articles["guide/a"].body == (
        '![One](files/one.png "T") ![Two](files/one-2.png) [sheet](files/t%20x.csv) ![Three](files/one.png)'
    )
    assert done.counts["files"] == 3


def test_what_may_not_come_along_is_told(folder):
    files = {
        "a.md": "# A\n[run](x.exe) ![far](https://example.com/i.png) ![gone](gone.png) ![drawn](d.svg)",
        "x.exe": b"MZ",
        "d.svg": "<svg/>",
    }
    articles, done = taken(folder(files))

    assert articles["a"].body == (
        "[run](x.exe) [far](https://example.com/i.png) ![gone](gone.png) [drawn](files/d.svg)"
    )
    assert sorted(fault.words.split(":")[0] for fault in done.warnings) == [
        "d.svg is a drawing that browsers could run",
        "gone.png leads nowhere",
        "the image https",
        "x.exe is a program",
    ]


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (
            '!!! warning "Mind"\n    One\n\n    Two\nAfter',
            "> [!WARNING]\n> **Mind**\n>\n> One\n>\n> Two\n\nAfter",
        ),
        (":::tip\nHi\n:::", "> [!TIP]\n> Hi"),
        (":::note[Named]\nHi\n:::", "> [!NOTE]\n> **Named**\n>\n> Hi"),
        ("/// danger | Mind\nHi\n///", "> [!CAUTION]\n> **Mind**\n>\n> Hi"),
        ("```{note}\n:class: x\nHi\n```", "> [!NOTE]\n> Hi"),
        ('{{< hint type="warning" >}}\nHi\n{{< /hint >}}', "> [!WARNING]\n> Hi"),
        ("::: pkg.module.Name", "::: pkg.module.Name"),
        ("Text<!-- no -->, **b** <b>c</b> `<b>`", "Text, **b** **c** `<b>`"),
        ("A List<String> here", "A List<String> here"),
        ("import Tabs from '@theme/Tabs';\n\n<Tabs>\nIn\n</Tabs>", "In"),
        ("[a](b.md){ .md-button }", "[a](b.md)"),
        ("```\n!!! note\n    x\n```", "```\n!!! note\n    x\n```"),
        (":::tip\nnever closed", ":::tip\nnever closed"),
    ],
)
def test_dialects_become_our_markdown(theirs, expected):
    assert _single(ours(theirs)) == expected


def _single(text):
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip("\n")


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (
            "# 日本語の題\n\nこれは文章です。".encode("cp932"),
            "a.md:1",
            "written in CP932 (Shift_JIS): save it as UTF-8",
        ),
        ("# A\n\nこれは文章です。".encode("euc_jp"), "a.md:3", "written in EUC-JP: save it as UTF-8"),
        (b"# A\n\xff\xfe\x00", "a.md:2", "not written in UTF-8"),
        (
            "---\ntitle: a: b\n---\n",
            "a.md:2",
            "front matter: a value with a colon in it needs quotes, and lines the same indentation",
        ),
        ("---\na: &a [x]\nb: *a\n---\n", "a.md:3", "front matter: aliases are not read"),
        ("---\na:\n\tb: c\n---\n", "a.md:3", "front matter: indented with a tab; use blanks"),
        (
            '---\na: "b\n---\n',
            "a.md:2",
            "front matter: this is no YAML; look at its quotes, colons and indentation",
        ),
        ("# A\n\nText.".encode("utf-16-le"), "a.md:1", "written in UTF-16: save it as UTF-8"),
        ("Text without a title.", "a.md", "no title"),
        ("# A\n" + "x" * 200_001, "a.md", "the text is longer than 200000 characters"),
    ],
    ids=["cp932", "euc-jp", "binary", "yaml", "alias", "tab", "quote", "utf-16", "title", "long"],
)
def test_a_broken_page_is_told_by_file_and_line(folder, content, place, message):
    done = take(folder({"a.md": content, "b.md": "# B"}), "en")

    assert [(f.place.rpartition("/")[2], f.words) for f in done.faults] == [(place, message)]
    assert db.session.scalars(select(Article)).all() == []


def test_documents_that_are_not_read_are_named(folder):
    page = "# A\n\n[The form](form.pdf)"
    done = take(folder({"a.md": page, "form.pdf": b"%PDF", "old.docx": b"PK", "style.css": "a {}"}), "en")

    assert [fault.place.rpartition("/")[2] for fault in done.warnings if "left out" in fault.words] == [
        "old.docx"
    ]


def test_two_pages_of_one_id_are_told(folder):
    done = take(folder({"a.md": "---\nid: x\n---\n# A", "b.md": "---\nid: x\n---\n# B"}), "en")

    assert [f.words.rpartition("/")[2] for f in done.faults] == ["a.md"]
    assert done.faults[0].words.startswith("the id x is also that of ")


def test_a_folder_without_articles_is_a_fault(folder):
    assert [f.words for f in take(folder({"a.txt": "x"}), "en").faults] == ["no articles found"]


def test_a_symbolic_link_is_not_followed(folder, tmp_path):
    (tmp_path / "secret.png").write_bytes(PNG)
    root = folder({"a.md": "# A\n![x](secret.png)"})
    (root / "secret.png").symlink_to(tmp_path / "secret.png")
    _articles, done = taken(root)

    assert "a symbolic link: not followed" in [f.words for f in done.warnings]
    assert db.session.scalars(select(ArticleFile)).all() == []


def test_one_file_alone_brings_what_it_shows(folder):
    root = folder(
        {"a.md": "# A\n![x](i.png) ![y](../out.png)", "i.png": PNG, "b.md": "# B", "../out.png": PNG}
    )
    articles, _done = taken(root / "a.md")

    assert [*articles] == ["a"]
    assert [file.name for file in db.session.scalars(select(ArticleFile))] == ["i.png"]


def test_a_zip_is_a_folder(folder, tmp_path):
    root = folder({"top/a.md": "# A\n![x](i.png)", "top/i.png": PNG})
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for file in root.rglob("*.*"):
            made.write(file, file.relative_to(root))
    articles, done = taken(archive)

    assert [*articles] == ["a"]
    assert done.counts["files"] == 1


@pytest.mark.parametrize("name", ["../a.md", "/etc/a.md", "x/../../a.md", "C:/a.md", "..\\a.md"])
def test_a_zip_that_leads_out_of_itself_is_refused(app, tmp_path, name):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr(zipfile.ZipInfo(name), "# A")

    assert "leads out of the zip file" in take(archive, "en").faults[0].words


def test_a_zip_bomb_and_a_link_are_refused(app, tmp_path):
    bomb, link = tmp_path / "bomb.zip", tmp_path / "link.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.md", b"\0" * 30_000_000)
    entry = zipfile.ZipInfo("a.md")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(link, "w") as made:
        made.writestr(entry, "/etc/passwd")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and no more")

    said = [take(file, "en").faults[0].words for file in (bomb, link, broken)]
    assert said == [
        "a.md is too large when unpacked",
        "a.md is a symbolic link",
        "no zip file that can be read",
    ]


def test_names_of_a_japanese_windows_zip_are_read(app, tmp_path):
    archive = tmp_path / "a.zip"
    articles, _done = taken(_with_plain_name(archive, "はじめに.md".encode("cp932")), "ja")

    assert [*articles] == ["はじめに"]


def _with_plain_name(archive, name):
    """An archive whose one name is in bytes that say nothing of their encoding, as Windows writes it."""
    placeholder = "n" * len(name)
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr(placeholder, "# あ")
    archive.write_bytes(archive.read_bytes().replace(placeholder.encode(), name))
    return archive


@pytest.mark.parametrize("turn", [1, 2])
def test_the_number_of_statements_does_not_grow_with_the_pages(folder, turn):
    """Nor on the second taking, when all are changed."""
    counts = []
    for number in (2, 30):
        for again in range(turn):
            above = [f"---\naliases: [/old/{number}-{n}]\n---\n" for n in range(number)]
            texts = [f"# P {n}\n\n{again}\n\n![P](p{number}-{n}.png)" for n in range(number)]
            pages = {f"{number}/p{number}-{n}.md": above[n] + texts[n] for n in range(number)}
            images = {f"{number}/p{number}-{n}.png": PNG + bytes([number, n]) for n in range(number)}
            root = folder({**pages, **images})
            seen: list[str] = []
            event.listen(db.engine, "before_cursor_execute", lambda *told, seen=seen: seen.append(told[2]))
            taken(root / str(number))
            db.session.commit()
            before = len(seen)
        counts.append(before)

    assert counts[0] == counts[1]
