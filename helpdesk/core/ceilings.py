"""No more than so many automatic letters to anybody, whatever rules and reactions wish (RFC 3834).

Two desks that greet each other, or a rule gone wild, go silent by this alone. Letters that somebody asked
for in this moment (a link to sign in) and answers of people are not counted.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from helpdesk.core.clock import now
from helpdesk.core.db import db

if TYPE_CHECKING:
    from helpdesk.core.mail import Letter

# To one address within a day.
MOST_A_DAY = 3
DAY = timedelta(hours=24)


def has_room(letters: type["Letter"], address: str) -> bool:
    """Whether one more automatic letter may go to this address now."""
    recent = select(func.count()).where(
        letters.address == address.lower(),
        letters.written_at > now() - DAY,
        letters.is_automatic,
        letters.error != REACHED,
    )
    return (db.session.scalar(recent) or 0) < MOST_A_DAY


# What a letter says that was kept back.
REACHED = "ceiling"
