"""Keyed marks: what we gave out is recognised when it comes back, and nobody else can make it."""

import hmac
from base64 import b32encode
from hashlib import sha256

from flask import current_app

# Base32 letters of a mark: 130 bits.
MARK_LENGTH = 26


def mark(purpose: str, text: str) -> str:
    """The mark of `text` for one purpose: 26 lower-case letters and digits that survive any mail server."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    key = hmac.digest(secret, purpose.encode(), sha256)
    return b32encode(hmac.digest(key, text.encode(), sha256)).decode().lower()[:MARK_LENGTH]


def is_marked(purpose: str, text: str, given: str) -> bool:
    """Whether `given` is the mark of `text` for this purpose; takes the same time either way."""
    return hmac.compare_digest(mark(purpose, text).encode(), given.lower().encode())
