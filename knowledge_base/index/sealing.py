"""The files of a Whoosh index, sealed: what does not read as it was written is noticed before it is used.

Each generation has a seal with the sum of each of its files, there before the generation is valid. Readers
take whole files into memory and compare, so that nothing done to a file later can disturb them.
"""

import json
import re
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.index import TOC

from knowledge_base.index.postings import Damaged

NAME = "MAIN"
_SEGMENT = f"{NAME}_*.seg"
_TABLE = re.compile(rf"_{NAME}_([0-9]+)\.toc")


class Sealing(FileStorage):  # type: ignore[misc]
    """A folder in which every new generation gets its seal."""

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        if named := _TABLE.fullmatch(newname):
            _seal(Path(self.folder), int(named[1]), Path(self.folder) / oldname)
        super().rename_file(oldname, newname, safe)


def generation(folder: Path) -> int:
    """The newest generation in a folder; -1 where there is none."""
    return int(TOC._latest_generation(FileStorage(str(folder)), NAME))


def opened(folder: Path, known: Mapping[str, bytes]) -> tuple[int, RamStorage]:
    """The newest generation in memory. known: segments read before, which need not be read again.

    Raises `Damaged` and `OSError`.
    """
    number = generation(folder)
    sums = _sums(folder, number)
    table = TOC._filename(NAME, number)
    ram = RamStorage()
    ram.files[table] = _read(folder, table, sums)
    # The table is a pickle: it is taken apart only after its sum was right.
    for segment in TOC.read(ram, NAME, number).segments:
        name = segment.make_filename(".seg")
        content = known.get(name)
        ram.files[name] = _read(folder, name, sums) if content is None else content
    return number, ram


def _read(folder: Path, name: str, sums: Mapping[str, int]) -> bytes:
    content = (folder / name).read_bytes()
    if zlib.crc32(content) != sums.get(name):
        raise Damaged(f"{name} is not as it was written")
    return content


def _sums(folder: Path, number: int) -> dict[str, int]:
    found = json.loads(_seal_of(folder, number).read_text())
    if not isinstance(found, dict):
        raise Damaged(f"the seal of generation {number} is none")
    return found


def _seal(folder: Path, number: int, table: Path) -> None:
    """Note what each file of a generation adds up to; of files that were sealed before, what it was then."""
    before = _sums(folder, number - 1) if _seal_of(folder, number - 1).exists() else {}
    sums = {path.name: before.get(path.name) or _sum(path) for path in folder.glob(_SEGMENT)}
    sums[TOC._filename(NAME, number)] = _sum(table)
    _seal_of(folder, number).write_text(json.dumps(sums))
    _forget(folder, keep=(number - 1, number))


def _sum(path: Path) -> int:
    return zlib.crc32(path.read_bytes())


def _seal_of(folder: Path, number: int) -> Path:
    return folder / f"seal-{number}.json"


def _forget(folder: Path, keep: Iterable[int]) -> None:
    kept = {_seal_of(folder, number) for number in keep}
    for path in folder.glob("seal-*.json"):
        if path not in kept:
            path.unlink(missing_ok=True)
