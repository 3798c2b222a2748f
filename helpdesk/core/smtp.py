"""Letters as RFC 5322, and their way to a mail server."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import (
    Address,
    HeaderRegistry,
    UniqueAddressHeader,
    UniqueSingleAddressHeader,
    UnstructuredHeader,
)
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.policy import Policy
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app

from helpdesk.core.text import one_line

# A mail server that says nothing for so long is given up, in seconds.
PATIENCE = 30

# It wants a sign-in or a better one: our settings are wrong, not the letter.
_ABOUT_US = frozenset((530, 534, 535, 538))


class Refused(Exception):
    """The server will never take this letter; the message is what it said."""


class _Ids:
    """References as they are: the library would encode any id that is longer than a line."""

    def fold(self, *, policy: Policy) -> str:
        ids = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {ids}{policy.linesep}"  # type: ignore[attr-defined]


class _BegunAtOnce:
    """The value begins on the header's own line: an empty first line is a mark of spam to some filters."""

    def fold(self, *, policy: Policy) -> str:
        folded: str = super().fold(policy=policy)  # type: ignore[misc]
        return folded.replace(f":{policy.linesep} ", ": ", 1)


class _IdsHeader(_Ids, UnstructuredHeader):
    """Message-ID, In-Reply-To, References."""


class _SenderHeader(_BegunAtOnce, UniqueSingleAddressHeader):
    """From."""


class _AddressHeader(_BegunAtOnce, UniqueAddressHeader):
    """To, Reply-To."""


def _header_factory() -> HeaderRegistry:
    kinds: dict[str, Any] = {"from": _SenderHeader, "to": _AddressHeader, "reply-to": _AddressHeader}
    kinds |= dict.fromkeys(("message-id", "in-reply-to", "references"), _IdsHeader)
    registry = HeaderRegistry()
    for name, kind in kinds.items():
        registry.map_to_type(name, kind)
    return registry


# Seven bits: not every server on the way says that it takes eight.
POLICY = SMTP_POLICY.clone(header_factory=_header_factory(), cte_type="7bit")


def mailbox(name: str, address: str) -> str:
    """`"Tanaka, Hanako" <h@example.jp>`, quoted where it must be; `parseaddr` reads it back."""
    quoted = one_line(name).replace("\\", "").replace('"', "'")
    return f'"{quoted}" <{address}>' if quoted.strip() else address


def address_of(written: str) -> Address:
    """The mailbox written by `mailbox`. Dots may stand where mobile operators put them, against the rule."""
    name, spec = parseaddr(written)
    username, _, domain = spec.rpartition("@")
    if not username or not domain:
        raise ValueError(f"not a mail address: {written!r}")
    return Address(display_name=name, username=username, domain=domain)


def hand_over(message: EmailMessage, envelope_from: str, recipient: str) -> None:
    """Give the letter to the mail server; without one, lay it in a folder where a developer can read it.

    Raises `Refused` where the server says no for good, `OSError` (which all of smtplib's errors are)
    for whatever may pass: then the server may or may not have the letter.
    """
    server = urlsplit(current_app.config["HELPDESK_SMTP_URL"])
    if not server.hostname:
        return _lay_down(message)
    try:
        with _conversation(server) as smtp:
            smtp.send_message(message, from_addr=envelope_from, to_addrs=[recipient])
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        _raise_if_final(code, words, refusal)
        raise
    except smtplib.SMTPNotSupportedError as refusal:
        raise Refused(str(refusal)) from refusal
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refusal:
        _raise_if_final(refusal.smtp_code, refusal.smtp_error, refusal)
        raise
    return None


@contextmanager
def _conversation(server: SplitResult) -> Iterator[smtplib.SMTP]:
    host, port, tls = str(server.hostname), server.port or 0, ssl.create_default_context()
    if server.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=tls)
    else:
        smtp = smtplib.SMTP(host, port, timeout=PATIENCE)
    try:
        if server.scheme == "smtp+tls":
            smtp.starttls(context=tls)
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        yield smtp
        with suppress(OSError):  # the letter is theirs by now, however they take leave
            smtp.quit()
    finally:
        smtp.close()


def _raise_if_final(code: int, words: bytes | str, cause: Exception) -> None:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    if 500 <= code < 600 and code not in _ABOUT_US:
        raise Refused(f"{code} {said}") from cause


def _lay_down(message: EmailMessage) -> None:
    folder = Path(current_app.config["HELPDESK_HOME"]) / "letters"
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(c if c.isalnum() else "_" for c in str(message["Message-ID"]))
    (folder / f"{name}.eml").write_bytes(bytes(message))
