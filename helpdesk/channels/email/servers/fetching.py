"""One mailbox's letters, fetched: each is kept and committed, then read, and only then its server is told."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from helpdesk.channels.email.arriving.inbound import Taken
from helpdesk.channels.email.arriving.receiving import read_if_waiting
from helpdesk.channels.email.servers import fetched
from helpdesk.channels.email.servers.faults import MailFault
from helpdesk.channels.email.servers.fetched import Course, Lease, Place
from helpdesk.channels.email.servers.imap import Conversation, Folder, LetterFault, conversation
from helpdesk.channels.email.servers.oauth import forget

log = logging.getLogger(__name__)

# The largest letter that is fetched whole, in bytes.
MOST_BYTES = 30 * 2**20
# Letters whose sizes are asked for at once.
_AT_ONCE = 100
# A letter that failed so often waits, in seconds, so that those behind it come through: ever longer.
_TRIES, _FIRST_WAIT, _LONGEST_WAIT = 3, 300.0, 3600.0


class Busy(Exception):
    """Somebody else fetches from the mailbox at the moment."""


@dataclass
class _Trouble:
    """A letter that could not be fetched: how often, and when it may be tried again."""

    times: int = 0
    again_at: float = 0.0
    words: str = ""


class Fetcher:
    """Fetches from one mailbox; remembers, for as long as it lives, which letters make trouble."""

    def __init__(self, mailbox_id: int, is_over: Callable[[], bool] = lambda: False) -> None:
        self.mailbox_id, self.is_over = mailbox_id, is_over
        # Whether anything came of the last try, so that another one at once is worth while.
        self.moved_on = False
        self.server: Conversation | None = None
        # As it was numbered when it was last looked at.
        self.folder: Folder | None = None
        self._troubles: dict[tuple[int, int], _Trouble] = {}
        self.complaint, self._is_complete = "", True

    def fetch(self) -> Iterator[Taken]:
        """All that is new, over as many connections as it takes while there is progress.

        Raises `MailFault` where there is none (noted on the mailbox), `Busy`, `fetched.NoSuchMailbox`.
        """
        while not self.is_over():
            try:
                with self.connected() as server:
                    yield from self.poll(server)
                return
            except MailFault as fault:
                if not self.moved_on:
                    fetched.note_fault(self.mailbox_id, str(fault))
                    raise
                log.info("mailbox %s: %s; going on over another connection", self.mailbox_id, fault)

    @contextmanager
    def connected(self) -> Iterator[Conversation]:
        """A conversation with the mailbox's server."""
        self.moved_on = False
        account, token = fetched.account(self.mailbox_id)
        try:
            with conversation(account, token) as self.server:
                yield self.server
        except MailFault as fault:
            if self.server is None and fault.key in ("token-refused", "refused"):
                forget(token)
            raise
        finally:
            self.server = None

    def poll(self, server: Conversation) -> Iterator[Taken]:
        """Fetch what is new, oldest first; what became of each. Raises `MailFault`, `Busy`."""
        self.moved_on = False
        lease = Lease.take(self.mailbox_id)
        if lease is None:
            raise Busy
        try:
            yield from self._poll(server, lease)
        finally:
            lease.release()

    def _poll(self, server: Conversation, lease: Lease) -> Iterator[Taken]:
        # What the last look had to leave undone, as `explained` reads it.
        self.complaint, self._is_complete = "", True
        self.folder = folder = server.open()
        place = Place(self.mailbox_id, folder.uid_validity)
        yield from self._finish(server, place)
        waiting = _waiting(server, fetched.course(self.mailbox_id, folder))
        missing = sorted(waiting - fetched.known(place, waiting))
        for start in range(0, len(missing), _AT_ONCE):
            some = [uid for uid in missing[start : start + _AT_ONCE] if self._may_try(place, uid)]
            sizes = server.sizes(some) if some else {}
            for uid in some:
                if self.is_over() or not lease.renew():
                    return
                yield from self._take(server, place, uid, sizes.get(uid, 0))
        fetched.note_end(place, folder, is_complete=self._is_complete, fault=self.complaint)

    def _finish(self, server: Conversation, place: Place) -> Iterator[Taken]:
        """What was kept before, and then the process or the line broke: read it, and tell the server."""
        begun = fetched.unmarked(place)
        for _uid, raw_id, waits in begun:
            if waits:
                yield read_if_waiting(raw_id)
        self._mark(server, place, [uid for uid, _raw_id, _waits in begun])

    def _take(self, server: Conversation, place: Place, uid: int, size: int) -> Iterator[Taken]:
        try:
            raw_id = _keep(server, place, uid, size)
        except MailFault as fault:
            self._note_trouble(place, uid, fault)
            if not isinstance(fault, LetterFault):
                raise
            return
        self._troubles.pop((place.uid_validity, uid), None)
        if raw_id is not None:
            self.moved_on = True
            yield read_if_waiting(raw_id)
            if size <= MOST_BYTES:
                self._mark(server, place, [uid])

    def _mark(self, server: Conversation, place: Place, uids: list[int]) -> None:
        """Told after the commit that stored them; where the server does not listen, they are told again."""
        try:
            if uids:
                server.mark(uids)
                fetched.note_marked(place, uids)
        except LetterFault as fault:
            self.complaint = str(fault)

    def _may_try(self, place: Place, uid: int) -> bool:
        trouble = self._troubles.get((place.uid_validity, uid))
        if trouble is None or trouble.times < _TRIES or time.monotonic() >= trouble.again_at:
            return True
        self.complaint, self._is_complete = trouble.words, False
        return False

    def _note_trouble(self, place: Place, uid: int, fault: MailFault) -> None:
        trouble = self._troubles.setdefault((place.uid_validity, uid), _Trouble())
        trouble.times += 1
        wait = min(_FIRST_WAIT * 2 ** (trouble.times - _TRIES), _LONGEST_WAIT)
        trouble.again_at, trouble.words = time.monotonic() + wait, f"not-fetched: UID {uid}: {fault}"
        self.complaint, self._is_complete = trouble.words, False
        # Up to here another connection may help; after that the letter waits, and the others have their turn.
        self.moved_on = self.moved_on or trouble.times <= _TRIES


def _waiting(server: Conversation, course: Course) -> set[int]:
    """The numbers of all letters that may be new."""
    found = server.unread()
    if course.from_uid is not None:
        found |= server.beginning_with(course.from_uid)
    if course.since is not None:
        found |= server.since(course.since)
    return found


def _keep(server: Conversation, place: Place, uid: int, size: int) -> int | None:
    """Fetch a letter and commit it; the id of its raw letter, None where it is gone."""
    if size > MOST_BYTES:
        header = server.header(uid)
        return None if header is None else fetched.keep_header(place, uid, header, size)
    content = server.letter(uid, size)
    return None if content is None else fetched.keep(place, uid, content)
