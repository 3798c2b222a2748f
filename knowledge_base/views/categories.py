"""Categories: the pages on which readers find them, and the desk's page on which editors arrange them."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me, needs
from helpdesk.core.db import db, reading
from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.web import Answer, answer, go
from knowledge_base.categories import Category, Tree
from knowledge_base.models import Article
from knowledge_base.reading.shelves import Shelves
from knowledge_base.views.blueprint import bp, viewer
from knowledge_base.views.keeping import page
from knowledge_base.writing import shelving
from knowledge_base.writing.shelving import Refused, Step

staff = needs(Role.AGENT)
_DESK = "/desk/kb/categories"
# Titles shown of each category in the one that is looked at.
_TASTE = 8


@bp.get("/kb/<any(ja, en):lang>/categories/<int:id>")
def category(lang: str, id: int) -> Answer:
    """A category with those in it and its articles; where all of it is in the other language, that one's."""
    found = Shelves(lang, viewer(), taste=_TASTE).page(id)
    other = "en" if lang == "ja" else "ja"
    if found is None:
        if Shelves(other, viewer()).page(id) is None:
            abort(404)
        return redirect(url_for(".category", lang=other, id=id))
    return page(
        "knowledge_base/category.html",
        lang=lang,
        changed_at=max((article.updated_at for article in found.articles), default=None),
        found=found,
        spoken=lang,
        otherwise=url_for(".category", lang=other, id=id),
    )


@bp.get(_DESK)
@staff
def categories() -> str:
    return render_template("knowledge_base/categories.html", **_tree())


@bp.post(_DESK)
@staff
def add_category() -> Answer:
    """Add one with its names in both languages; one of them is enough."""
    return _change(lambda: shelving.add(*_names(), _number("parent")))


@bp.get(_DESK + "/<int:id>")
@staff
def edit_category(id: int) -> str:
    """One category: its names, the order of its articles, and the way to take it away."""
    category = db.get_or_404(Category, id)
    tree = Tree.load()
    return render_template(
        "knowledge_base/edit_category.html",
        category=category,
        path=tree.ancestors(category),
        others=shelving.may_hold(tree, category),
        articles={lang: shelving.articles_of(category, lang) for lang in LANGUAGES},
    )


@bp.post(_DESK + "/<int:id>")
@staff
def rename_category(id: int) -> Answer:
    category = db.get_or_404(Category, id)
    return _change(lambda: shelving.rename(category, *_names()), saying=_("Saved."), place=_place_of(id))


@bp.post(_DESK + "/<int:id>/place")
@staff
def place_category(id: int) -> Answer:
    """By a step (`step`: up, down, in, out), or to where it was dropped (`parent`, `before`)."""
    category = db.get_or_404(Category, id)
    step = _step()
    if step is not None:
        return _change(lambda: shelving.take_step(category, step), moved=id)
    return _change(lambda: shelving.put(category, _number("parent"), _number("before")), moved=id)


@bp.post(_DESK + "/<int:id>/removal")
@staff
def remove_category(id: int) -> Answer:
    """Take it away; `destination` gets its articles, nothing leaves them without a category."""
    category, wanted = db.get_or_404(Category, id), _number("destination")
    if not request.form.get("destination"):
        flash(_("Choose where its articles go."), "error")
        with reading():
            return go(_place_of(id))
    destination = db.get_or_404(Category, wanted) if wanted is not None else None
    return _change(
        lambda: shelving.remove(category, destination),
        saying=_("The category is gone; its articles are where you put them."),
    )


@bp.post(_DESK + "/<int:id>/articles")
@staff
def order_articles(id: int) -> Answer:
    """Move one article of the category (`article`) by a step, or before another one (`before`)."""
    own = Article.visible_to(me()).where(Article.id == _number("article"), Article.category_id == id)
    article: Article = db.one_or_404(own)
    step, lang = _step(), article.lang
    if step in (Step.IN, Step.OUT):
        abort(400)
    shelving.order(article, step=step, before_id=_number("before"))
    db.session.commit()
    with reading():
        category = db.get_or_404(Category, id)
        return answer(
            "knowledge_base/_category_articles.html",
            otherwise=_place_of(id) + f"#articles-{lang}",
            category=category,
            lang=lang,
            articles=shelving.articles_of(category, lang),
            moved=article.id,
        )


def _change(
    act: Callable[[], object], *, saying: str = "", place: str = "", moved: int | None = None
) -> Answer:
    """Do it and show the tree anew; what cannot be done is said and changes nothing."""
    kind = "message"
    try:
        act()
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        saying, kind = _why(refusal.why), "error"
    with reading():
        tree = {**_tree(), "moved": moved, "saying": saying}
        if saying and not request.headers.get("HX-Request"):
            flash(saying, kind)
        return answer("knowledge_base/_category_tree.html", otherwise=place or url_for(".categories"), **tree)


def _why(why: str) -> str:
    told: dict[str, str] = {
        "nameless": _("A category needs a name in one language at least."),
        "inside": _("A category cannot lie in itself."),
        "too-deep": _("Categories lie in each other at most four deep."),
        "taken": _("There is a category of this name in the same place already."),
        "gone": _("Somebody took this category away in the meantime."),
    }
    return told[why]


def _tree() -> dict[str, object]:
    return {"shelves": Tree.load().top, "counts": shelving.counts(), "moved": None, "saying": ""}


def _names() -> tuple[str, str]:
    return request.form.get("name_ja", ""), request.form.get("name_en", "")


def _number(name: str) -> int | None:
    given = request.form.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else None


def _step() -> Step | None:
    given = request.form.get("step")
    return Step(given) if given in {step.value for step in Step} else None


def _place_of(id: int) -> str:
    return url_for(".edit_category", id=id)
