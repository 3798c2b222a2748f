"""Fetching over TLS and with OAuth 2: a certificate of somebody else, or a token that is over, is seen."""

import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import Mock
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from helpdesk.channels.email.mailboxes import Mailbox, SignIn, Tls
from helpdesk.channels.email.servers import oauth
from helpdesk.channels.email.servers.faults import REFUSALS, MailFault
from helpdesk.channels.email.servers.fetching import Fetcher
from helpdesk.core.db import db
from tests.channels.post import eml
from tests.imap_server import PASSWORD, USER, ImapServer, needs_dovecot, serving

pytestmark = needs_dovecot

REQUEST = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Made by ourselves, for localhost."""
    folder = tmp_path_factory.mktemp("certificate")
    files = folder / "certificate.pem", folder / "key.pem"
    names = ["-addext", "subjectAltName=DNS:localhost", "-out", str(files[0]), "-keyout", str(files[1])]
    subprocess.run([*REQUEST.split(), *names], check=True, capture_output=True)
    return files


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """This house knows who made the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


class Provider(BaseHTTPRequestHandler):
    """Gives tokens, and tells the mail server whose they are."""

    asked: ClassVar[list[dict[str, str]]] = []
    # The status and the words of its no.
    refusal: ClassVar[tuple[int, dict[str, Any]] | None] = None
    # Whether a refresh token gives way to another one, as at Microsoft and unlike at Google.
    rotates: ClassVar[bool] = True
    valid: ClassVar[str] = "token-1"

    def do_POST(self) -> None:
        fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.asked.append({name: values[0] for name, values in fields.items()})
        if self.refusal:
            return self._say(*self.refusal)
        token = f"token-{len(self.asked)}"
        successor = {"refresh_token": f"next-{token}"} if self.rotates else {}
        return self._say(
            200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer", **successor}
        )

    def do_GET(self) -> None:
        token = parse_qs(urlsplit(self.path).query)["token"][0]
        if token == self.valid:
            return self._say(200, {"email": USER})
        return self._say(401, {"error": "invalid_token"})

    def _say(self, status: int, words: dict[str, Any]) -> None:
        body = json.dumps(words).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture(scope="module")
def provider(certificate: tuple[Path, Path]) -> Iterator[tuple[int, int]]:
    """Its ports: one with TLS for us, one without for the mail server."""
    safe, plain = (ThreadingHTTPServer(("127.0.0.1", 0), Provider) for _ in range(2))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    safe.socket = context.wrap_socket(safe.socket, server_side=True)
    for each in (safe, plain):
        threading.Thread(target=each.serve_forever, daemon=True).start()
    yield safe.server_port, plain.server_port
    for each in (safe, plain):
        each.shutdown()
        each.server_close()


@pytest.fixture(scope="module")
def safe_server(certificate: tuple[Path, Path], provider: tuple[int, int]) -> Iterator[ImapServer]:
    """With TLS, passwords and tokens."""
    with serving(certificate, tokens_at=f"http://127.0.0.1:{provider[1]}/whose?token=") as server:
        yield server


@pytest.fixture
def server(safe_server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImapServer]:
    """With one letter."""
    monkeypatch.setattr(Provider, "asked", [])
    monkeypatch.setattr(Provider, "valid", "token-1")
    safe_server.lay(eml())
    yield safe_server
    safe_server.clear()


def connect(port: int, tls: Tls, **chosen: Any) -> Mailbox:
    place = {"imap_host": "localhost", "imap_port": port, "imap_tls": tls, "imap_user": USER, **chosen}
    box = Mailbox(name="Support", address="desk@helpdesk.example.com", **place)
    box.keep_secrets(imap_password=PASSWORD, refresh_token="first", client_secret="secret")
    db.session.add(box)
    db.session.commit()
    return box


def fetch(mailbox: Mailbox) -> list[str]:
    mailbox_id = mailbox.id
    db.session.commit()
    return [taken.result for taken in Fetcher(mailbox_id).fetch()]


WAYS = [(Tls.FROM_THE_START, "safe_port"), (Tls.STARTTLS, "port")]


