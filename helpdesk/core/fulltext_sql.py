"""What the full-text index says to each database: its tables, its rows, and the words of its questions.

SQLite: one FTS5 row a part, found by one number with the owner in its upper half. Only this gives the
newest owners without reading the others. PostgreSQL: a tsvector a part, or several for a long one.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Float, FromClause, String, TableClause, column, literal, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from helpdesk.core.words import Term

PREFIX = "fulltext_"

_PART_BITS = 32
LAST_PART = (1 << _PART_BITS) - 1

# PostgreSQL counts positions up to 16,383 and 256 to a word, so a longer text goes into overlapping rows.
_ROW_TOKENS, _OVERLAP = 2_000, 100

DDL = {
    # The ascii tokenizer cuts at blanks alone: everything beyond ASCII is part of a word to it.
    "sqlite": ("""CREATE VIRTUAL TABLE {table} USING fts5(words, tokenize="ascii tokenchars '+#'")""",),
    "postgresql": (
        "CREATE TABLE {table} (owner_id BIGINT NOT NULL, part_id BIGINT NOT NULL, row_no INTEGER NOT NULL,"
        " words TSVECTOR NOT NULL, CONSTRAINT pk_{table} PRIMARY KEY (owner_id, part_id, row_no))",
        # Every search reads the pending list from end to end, so it is kept short (kB).
        "CREATE INDEX ix_{table}_words ON {table} USING gin (words) WITH (gin_pending_list_limit = 256)",
        # The planner must know common words from rare ones.
        "ALTER TABLE {table} ALTER COLUMN words SET STATISTICS 1000",
    ),
}


def words_of(kind: str) -> TableClause:
    """The index of a kind of owner, with the columns of either database."""
    return table(
        PREFIX + kind, *[column(name) for name in ("rowid", "owner_id", "part_id", "row_no", "words", "rank")]
    )


def row_of(owner_id: int, part_id: int) -> int:
    """The number of a part's row on SQLite."""
    return (owner_id << _PART_BITS) | part_id


def vector_rows(owner_id: int, part_id: int, tokens: Sequence[str]) -> Iterator[dict[str, Any]]:
    """A part's rows on PostgreSQL; none without tokens. Overlapping, so that no phrase falls between two."""
    for row_no, start in enumerate(range(0, len(tokens), _ROW_TOKENS)):
        part_of_tokens = tokens[start : start + _ROW_TOKENS + _OVERLAP]
        words = " ".join(f"'{token}':{position}" for position, token in enumerate(part_of_tokens, 1))
        yield {"owner_id": owner_id, "part_id": part_id, "row_no": row_no, "words": words}


class _PerDatabase(FunctionElement[Any]):
    """A piece of SQL that the two databases spell differently. Its clauses are its arguments in order."""

    inherit_cache = True


class Owner(_PerDatabase):
    """Whose row this is."""

    inherit_cache = True
    type = BigInteger()

    def __init__(self, words: FromClause) -> None:
        super().__init__(words.c.rowid, words.c.owner_id)


class PartId(_PerDatabase):
    """Which part of its owner this row is."""

    inherit_cache = True
    type = BigInteger()

    def __init__(self, words: FromClause) -> None:
        super().__init__(words.c.rowid, words.c.part_id)


class Position(_PerDatabase):
    """The order the rows are kept in: descending, it gives the newest owners first without sorting."""

    inherit_cache = True
    type = BigInteger()

    def __init__(self, words: FromClause) -> None:
        super().__init__(words.c.rowid, words.c.owner_id)


class Before(_PerDatabase):
    """Whether the row's owner has a lower id."""

    inherit_cache = True

    def __init__(self, words: FromClause, owner_id: int) -> None:
        row = literal(row_of(owner_id, 0), BigInteger)
        super().__init__(words.c.rowid, row, words.c.owner_id, literal(owner_id, BigInteger))


class Between(_PerDatabase):
    """Whether the row's owner is one from `first` to `last`: read without reading the others."""

    inherit_cache = True

    def __init__(self, words: FromClause, first: int, last: int) -> None:
        rows = (literal(row_of(first, 0), BigInteger), literal(row_of(last, LAST_PART), BigInteger))
        owners = (literal(first, BigInteger), literal(last, BigInteger))
        super().__init__(words.c.rowid, *rows, words.c.owner_id, *owners)


