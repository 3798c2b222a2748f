"""Tables for spreadsheet programs: read by them as they are, and never run as formulas."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

Cell = str | int | float | None

# What makes a spreadsheet take a cell for a formula or a command, also in full width.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")

# As spreadsheets open them by a double click: with a mark for Unicode, or as Japanese Windows writes it.
ENCODINGS = {"utf-8": "utf-8-sig", "cp932": "cp932"}


def csv_bytes(rows: Iterable[Sequence[Cell]], encoding: str = "utf-8") -> bytes:
    """The rows as CSV (RFC 4180): text quoted and harmless, numbers bare, None empty.

    encoding: a key of `ENCODINGS`. What CP932 cannot write becomes "?". Raises `KeyError` for another.
    """
    written = StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return written.getvalue().encode(ENCODINGS[encoding], errors="replace")


def _safe(cell: Cell) -> Cell:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return cell
    is_dangerous = cell.lstrip(" \u3000").startswith(_DANGEROUS)
    return ("'" if is_dangerous else "") + cell.replace("\0", "")


def unguarded(cell: str) -> str:
    """A cell as it was before `csv_bytes` made it harmless: what went out comes in again the same."""
    is_guarded = cell.startswith("'") and cell[1:].lstrip(" \u3000").startswith(_DANGEROUS)
    return cell[1:] if is_guarded else cell
