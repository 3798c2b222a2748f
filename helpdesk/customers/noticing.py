"""Ask for a look at who may be the same, when one changed or at night; a worker looks (`alike.py`)."""

from datetime import timedelta

from helpdesk.core.jobs import task

_PAUSE = timedelta(seconds=1)


@task
def look(customer_id: int) -> None:
    """Find out whom this customer may be one with."""
    # What compares names and numbers is costly to load, and only a worker compares.
    from helpdesk.customers import alike  # noqa: PLC0415

    alike.examine([customer_id])


def sweep() -> None:
    """Ask for a look at everyone: rows that were written in bulk, and numbers that many share by now."""
    sweep_piece.later(key="all", after_id=0)


@task
def sweep_piece(after_id: int) -> None:
    """Look at the next customers, then ask for the piece after them."""
    from helpdesk.customers import alike  # noqa: PLC0415

    last = alike.examine_after(after_id)
    if last is not None:
        sweep_piece.later(key="all", after=_PAUSE, after_id=last)
