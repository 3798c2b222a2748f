"""Where files come from: a folder, one file, or an archive of strangers. Nothing is unpacked to disk."""

import os
import stat
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from knowledge_base.transfer.importing.pages import N_, BadSource

LARGEST_FILE = 200 * 2**20
# Of an archive: all files together as they are, and how many.
LARGEST_ARCHIVE = 2**30
MOST_FILES = 50_000
# What is smaller than this may be pressed as hard as it likes.
_HARMLESS = 2**20
_TIGHTEST = 200
_SKIPPED = frozenset("node_modules __MACOSX __pycache__ venv".split())
# UTF-16 without its mark reads as UTF-8 with a zero beside every letter; so many letters tell.
_HEAD = 200
_ENCRYPTED, _NAMED_IN_UTF8 = 0x1, 0x800


class Source(ABC):
    """Files by their paths, with `/` between the parts. Raises `BadSource` where one cannot be had."""

    # As people know it.
    name: str
    paths: list[str]
    # Left out, with the reason.
    refused: list[tuple[str, str]]

    def __contains__(self, path: str) -> bool:
        return path in self._known

    @property
    def _known(self) -> frozenset[str]:
        if not hasattr(self, "_paths"):
            self._paths = frozenset(self.paths)
        return self._paths

    @abstractmethod
    def size(self, path: str) -> int: ...

    @abstractmethod
    def read(self, path: str) -> bytes: ...

    def place(self, path: str) -> str:
        """As a message names the file."""
        return path

    def text(self, path: str) -> str:
        """Its text, line feeds only. Raises `BadSource` where it is not written in UTF-8."""
        return decoded(self.read(path))

    def close(self) -> None:  # noqa: B027  (a folder has nothing open)
        """Let go of what is open."""


class Folder(Source):
    """A folder, or one file in it: then only that is read, and what lies beside it may be asked for."""

    def __init__(self, path: Path) -> None:
        self.only = None if path.is_dir() else path.name
        self.root = path.parent if self.only else path
        self.name, self.refused = path.name, []
        self.paths = [self.only] if self.only else self._walk()

    def __contains__(self, path: str) -> bool:
        if not self.only:
            return super().__contains__(path)
        file = self.root / path
        return (
            ".." not in file.parts and file.is_file() and file.resolve().is_relative_to(self.root.resolve())
        )

    def size(self, path: str) -> int:
        return (self.root / path).stat().st_size

    def read(self, path: str) -> bytes:
        if self.size(path) > LARGEST_FILE:
            raise BadSource(N_("larger than %(size)s MB"), size=LARGEST_FILE // 2**20)
        return (self.root / path).read_bytes()

    def place(self, path: str) -> str:
        return str(self.root / path)

    def _walk(self) -> list[str]:
        found = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not _is_skipped(name))
            for name in files:
                path = Path(folder) / name
                told = path.relative_to(self.root).as_posix()
                if path.is_symlink():
                    self.refused.append((told, N_("a symbolic link: not followed")))
                elif path.is_file() and not _is_skipped(name):
                    found.append(told)
        return sorted(found)


class OneFile(Source):
    """A single file that was handed in, under the name that it had."""

    def __init__(self, path: Path, name: str) -> None:
        self.file, self.name, self.only, self.refused = path, name, name, []
        self.paths = [name]

    def size(self, path: str) -> int:
        return self.file.stat().st_size

    def read(self, path: str) -> bytes:
        return self.file.read_bytes()


