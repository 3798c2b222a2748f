"""The catalogues: each room keeps its own fragment, `ja/<room>.po`; together they are compiled to one.

English is the language of the code, so it needs no catalogue.
"""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent
# The day of compiling would make every minute's bytes others.
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
COMPILED = FOLDER / "ja" / "LC_MESSAGES" / "messages.mo"


class Contradiction(ValueError):
    """Two rooms translate the same words differently, which one catalogue cannot hold."""


def fragments() -> list[Path]:
    """The rooms' own catalogues, in order of name."""
    return sorted((FOLDER / "ja").glob("*.po"))


def merged() -> Catalog:
    """All fragments as one catalogue. Raises `Contradiction`, naming the words and the fragment."""
    whole = Catalog(locale="ja", creation_date=_ANY_DAY)
    for file in fragments():
        with file.open("rb") as content:
            for message in read_po(content, locale="ja"):
                if message.id:
                    _take(whole, message, file.name)
    return whole


def compiled() -> bytes:
    """The catalogue as the product loads it; the same fragments give the same bytes."""
    written = BytesIO()
    write_mo(written, merged())
    return written.getvalue()


def _take(whole: Catalog, message: Message, name: str) -> None:
    known = whole.get(message.id if isinstance(message.id, str) else message.id[0])
    if known is not None and known.string != message.string:
        raise Contradiction(f"{name}: {message.id!r} is {message.string!r} here, {known.string!r} elsewhere")
    whole.add(message.id, message.string)
