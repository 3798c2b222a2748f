"""The visitor's window, the script that puts it on any site, and the agents' list of running chats."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me, needs
from helpdesk.chat import queue as waiting
from helpdesk.chat import talking
from helpdesk.chat.forms import StartForm, TurnForm
from helpdesk.chat.models import ChatSession
from helpdesk.chat.proof import give, held_chat, is_embedded, my_chat, proof
from helpdesk.core import streaming
from helpdesk.core.db import db, reading
from helpdesk.core.files import serve
from helpdesk.core.web import Answer, answer, content_policy, go, is_partial, refuse_other_sites
from helpdesk.customers.signing_in import current_contact, is_throttled
from helpdesk.tickets.public_lines import Turn, public_attachments, public_lines
from helpdesk.tickets.service_levels import answers_again_at
from helpdesk.tickets.thread import Attachment, Channel
from knowledge_base.reading import pages, trail
from knowledge_base.search import LONGEST_QUESTION

# So many chats in an hour, and so many turns in a minute, from one address.
STARTS, STARTS_WITHIN = 10, timedelta(hours=1)
TURNS, TURNS_WITHIN = 30, timedelta(minutes=1)
# The address of the page around the widget; only shown to agents.
LONGEST_PAGE = 300

bp = Blueprint("chat", __name__)
bp.before_request(refuse_other_sites)
bp.add_app_template_global(proof, "chat_proof")
bp.add_app_template_global(answers_again_at)


@bp.get("/chat")
def window() -> Answer:
    """The conversation this browser holds; without one, or when a new one is wanted, the way into it."""
    chat = None if "new" in request.args else my_chat()
    if chat is None:
        trail.asked()
        return _framable(_start_page(_start_form()))
    talking.note_seen(chat)
    return _framable(_window(chat))


@bp.post("/chat")
def start() -> Answer:
    form = _start_form()
    if not form.validate():
        return _framable(_start_page(form), 422)
    if is_throttled("chat", limit=STARTS, within=STARTS_WITHIN):
        abort(429)
    token = talking.start(form, current_contact(), _page())
    db.session.commit()
    return give(go(_place()), token)


@bp.post("/chat/messages")
def say() -> Answer:
    chat, form = held_chat(), TurnForm()
    if chat.ended_at is not None:
        return go(_place())
    if not form.validate():
        return _form(chat, form), 422
    if is_throttled("turn", limit=TURNS, within=TURNS_WITHIN):
        abort(429)
    talking.say(chat, form.body.data or "", current_contact())
    db.session.commit()
    with reading():
        return answer("chat/_form.html", otherwise=_place(), chat=chat, form=TurnForm(formdata=None))


@bp.get("/chat/lines")
def lines() -> Answer:
    """What came since, 204 where nothing did."""
    chat = held_chat()
    if request.args.get("here"):
        talking.note_seen(chat)
    turns = _turns(chat, after=request.args.get("after", 0, int))
    if not turns and request.args.get("state") == chat.state:
        return Response(status=204)
    return render_template("chat/_news.html", **_shown(chat, turns))


@bp.get("/chat/events")
def events() -> Response:
    """Signals of this one ticket."""
    chat = held_chat()
    topic = frozenset((f"ticket-{chat.ticket_id}",))
    return streaming.answer(topic, request.headers.get("Last-Event-ID", type=int))


@bp.get("/chat/files/<int:attachment_id>/<name>")
def file(attachment_id: int, name: str) -> Response:
    chat = held_chat()
    own = public_attachments(chat.ticket, heard_in=_heard_in(chat))
    attachment = db.one_or_404(own.where(Attachment.id == attachment_id))
    return serve(attachment.file, attachment.name)


@bp.post("/chat/end")
def end() -> Answer:
    chat = held_chat()
    chat.end(is_solved="solved" in request.form)
    db.session.commit()
    return go(_place())


@bp.post("/chat/transcript")
def transcript() -> Answer:
    talking.mail_transcript(held_chat())
    db.session.commit()
    return go(_place())


@bp.get("/widget.js")
def widget() -> Response:
    """A button and this window, for any page that loads the script."""
    words = {"open": _("Chat with us"), "close": _("Close the chat"), "title": _("Chat")}
    script = make_response(render_template("chat/widget.js", words=words))
    script.headers["Content-Type"] = "text/javascript; charset=utf-8"
    script.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    script.headers["Access-Control-Allow-Origin"] = "*"
    script.headers["Cache-Control"] = "public, max-age=3600"
    script.headers["Vary"] = "Accept-Language"
    return script


@bp.get("/desk/chats")
@needs(Role.AGENT)
def queue() -> str:
    return render_template("chat/queue.html", queue=waiting.read(me()))


def _start_form() -> StartForm:
    # What they searched for is what they ask, until they say it otherwise.
    form = StartForm(body=_asked(), article=request.args.get("article"))
    form.known_as(current_contact())
    return form


def _start_page(form: StartForm) -> str:
    article = pages.numbered(form.article.data, current_contact())
    return render_template("chat/start.html", form=form, page=_page(), article=article)


def _asked() -> str:
    """The question they bring along from the search."""
    return request.args.get("q", "")[:LONGEST_QUESTION].strip()


def _page() -> str:
    """Where the widget was opened: an address of the web, or nothing."""
    given = request.values.get("page", "")[:LONGEST_PAGE]
    return given if given.startswith(("https://", "http://")) else ""


def _place() -> str:
    return url_for("chat.window", embedded=1) if is_embedded() else url_for("chat.window")


def _window(chat: ChatSession) -> str:
    turns = _turns(chat)
    return render_template(
        "chat/window.html", form=TurnForm(formdata=None, body=_asked()), **_shown(chat, turns)
    )


def _turns(chat: ChatSession, after: int = 0) -> list[Turn]:
    return public_lines(chat.ticket, after=after, heard_in=_heard_in(chat))


def _heard_in(chat: ChatSession) -> Channel | None:
    """All that was said, for whoever is signed in; for others only what was said in the chat."""
    contact = current_contact()
    is_proved = contact is not None and contact.id == chat.ticket.contact_id
    return None if is_proved else Channel.CHAT


def _shown(chat: ChatSession, turns: list[Any]) -> dict[str, Any]:
    waits = chat.ended_at is None and not chat.is_answered
    ahead = talking.ahead_of(chat) if waits else 0
    newest = turns[-1].id if turns else request.args.get("after", 0, int)
    return {"chat": chat, "turns": turns, "ahead": ahead, "newest": newest}


def _form(chat: ChatSession, form: TurnForm) -> str:
    if is_partial():
        return render_template("chat/_form.html", chat=chat, form=form)
    return render_template("chat/window.html", form=form, **_shown(chat, _turns(chat)))


def _framable(page: str, status: int = 200) -> BaseResponse:
    """Let the sites of the settings show the page in a frame."""
    response = make_response(page, status)
    if is_embedded():
        origins = " ".join(("'self'", *current_app.config["HELPDESK_WIDGET_ORIGINS"]))
        response.headers["Content-Security-Policy"] = content_policy(frame_ancestors=origins)
    return response
