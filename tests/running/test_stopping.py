"""Real processes: started, and stopped by a signal, as a service manager does."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own, with its tables."""
    ours = {**os.environ, "HELPDESK_HOME": str(tmp_path / "home"), "HELPDESK_LOG_FORMAT": "json"}
    subprocess.run(
        [sys.executable, "-m", "helpdesk", "init", "--email", "a@example.org"], cwd=ROOT, env=ours, check=True
    )
    return ours


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def served(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`helpdesk serve`, once it answers."""
    command = [sys.executable, "-m", "helpdesk", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: ask(port, "/readyz") == 200)
        yield process
    finally:
        process.kill()


def ask(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return int(answer.status)
    except OSError:
        return 0


def wait_for(true: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came"
        time.sleep(0.2)


def children(process: subprocess.Popen[bytes]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def catches(process: subprocess.Popen[bytes], number: signal.Signals) -> bool:
    """Whether the process has said what it does on the signal: it is up."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_serve_restarts_a_dead_child_and_stops_them_all(served: subprocess.Popen[bytes], port: int) -> None:
    before = children(served)
    os.kill(before[1], signal.SIGKILL)
    wait_for(lambda: len(children(served)) == 2 and children(served) != before)

    served.send_signal(signal.SIGTERM)

    assert served.wait(40) == 0
    assert ask(port, "/healthz") == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_stops_when_told_twice(environment: dict[str, str]) -> None:
    worker = subprocess.Popen([sys.executable, "-m", "helpdesk", "worker"], cwd=ROOT, env=environment)
    wait_for(lambda: catches(worker, signal.SIGTERM))
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGTERM)

    assert worker.wait(20) == 0
