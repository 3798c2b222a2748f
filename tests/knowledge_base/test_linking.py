"""Links in articles: our own are checked at once, those of others once a week, none in a private network."""

import threading
from collections import Counter
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from knowledge_base.belongings import ArticleLink
from knowledge_base.models import Article, Visibility
from knowledge_base.writing import editing, following, linking, uploading

FORM = {"purpose": "how-to", "visibility": "public"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def fault(article, address):
    return linking.fault_of(article, address)


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("/kb/en/find-a-lost-invoice", ""),
        ("find-a-lost-invoice", ""),
        ("http://localhost/kb/en/find-a-lost-invoice", ""),
        ("/kb/en/find-a-lost-invoice#section-where", ""),
        ("/kb/en/find-a-lost-invoice#section-gone", "no-anchor"),
        ("#section-here", ""),
        ("#section-there", "no-anchor"),
        ("/kb/en/nothing", "gone"),
        ("/kb/ja/find-a-lost-invoice", "gone"),
        ("/kb/en/draft", "not-public"),
        ("/kb/en/internal", "not-public"),
        ("/requests/new", ""),
        ("/no/such/page", "gone"),
        ("files/missing.png", "no-file"),
        ("mailto:help@example.com", ""),
        ("tel:+81312345678", ""),
    ],
)
def test_what_is_wrong_with_a_link_of_our_own(written, address, wrong):
    written("Find a lost invoice", "## Where")
    written("Draft", is_public=False)
    written("Internal", visibility=Visibility.STAFF)
    article = written("From", "## Here")

    assert fault(article, address) == wrong


def test_a_closed_article_may_lead_to_a_closed_one(written):
    closed = written("Closed", visibility=Visibility.STAFF)
    also = written("Also", visibility=Visibility.STAFF)
    some = written("Some", visibility=Visibility.SEGMENT, audience=["trial", "paying"])
    few = written("Few", visibility=Visibility.SEGMENT, audience=["trial"])

    assert fault(closed, "also") == ""
    assert fault(some, "few") == "not-public"
    assert fault(few, "some") == ""
    assert also.slug == "also"


def test_the_editor_sees_broken_links_with_the_answer_to_saving(desk, article):
    body = "See [this](/kb/en/nowhere), ![](files/a.png) and [that](/kb/en/find-a-lost-invoice)."
    desk.post(f"/desk/kb/{article.id}", data={**FORM, "base": "1", "title": "T", "body": body})
    page = desk.get(f"/desk/kb/{article.id}").text

    assert "2 links lead nowhere." in page
    assert "There is no such page." in page
    assert "2 links to nowhere" in desk.get("/desk/kb?links=broken").text


def test_a_mended_link_is_no_longer_told(desk, article, ada):
    editing.revise(article, "T", "[x](/kb/en/nowhere)", by=ada)
    linking.check(article)
    editing.revise(article, "T", "Nothing.", by=ada)

    assert linking.check(article) == []
    assert db.session.scalars(select(ArticleLink)).all() == []


def test_who_links_to_an_article_learns_that_it_went_and_came(article, written, ada, work_off):
    linker = written("From", "[x](/kb/en/find-a-lost-invoice)")
    work_off()
    before = linking.faults(linker)
    editing.withdraw(article, by=ada)
    work_off()
    gone = [link.fault for link in linking.faults(linker)]
    editing.publish(article, by=ada)
    work_off()

    assert (before, gone, linking.faults(linker)) == ([], ["not-public"], [])


def test_who_links_to_an_old_address_learns_the_new_one(article, written, desk, work_off):
    linker = written("From", "[x](/kb/en/find-a-lost-invoice)")
    form = {**FORM, "base": "1", "title": "T", "body": "B", "slug": "new", "slug_was": article.slug}
    desk.post(f"/desk/kb/{article.id}", data=form)
    work_off()

    assert [link.fault for link in linking.faults(linker)] == ["moved"]


def test_a_file_that_is_there_is_no_fault(article, ada):
    uploading.attach(article, "見本 1.png", PNG, by=ada)
    editing.revise(article, "T", "![x](files/見本-1.png)", by=ada)

    assert linking.check(article) == []


