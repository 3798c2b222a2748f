"""What our team sees: all articles, the editor, the history, and what fits a ticket.

Any agent may write and publish: the history names who, and every step can be undone.
"""

from collections.abc import Sequence

from flask import current_app, flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me, needs
from helpdesk.core.db import db, reading
from helpdesk.core.i18n import LANGUAGES, language
from helpdesk.core.markup import markdown
from helpdesk.core.web import Answer, go
from knowledge_base import editing, managing
from knowledge_base.forms import ArticleForm, filled
from knowledge_base.models import Article, Revision
from knowledge_base.search import language_of
from knowledge_base.search import search as find
from knowledge_base.views.blueprint import bp

_SUGGESTED = 3


staff = needs(Role.AGENT)


@bp.get("/desk/kb")
@staff
def manage() -> str:
    wanted, page = managing.Wanted.of(request.args), request.args.get("page", 1, int)
    lines, has_more = managing.listed(me(), wanted, page)
    return render_template(
        "knowledge_base/manage.html", lines=lines, wanted=wanted, page=page, has_more=has_more
    )


@bp.get("/desk/kb/new")
@staff
def new() -> str:
    form = ArticleForm(lang=language(), title=request.args.get("title", "")).offer(_stages())
    return _editor(form)


@bp.post("/desk/kb")
@staff
def create() -> Answer:
    form = ArticleForm().offer(_stages())
    if not form.validate():
        return _editor(form), 422
    article = editing.write(
        *form.text, lang=form.lang.data, by=me(), slug=form.slug.data or "", particulars=form.particulars()
    )
    return _saved(article)


@bp.get("/desk/kb/<int:id>")
@staff
def edit(id: int) -> str:
    article = _visible(id)
    return _editor(ArticleForm(data=filled(article)).offer(_stages(), article.stages), article)


@bp.post("/desk/kb/<int:id>")
@staff
def save(id: int) -> Answer:
    """Keep what was written as a revision; readers get it where the editor asked for that too."""
    article = _visible(id)
    form = ArticleForm(data={"lang": article.lang}).offer(_stages(), article.stages)
    if not form.validate():
        return _editor(form, article), 422
    try:
        base = form.base.data or 0
        editing.revise(article, *form.text, by=me(), base=base, particulars=form.particulars())
    except (editing.Overtaken, StaleDataError, IntegrityError):
        db.session.rollback()
        return _conflict(form, _visible(id))
    return _saved(article)


@bp.post("/desk/kb/<int:id>/publication")
@staff
def publish(id: int) -> Answer:
    article = _visible(id)
    editing.publish(article, by=me())
    db.session.commit()
    return _done(article, _("Published. Readers see it now."))


@bp.post("/desk/kb/<int:id>/withdrawal")
@staff
def withdraw(id: int) -> Answer:
    article = _visible(id)
    editing.withdraw(article, by=me())
    db.session.commit()
    return _done(article, _("Withdrawn. Readers no longer see it."))


@bp.post("/desk/kb/<int:id>/archiving")
@staff
def archive(id: int) -> Answer:
    article = _visible(id)
    editing.archive(article, by=me())
    db.session.commit()
    return _done(article, _("Archived. Readers no longer see it."))


@bp.get("/desk/kb/<int:id>/revisions")
@staff
def revisions(id: int) -> str:
    """The history, and what one revision changed; the newest where none is named."""
    article = _visible(id)
    chosen = _revision(article, request.args.get("number", article.newest.number, int))
    before = next((r for r in reversed(article.revisions) if r.number < chosen.number), None)
    return render_template(
        "knowledge_base/revisions.html",
        article=article,
        chosen=chosen,
        before=before,
        lines=managing.differences(before.body if before else "", chosen.body),
        particulars=managing.differences(managing.told(before.particulars), managing.told(chosen.particulars))
        if before
        else [],
    )


@bp.post("/desk/kb/<int:id>/revisions/<int:number>/restoration")
@staff
def restore(id: int, number: int) -> Answer:
    article = _visible(id)
    editing.restore(_revision(article, number), by=me())
    db.session.commit()
    return _done(article, _("Restored as a new revision. Publish it when readers should get it."))


@bp.post("/desk/kb/preview")
@staff
def preview() -> str:
    """The text as readers would see it."""
    lang = request.form.get("lang", "")
    html = markdown(request.form.get("body", ""), lang if lang in LANGUAGES else language())
    return render_template("knowledge_base/_preview.html", html=html, lang=lang)


@bp.get("/desk/kb/suggestions")
@staff
def suggestions() -> str:
    """Articles that fit a text, as the column beside a ticket shows them; q: its subject and first words."""
    text = request.args.get("q", "")
    found = find(text, language_of(text), viewer=me(), stage=request.args.get("stage", ""), limit=_SUGGESTED)
    items = [*found.items, *found.other_language][:_SUGGESTED]
    return render_template("knowledge_base/_suggestions.html", items=items)


@bp.errorhandler(StaleDataError)
def overtaken(_error: StaleDataError) -> tuple[str, int]:
    """Somebody else changed the article in the same moment: nothing was written."""
    db.session.rollback()
    with reading():
        return render_template("knowledge_base/overtaken.html"), 409


def _visible(id: int) -> Article:
    article: Article = db.one_or_404(Article.visible_to(me()).where(Article.id == id))
    return article


def _revision(article: Article, number: int) -> Revision:
    own = select(Revision).where(Revision.article_id == article.id, Revision.number == number)
    revision: Revision = db.one_or_404(own)
    return revision


def _stages() -> Sequence[tuple[str, str]]:
    """The stages that an article may be written for, as the app names them: key and name."""
    named: Sequence[tuple[str, str]] = current_app.extensions.get("helpdesk.stages", tuple)()
    return named


def _editor(form: ArticleForm, article: Article | None = None, **more: object) -> str:
    votes = managing.votes_of(article) if article else []
    return render_template("knowledge_base/edit.html", form=form, article=article, votes=votes, **more)


def _saved(article: Article) -> BaseResponse:
    is_for_readers = request.form.get("then") == "publish"
    if is_for_readers:
        editing.publish(article, by=me())
    db.session.commit()
    return _done(article, _("Published. Readers see it now.") if is_for_readers else _("Saved."))


def _done(article: Article, words: str) -> BaseResponse:
    flash(words)
    with reading():
        return go(url_for(".edit", id=article.id))


def _conflict(form: ArticleForm, article: Article) -> tuple[str, int]:
    """Show what somebody saved meanwhile beside what was typed; saving again writes over it knowingly."""
    lines = managing.differences(article.newest.body, form.text[1])
    form.base.process_data(article.newest.number)
    form.base.raw_data = None
    return _editor(form, article, lines=lines), 409
