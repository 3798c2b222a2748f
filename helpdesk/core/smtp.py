"""Letters as RFC 5322, and their way to a mail server."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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
from urllib.parse import unquote, urlsplit

from flask import current_app

from helpdesk.core.text import one_line

# A mail server that says nothing for so long is given up, in seconds.
PATIENCE = 30
# One that says a little now and then is given up as well, in seconds: before the lease of the letter ends.
LONGEST_CONVERSATION = 210

# It wants a sign-in or a better one: our settings are wrong, not the letter.
_ABOUT_US = frozenset((530, 534, 535, 538))


class Refused(Exception):
    """The server will never take this letter; the message is what it said."""


@dataclass(frozen=True)
class Server:
    """A mail server that takes our letters. An empty host lays them in a folder instead."""

    host: str
    port: int = 0
    # tls from the start, starttls, or none.
    tls: str = "none"
    user: str = ""
    password: str = ""
    # Of OAuth 2, in place of the password.
    access_token: str = ""

    @classmethod
    def of_settings(cls) -> "Server":
        """What HELPDESK_SMTP_URL says."""
        url = urlsplit(current_app.config["HELPDESK_SMTP_URL"])
        tls = {"smtps": "tls", "smtp+tls": "starttls"}.get(url.scheme, "none")
        names = (unquote(url.username or ""), unquote(url.password or ""))
        return cls(url.hostname or "", url.port or 0, tls, *names)


@dataclass(frozen=True)
class Refusal:
    """What the server said of one reader. is_final: it will say the same tomorrow."""

    words: str
    is_final: bool


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
    """To, Cc, Reply-To."""


def _header_factory() -> HeaderRegistry:
    kinds: dict[str, Any] = {"from": _SenderHeader}
    kinds |= dict.fromkeys(("to", "cc", "reply-to"), _AddressHeader)
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


def hand_over(
    message: EmailMessage, envelope_from: str, readers: Sequence[str], server: Server | None = None
) -> dict[str, Refusal]:
    """Give the letter to the mail server; without one, lay it in a folder where a developer can read it.

    readers: bare addresses. Returns whom the server would not take it for; the others have it.
    Raises `Refused` where it says no to the letter for good, `OSError` (which all of smtplib's errors are)
    for whatever may pass: then the server may or may not have it.
    """
    server = server or Server.of_settings()
    if not server.host:
        _lay_down(message, readers)
        return {}
    try:
        with _conversation(server) as smtp:
            refused = smtp.send_message(message, from_addr=envelope_from, to_addrs=list(readers))
    except smtplib.SMTPRecipientsRefused as refusal:
        refused = refusal.recipients
    except smtplib.SMTPNotSupportedError as refusal:
        raise Refused(str(refusal)) from refusal
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refusal:
        if _is_final(refusal.smtp_code):
            raise Refused(_said(refusal.smtp_code, refusal.smtp_error)) from refusal
        raise
    return {each: Refusal(_said(*answer), _is_final(answer[0])) for each, answer in refused.items()}


@contextmanager
def _conversation(server: Server) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    is_tls = server.tls == "tls"
    smtp = _TimedByTls(timeout=PATIENCE, context=context) if is_tls else _Timed(timeout=PATIENCE)
    end = threading.Timer(LONGEST_CONVERSATION, smtp.cut)
    end.daemon = True
    end.start()
    try:
        code, words = smtp.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        if server.tls == "starttls":
            smtp.starttls(context=context)
        _sign_in(smtp, server)
        yield smtp
        with suppress(OSError):  # the letter is theirs by now, however they take leave
            smtp.quit()
    finally:
        end.cancel()
        smtp.close()


class _Timed(smtplib.SMTP):
    """A conversation that can be cut from another thread, whichever step it is at."""

    _line: socket.socket | None = None
    _is_over = False

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # What certificates are compared with.
        self._host = host
        connected: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        # A second handle: while TLS begins, the first is in nobody's hands.
        self._line = connected.dup()
        if self._is_over:
            raise TimeoutError("the server took too long")
        return connected

    def cut(self) -> None:
        """Hang up: whoever waits for the server reads an end."""
        self._is_over = True
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        super().close()
        if self._line is not None:
            self._line.close()


class _TimedByTls(smtplib.SMTP_SSL, _Timed):
    """The same with TLS from the start."""


def try_out(server: Server) -> None:
    """Greet the server and sign in, without a letter. Raises `OSError` with what went wrong."""
    with _conversation(server) as smtp:
        smtp.noop()


def _sign_in(smtp: smtplib.SMTP, server: Server) -> None:
    if server.access_token:
        bearer = f"user={server.user}\x01auth=Bearer {server.access_token}\x01\x01"
        smtp.ehlo_or_helo_if_needed()
        # An empty answer to a challenge asks for the server's words on why it says no.
        smtp.auth("XOAUTH2", lambda challenge=None: bearer if challenge is None else "")
    elif server.user:
        smtp.login(server.user, server.password)


def _is_final(code: int) -> bool:
    return 500 <= code < 600 and code not in _ABOUT_US


def _said(code: int, words: bytes | str) -> str:
    return f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"


def _lay_down(message: EmailMessage, readers: Sequence[str]) -> None:
    folder = Path(current_app.config["HELPDESK_HOME"]) / "letters"
    folder.mkdir(parents=True, exist_ok=True)
    # Parcels of one letter carry the same Message-ID.
    parcel = f"{message['Message-ID']}-{readers[0]}"
    name = "".join(c if c.isalnum() else "_" for c in parcel)
    (folder / f"{name[:200]}.eml").write_bytes(bytes(message))
