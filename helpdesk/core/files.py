"""Files of strangers: kept by content under a random-looking name, outside any served folder."""

import mimetypes
import os
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, send_file
from sqlalchemy import BigInteger, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import Model, db, insert_into
from helpdesk.core.text import one_line

# Shown in place; everything else is only ever downloaded.
SHOWN_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
# Programs that mail filters refuse everywhere; refused by name, and the reason is said.
REFUSED_SUFFIXES = frozenset(
    ".exe .scr .bat .cmd .com .pif .vbs .vbe .js .jse .wsf .wsh".split()
    + ".msi .msp .hta .cpl .jar .ps1 .lnk .iso .img".split()
)

# What a browser runs as a page, a script or a style, wherever it comes from.
_RUNNING = re.compile(r"html|svg|script|/css|wasm|[/+]xml\b")


class FileRefused(ValueError):
    """The file may not be taken in; the message says which and why."""


class StoredFile(Model):
    """Bytes by their hash; the same content is kept once."""

    __tablename__ = "stored_files"

    sha256: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int] = mapped_column(BigInteger)
    content_type: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def path(self) -> Path:
        return files_home() / self.sha256[:2] / self.sha256

    @property
    def is_shown(self) -> bool:
        """Whether a browser may show it in place."""
        return self.content_type in SHOWN_TYPES


def files_home() -> Path:
    """The folder of all kept files."""
    return Path(current_app.config["HELPDESK_HOME"]) / "files"


def keep(content: bytes, name: str = "") -> StoredFile:
    """Write `content` to disk and return its row; the file is there before the row commits."""
    told = lay(content, name)
    file = db.session.get_one(StoredFile, keep_laid([told])[told["sha256"]])
    if not file.path.exists():  # it was discarded while we waited for our turn
        _write(file.path, content)
    return file


def lay(content: bytes, name: str = "") -> dict[str, Any]:
    """Write `content` to disk where it is not there yet; answers what its row says."""
    digest = sha256(content).hexdigest()
    path = files_home() / digest[:2] / digest
    if not path.exists():
        _write(path, content)
    return {"sha256": digest, "size": len(content), "content_type": type_of(content, name)}


def keep_laid(laid: Sequence[dict[str, Any]]) -> dict[str, int]:
    """The ids of the rows of files that lie there, by their hashes; made where they are missing."""
    # Two who keep the same file in the same moment both find it kept.
    row = insert_into(StoredFile).on_conflict_do_nothing(index_elements=["sha256"])
    db.session.execute(row, [{**told, "created_at": now()} for told in laid])
    hashes = [told["sha256"] for told in laid]
    found = db.session.execute(select(StoredFile.sha256, StoredFile.id).where(StoredFile.sha256.in_(hashes)))
    return {row.sha256: row.id for row in found}


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing under this name, and on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        part.write(content)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(path)


def check_name(name: str) -> None:
    """Raise `FileRefused` for a program, however its name is dressed."""
    suffix = Path(one_line(unicodedata.normalize("NFKC", name)).strip(" ./\\")).suffix.lower().rstrip(" ")
    if suffix in REFUSED_SUFFIXES:
        raise FileRefused(f"{name} ({suffix})")


def type_of(content: bytes, name: str = "") -> str:
    """The type by content first; a name alone never makes a file one that browsers run."""
    for signature, content_type in _SIGNATURES:
        if content.startswith(signature):
            return content_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    is_claimed = guessed in SHOWN_TYPES or _RUNNING.search(guessed)
    return "application/octet-stream" if is_claimed else guessed


def serve(file: StoredFile, name: str) -> Response:
    """Hand the file out so that nothing in it can run in our origin. Rights are the caller's to check."""
    answer = send_file(file.path, mimetype=file.content_type, max_age=0)
    place = "inline" if file.is_shown else "attachment"
    answer.headers["Content-Disposition"] = f"{place}; filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer
