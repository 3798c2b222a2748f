"""A stranger's HTML as a page of its own: it runs nothing, loads nothing, and reaches nothing of ours."""

import re
from base64 import b64encode

from flask import render_template
from markupsafe import Markup

from helpdesk.core.files import StoredFile
from helpdesk.tickets.thread import Message

FRAME_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'"
)
# Bytes of one letter's own images that are shown in place; the others are among its attachments.
MOST_IMAGE_BYTES = 4 * 2**20

_OWN_IMAGE = re.compile(r'src="cid:([^"]+)"')


def framed(message: Message) -> str:
    """The page, the letter's own images written into it: a sandboxed page has no cookies to ask with."""
    shown = {
        a.content_id.strip("<>"): a.file for a in message.attachments if a.content_id and a.file.is_shown
    }
    left = MOST_IMAGE_BYTES

    def fill(found: re.Match[str]) -> str:
        nonlocal left
        file = shown.get(found[1])
        if file is None or file.size > left:
            return 'alt=""'
        left -= file.size
        return f'src="{_as_data(file)}"'

    html = _OWN_IMAGE.sub(fill, message.html or "")
    return render_template("tickets/frame.html", html=Markup(html))  # noqa: S704 - cleaned when it was stored


def _as_data(file: StoredFile) -> str:
    return f"data:{file.content_type};base64,{b64encode(file.path.read_bytes()).decode()}"
