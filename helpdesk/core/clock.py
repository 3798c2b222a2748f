"""The moment, in one place: UTC everywhere, local time only for eyes."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)
