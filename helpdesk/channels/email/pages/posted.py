"""Letters that a mail service posts, as raw RFC 5322."""

from flask import Blueprint, Response, jsonify, request

from helpdesk.channels.email.arriving import hooks
from helpdesk.core.db import db

bp = Blueprint("hooks", __name__, url_prefix="/hooks")

# Where services put the raw letter in a form.
FIELDS = ("email", "message", "body-mime", "raw", "file")


@bp.post("/mail/<token>", endpoint="take")
def take_at(token: str) -> tuple[Response, int]:
    """Take one letter, at an address that only its sender knows."""
    return _take(token)


@bp.post("/mail")
def take_with_header() -> tuple[Response, int]:
    """The same, with the token as `Authorization: Bearer …`."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return _take(token.strip() if scheme.lower() == "bearer" else "")


def _take(token: str) -> tuple[Response, int]:
    from helpdesk.channels.email.arriving import receiving  # noqa: PLC0415  (no page needs the reader)

    mailbox = hooks.mailbox_of(token) if token else None
    if mailbox is None:
        return jsonify(error="unknown token"), 401
    content = _letter()
    if not content.strip():
        return jsonify(error="no letter: send message/rfc822, or a form with the field email"), 400
    mailbox_id = mailbox.id
    db.session.rollback()
    try:
        taken = receiving.take(content, door="hook", mailbox_id=mailbox_id)
    except receiving.Unavailable:
        db.session.rollback()
        return jsonify(error="come again"), 503
    return jsonify(taken.as_dict()), 200


def _letter() -> bytes:
    if not (request.mimetype == "multipart/form-data" or request.mimetype.endswith("form-urlencoded")):
        return request.get_data()
    for name in FIELDS:
        if (file := request.files.get(name)) is not None:
            return bytes(file.read())
        if text := request.form.get(name):
            return text.encode("utf-8", "surrogateescape")
    return b""
