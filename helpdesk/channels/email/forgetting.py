"""Letters as they came are kept for a while only; what was read out of them stays in the thread."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import select, update

from helpdesk.channels.email.models import RawLetter, RawState
from helpdesk.core.clock import now
from helpdesk.core.db import db

# Rows of one transaction, so that others may write between two of them.
_AT_ONCE = 200


def drop_old_letters() -> None:
    """Drop the bytes of letters older than HELPDESK_RAW_MAIL_DAYS; their rows stay, against duplicates.

    Those in quarantine are nowhere else: they wait for people, however long that takes.
    """
    days = current_app.config["HELPDESK_RAW_MAIL_DAYS"]
    if not days:
        return
    old = select(RawLetter.id).where(
        RawLetter.state == RawState.TAKEN,
        RawLetter.received_at < now() - timedelta(days=days),
        RawLetter.dropped_at.is_(None),
    )
    while ids := db.session.scalars(old.order_by(RawLetter.received_at).limit(_AT_ONCE)).all():
        emptied = update(RawLetter).where(RawLetter.id.in_(ids)).values(content=b"", dropped_at=now())
        db.session.execute(emptied.execution_options(synchronize_session=False))
        db.session.commit()
