"""A letter that was taken in long ago, read once more: what is understood better now, is put right."""

from helpdesk.accounts.models import Agent
from helpdesk.channels.email.arriving.hearing import sorted_files, words_of
from helpdesk.channels.email.letters.letter import ParsedLetter
from helpdesk.channels.email.models import RawLetter
from helpdesk.core import files, fulltext
from helpdesk.core.db import db
from helpdesk.core.live import announce
from helpdesk.tickets.thread import Message, MessageKind


def message_of(raw: RawLetter) -> Message | None:
    """The customer's message that a letter became; None where it is not that alone, or its bytes are gone."""
    message = db.session.get(Message, raw.turn_id) if raw.turn_id and raw.dropped_at is None else None
    return message if message is not None and message.kind is MessageKind.CUSTOMER else None


def put_right(message: Message, letter: ParsedLetter) -> bool:
    """Let the message say what the letter says as it is read now; False where it does already.

    Whose it is, which ticket, and what followed from it stay. Files are added, none is taken away. What a
    colleague passed on is left as it is: its words stand within theirs.
    """
    if Agent.by_email(letter.sender.address) is not None:
        return False
    told = words_of(letter)
    changed = {name: value for name, value in told.items() if getattr(message, name) != value}
    for name, value in changed.items():
        setattr(message, name, value)
    known = {(each.name, each.file.sha256) for each in message.attachments}
    missing = [
        (file, each)
        for each in sorted_files(letter.attachments)[0]
        if (each.name, (file := files.keep(each.content, each.name)).sha256) not in known
    ]
    for file, each in missing:
        message.attach(file, each.name, each.content_id)
    if "body" in changed:
        fulltext.index(db.session(), "tickets", fulltext.Part(message.ticket_id, message.id, message.body))
    if changed or missing:
        announce(f"ticket-{message.ticket_id}")
    return bool(changed or missing)
