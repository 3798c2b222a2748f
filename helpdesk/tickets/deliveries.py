"""What became of the letters of answers: how far they came, and whom they did not reach."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select

from helpdesk.core.db import db
from helpdesk.core.mail import Letter, unreached
from helpdesk.core.refusals import Reason, why_not
from helpdesk.customers.models import ContactAddress


@dataclass(frozen=True)
class Delivery:
    """How far the letter of a reply came: queued, sending, sent, failed or cancelled."""

    state: str
    # Readers whom it did not reach, and why.
    unreached: Mapping[str, Reason] = field(default_factory=dict)
    # Those of them to whom nothing is sent by now, unless it is sent again.
    silent: Sequence[str] = ()


def deliveries(message_ids: Iterable[int]) -> dict[int, Delivery]:
    """By the message's id, for those that left as letters."""
    sent = list(message_ids)
    if not sent:
        return {}
    found = select(Letter.reply_id, Letter.state, Letter.copies).where(Letter.reply_id.in_(sent))
    rows = db.session.execute(found.order_by(Letter.id)).all()
    silent = ContactAddress.silent_among(address for row in rows for address in unreached(row.copies))
    return {row.reply_id: _delivery(row, silent) for row in rows}


def _delivery(row: Row[Any], silent: Sequence[str]) -> Delivery:
    missed = {address: why_not(how) for address, how in unreached(row.copies).items()}
    quiet = [address for address in missed if address in silent]
    return Delivery(row.state.value, missed, quiet)
