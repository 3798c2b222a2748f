"""The yardstick: Flask, one indexed read of SQLite, fifty rows through Jinja, and nothing else."""

import sqlite3
import sys
from pathlib import Path

from flask import Flask, render_template_string

from helpdesk.running.web import run

_READ = """SELECT id, subject, status, priority, updated_at FROM tickets
    WHERE status = 'open' ORDER BY updated_at DESC, id DESC LIMIT 50"""
_PAGE = """<!doctype html><title>Tickets</title><table>
{% for row in rows %}<tr><td>{{ row[0] }}<td><a href="/tickets/{{ row[0] }}">{{ row[1] }}</a>
<td>{{ row[2] }}<td>{{ row[3] }}<td>{{ row[4] }}</tr>
{% endfor %}</table>"""


def make_app(database: Path) -> Flask:
    """The bare route over the tickets of a house."""
    app = Flask("bare")
    connections: list[sqlite3.Connection] = []

    @app.get("/")
    def tickets() -> str:
        if not connections:
            connections.append(sqlite3.connect(f"file:{database}?mode=ro", uri=True, check_same_thread=False))
        return render_template_string(_PAGE, rows=connections[0].execute(_READ).fetchall())

    return app


if __name__ == "__main__":
    run(lambda: make_app(Path(sys.argv[1])), sys.argv[2], 1, 4)
