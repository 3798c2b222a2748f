"""Files that nothing uses any more go, with their bytes.

The same bytes may belong to many, and are there as long as one of them is.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, Text, cast, delete, exists, or_
from sqlalchemy.exc import IntegrityError

from helpdesk.core.db import Model, db
from helpdesk.core.files import StoredFile

# Columns that name files within what they keep, as {"file_id": 3}; all others that refer to one have a key.
_NAMING = (("planned_replies", "particulars"),)


def discard(ids: Iterable[int]) -> int:
    """Drop those of these files that nothing refers to; returns how many. The caller commits."""
    return sum(_discard(id) for id in sorted(set(ids)))


def _discard(id: int) -> bool:
    file = db.session.get(StoredFile, id)
    if file is None:
        return False
    path = file.path
    unused = delete(StoredFile).where(StoredFile.id == id, *(~exists().where(use) for use in _uses(id)))
    try:
        # Who begins to use it in this moment waits for our end, and keeps it anew.
        with db.session.begin_nested():
            is_gone = db.session.scalar(unused.returning(StoredFile.id)) is not None
    except IntegrityError:
        return False
    if is_gone:
        path.unlink(missing_ok=True)
    return is_gone


def _uses(id: int) -> Iterator[ColumnElement[bool]]:
    """For each column that may refer to files: that it does to this one."""
    files, tables = StoredFile.__table__, Model.metadata.tables
    for table in tables.values():
        for column in table.columns:
            if any(key.column.table is files for key in column.foreign_keys):
                yield column == id
    for name, within in _NAMING:
        told = cast(tables[name].c[within], Text)
        yield or_(*(told.contains(f'"file_id": {id}{end}') for end in ",}"))
