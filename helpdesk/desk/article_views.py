"""Where tickets and articles meet: a reply becomes a draft, and each shows the other."""

from types import ModuleType

from flask import abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.permissions import me
from helpdesk.core.db import db, reading
from helpdesk.core.web import go
from helpdesk.desk.views import bp
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message, MessageKind
from knowledge_base.models import Article


@bp.post("/desk/tickets/<int:number>/messages/<int:message_id>/article")
def draft_article(number: int, message_id: int) -> BaseResponse:
    """Make a draft of a reply of ours, and go to it."""
    ticket = _ticket(number)
    own = Message.ticket_id == ticket.id, Message.id == message_id, Message.kind == MessageKind.AGENT
    message = db.one_or_404(db.select(Message).where(*own))
    article = _drafting().draft_from(message, by=me())
    db.session.commit()
    flash(_("A draft was made of the reply. Look over what was taken out before readers get it."))
    with reading():
        return go(url_for("knowledge_base.edit", id=article.id))


@bp.get("/desk/tickets/<int:number>/articles")
def ticket_articles(number: int) -> str:
    """A panel of the ticket's page: the articles that were written for it."""
    return render_template("desk/_ticket_articles.html", articles=_drafting().articles_of(_ticket(number)))


@bp.get("/desk/kb/<int:id>/tickets")
def article_tickets(id: int) -> str:
    """A panel of the editor's page: the tickets an article is for, what was taken out, its use in replies."""
    article = _article(id)
    return render_template(
        "desk/_article_tickets.html", article=article, origins=_drafting().origins_of(article, me())
    )


@bp.post("/desk/kb/<int:id>/tickets")
def tie_ticket(id: int) -> BaseResponse:
    """Say that an article is for one more ticket."""
    article, number = _article(id), request.form.get("number", "").strip().removeprefix("#")
    if not number.isdecimal() or len(number) > 18:
        abort(400, _("Which ticket? Its number is needed."))
    _drafting().tie(article, _ticket(int(number)))
    db.session.commit()
    with reading():
        return go(url_for("knowledge_base.edit", id=id))


def _ticket(number: int) -> Ticket:
    ticket: Ticket = db.one_or_404(Ticket.visible_to(me()).where(Ticket.id == number))
    return ticket


def _article(id: int) -> Article:
    article: Article = db.one_or_404(Article.visible_to(me()).where(Article.id == id))
    return article


def _drafting() -> ModuleType:
    """What makes neutral drafts: many patterns, loaded with the first one."""
    from helpdesk.desk import drafting  # noqa: PLC0415

    return drafting
