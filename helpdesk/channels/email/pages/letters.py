"""Letters as they came: those that lie in quarantine, and the source of a message."""

from flask import Blueprint, Response, flash, get_template_attribute, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me, needs, staff_only
from helpdesk.channels.email.letters.letter import ParsedLetter
from helpdesk.channels.email.models import RawLetter
from helpdesk.core.db import db
from helpdesk.core.text import without_controls
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message

bp = Blueprint("email", __name__, url_prefix="/desk")
staff_only(bp)

# Of the list, and of the bytes that a page shows; the download has all.
LETTERS_SHOWN = 200
SOURCE_SHOWN = 200_000


@bp.get("/settings/quarantine")
@needs(Role.LEAD)
def quarantine() -> str:
    letters = db.session.scalars(RawLetter.quarantined_for(me()).limit(LETTERS_SHOWN)).all()
    return render_template("email/quarantine.html", letters=letters, most=LETTERS_SHOWN)


@bp.get("/settings/quarantine/<int:id>")
@needs(Role.LEAD)
def quarantined(id: int) -> str:
    return _source(_quarantined(id), "email/quarantined.html")


@bp.get("/settings/quarantine/<int:id>.eml")
@needs(Role.LEAD)
def quarantined_file(id: int) -> Response:
    return _file(_quarantined(id))


@bp.post("/settings/quarantine/<int:id>/retry")
@needs(Role.LEAD)
def retry(id: int) -> BaseResponse:
    """Read it again: after an upgrade, it may be understood."""
    from helpdesk.channels.email.arriving.receiving import read  # noqa: PLC0415  (no other page needs the parser)

    taken = read(_quarantined(id).id)
    if taken.result == "quarantined":
        why = str(get_template_attribute("email/_reasons.html", "reason")(taken.reason))
        flash(_("It still cannot be taken in: %(reason)s", reason=why), "error")
        return redirect(url_for(".quarantined", id=id), code=303)
    if taken.ticket is None:
        flash(_("The letter is taken care of; it opens no request."))
    else:
        flash(_("The letter is taken in as request %(number)s.", number=taken.ticket))
    return redirect(url_for(".quarantine"), code=303)


@bp.get("/tickets/<int:number>/messages/<int:id>/source")
def source(number: int, id: int) -> str:
    """The letter of a message, as it came."""
    return _source(_letter_of(number, id), "email/source.html", number=number, message_id=id)


@bp.get("/tickets/<int:number>/messages/<int:id>/source.eml")
def source_file(number: int, id: int) -> Response:
    return _file(_letter_of(number, id))


@bp.post("/tickets/<int:number>/messages/<int:id>/rereading")
def read_again(number: int, id: int) -> BaseResponse:
    """Read the letter of a message once more: after an upgrade, it may be understood better."""
    from helpdesk.channels.email.arriving import inbound, rereading  # noqa: PLC0415  (as above)

    raw = _letter_of(number, id)
    content, place = raw.content, (raw.id, url_for("desk.ticket", number=number) + f"#message-{id}")
    message = rereading.message_of(raw)
    # Reading may take seconds: nothing is held meanwhile.
    db.session.rollback()
    letter = inbound.understood(content) if message is not None else None
    message = rereading.message_of(db.session.get_one(RawLetter, place[0]))
    if message is None or not isinstance(letter, ParsedLetter) or not rereading.put_right(message, letter):
        flash(_("Read once more, it says the same."))
    else:
        db.session.commit()
        flash(_("The message says now what the letter says."))
    return redirect(place[1], code=303)


def _quarantined(id: int) -> RawLetter:
    letter: RawLetter = db.one_or_404(RawLetter.quarantined_for(me()).where(RawLetter.id == id))
    return letter


def _letter_of(number: int, message_id: int) -> RawLetter:
    """The letter, or 404: that of a ticket that the agent may not see does not exist for them.

    Nor does what a colleague answered by mail: it shows the address that speaks for that colleague.
    """
    seen = Ticket.visible_to(me()).where(Ticket.id == number).with_only_columns(Ticket.id)
    is_readable = Message.agent_id.is_(None) | (Message.agent_id == me().id)
    turns = select(Message.id).where(Message.id == message_id, is_readable)
    theirs = select(RawLetter).where(RawLetter.ticket_id.in_(seen), RawLetter.turn_id.in_(turns))
    letter: RawLetter = db.first_or_404(theirs.order_by(RawLetter.id))
    return letter


def _source(letter: RawLetter, page: str, **context: object) -> str:
    text = without_controls(letter.content[:SOURCE_SHOWN].decode("utf-8", "replace"))
    return render_template(
        page,
        letter=letter,
        text=text,
        is_cut=letter.size > SOURCE_SHOWN and letter.dropped_at is None,
        **context,
    )


def _file(letter: RawLetter) -> Response:
    name = f'attachment; filename="letter-{letter.id}.eml"'
    return Response(letter.content, mimetype="message/rfc822", headers={"Content-Disposition": name})
