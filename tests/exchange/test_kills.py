"""An import that is killed without warning and begun again ends as if nothing had happened."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

LONG = [pytest.mark.long, pytest.mark.timeout(3600)]
_SEEN = {
    "customers": "external_id, name, tags",
    "orders": "external_id, customer_id, product, amount, currency, placed_at",
    "events": "kind, customer_id, occurred_at, details",
    "stays": "customer_id, stage_id",
}


class House:
    """A home of its own, and the command that is killed in it."""

    def __init__(self, home, files):
        self.env = {**os.environ, "HELPDESK_HOME": str(home), "HELPDESK_DATABASE_URL": ""}
        self.database, self.files = home / "helpdesk.db", files

    def run(self, *words):
        subprocess.run(
            [sys.executable, "-m", "helpdesk", *words], env=self.env, check=True, capture_output=True
        )

    def run_and_kill(self, taken):
        """Begin the import of orders and kill it when so many lines are in; whether it was still at it."""
        words = [sys.executable, "-m", "helpdesk", "import", "orders", str(self.files / "orders.csv")]
        process = subprocess.Popen(words, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and self.ask("SELECT count(*) FROM orders")[0][0] < taken:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL

    def ask(self, question):
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            return connection.execute(question).fetchall()

    def state(self):
        return {
            table: self.ask(f"SELECT {columns} FROM {table} ORDER BY {columns}")
            for table, columns in _SEEN.items()
        }


@pytest.mark.sqlite
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("number", "shares"), [(4_000, (4,)), pytest.param(100_000, (1, 4, 7), marks=LONG)])
def test_kills_leave_no_trace(tmp_path, number, shares):
    customers = number // 10
    (tmp_path / "customers.csv").write_text(
        "external_id,name,tags,created_at\n"
        + "".join(f"C-{n},Name {n},a,2024-01-01\n" for n in range(customers))
    )
    (tmp_path / "orders.csv").write_text(
        "external_id,customer,product,amount,placed_at\n"
        + "".join(f"O-{n},C-{n % customers},Pot,{n},2024-02-{n % 28 + 1:02}\n" for n in range(number))
    )
    whole, broken = House(tmp_path / "whole", tmp_path), House(tmp_path / "broken", tmp_path)
    whole.run("init", "--email", "a@b.example")
    whole.run("import", "customers", str(tmp_path / "customers.csv"))
    shutil.copytree(tmp_path / "whole", tmp_path / "broken")
    whole.run("import", "orders", str(tmp_path / "orders.csv"))
    killed = [broken.run_and_kill(number * share // 10) for share in shares]
    broken.run("import", "orders", str(tmp_path / "orders.csv"))

    assert all(killed)
    assert broken.state() == whole.state()
    assert broken.ask("SELECT count(*) FROM import_batches WHERE what = 'orders'") == [(1,)]
