"""The CDNOW purchases (Fader, Hardie and Lee 2005), read from the package that carries them."""

import csv
from datetime import date
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from helpdesk.measures.histories import History
from helpdesk.measures.repeating import Purchase

# The year's first 39 weeks are learnt from, the 39 after are foretold.
LEARNT = date(1997, 9, 30)
KNOWN = date(1998, 6, 30)


def purchases(name: str = "CDNOW_sample.txt") -> list[Purchase]:
    rows = (line.split() for line in _file(name).read_text().splitlines())
    return [
        Purchase(row[0], date.fromisoformat(row[-3]), float(row[-1]))
        for row in rows
        if row and row[0].isdigit()
    ]


def summary() -> list[History]:
    """The histories as published, rounded to two decimals."""
    with _file("cdnow_customers_summary_with_transactions.csv").open() as lines:
        return [
            History(int(row["x"]), float(row["t_x"]), float(row["T"]), float(row["zbar"]))
            for row in csv.DictReader(lines)
        ]


def _file(name: str) -> Path:
    try:
        return Path(str(distribution("lifetimes").locate_file(f"lifetimes/datasets/{name}")))
    except PackageNotFoundError:
        pytest.skip("the CDNOW purchases are not installed: see requirements-data.lock")
