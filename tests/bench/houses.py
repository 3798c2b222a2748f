"""Houses full of bulk data, made once and kept in the temporary folder; each run works on a copy."""

import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EMAIL, PASSWORD = "bench@helpdesk.example.com", "a password for measuring"
# What the data depends on: when any of it changes, the kept houses are made anew.
_SOURCES = ("migrations/versions/*.py", "demo/bulk*.py", "demo/phrases.py", "demo/seeding.py")


def environment(home: Path) -> dict[str, str]:
    """How a process of the house in `home` is started: its own settings and nobody else's."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}
    ours = {"HELPDESK_HOME": str(home), "HELPDESK_SECRET_KEY": "measuring", "HELPDESK_RATE_LIMITS": "off"}
    # As installed: compiled once, here beside the house instead of in the tree.
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(home / "compiled")}
    return {**clean, **ours, **compiled, "HELPDESK_ADMIN_PASSWORD": PASSWORD, "PYTHONPATH": str(ROOT)}


def house(tickets: int, run: Path) -> Path:
    """A copy, in `run`, of a house with so many tickets of four messages each."""
    kept = Path(tempfile.gettempdir()) / f"helpdesk-bench-{_stamp()}" / str(tickets)
    if not (kept / "ready").exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        _fill(kept, tickets)
        (kept / "ready").touch()
    home = run / str(tickets)
    shutil.copytree(kept, home)
    return home


def helpdesk(home: Path, *arguments: str) -> str:
    """Run one command of the house; returns what it printed."""
    command = [sys.executable, "-m", "helpdesk", *arguments]
    ours = environment(home)
    done = subprocess.run(command, env=ours, cwd=home, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
    return done.stdout


def _fill(home: Path, tickets: int) -> None:
    print(f"  seeding {tickets:,} tickets …", flush=True)
    helpdesk(home, "init", "--email", EMAIL)
    amounts = ["--customers", str(tickets // 20), "--tickets", str(tickets), "--articles", "300"]
    print("  " + helpdesk(home, "seed", *amounts, "--reindex").strip(), flush=True)


def _stamp() -> str:
    texts = [file.read_bytes() for pattern in _SOURCES for file in sorted(ROOT.glob(f"helpdesk/{pattern}"))]
    return sha256(b"".join(texts)).hexdigest()[:12]
