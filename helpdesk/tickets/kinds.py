"""Whose turn a ticket is, and how much it presses."""

import enum


class Status(enum.Enum):
    """Whose turn it is: ours, theirs, nobody's."""

    OPEN = "open"
    WAITING = "waiting"
    RESOLVED = "resolved"


class Priority(enum.Enum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"
