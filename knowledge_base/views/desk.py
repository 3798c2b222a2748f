"""What the desk's pages of the knowledge base share: whom they let in, and the editor with all around it."""

from collections.abc import Sequence

from flask import current_app, flash, render_template, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.models import Agent, Role
from helpdesk.accounts.permissions import me, needs
from helpdesk.core.db import db, reading
from helpdesk.core.files import FileRefused
from helpdesk.core.i18n import zone
from helpdesk.core.web import Answer, go
from knowledge_base import acts
from knowledge_base.models import Article, Revision
from knowledge_base.writing import editing, linking, managing, saving, translating, uploading
from knowledge_base.writing.addressing import AddressTaken
from knowledge_base.writing.comparing import differences
from knowledge_base.writing.forms import ArticleForm
from knowledge_base.writing.life import MONTHS

staff = needs(Role.AGENT)


def visible(id: int) -> Article:
    article: Article = db.one_or_404(Article.visible_to(me()).where(Article.id == id))
    return article


def revision_of(article: Article, number: int) -> Revision:
    own = select(Revision).where(Revision.article_id == article.id, Revision.number == number)
    revision: Revision = db.one_or_404(own)
    return revision


def done(article: Article, words: str, kind: str = "message") -> BaseResponse:
    """Say what was done, or with `error` why it was not, and go back to the editor."""
    flash(words, kind)
    with reading():
        return go(url_for("knowledge_base.edit", id=article.id))


def offered(form: ArticleForm, article: Article | None = None) -> ArticleForm:
    """The form with all that can be chosen in it."""
    people = list(db.session.scalars(Agent.visible_to(me())))
    people += [each for each in (article.owner if article else None, me()) if each and each not in people]
    kept = [*article.stages, *article.audience] if article else ()
    return form.offer(stages(), kept, people, writer=me())


def stages() -> Sequence[tuple[str, str]]:
    """The stages that an article may be written for, as the app names them: key and name."""
    named: Sequence[tuple[str, str]] = current_app.extensions.get("helpdesk.stages", tuple)()
    return named


def written(form: ArticleForm) -> Article:
    """The new article of a form that is valid, tied to what it translates."""
    said, slug = form.particulars(), form.slug.data or ""
    article = editing.write(*form.text, lang=form.lang.data, by=me(), slug=slug, particulars=said)
    form.base.process_data(article.newest.number)
    form.slug_was.process_data(form.slug.data)
    translated = db.session.get(Revision, form.source.data) if form.source.data else None
    if translated is not None and translated.article.lang != article.lang:
        translating.tie(article, translated.article, translated)
    saving.save(article, form, by=me())
    return article


def saved(article: Article, form: ArticleForm, *, was_new: bool = False) -> BaseResponse:
    """Do what the pressed button says, and go back to the editor, which forgets what its browser kept."""
    then = request.form.get("then", "")
    saving.follow_up(article, form, then, by=me())
    db.session.commit()
    begun = f" article-new-{form.source.data or ''}" if was_new else ""
    session["saved_drafts"] = f"article-{article.id}{begun}"
    words = {
        "publish": _("Published. Readers see it now."),
        "review": _("Saved, and asked to look at it."),
        "plan": _("Saved. It will be published by itself."),
    }
    return done(article, words.get(then, _("Saved.")))


def refused(form: ArticleForm, refusal: Exception, id: int | None = None) -> Answer:
    """Show the form again with what cannot be; nothing was written."""
    db.session.rollback()
    article = visible(id) if id else None
    if isinstance(refusal, AddressTaken):
        title = db.session.merge(refusal.article).title
        form.slug.errors = [_("This address leads to “%(title)s”.", title=title)]
    elif isinstance(refusal, FileRefused):
        form.file.errors = [why_refused(refusal)]
    elif isinstance(refusal, saving.Missing):
        form[refusal.field].errors = [_("This is needed for that.")]
    else:
        form.publish_at.errors = [_("That moment is over.")]
    return editor(offered(form, article), article), 422


def why_refused(refusal: FileRefused) -> str:
    """The reason in words, with the file's name."""
    if isinstance(refusal, uploading.EmptyFile):
        return str(_("%(file)s is empty.", file=refusal))
    return str(_("%(file)s is a program; we do not take programs.", file=refusal))


def editor(form: ArticleForm, article: Article | None = None, **more: object) -> str:
    """The editor's page with all that stands around the text."""
    source = source_of_form(form, article)
    around: dict[str, object] = {"source": source, "translations": [], "votes": []}
    if source and source.has_moved:
        around["moved"] = differences(source.told.body, source.present.body)
    if article is not None:
        around |= {
            "votes": managing.votes_of(article),
            "faults": linking.faults(article),
            "files": uploading.files_of(article),
            "translations": translating.translations(article),
            "others": acts.others_here(article.id, me()),
            "sent_back": last_word(article),
            "review_asked": acts.last(article, acts.Act.REVIEW_ASKED) if article.reviewer_id else None,
            "planned": db.session.get(Revision, article.scheduled_revision_id or 0),
        }
    around["saved_drafts"] = session.pop("saved_drafts", "")
    said = {"months": MONTHS, "written": uploading.written, "zone": zone(), "today": managing.today()}
    return render_template(
        "knowledge_base/edit.html", form=form, article=article, **{**said, **around, **more}
    )


def source_of_form(form: ArticleForm, article: Article | None) -> translating.Source | None:
    """What stands beside the text to be translated; of a new article what its form names."""
    if article is not None:
        return translating.source_of(article)
    told = db.session.get(Revision, form.source.data) if form.source.data else None
    return translating.Source(told.article, told, told) if told is not None else None


def last_word(article: Article) -> acts.ArticleAct | None:
    """Why the text was sent back, as long as nothing newer was written, asked or published."""
    if article.reviewer_id is not None:
        return None
    said, given = acts.last(article, acts.Act.SENT_BACK), acts.last(article, acts.Act.PUBLISHED)
    if said is None or said.revision_id != article.newest.id:
        return None
    return said if given is None or (given.at, given.id) < (said.at, said.id) else None
