"""One archive of all that cannot be made again: the database, the files, the settings without secrets."""

import json
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, update

from helpdesk import __version__
from helpdesk.channels.email.leaving import outbound
from helpdesk.config import Settings
from helpdesk.core import delivering, migrating
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from helpdesk.core.mail import Letter, LetterState
from helpdesk.portal import letting_in
from helpdesk.surveys import invitations
from knowledge_base.index import tending

SECRETS = {"secret_key", "database_url", "smtp_url"}
# Work that writes to people: what was due before a restore was done by the house that was backed up.
TELLS_PEOPLE = (delivering.deliver, outbound.post, invitations.deliver, letting_in.send_link)


class CannotBackUp(Exception):
    """Why no archive was written, or none was taken back."""


def back_up(file: Path) -> dict[str, object]:
    """Write the archive while the house goes on working; returns what is in it."""
    settings: Settings = current_app.extensions["helpdesk.settings"]
    with tempfile.TemporaryDirectory(dir=file.resolve().parent) as folder:
        dump = Path(folder) / "database"
        _dump(settings, dump)
        about = _about(settings)
        part = Path(folder) / "archive"
        with tarfile.open(part, "w:gz", compresslevel=3) as archive:
            _write(archive, "about.json", about)
            archive.add(dump, "database")
            files = settings.home / "files"
            if files.is_dir():
                archive.add(files, "files")
        part.replace(file)
    return {**about, "bytes": file.stat().st_size}


def restore(file: Path, *, force: bool) -> dict[str, object]:
    """Take an archive back into an empty home. Nothing old is sent: letters then queued are cancelled."""
    settings: Settings = current_app.extensions["helpdesk.settings"]
    if not force and _is_used(settings):
        raise CannotBackUp(f"{settings.home} is in use; --force replaces what is there")
    db.session.remove()
    db.engine.dispose()
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
        about: dict[str, object] = json.loads((Path(folder) / "about.json").read_text())
        if about["database"] != _kind(settings):
            raise CannotBackUp(f"the archive holds {about['database']}, the settings name {_kind(settings)}")
        _load(settings, Path(folder) / "database")
        shutil.rmtree(settings.home / "files", ignore_errors=True)
        if (Path(folder) / "files").is_dir():
            shutil.copytree(Path(folder) / "files", settings.home / "files")
    migrating.upgrade()
    _forget_old_errands()
    return about


def _about(settings: Settings) -> dict[str, object]:
    kept = {name: value for name, value in settings.model_dump(mode="json").items() if name not in SECRETS}
    return {
        "version": __version__,
        "migration": migrating.current(),
        "database": _kind(settings),
        "at": now().isoformat(),
        "settings": kept,
    }


def _kind(settings: Settings) -> str:
    return "sqlite" if settings.is_sqlite else "postgresql"


def _is_used(settings: Settings) -> bool:
    try:
        return migrating.current() is not None
    except sqlite3.DatabaseError:
        return True


def _sqlite_file(settings: Settings) -> Path:
    return Path(settings.database.removeprefix("sqlite:///"))


def _dump(settings: Settings, target: Path) -> None:
    if settings.is_sqlite:
        source, copy = sqlite3.connect(_sqlite_file(settings)), sqlite3.connect(target)
        with source, copy:
            source.backup(copy, pages=4096)
        source.close()
        copy.close()
    else:
        _run("pg_dump", "--format=custom", f"--file={target}", _plain_url(settings))


def _load(settings: Settings, dump: Path) -> None:
    if settings.is_sqlite:
        file = _sqlite_file(settings)
        file.parent.mkdir(parents=True, exist_ok=True)
        for leftover in (file, file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
            leftover.unlink(missing_ok=True)
        shutil.copyfile(dump, file)
    else:
        _run(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            f"--dbname={_plain_url(settings)}",
            str(dump),
        )


def _plain_url(settings: Settings) -> str:
    return settings.database.replace("postgresql+psycopg://", "postgresql://")


def _run(program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise CannotBackUp(f"{program} is needed and not here: install PostgreSQL's client programs")
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CannotBackUp(f"{program}: {done.stderr.strip()[:500]}")


def _write(archive: tarfile.TarFile, name: str, content: dict[str, object]) -> None:
    with tempfile.NamedTemporaryFile("w+", suffix=".json") as written:
        json.dump(content, written, indent=2, default=str)
        written.flush()
        archive.add(written.name, name)


def _forget_old_errands() -> None:
    unsent = Letter.state.in_((LetterState.QUEUED, LetterState.SENDING))
    cancelled = {"state": LetterState.CANCELLED, "error": "restored from a backup"}
    db.session.execute(update(Letter).where(unsent).values(cancelled))
    told = [task.name for task in TELLS_PEOPLE]
    db.session.execute(delete(Job).where(Job.task.in_(told), Job.due_at <= now()))
    tending.forget()
    db.session.commit()
