"""Files of answers: small ones go with the letter, large ones wait behind a link that ends."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, render_template
from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.files import serve
from helpdesk.core.signing import is_marked, mark
from helpdesk.tickets.thread import Attachment, Message, MessageKind

bp = Blueprint("file_links", __name__)

GOOD_FOR = timedelta(days=30)
_PURPOSE = "file-link"


@dataclass(frozen=True)
class Link:
    """A file that did not fit: where it is until `until`. size is in bytes."""

    name: str
    size: int
    address: str
    until: datetime


@bp.get("/files/<int:id>.<int:until>.<given>/<name>")
def file(id: int, until: int, given: str, name: str) -> Response | tuple[str, int]:
    """The file of an answer, for whoever was sent this address."""
    if not is_marked(_PURPOSE, f"{id}.{until}", given):
        abort(404)
    if datetime.fromtimestamp(until, UTC) < now():
        return render_template("email/file_over.html", name=name), 410
    own = select(Attachment).join(Message).where(Message.kind == MessageKind.AGENT)
    attachment = db.one_or_404(own.where(Attachment.id == id))
    return serve(attachment.file, attachment.name)


def enclosed(message: Message) -> list[dict[str, Any]]:
    """The files that go with the letter, as `Letter.enclosures` names them."""
    return [{"file_id": each.file_id, "name": each.name} for each in _sorted(message)[0]]


def linked(message: Message) -> list[Link]:
    """The files that do not fit. The link of an answer sent again is the same as before."""
    until = message.created_at.replace(microsecond=0) + GOOD_FOR
    return [Link(each.name, each.file.size, address_of(each, until), until) for each in _sorted(message)[1]]


def _sorted(message: Message) -> tuple[list[Attachment], list[Attachment]]:
    """Those that fit, smallest first as long as there is room; and the others."""
    room, fitting = current_app.config["HELPDESK_MAIL_FILES"], set()
    for each in sorted(message.attachments, key=lambda each: each.file.size):
        room -= each.file.size
        if room >= 0:
            fitting.add(each.id)
    small = [each for each in message.attachments if each.id in fitting]
    return small, [each for each in message.attachments if each.id not in fitting]


def address_of(attachment: Attachment, until: datetime) -> str:
    """Where whoever knows it can fetch the file until then."""
    place = f"{attachment.id}.{int(until.timestamp())}"
    name = quote(attachment.name, safe="")
    return f"{current_app.config['HELPDESK_SITE_URL']}/files/{place}.{mark(_PURPOSE, place)}/{name}"
