"""No more than so many automatic letters to anybody, whatever rules and reactions wish (RFC 3834).

Two desks that greet each other, or a rule gone wild, go silent by this alone. Letters that somebody asked
for in this moment (a link to sign in) and answers of people are not counted.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.public_domains import PUBLIC_DOMAINS

if TYPE_CHECKING:
    from helpdesk.core.mail import Letter

# To one address within a day.
MOST_A_DAY = 3
DAY = timedelta(hours=24)
# Answers of machines to one domain within an hour: whoever changes their address with each letter.
MOST_AN_HOUR = 10
HOUR = timedelta(hours=1)


def has_room(letters: type["Letter"], address: str) -> bool:
    """Whether one more automatic letter may go to this address now."""
    recent = select(func.count()).where(
        letters.address == address.lower(),
        letters.written_at > now() - DAY,
        letters.is_automatic,
        letters.error != REACHED,
    )
    return (db.session.scalar(recent) or 0) < MOST_A_DAY


def has_room_at(letters: type["Letter"], address: str, purpose: str) -> bool:
    """Whether one more letter of this purpose may go to the address's domain within the hour."""
    domain = address.lower().rpartition("@")[2]
    if domain in PUBLIC_DOMAINS:  # those are many people, not one desk
        return True
    recent = select(func.count()).where(
        letters.purpose == purpose,
        letters.written_at > now() - HOUR,
        letters.address.endswith(f"@{domain}", autoescape=True),
        letters.error != REACHED,
    )
    return (db.session.scalar(recent) or 0) < MOST_AN_HOUR


# What a letter says that was kept back.
REACHED = "ceiling"
