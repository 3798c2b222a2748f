"""How long is left until a promised first reply, in words: business time, as the promise was reckoned."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext as _

from helpdesk.core.i18n import durations
from helpdesk.tickets.service_levels import due_in

# Less than this is marked.
SOON = timedelta(hours=1)


class Due(NamedTuple):
    """Words, and how urgent they are: empty, "soon" or "late"."""

    words: str
    urgency: str


def dues() -> Callable[[datetime | None, datetime | None], Due | None]:
    """For a list: takes when a first reply is due and when it came; None where none is due any more."""
    written, left_words, late_words = durations(), _("%(time)s left"), _("%(time)s overdue")

    def told(reply_due_at: datetime | None, first_replied_at: datetime | None) -> Due | None:
        left = due_in(reply_due_at, first_replied_at)
        if left is None:
            return None
        if left < timedelta(0):
            return Due(late_words % {"time": written(-left.total_seconds())}, "late")
        words = left_words % {"time": written(left.total_seconds())}
        return Due(words, "soon" if left < SOON else "")

    return told
