"""How long is left until a promised answer, in words."""

from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext as _

from helpdesk.core.clock import now
from helpdesk.core.i18n import duration

# From here on the row is marked.
SOON = timedelta(hours=2)


class Due(NamedTuple):
    """Words, and how urgent they are: empty, "soon" or "late"."""

    words: str
    urgency: str


def due(at: datetime | None) -> Due | None:
    """What is left until `at`, or how long it is over; None where nothing was promised."""
    if at is None:
        return None
    left = at - now()
    if left < timedelta(0):
        return Due(_("%(time)s overdue", time=duration(-left.total_seconds())), "late")
    return Due(_("%(time)s left", time=duration(left.total_seconds())), "soon" if left < SOON else "")
