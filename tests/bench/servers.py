"""Real servers in processes of their own, what they cost in CPU, and a browser of few words."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench.houses import EMAIL, PASSWORD, ROOT, environment


class Server:
    """One worker process of our web server, serving a house or the bare route."""

    def __init__(self, command: list[str], home: Path, port: int) -> None:
        self.port = port
        log = (home / "server.log").open("wb")
        self.process = subprocess.Popen(command, env=environment(home), cwd=ROOT, stdout=log, stderr=log)
        self.browser = Browser(port)
        self.browser.wait()

    def cpu(self) -> float:
        """CPU time of the processes that answer, in milliseconds; the parent only waits."""
        return sum(_nanoseconds(pid) for pid in self._workers()) / 1e6

    def memory(self) -> float:
        """Their proportional memory, in MiB."""
        rolled = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self._workers()]
        return sum(int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1]) for text in rolled) / 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def _workers(self) -> list[str]:
        pid = self.process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


class Browser:
    """Keeps its connection, its cookies and its token."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.token = ""

    def wait(self) -> None:
        for _ in range(600):
            try:
                self.get("/")
            except OSError:
                self.connection.close()
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("the server does not answer")

    def get(self, address: str) -> tuple[int, bytes]:
        return self._ask("GET", address, None)

    def post(self, address: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        return self._ask("POST", address, urlencode({**form, "csrf_token": self.token}))

    def sign_in(self) -> None:
        """As the agent of the bench; takes the token that its forms need."""
        for address, form in (("/sign-in", {"email": EMAIL, "password": PASSWORD}), ("/desk", None)):
            self._take_token(self.get(address)[1])
            if form:
                self.post(address, form)

    def _take_token(self, page: bytes) -> None:
        found = re.search(rb'(?:csrf_token"[^>]*value="|X-CSRFToken": ")([^"]+)"', page)
        if found is None:
            raise RuntimeError("a page without a token: " + page[:300].decode())
        self.token = found[1].decode()

    def _ask(self, method: str, address: str, body: str | None) -> tuple[int, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers["Accept-Language"] = "ja"
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self._answer(method, address, body, headers)
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read()

    def _answer(self, method: str, address: str, *sent: Any) -> HTTPResponse:
        """The server closes a connection that was idle; then a new one is opened, once."""
        try:
            self.connection.request(method, address, *sent)
            return self.connection.getresponse()
        except (RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.connection.close()
            self.connection.request(method, address, *sent)
            return self.connection.getresponse()


@contextmanager
def serving(home: Path, *, bare: bool = False) -> Iterator[Server]:
    """A server over the house in `home`; `bare` is the yardstick over the same tickets."""
    port = _free_port()
    bind = f"127.0.0.1:{port}"
    ours = [sys.executable, "-m", "helpdesk", "web", "--bind", bind, "--workers", "1", "--threads", "4"]
    yardstick = [sys.executable, "-m", "tests.bench.bare", str(home / "helpdesk.db"), bind]
    server = Server(yardstick if bare else ours, home, port)
    try:
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        port: int = any_port.getsockname()[1]
        return port


def _nanoseconds(pid: str) -> int:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)
