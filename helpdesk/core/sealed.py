"""Secrets at rest: readable only with the secret key of the house."""

import json
from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from flask import current_app

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class Unsealable(PermissionError):
    """It was sealed with another secret key, or is damaged: the secret has to be typed again."""


def seal(value: dict[str, str]) -> str:
    """The values as text that says nothing without the secret key."""
    return _box().encrypt(json.dumps(value).encode()).decode()


def unseal(text: str) -> dict[str, str]:
    """What `seal` was given; an empty text is nothing. Raises `Unsealable`."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415  (costly to import)

    if not text:
        return {}
    try:
        found: dict[str, str] = json.loads(_box().decrypt(text.encode()))
    except (InvalidToken, ValueError) as error:
        raise Unsealable from error
    return found


def _box() -> "Fernet":
    return _box_of(str(current_app.config["SECRET_KEY"]))


@lru_cache(maxsize=8)
def _box_of(secret: str) -> "Fernet":
    from cryptography.fernet import Fernet  # noqa: PLC0415  (costly to import)

    return Fernet(urlsafe_b64encode(sha256(b"sealed:" + secret.encode()).digest()))