class Archive(Source):
    """A zip file. Paths that lead out of it, links, secrets and bombs are refused before anything is read."""

    def __init__(self, path: Path, name: str) -> None:
        self.name, self.refused = name, []
        try:
            self.zip = ZipFile(path)
        except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise BadSource(N_("no zip file that can be read")) from error
        self.entries = self._checked()
        self.paths = sorted(self.entries)

    def size(self, path: str) -> int:
        return self.entries[path].file_size

    def read(self, path: str) -> bytes:
        entry = self.entries[path]
        try:
            with self.zip.open(entry) as stream:
                content = stream.read(entry.file_size + 1)
        except (BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
            raise BadSource(N_("damaged in the zip file")) from error
        if len(content) > entry.file_size:
            raise BadSource(N_("larger than the zip file says"))
        return content

    def close(self) -> None:
        self.zip.close()

    def _checked(self) -> dict[str, ZipInfo]:
        entries = [entry for entry in self.zip.infolist() if not entry.is_dir()]
        if len(entries) > MOST_FILES:
            raise BadSource(N_("more than %(most)s files in the zip file"), most=MOST_FILES)
        if sum(entry.file_size for entry in entries) > LARGEST_ARCHIVE:
            raise BadSource(N_("larger than %(size)s MB when unpacked"), size=LARGEST_ARCHIVE // 2**20)
        found: dict[str, ZipInfo] = {}
        for entry in entries:
            path = _entry_name(entry)
            _refuse(entry, path)
            if not any(_is_skipped(part) for part in path.split("/")):
                found[path] = entry
        return _without_common_folder(found)


def open_source(path: Path, name: str = "") -> Source:
    """The files of a folder, of a zip file, or one file. name: as people know it."""
    if path.is_file() and (path.suffix.lower() == ".zip" or name.lower().endswith(".zip")):
        return Archive(path, name or path.name)
    return OneFile(path, name) if name else Folder(path)


def decoded(content: bytes) -> str:
    """Text from UTF-8, or UTF-16 with its mark, line feeds only; else `BadSource` says what it seems."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        if seems := "UTF-16" if encoding == "utf-16" else _encoding_of(content):
            raise BadSource(N_("written in %(encoding)s: save it as UTF-8"), line, encoding=seems) from None
        raise BadSource(N_("not written in UTF-8"), line) from None
    if "\0" in text[:_HEAD]:
        raise BadSource(N_("written in %(encoding)s: save it as UTF-8"), 1, encoding="UTF-16")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding_of(content: bytes) -> str:
    """The Japanese encoding in which the text makes sense; empty where it makes none."""
    for name, codec in (("EUC-JP", "euc_jp"), ("CP932 (Shift_JIS)", "cp932")):
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        wide = [char for char in text if ord(char) > 0x7F]
        if "\0" in text or any("\ue000" <= char <= "\uf8ff" for char in wide):
            continue
        kana = sum("\u3040" <= char <= "\u30ff" for char in wide)
        halfwidth = sum("\uff61" <= char <= "\uff9f" for char in wide)
        if kana > halfwidth or (name.startswith("CP932") and wide and halfwidth * 2 < len(wide)):
            return name
    return ""


def _entry_name(entry: ZipInfo) -> str:
    """The path in the archive; Japanese Windows writes it in CP932 without saying so."""
    name = entry.filename
    if not entry.flag_bits & _NAMED_IN_UTF8 and not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("cp932")
    return name.replace("\\", "/")


def _refuse(entry: ZipInfo, path: str) -> None:
    """Raise `BadSource` for what no honest archive of articles holds."""
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or ":" in path.partition("/")[0] or "\0" in path:
        raise BadSource(N_("%(path)s leads out of the zip file"), path=path)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise BadSource(N_("%(path)s is a symbolic link"), path=path)
    if entry.flag_bits & _ENCRYPTED:
        raise BadSource(N_("%(path)s is encrypted"), path=path)
    too_tight = entry.file_size > _TIGHTEST * max(entry.compress_size, 1)
    if entry.file_size > LARGEST_FILE or (too_tight and entry.file_size > _HARMLESS):
        raise BadSource(N_("%(path)s is too large when unpacked"), path=path)


def _without_common_folder(entries: dict[str, ZipInfo]) -> dict[str, ZipInfo]:
    """Archives of a repository have everything in one folder named after it."""
    tops = {path.partition("/")[0] for path in entries}
    if len(tops) != 1 or any("/" not in path for path in entries):
        return entries
    top = tops.pop()
    if top in ("docs", "content", "ja", "en") or f"{top}/_index.md" in entries:
        return entries
    return {path.partition("/")[2]: entry for path, entry in entries.items()}


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED
