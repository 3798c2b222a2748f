"""What was learnt from those who asked: editors refuse a question, or write it on the article."""

from flask import render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.core.db import db, reading
from helpdesk.core.web import go, safe_path
from knowledge_base.reading import learning
from knowledge_base.views.blueprint import bp
from knowledge_base.views.desk import staff, visible
from knowledge_base.vocabulary import LearnedQuestion


@bp.get("/desk/kb/learned")
@staff
def learned() -> str:
    """All that was learnt, the newest first; article: of that one alone."""
    number, before = request.args.get("article", type=int), request.args.get("before", type=int)
    article = visible(number) if number is not None else None
    rows, has_more = learning.listed(article.id if article else None, before)
    older = url_for(".learned", article=number, before=rows[-1][0].id) if has_more else None
    return render_template("knowledge_base/learned.html", rows=rows, older=older, article=article)


@bp.post("/desk/kb/learned/<int:id>/refusal")
@staff
def refuse_learned(id: int) -> BaseResponse:
    learning.refuse(db.get_or_404(LearnedQuestion, id))
    return _changed()


@bp.post("/desk/kb/learned/<int:id>/adoption")
@staff
def adopt_learned(id: int) -> BaseResponse:
    """Make it one of the article's written questions."""
    learning.adopt(db.get_or_404(LearnedQuestion, id))
    return _changed()


def _changed() -> BaseResponse:
    db.session.commit()
    with reading():
        return go(safe_path(request.form.get("next"), url_for(".learned")))
