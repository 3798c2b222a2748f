"""What may happen to an index: `place` is a language's folder, `folder` the one in use within it."""

import os
import shutil
from pathlib import Path


def remove(place: Path, folder: Path) -> None:
    # A writer may be at work in it.
    shutil.rmtree(place, ignore_errors=True)


def empty(place: Path, folder: Path) -> None:
    for file in folder.iterdir():
        file.write_bytes(b"")


def truncate(place: Path, folder: Path) -> None:
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def garble(place: Path, folder: Path) -> None:
    for file in folder.iterdir():
        file.write_bytes(os.urandom(file.stat().st_size))


def lose_segments(place: Path, folder: Path) -> None:
    for file in folder.glob("MAIN_*"):
        file.unlink()


def lose_pointer(place: Path, folder: Path) -> None:
    (place / "current").unlink()


def garble_pointer(place: Path, folder: Path) -> None:
    (place / "current").write_bytes(b'{"folder": "../../etc", "stamp": 7}')


def replace_with_a_file(place: Path, folder: Path) -> None:
    shutil.rmtree(place.rename(place.with_name("moved")))
    place.write_text("what?")


def garble_words_alone(place: Path, folder: Path) -> None:
    """What says how many there are is as it was; the words are not."""
    for file in folder.glob("MAIN_*.seg"):
        content = bytearray(file.read_bytes())
        middle = slice(len(content) // 4, len(content) // 2)
        content[middle] = os.urandom(len(content[middle]))
        file.write_bytes(content)


def lose_seal(place: Path, folder: Path) -> None:
    for file in folder.glob("seal-*"):
        file.unlink()


def replace_pointer_with_a_folder(place: Path, folder: Path) -> None:
    (place / "current").unlink()
    (place / "current").mkdir()
    (place / "current" / "file").write_text("what?")


def of_another_version(place: Path, folder: Path) -> None:
    pointer = place / "current"
    pointer.write_text(pointer.read_text().replace('"stamp": "', '"stamp": "old-'))


def leave_half_a_commit(place: Path, folder: Path) -> None:
    """A table of segments that names files which were never written."""
    newest = max(folder.glob("_MAIN_*.toc"), key=lambda path: int(path.stem.split("_")[2]))
    number = int(newest.stem.split("_")[2])
    (folder / f"_MAIN_{number + 1}.toc").write_bytes(newest.read_bytes()[:100])


DISASTERS = (
    remove,
    empty,
    truncate,
    garble,
    lose_segments,
    lose_pointer,
    garble_pointer,
    replace_with_a_file,
    garble_words_alone,
    lose_seal,
    replace_pointer_with_a_folder,
    of_another_version,
    leave_half_a_commit,
)