class Site(BaseHTTPRequestHandler):
    """A site that knows some pages, and counts who asks."""

    asked: Counter[str] = Counter()

    def do_HEAD(self):
        self.asked[f"{self.command} {self.path}"] += 1
        status = {"/ok": 200, "/gone": 404, "/shy": 405 if self.command == "HEAD" else 200}
        status |= {"/broken": 500, "/closed": 403, "/round": 302, "/on": 301}
        self.send_response(status.get(self.path, 404))
        place = {"/round": "/round", "/on": "/ok"}.get(self.path)
        if place:
            self.send_header("Location", place)
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *_args):
        """Tests are quiet."""


@pytest.fixture
def site():
    Site.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def intranet(app, monkeypatch):
    """Links may lead into our own network."""
    monkeypatch.setitem(app.config, "HELPDESK_CHECK_PRIVATE_LINKS", True)
    monkeypatch.setattr(following, "_REST_SECONDS", 0)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/ok", ""),
        ("/gone", "not-there"),
        ("/shy", ""),
        ("/broken", "failing"),
        ("/closed", ""),
        ("/on", ""),
        ("/round", "going-round"),
    ],
)
def test_what_a_site_answers(site, intranet, path, wrong):
    assert following.fault_of(site + path) == wrong


def test_the_page_itself_is_asked_only_where_its_head_says_too_little(site, intranet):
    following.fault_of(f"{site}/ok")
    following.fault_of(f"{site}/shy")

    assert Site.asked == {"HEAD /ok": 1, "HEAD /shy": 1, "GET /shy": 1}


def test_nothing_of_our_own_network_is_ever_asked(app, site):
    assert following.fault_of(f"{site}/ok") == "private"
    assert following.fault_of(site.replace("127.0.0.1", "localhost") + "/ok") == "private"
    assert Site.asked == {}


def test_a_site_cannot_send_us_into_our_own_network(app, site, monkeypatch):
    """The first host is let through as if it were public; the one it sends us to is looked at anew."""
    monkeypatch.setattr(following, "is_open", lambda address: address == "127.0.0.1")
    monkeypatch.setattr(Site, "do_HEAD", _sends_inside)

    assert following.fault_of(f"{site}/ok") == "private"


def _sends_inside(self):
    self.send_response(302)
    self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
    self.end_headers()


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 "
    "::1 :: fe80::1%eth0 fd00::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1::".split(),
)
def test_an_address_of_no_open_network_is_not_open(address):
    assert not following.is_open(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_an_address_of_the_internet_is_open(address):
    assert following.is_open(address)


def linked(written, site, *paths):
    article = written("Out", " ".join(f"[x]({site}{path})" for path in paths))
    linking.check(article)
    db.session.commit()
    return article


def test_links_to_others_are_followed_once_a_week(written, site, intranet, clock, work_off):
    article = linked(written, site, "/ok", "/gone")
    for _hour in range(3):
        following.follow_due()
        work_off()
        clock.shift(timedelta(hours=1))
    once = dict(Site.asked)
    clock.shift(timedelta(days=7))
    following.follow_due()
    work_off()

    assert once == {"HEAD /ok": 1, "HEAD /gone": 1, "GET /gone": 1}
    assert Site.asked["HEAD /ok"] == 2
    assert [link.fault for link in linking.faults(article)] == ["not-there"]


def test_what_did_not_answer_is_asked_again_the_next_day(written, site, intranet, clock, work_off):
    linked(written, site, "/broken", "/ok")
    for _day in range(2):
        following.follow_due()
        work_off()
        clock.shift(timedelta(days=1, minutes=1))

    assert (Site.asked["HEAD /broken"], Site.asked["HEAD /ok"]) == (2, 1)


def test_saving_again_does_not_forget_what_a_site_said(written, site, intranet, ada, work_off):
    article = linked(written, site, "/gone")
    following.follow_due()
    work_off()
    editing.revise(article, "T", f"More. [x]({site}/gone)", by=ada)
    linking.check(article)

    assert [link.fault for link in linking.faults(article)] == ["not-there"]


def test_nothing_is_asked_where_that_is_switched_off(app, written, site, intranet, monkeypatch, work_off):
    linked(written, site, "/ok")
    work_off()
    monkeypatch.setitem(app.config, "HELPDESK_CHECK_LINKS", False)
    following.follow_due()

    assert db.session.scalars(select(Job)).all() == []


def test_one_host_is_one_job(written, site, intranet, work_off):
    linked(written, site, "/ok", "/gone", "/shy")
    work_off()
    following.follow_due()

    assert len(db.session.scalars(select(Job)).all()) == 1
    assert db.session.scalars(select(Article)).one().is_published
