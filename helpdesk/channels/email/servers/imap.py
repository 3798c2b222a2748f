"""A conversation with an IMAP server: what waits in a folder, its bytes, and what the server is told."""

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from imapclient import IMAPClient
from imapclient import exceptions as said

from helpdesk.channels.email.mailboxes import AfterFetching
from helpdesk.channels.email.servers.connecting import Account, faults, signed_in
from helpdesk.channels.email.servers.faults import MailFault

# As much of a header as is kept of a letter that is too large, in bytes.
_MOST_HEADER = 2**20
# UIDs in one command.
_AT_ONCE = 100
# How long one look at an idle line takes, in seconds: so soon it is left when told to stop.
_BLINK = 1.0


class LetterFault(MailFault):
    """One letter cannot be fetched; the conversation goes on."""


@dataclass(frozen=True)
class Folder:
    """How the server numbers the letters of a folder, and the number that the next one will have."""

    uid_validity: int
    uid_next: int


class Conversation:
    """Signed in; every method raises `MailFault`, after which only a `LetterFault` leaves it usable."""

    def __init__(self, client: IMAPClient, account: Account) -> None:
        self.client, self.account = client, account
        self._may_write = True

    @property
    def has_idle(self) -> bool:
        return bool(self.client.has_capability("IDLE"))

    def open(self) -> Folder:
        """Enter the folder, anew with each look: so the numbers are those of now."""
        with faults("no-folder"):
            if self.account.after is AfterFetching.MOVED and not self.client.folder_exists(
                self.account.done_folder
            ):
                self.client.create_folder(self.account.done_folder)
            found = self._select()
        with faults("nonsense"):
            coming = found.get(b"UIDNEXT") or max(self.client.search("ALL"), default=0) + 1
            return Folder(int(found[b"UIDVALIDITY"]), int(coming))

    def _select(self) -> dict[bytes, Any]:
        self._may_write = self.account.after is not AfterFetching.LEFT
        if self._may_write:
            try:
                return dict(self.client.select_folder(self.account.folder))
            except said.IMAPClientReadOnlyError:
                self._may_write = False
        return dict(self.client.select_folder(self.account.folder, readonly=True))

    def unread(self) -> set[int]:
        with faults():
            return set(self.client.search("UNSEEN"))

    def beginning_with(self, uid: int) -> set[int]:
        """Those of this number and higher ones; a server answers `n:*` with at least its last letter."""
        with faults():
            return {each for each in self.client.search(f"UID {uid}:*") if each >= uid}

    def since(self, day: date) -> set[int]:
        """Those that came to the folder on that day or later."""
        with faults():
            return set(self.client.search(["SINCE", day]))

    def sizes(self, uids: Iterable[int]) -> dict[int, int]:
        """In bytes, of those that are still there; servers may be somewhat wrong about it."""
        with faults():
            found = self.client.fetch(list(uids), ["RFC822.SIZE"])
            return {uid: int(has[b"RFC822.SIZE"]) for uid, has in found.items() if b"RFC822.SIZE" in has}

    def letter(self, uid: int, size: int) -> bytes | None:
        """The bytes as they are, without marking the letter as read; None where it is gone.

        A letter that is shorter or longer than announced has to come twice the same.
        """
        first = self._part(uid, "BODY.PEEK[]")
        if first is None or len(first) == size or first == self._part(uid, "BODY.PEEK[]"):
            return first
        raise LetterFault("not-fetched", f"UID {uid}: {len(first)} of {size} bytes")

    def header(self, uid: int) -> bytes | None:
        """What stands above the text, of a letter that is too large."""
        return self._part(uid, f"BODY.PEEK[HEADER]<0.{_MOST_HEADER}>")

    def _part(self, uid: int, what: str) -> bytes | None:
        try:
            with faults("not-fetched"):
                answer = self.client.fetch([uid], [what]).get(uid)
        except MailFault as fault:
            # A plain no: the conversation is in order.
            raise LetterFault(fault.key, fault.detail) if fault.key == "not-fetched" else fault from fault
        found = next((part for name, part in (answer or {}).items() if name.startswith(b"BODY[")), None)
        if isinstance(found, bytes):
            return found
        if answer is None and uid not in self.beginning_with(uid):
            return None
        raise LetterFault("not-fetched", f"UID {uid}: no bytes")

    def mark(self, uids: list[int]) -> None:
        """Tell the server that these are kept, in the way that the mailbox wishes."""
        if self.account.after is AfterFetching.LEFT:
            return
        if not self._may_write:
            raise LetterFault("not-marked")
        for start in range(0, len(uids), _AT_ONCE):
            some = uids[start : start + _AT_ONCE]
            try:
                with faults("not-marked"):
                    self._move(some) if self.account.after is AfterFetching.MOVED else self._see(some)
            except MailFault as fault:
                raise LetterFault(fault.key, fault.detail) if fault.key == "not-marked" else fault from fault

    def _see(self, uids: list[int]) -> None:
        self.client.add_flags(uids, [b"\\Seen"], silent=True)

    def _move(self, uids: list[int]) -> None:
        self._see(uids)
        if self.client.has_capability("MOVE"):
            self.client.move(uids, self.account.done_folder)
            return
        self.client.copy(uids, self.account.done_folder)
        self.client.delete_messages(uids, silent=True)
        # Without it only a common expunge is left, which would take other people's deleted letters too.
        if self.client.has_capability("UIDPLUS"):
            self.client.uid_expunge(uids)

    def idle(self, seconds: float, is_over: Callable[[], bool]) -> None:
        """Wait for news, at most so long, or until `is_over` says so."""
        with faults():
            self.client.idle()
            ends = time.monotonic() + seconds
            while not is_over() and time.monotonic() < ends:
                began = time.monotonic()
                heard = self.client.idle_check(timeout=_BLINK)
                # Woken by nothing: the line is dead, and what follows will say so.
                if _is_news(heard) or (not heard and time.monotonic() - began < _BLINK / 2):
                    break
            self.client.idle_done()

    def break_off(self) -> None:
        """From another thread: whatever is waited for will not come."""
        with suppress(Exception):
            self.client.socket().shutdown(socket.SHUT_RDWR)


@contextmanager
def conversation(account: Account, access_token: str = "") -> Iterator[Conversation]:
    """Connect and sign in. Raises `MailFault`."""
    with signed_in(account, access_token) as client:
        yield Conversation(client, account)


def _is_news(heard: list[tuple[Any, ...]]) -> bool:
    return any(len(each) > 1 and each[1] == b"EXISTS" for each in heard)