class Matches(_PerDatabase):
    """Whether the row has any of the terms."""

    inherit_cache = True

    def __init__(self, words: FromClause, terms: Sequence[Term]) -> None:
        super().__init__(words.c.words, literal(_fts5(terms), String), literal(_tsquery(terms), String))


class Fit(_PerDatabase):
    """How badly a matching row fits the terms: lower is better; long texts and common terms count less."""

    inherit_cache = True
    type = Float()

    def __init__(self, words: FromClause, terms: Sequence[Term]) -> None:
        super().__init__(words.c.rank, words.c.words, literal(_tsquery(terms), String))


@compiles(Owner, "sqlite")
def _(element: Owner, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({_spelt(element, compiler, 0, kw)} >> {_PART_BITS})"


@compiles(Owner, "postgresql")
@compiles(Position, "postgresql")
def _(element: _PerDatabase, compiler: SQLCompiler, **kw: Any) -> str:
    return _spelt(element, compiler, 1, kw)


@compiles(PartId, "sqlite")
def _(element: PartId, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({_spelt(element, compiler, 0, kw)} & {LAST_PART})"


@compiles(PartId, "postgresql")
def _(element: PartId, compiler: SQLCompiler, **kw: Any) -> str:
    return _spelt(element, compiler, 1, kw)


@compiles(Position, "sqlite")
def _(element: Position, compiler: SQLCompiler, **kw: Any) -> str:
    return _spelt(element, compiler, 0, kw)


@compiles(Before, "sqlite")
def _(element: Before, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{_spelt(element, compiler, 0, kw)} < {_spelt(element, compiler, 1, kw)}"


@compiles(Before, "postgresql")
def _(element: Before, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{_spelt(element, compiler, 2, kw)} < {_spelt(element, compiler, 3, kw)}"


@compiles(Between, "sqlite")
def _(element: Between, compiler: SQLCompiler, **kw: Any) -> str:
    row, first, last = (_spelt(element, compiler, clause, kw) for clause in (0, 1, 2))
    return f"{row} BETWEEN {first} AND {last}"


@compiles(Between, "postgresql")
def _(element: Between, compiler: SQLCompiler, **kw: Any) -> str:
    owner, first, last = (_spelt(element, compiler, clause, kw) for clause in (3, 4, 5))
    return f"{owner} BETWEEN {first} AND {last}"


@compiles(Matches, "sqlite")
def _(element: Matches, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{_spelt(element, compiler, 0, kw)} MATCH {_spelt(element, compiler, 1, kw)}"


@compiles(Matches, "postgresql")
def _(element: Matches, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{_spelt(element, compiler, 0, kw)} @@ CAST({_spelt(element, compiler, 2, kw)} AS tsquery)"


@compiles(Fit, "sqlite")
def _(element: Fit, compiler: SQLCompiler, **kw: Any) -> str:
    return _spelt(element, compiler, 0, kw)


@compiles(Fit, "postgresql")
def _(element: Fit, compiler: SQLCompiler, **kw: Any) -> str:
    question = f"CAST({_spelt(element, compiler, 2, kw)} AS tsquery)"
    return f"-ts_rank({_spelt(element, compiler, 1, kw)}, {question}, 1)"


def _spelt(element: _PerDatabase, compiler: SQLCompiler, clause: int, kw: dict[str, Any]) -> str:
    return str(compiler.process(list(element.clauses)[clause], **kw))


def _fts5(terms: Sequence[Term]) -> str:
    """The terms as an FTS5 query; every word is quoted, so that none is an operator."""
    return " OR ".join(_fts5_phrase(words, term) for term in terms for words in _wordings(term))


def _fts5_phrase(words: Sequence[str], term: Term) -> str:
    return f'"{" ".join(words)}"' + (" *" if term.is_prefix else "")


def _tsquery(terms: Sequence[Term]) -> str:
    """The same for PostgreSQL's tsquery."""
    return " | ".join(f"({_ts_phrase(words, term)})" for term in terms for words in _wordings(term))


def _ts_phrase(words: Sequence[str], term: Term) -> str:
    return " <-> ".join(f"'{word}'" for word in words) + (":*" if term.is_prefix else "")


def _wordings(term: Term) -> list[Sequence[str]]:
    return [term.tokens, (term.joined,)] if term.joined else [term.tokens]