@pytest.mark.parametrize(("tls", "port"), WAYS)
def test_a_letter_comes_over_tls(app: Flask, server: ImapServer, trusted: None, tls: Tls, port: str) -> None:
    assert fetch(connect(getattr(server, port), tls)) == ["opened"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize(("tls", "port"), WAYS)
def test_a_certificate_of_somebody_else_is_refused_before_the_password_is_said(
    app: Flask,
    server: ImapServer,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    tls: Tls,
    port: str,
    host: str,
) -> None:
    # Unknown to us; or known, and for another name.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]) if host == "127.0.0.1" else "/dev/null")
    logins = server.logins()

    with pytest.raises(MailFault, match="certificate"):
        fetch(connect(getattr(server, port), tls, imap_host=host))
    assert server.logins() == logins


@pytest.fixture
def by_token(app: Flask, server: ImapServer, provider: tuple[int, int], trusted: None) -> Mailbox:
    """A mailbox that signs in with OAuth 2, at a provider of our own network."""
    oauth._known.clear()
    app.config["HELPDESK_CHECK_PRIVATE_LINKS"] = True
    tokens = {"oauth_token_url": f"https://localhost:{provider[0]}/token", "oauth_client_id": "helpdesk"}
    return connect(server.safe_port, Tls.FROM_THE_START, sign_in=SignIn.OAUTH2, **tokens)


def test_a_token_is_fetched_once_used_until_it_is_over_and_its_successor_kept(
    server: ImapServer, by_token: Mailbox, clock: Any
) -> None:
    assert fetch(by_token) == ["opened"]
    assert fetch(by_token) == []
    first = {"grant_type": "refresh_token", "refresh_token": "first", "client_id": "helpdesk"}
    assert Provider.asked == [{**first, "client_secret": "secret"}]
    db.session.refresh(by_token)
    assert by_token.secrets["refresh_token"] == "next-token-1"
    clock.shift(timedelta(hours=1))
    Provider.valid = "token-2"

    assert fetch(by_token) == []
    assert Provider.asked[1]["refresh_token"] == "next-token-1"


def test_a_token_that_the_mail_server_refuses_is_not_used_again(
    server: ImapServer, by_token: Mailbox
) -> None:
    Provider.valid = "token-2"
    with pytest.raises(MailFault, match="token-refused"):
        fetch(by_token)

    assert fetch(by_token) == ["opened"]


def test_a_refresh_token_without_a_successor_is_used_again(
    by_token: Mailbox, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Provider, "rotates", False)
    fetch(by_token)
    clock.shift(timedelta(hours=1))
    Provider.valid = "token-2"
    fetch(by_token)

    assert [each["refresh_token"] for each in Provider.asked] == ["first", "first"]


_MICROSOFT = "AADSTS7000222: The provided client secret keys for app 'c0ffee' are expired.\r\nTrace ID: 7"


@pytest.mark.parametrize(
    ("status", "error", "words", "told"),
    [
        (400, "invalid_grant", "Token has been expired or revoked.", "oauth-ended: invalid_grant Token has"),
        (401, "invalid_client", "The OAuth client was not found.", "oauth-client: invalid_client The OAuth"),
        (
            400,
            "invalid_grant",
            "AADSTS700082: The refresh token has expired due to",
            "oauth-ended",
        ),
        (401, "invalid_client", _MICROSOFT, "oauth-client: .* are expired.$"),
        (400, "interaction_required", "AADSTS50076: you must use multi-factor", "oauth-ended"),
        (400, "invalid_scope", "AADSTS70011: The provided value for 'scope' is not valid.", "oauth-scope"),
        (400, "temporarily_unavailable", "", "oauth-busy"),
        (429, "", "", "oauth-busy: HTTP 429"),
        (503, "", "", "oauth-busy: HTTP 503"),
        (400, "unsupported_grant_type", "", "oauth-refused"),
    ],
)
def test_why_a_provider_gives_no_token_is_known_apart(
    by_token: Mailbox, monkeypatch: pytest.MonkeyPatch, status: int, error: str, words: str, told: str
) -> None:
    said = {"error": error, "error_description": words, "error_codes": [7000222], "error_uri": "https://…"}
    monkeypatch.setattr(Provider, "refusal", (status, said if error else {}))

    with pytest.raises(MailFault, match=f"^{told}") as fault:
        fetch(by_token)
    assert (fault.value.key in REFUSALS) is (fault.value.key != "oauth-busy")


def test_an_access_token_of_another_mailbox_is_refused_after_the_sign_in(
    by_token: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exchange says yes to the token, and only then that it does not open this mailbox."""
    words = "select failed: User is authenticated but not connected."
    monkeypatch.setattr(IMAPClient, "select_folder", Mock(side_effect=IMAPClientError(words)))

    with pytest.raises(MailFault, match=r"token-refused: .* not connected"):
        fetch(by_token)


@pytest.mark.parametrize(
    "url", ["http://localhost/token", "https://localhost:1/token", "https://[::1]/t", ""]
)
def test_no_secret_goes_to_an_address_that_is_not_safe(app: Flask, by_token: Mailbox, url: str) -> None:
    app.config["HELPDESK_CHECK_PRIVATE_LINKS"] = False
    by_token.oauth_token_url = url

    with pytest.raises(MailFault, match="oauth-no-answer"):
        fetch(by_token)
    assert Provider.asked == []
