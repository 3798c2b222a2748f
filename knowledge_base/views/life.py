"""Buttons beside the editor: publish, withdraw, put away, send back, confirm, catch up; and its files."""

from flask import jsonify, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select

from helpdesk.accounts.permissions import me
from helpdesk.core.db import db
from helpdesk.core.files import FileRefused
from helpdesk.core.web import Answer
from knowledge_base import acts
from knowledge_base.belongings import ArticleFile
from knowledge_base.views.blueprint import bp
from knowledge_base.views.desk import done, offered, revision_of, staff, visible, why_refused, written
from knowledge_base.writing import editing, life, linking, translating, uploading
from knowledge_base.writing.forms import ArticleForm, SendBackForm


@bp.post("/desk/kb/<int:id>/publication")
@staff
def publish(id: int) -> Answer:
    article = visible(id)
    editing.publish(article, by=me())
    db.session.commit()
    return done(article, _("Published. Readers see it now."))


@bp.post("/desk/kb/<int:id>/withdrawal")
@staff
def withdraw(id: int) -> Answer:
    article = visible(id)
    editing.withdraw(article, by=me())
    db.session.commit()
    return done(article, _("Withdrawn. Readers no longer see it."))


@bp.post("/desk/kb/<int:id>/archiving")
@staff
def archive(id: int) -> Answer:
    article = visible(id)
    editing.archive(article, by=me())
    db.session.commit()
    return done(article, _("Archived. Readers no longer see it."))


@bp.post("/desk/kb/<int:id>/returning")
@staff
def send_back(id: int) -> Answer:
    """Say what is missing before readers may get it."""
    article = visible(id)
    form = SendBackForm()
    if not form.validate():
        return done(article, _("Say what is missing."), "error")
    life.send_back(article, by=me(), words=form.note.data or "")
    db.session.commit()
    return done(article, _("Sent back with your note."))


@bp.post("/desk/kb/<int:id>/plan/cancellation")
@staff
def unplan(id: int) -> Answer:
    article = visible(id)
    life.unplan(article, by=me())
    db.session.commit()
    return done(article, _("It will not be published by itself."))


@bp.post("/desk/kb/<int:id>/confirmation")
@staff
def confirm(id: int) -> Answer:
    """Say that the article is still true, for some months."""
    article, months = visible(id), request.form.get("months", 0, int)
    if months in life.MONTHS:
        life.confirm(article, months, by=me())
        db.session.commit()
    return done(article, _("Confirmed. The date to look through it again has moved on."))


@bp.post("/desk/kb/<int:id>/catching-up")
@staff
def catch_up(id: int) -> Answer:
    article = visible(id)
    translating.catch_up(article, by=me())
    db.session.commit()
    return done(article, _("Noted: the translation tells what its source tells now."))


@bp.post("/desk/kb/<int:id>/revisions/<int:number>/restoration")
@staff
def restore(id: int, number: int) -> Answer:
    article = visible(id)
    editing.restore(revision_of(article, number), by=me())
    db.session.commit()
    return done(article, _("Restored as a new revision. Publish it when readers should get it."))


@bp.post("/desk/kb/<int:id>/files")
@staff
def take_file(id: int) -> Answer:
    """Take in a pasted or dropped file while somebody writes; answers the Markdown that shows it."""
    article, file = visible(id), request.files.get("file")
    if file is None:
        return jsonify(error=_("Choose a file.")), 422  # type: ignore[return-value]
    try:
        kept = uploading.attach(article, file.filename or "image.png", file.read(), by=me())
    except FileRefused as refusal:
        return jsonify(error=why_refused(refusal)), 422  # type: ignore[return-value]
    linking.check(article)
    db.session.commit()
    return jsonify(markdown=uploading.written(kept, request.form.get("alt", "")), image=kept.file.is_shown)


@bp.post("/desk/kb/<int:id>/files/<int:file_id>/removal")
@staff
def drop_file(id: int, file_id: int) -> Answer:
    """Take a file away; one that a text names, or an earlier one did, stays."""
    article = visible(id)
    file = db.one_or_404(
        select(ArticleFile).where(ArticleFile.id == file_id, ArticleFile.article_id == article.id)
    )
    if not uploading.drop(file):
        return done(
            article, _("The file stays: a text of this article, or of its history, shows it."), "error"
        )
    linking.check(article)
    db.session.commit()
    return done(article, _("The file is gone."))


@bp.post("/desk/kb/drafts")
@staff
def begin() -> Answer:
    """Make a draft of what is written so far, so that its first image has a place."""
    form = offered(ArticleForm())
    form.title.data = form.title.data or _("Untitled")
    if not form.validate() and set(form.errors) - {"title"}:
        return jsonify(error=_("Look through the fields first.")), 422  # type: ignore[return-value]
    article = written(form)
    db.session.commit()
    return jsonify(id=article.id, base=article.newest.number, title=article.newest.title)


@bp.get("/desk/kb/<int:id>/company")
@staff
def company(id: int) -> str:
    """Who else has the editor open; asked every half minute, and itself a sign of life. base: where I am."""
    article = visible(id)
    acts.be_here(article.id, me())
    newest = article.newest
    is_older = request.args.get("base", newest.number, int) < newest.number
    others = acts.others_here(article.id, me())
    return render_template(
        "knowledge_base/_company.html", article=article, others=others, newer=newest if is_older else None
    )
