"""Files of other systems as lines of cells, read as a stream: CSV as people save it, and JSON lines."""

import codecs
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from helpdesk.core.spreadsheets import unguarded
from helpdesk.exchange.faults import N_, Fault, Refused

LARGEST_FILE = 100 * 2**20
MOST_LINES = 500_000
MOST_COLUMNS = 200
# Letters of one line; a quote that is never closed must not swallow the file.
LONGEST_LINE = 500_000
DELIMITERS = (",", ";", "\t")
_ENCODINGS = ("utf-8", "cp932")
_PIECE = 1 << 20
# Of JSON lines, so many say which columns there are.
_LOOKED_AT = 100


@dataclass(frozen=True)
class Line:
    """One line with something in it. number: where it begins; cells: by the names of the header."""

    number: int
    cells: dict[str, Any]
    fault: Fault | None = None
    # Bytes of the file up to here, about.
    at: int = 0


def sniff(path: Path, name: str = "") -> dict[str, Any]:
    """How the file is written: form, encoding, delimiter, header. Raises `Refused`."""
    if path.stat().st_size > LARGEST_FILE:
        raise Refused(N_("The file is larger than %(most)s MB. Divide it."), most=LARGEST_FILE >> 20)
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Refused(N_("This is a workbook. Save it as CSV and hand that in."))
    if not head.strip():
        raise Refused(N_("The file is empty."))
    encoding = _encoding(path, head)
    form = "jsonl" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv"
    more = {"header": _keys(path, encoding)} if form == "jsonl" else _first_row(path, encoding)
    return {"form": form, "encoding": encoding, "delimiter": "", **more}


def lines(path: Path, told: dict[str, Any]) -> Iterator[Line]:
    """Every line that is not blank, with what is wrong with its form. Raises `Refused` for too many."""
    read = _json_lines if told["form"] == "jsonl" else _csv_lines
    with path.open(encoding=told["encoding"], newline="") as file:
        for count, line in enumerate(read(file, told)):
            if count >= MOST_LINES:
                raise Refused(N_("The file has more than %(most)s lines. Divide it."), most=MOST_LINES)
            yield line


def _encoding(path: Path, head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in _ENCODINGS:
        if _is_readable(path, encoding):
            return encoding
    raise Refused(N_("The file is neither UTF-8 nor Shift_JIS. Save it as CSV in UTF-8."))


def _is_readable(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _first_row(path: Path, encoding: str) -> dict[str, Any]:
    rows = {}
    for delimiter in DELIMITERS:
        with path.open(encoding=encoding, newline="") as file:
            try:
                rows[delimiter] = next(csv.reader(_short(file), delimiter=delimiter), [])
            except csv.Error as error:
                raise Refused(N_("The first line is no header of columns.")) from error
    delimiter = max(DELIMITERS, key=lambda each: len(rows[each]))
    header = [unguarded(cell).strip() for cell in rows[delimiter]]
    if len(header) > MOST_COLUMNS:
        raise Refused(N_("The file has more than %(most)s columns."), most=MOST_COLUMNS)
    return {"delimiter": delimiter, "header": header}


def _keys(path: Path, encoding: str) -> list[str]:
    keys: dict[str, None] = {}
    with path.open(encoding=encoding, newline="") as file:
        for count, line in enumerate(_json_lines(file, {})):
            if count >= _LOOKED_AT or len(keys) > MOST_COLUMNS:
                break
            keys |= dict.fromkeys(line.cells)
    if len(keys) > MOST_COLUMNS:
        raise Refused(N_("The file has more than %(most)s columns."), most=MOST_COLUMNS)
    if not keys:
        raise Refused(N_("The first line is no JSON object."))
    return list(keys)


def _csv_lines(file: TextIO, told: dict[str, Any]) -> Iterator[Line]:
    header, source = told["header"], _short(file)
    rows, begins = csv.reader(source, delimiter=told["delimiter"]), 1
    is_header = True
    while True:
        fault = None
        try:
            row = next(rows, None)
        except csv.Error:
            row, fault = [], Fault(begins, "", N_("This line is too long; is a quote never closed?"))
        number, begins = begins, rows.line_num + 1
        if row is None:
            return
        if is_header or (fault is None and not any(cell.strip() for cell in row)):
            is_header = False
            continue
        if fault is None and len(row) != len(header):
            words = N_("This line has %(seen)s cells, the header %(wanted)s.")
            fault = Fault(number, "", words, {"seen": len(row), "wanted": len(header)})
        cells = {} if fault else {name: unguarded(cell) for name, cell in zip(header, row, strict=True)}
        yield Line(number, cells, fault, _place(file))


def _json_lines(file: TextIO, _told: dict[str, Any]) -> Iterator[Line]:
    number, source = 0, _short(file)
    while True:
        number, fault, cells = number + 1, None, {}
        try:
            text = next(source, None)
            if text is None:
                return
            if not text.strip():
                continue
            cells = _flat(json.loads(text, parse_constant=_no_number))
        except csv.Error:
            fault = Fault(number, "", N_("This line is too long."))
        except (ValueError, RecursionError):
            fault = Fault(number, "", N_("This line is no JSON object."))
        yield Line(number, cells, fault, _place(file))


def _flat(told: Any) -> dict[str, Any]:
    """The object with its parts by their paths: customer.email. A payload stays whole."""
    if not isinstance(told, dict):
        raise ValueError("no object")
    flat: dict[str, Any] = {}
    for name, value in told.items():
        if isinstance(value, dict) and name != "payload":
            flat |= {f"{name}.{part}": each for part, each in value.items()}
        else:
            flat[name] = value
    return flat


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _short(file: TextIO) -> Iterator[str]:
    """The lines of a file; one that is too long is passed over with a `csv.Error`."""
    return _Short(file)


class _Short:
    """An iterator that goes on after it raised, which a generator cannot."""

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def __iter__(self) -> "_Short":
        return self

    def __next__(self) -> str:
        line = self.file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            while (rest := self.file.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
                pass
            raise csv.Error("too long")
        return line


def _place(file: TextIO) -> int:
    return int(file.buffer.tell())
