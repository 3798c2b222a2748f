"""Where an export is written: a folder, or a zip file with the same bytes for the same files."""

from abc import ABC, abstractmethod
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# Every entry of a zip has this time.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class Target(ABC):
    """Where files are written."""

    @abstractmethod
    def write(self, path: str, content: bytes) -> None: ...


class Folder(Target):
    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def write(self, path: str, content: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content)


class Zip(Target):
    """An archive that has the same bytes for the same files."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive

    def write(self, path: str, content: bytes) -> None:
        entry = ZipInfo(path, _NO_TIME)
        entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
        self.archive.writestr(entry, content)
