"""The editor: an article's text with its preview, what is said about it, and what fits a ticket.

Any agent may write and publish: the history names who, and every step can be undone.
"""

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from helpdesk.accounts.permissions import me
from helpdesk.core.db import db, reading
from helpdesk.core.files import FileRefused
from helpdesk.core.i18n import LANGUAGES, language
from helpdesk.core.web import Answer
from knowledge_base import acts
from knowledge_base.categories import path_of
from knowledge_base.models import Article
from knowledge_base.reading.showing import shown
from knowledge_base.search import language_of
from knowledge_base.search import search as find
from knowledge_base.views.blueprint import bp
from knowledge_base.views.desk import editor, offered, refused, saved, staff, visible, written
from knowledge_base.writing import editing, saving, translating
from knowledge_base.writing.addressing import AddressTaken
from knowledge_base.writing.forms import ArticleForm
from knowledge_base.writing.life import TooLate

_SUGGESTED = 3


@bp.get("/desk/kb/new")
@staff
def new() -> str:
    """An empty editor, or one begun with a title, a language and questions.

    from: the number of an article that shall be translated.
    """
    source = db.session.scalar(Article.visible_to(me()).where(Article.id == request.args.get("from", 0, int)))
    if source is None:
        lang, asked = request.args.get("lang", ""), request.args.getlist("question")
        begun = {"lang": lang if lang in LANGUAGES else language(), "questions": "\n".join(asked)}
        form = ArticleForm(title=request.args.get("title", ""), owner=str(me().id), **begun)
        return editor(offered(form))
    text, lang = translating.present(source), translating.other_language(source.lang)
    said = {
        **saving.filled(source),
        "title": "",
        "body": "",
        "lang": lang,
        "slug": "",
        "slug_was": "",
        "base": None,
    }
    said |= {"source": text.id, "category": path_of(source.shelf, lang), "tags": "", "questions": ""}
    return editor(offered(ArticleForm(data=said), source))


@bp.post("/desk/kb")
@staff
def create() -> Answer:
    form = offered(ArticleForm())
    if not form.validate():
        return editor(form), 422
    try:
        article = written(form)
        return saved(article, form, was_new=True)
    except (AddressTaken, FileRefused, saving.Missing, TooLate) as refusal:
        return refused(form, refusal)
    except IntegrityError:
        db.session.rollback()
        form.title.errors = [_("Somebody began this translation meanwhile. Copy your text over to theirs.")]
        return editor(offered(form)), 409


@bp.get("/desk/kb/<int:id>")
@staff
def edit(id: int) -> str:
    article = visible(id)
    acts.be_here(article.id, me())
    return editor(offered(ArticleForm(data=saving.filled(article)), article), article)


@bp.post("/desk/kb/<int:id>")
@staff
def save(id: int) -> Answer:
    """Keep what was written as a revision; then do what the pressed button says."""
    article = visible(id)
    form = offered(ArticleForm(data={"lang": article.lang}), article)
    if not form.validate():
        return editor(form, article), 422
    try:
        saving.save(article, form, by=me())
        return saved(article, form)
    except (AddressTaken, FileRefused, saving.Missing, TooLate) as refusal:
        return refused(form, refusal, id)
    except (editing.Overtaken, StaleDataError, IntegrityError):
        db.session.rollback()
        article = visible(id)
        proposal = saving.propose(article, offered(form, article))
        return editor(form, article, proposal=proposal), 409


@bp.post("/desk/kb/preview")
@staff
def preview() -> str:
    """The text as readers would see it."""
    lang = request.form.get("lang", "")
    lang = lang if lang in LANGUAGES else language()
    html = shown(request.form.get("body", ""), lang, request.args.get("id", type=int))
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
