"""`python -m tests`: everything, with the servers and the browser that are here; says what it left out."""

import os
import subprocess
import sys

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from tests.browsing import chromium

# Where a developer's PostgreSQL usually listens.
USUAL_SERVERS = ("postgresql:///postgres", "postgresql://postgres@127.0.0.1/postgres")


def main() -> int:
    strict = os.environ.get("HELPDESK_TEST_STRICT") == "1"
    left_out = []
    failed = run({})
    server = find_postgresql()
    if server:
        print(f"\nOnce more on PostgreSQL ({server})")
        failed = run({"HELPDESK_TEST_DATABASE": server}) or failed
    else:
        left_out.append("everything on PostgreSQL: no server found; name one in HELPDESK_TEST_DATABASE")
    if chromium() is None:
        left_out.append("the browser tests: no Chromium found; name one in HELPDESK_CHROMIUM")
    for what in left_out:
        print(f"Left out: {what}")
    return int(bool(failed or (strict and left_out)))


def run(environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "loadfile", "-q", *sys.argv[1:]]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


def find_postgresql() -> str | None:
    """A server on which databases may be made."""
    named = os.environ.pop("HELPDESK_TEST_DATABASE", "")
    for url in (named,) if named else USUAL_SERVERS:
        try:
            engine = create_engine(url)
            with engine.connect() as connection:
                if connection.scalar(text("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user")):
                    return url
        except (SQLAlchemyError, ImportError):
            continue
    return None


if __name__ == "__main__":
    sys.exit(main())
