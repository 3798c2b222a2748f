"""Which browser may speak in which chat.

The widget is a frame on other people's sites, where a browser keeps our session from us. So a chat has a
cookie of its own, and two proofs that a form came from our page and not from the site around it: the
browser's word for its origin, and a mark of the chat's token that only our page can hold.
"""

from flask import abort, current_app, request
from werkzeug.wrappers import Response

from helpdesk.chat.models import OPEN_FOR, ChatSession
from helpdesk.core.db import db
from helpdesk.core.signing import is_marked, mark


def my_chat() -> ChatSession | None:
    """The chat that this browser holds, or None."""
    return ChatSession.of(_token())


def held_chat() -> ChatSession:
    """The same, or 404; of a form, only where the page it came from was made for this chat."""
    chat = my_chat()
    if chat is None:
        abort(404)
    if request.method == "POST":
        if not is_marked("chat", _token(), request.form.get("proof", "")):
            abort(400)
        # What an agent does in the same moment is waited for, where the database can.
        db.session.refresh(chat.ticket, with_for_update=True)
    return chat


def proof() -> str:
    """What the forms of this chat carry."""
    return mark("chat", _token())


def is_embedded() -> bool:
    """Whether the window is a frame on another page."""
    return request.args.get("embedded") == "1"


def give(response: Response, token: str) -> Response:
    """Let the browser hold the chat; in a frame, for that site alone."""
    is_secure = current_app.config["SESSION_COOKIE_SECURE"]
    is_foreign = is_secure and is_embedded()
    response.set_cookie(
        _name(),
        token,
        max_age=OPEN_FOR,
        secure=is_secure,
        httponly=True,
        samesite="None" if is_foreign else "Lax",
        partitioned=is_foreign,
    )
    return response


def _token() -> str:
    return request.cookies.get(_name(), "")


def _name() -> str:
    return "__Host-helpdesk_chat" if current_app.config["SESSION_COOKIE_SECURE"] else "helpdesk_chat"
