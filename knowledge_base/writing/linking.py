"""Links in articles: which there are, and whether those into our own house lead somewhere.

What a link into the wide world leads to is asked in `following.py`.
"""

import re
from html import unescape
from urllib.parse import unquote, urljoin, urlsplit

from flask import current_app
from sqlalchemy import delete, or_, select
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs import task
from helpdesk.core.markup import markdown, table_of_contents
from knowledge_base.belongings import ArticleFile, ArticleLink, ArticleMove
from knowledge_base.models import Article, Visibility

FILES = "files/"
_MOST_LINKS = 500
_MOST_LINKERS = 500
_LONGEST_ADDRESS = 2_000

_LINK = re.compile(r' (?:href|src)="([^"]+)"')
_ARTICLE = re.compile(r"/kb/(ja|en)/([a-z0-9-]+)/?")
_FILE = re.compile(r"/kb/files/(\d{1,18})/([^/]+)")
# The wider first: what a reader of the one may see, a reader of the other may not.
_WIDTH = (Visibility.STAFF, Visibility.SEGMENT, Visibility.SIGNED_IN, Visibility.PUBLIC)


@task
def check_links(id: int) -> None:
    """Look through the links of an article's newest text."""
    article = db.session.get(Article, id)
    if article is not None:
        check(article)


@task
def check_links_to(id: int) -> None:
    """Look again at the links of others that lead to an article which moved, came or went."""
    article = db.session.get(Article, id)
    if article is None:
        return
    moved = select(ArticleMove.slug).where(ArticleMove.article_id == id)
    places = [f"/kb/{article.lang}/{slug}" for slug in (article.slug, *db.session.scalars(moved))]
    naming = or_(*(ArticleLink.address.contains(place, autoescape=True) for place in places))
    linkers = select(Article).where(Article.id.in_(select(ArticleLink.article_id).where(naming)))
    for linker in db.session.scalars(linkers.order_by(Article.id).limit(_MOST_LINKERS)):
        check(linker)


def check(article: Article) -> list[ArticleLink]:
    """Note the links of the newest text, and what is wrong with those of our own; returns the faulty ones."""
    found = addresses(article.newest.body)
    own = select(ArticleLink).where(ArticleLink.article_id == article.id)
    known = {link.address: link for link in db.session.scalars(own)}
    gone = [link.id for address, link in known.items() if address not in found]
    db.session.execute(delete(ArticleLink).where(ArticleLink.id.in_(gone)))
    for address in found:
        link = known.get(address) or ArticleLink(article_id=article.id, address=address)
        db.session.add(link)
        if not is_outside(address):
            link.fault, link.checked_at = fault_of(article, address), now()
    db.session.flush()
    return faults(article)


def addresses(text: str) -> list[str]:
    """Where the links and images of a Markdown text lead as readers get it, each once, in order."""
    found = map(unescape, _LINK.findall(markdown(text)))
    return [each for each in dict.fromkeys(found) if len(each) <= _LONGEST_ADDRESS][:_MOST_LINKS]


def faults(article: Article) -> list[ArticleLink]:
    """The links of an article that lead nowhere."""
    own = select(ArticleLink).where(ArticleLink.article_id == article.id, ArticleLink.fault != "")
    return list(db.session.scalars(own.order_by(ArticleLink.id)))


def is_outside(address: str) -> bool:
    """Whether it is an address of somebody else's site."""
    return address.startswith(("http://", "https://")) and not _is_ours(address)


def fault_of(article: Article, address: str) -> str:
    """What is wrong with a link of our own, as a key of our words; empty where it leads somewhere."""
    if address.startswith(FILES):
        return _of_file(article.id, unquote(address.removeprefix(FILES)))
    parts = urlsplit(urljoin(f"/kb/{article.lang}/{article.slug}", address))
    if parts.scheme not in ("", "http", "https"):
        return ""
    if file := _FILE.fullmatch(parts.path):
        return _of_file(int(file[1]), unquote(file[2]))
    if named := _ARTICLE.fullmatch(parts.path):
        return _of_article(article, named[1], named[2], unquote(parts.fragment))
    return "" if _is_page(parts.path) else "gone"


def _is_ours(address: str) -> bool:
    site = urlsplit(str(current_app.config["HELPDESK_SITE_URL"]))
    return urlsplit(address).netloc == site.netloc


def _of_file(article_id: int, name: str) -> str:
    own = select(ArticleFile.id).where(ArticleFile.article_id == article_id, ArticleFile.name == name)
    return "" if db.session.scalar(own) else "no-file"


def _of_article(article: Article, lang: str, slug: str, anchor: str) -> str:
    target = db.session.scalar(select(Article).where(Article.lang == lang, Article.slug == slug))
    if target is None:
        led = select(ArticleMove.id).where(ArticleMove.lang == lang, ArticleMove.slug == slug)
        return "moved" if db.session.scalar(led) else "gone"
    if target.id != article.id and not _may_follow(article, target):
        return "not-public"
    body = article.newest.body if target.id == article.id else target.body
    if anchor and anchor not in (heading.anchor for heading in table_of_contents(body)):
        return "no-anchor"
    return ""


def _may_follow(article: Article, target: Article) -> bool:
    """Whether all who may read the article may read its target too."""
    if article.visibility == Visibility.STAFF:
        return target.is_published
    if target.visibility == Visibility.SEGMENT and article.visibility == Visibility.SEGMENT:
        return target.is_published and {*article.audience} <= {*target.audience}
    is_wide_enough = _WIDTH.index(target.visibility) >= _WIDTH.index(article.visibility)
    return target.is_published and is_wide_enough


def _is_page(path: str) -> bool:
    if not path.startswith("/"):
        return False
    try:
        current_app.url_map.bind("localhost").match(path)
    except NotFound:
        return False
    except (MethodNotAllowed, RequestRedirect):
        return True
    return True
