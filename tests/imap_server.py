"""A real IMAP server (Dovecot) in a folder of its own, and a line to it that breaks as a test asks."""

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"
IS_THERE = Path(DOVECOT).exists() and hasattr(os, "geteuid") and os.geteuid() == 0
needs_dovecot = pytest.mark.skipif(not IS_THERE, reason="needs Dovecot, and root to start it")

USER, PASSWORD = "support", "correct-horse"

_CONFIG = """
protocols = imap
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
mail_location = maildir:{home}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
disable_plaintext_auth = no
auth_mechanisms = plain{mechanisms}
mail_fsync = never
auth_failure_delay = 0
mail_max_userip_connections = 100
imap_idle_notify_interval = 2 mins
ssl = {ssl}
{certificate}
{tokens}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {safe_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

_TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/tokens
}}
"""


@dataclass
class ImapServer:
    """Where it listens, and what lies in it."""

    home: Path
    port: int
    safe_port: int = 0

    def lay(self, *letters: bytes, folder: str = "INBOX") -> None:
        """Letters arrive."""
        with self.client() as client:
            for letter in letters:
                client.append(folder, None, None, letter)  # type: ignore[arg-type]

    def clear(self) -> None:
        """As on the first day, but for the numbers."""
        with self.client() as client:
            for name in ("INBOX", "Done"):
                answer, count = client.select(name)
                if answer == "OK" and count != [b"0"]:
                    client.store("1:*", "+FLAGS.SILENT", "\\Deleted")
                    client.expunge()

    def flags(self, folder: str = "INBOX") -> list[bytes]:
        """What is said of each letter, oldest first."""
        with self.client() as client:
            client.select(folder, readonly=True)
            return [row for row in client.fetch("1:*", "(FLAGS)")[1] if isinstance(row, bytes)]

    def count(self, folder: str = "INBOX", what: str = "ALL") -> int:
        with self.client() as client:
            client.select(folder, readonly=True)
            return len(client.search(None, what)[1][0].split())

    def number_anew(self) -> None:
        """Lose the numbering: another UIDVALIDITY and other UIDs, as after a move or a repair."""
        box = self.home / "mail" / USER
        head, *rows = (box / "dovecot-uidlist").read_text().splitlines()
        validity = int(next(word[1:] for word in head.split() if word.startswith("V")))
        for index in box.glob("dovecot.index*"):
            index.unlink()
        rows = [f"{1000 + 3 * n} {row.partition(' ')[2]}" for n, row in enumerate(rows)]
        head = f"3 V{validity + 1} N{1000 + 3 * len(rows)} G{os.urandom(16).hex()}"
        (box / "dovecot-uidlist").write_text("\n".join([head, *rows, ""]))

    def logins(self) -> int:
        """How often somebody said a password, right or wrong."""
        log = (self.home / "log").read_text()
        return log.count("Login: user") + log.count("auth failed")

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """A look past the house."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as client:
            client.login(USER, PASSWORD)
            yield client


@contextmanager
def serving(certificate: tuple[Path, Path] | None = None, tokens_at: str = "") -> Iterator[ImapServer]:
    """Dovecot with an empty mailbox; with a certificate and its key it speaks TLS too."""
    # Its processes are other users than we, and the paths of its sockets have to be short.
    home = Path(tempfile.mkdtemp(prefix="imap-"))
    home.chmod(0o755)
    server, nobody = ImapServer(home, *_free_ports(2)), pwd.getpwnam("nobody")
    lines = f"ssl_cert = <{certificate[0]}\nssl_key = <{certificate[1]}" if certificate else ""
    (home / "mail").mkdir()
    os.chown(home / "mail", nobody.pw_uid, nobody.pw_gid)
    (home / "tokens").write_text(f"tokeninfo_url = {tokens_at}\nusername_attribute = email\n")
    config = home / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            home=home,
            port=server.port,
            safe_port=server.safe_port if certificate else 0,
            ssl="yes" if certificate else "no",
            certificate=lines,
            mechanisms=" xoauth2 oauthbearer" if tokens_at else "",
            tokens=_TOKENS.format(home=home) if tokens_at else "",
            uid=nobody.pw_uid,
            gid=nobody.pw_gid,
            password=PASSWORD,
        )
    )
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(config)], stderr=subprocess.PIPE)
    try:
        _wait_until_it_answers(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(10)
        assert process.stderr is not None
        process.stderr.close()
        shutil.rmtree(home, ignore_errors=True)


def _wait_until_it_answers(server: ImapServer, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 20
    while True:
        try:
            with server.client():
                return
        except (OSError, imaplib.IMAP4.error) as error:
            if process.poll() is not None or time.monotonic() > ends:
                log = (server.home / "log").read_text() if (server.home / "log").exists() else ""
                raise RuntimeError(f"Dovecot does not start: {error}\n{log[-2000:]}") from error
            time.sleep(0.05)


def _free_ports(count: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports


@dataclass(frozen=True)
class Fault:
    """What happens to one connection, after so many bytes from the server: cut, stall, nonsense or said.

    said: from then on each `what` in the server's words is `instead`.
    """

    kind: str
    after: int = 0
    what: bytes = b""
    instead: bytes = b""


class Line:
    """Between the house and the server; each connection has the next fault of the list, then none."""

    def __init__(self, server_port: int) -> None:
        self.faults: list[Fault] = []
        self.connections = 0
        self._server_port = server_port
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._over.set()
        for each in (self._listener, *self._open):
            _break(each)

    def break_all(self) -> None:
        """Every line that is open breaks now."""
        for each in self._open:
            _break(each)

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                ours, _address = self._listener.accept()
                theirs = socket.create_connection(("127.0.0.1", self._server_port))
            except OSError:
                return
            self.connections += 1
            fault = self.faults.pop(0) if self.faults else Fault("none")
            self._open += [ours, theirs]
            threading.Thread(target=_pass_on, args=(ours, theirs), daemon=True).start()
            threading.Thread(target=self._answer, args=(theirs, ours, fault), daemon=True).start()

    def _answer(self, theirs: socket.socket, ours: socket.socket, fault: Fault) -> None:
        """Pass the server's words on, as far as the fault lets them."""
        passed = 0
        with suppress(OSError):
            while words := theirs.recv(65536):
                if fault.kind in ("cut", "stall", "nonsense") and passed + len(words) > fault.after:
                    ours.sendall(words[: fault.after - passed])
                    if fault.kind == "stall":
                        self._over.wait(60)
                    if fault.kind == "nonsense":
                        ours.sendall(b"\r\n\xff(((( {99999\r\n* 5 FETCH (\r\n" * 3)
                    break
                passed += len(words)
                ours.sendall(words.replace(fault.what, fault.instead) if fault.kind == "said" else words)
        for each in (ours, theirs):
            _break(each)


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    """A line to the server that breaks as a test asks."""
    line = Line(port)
    try:
        yield line
    finally:
        line.close()


def _pass_on(ours: socket.socket, theirs: socket.socket) -> None:
    with suppress(OSError):
        while words := ours.recv(65536):
            theirs.sendall(words)
    _break(theirs)


def _break(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


@pytest.fixture(scope="module")
def imap_server() -> Iterator[ImapServer]:
    """One server for the tests of a file."""
    with serving() as server:
        yield server
