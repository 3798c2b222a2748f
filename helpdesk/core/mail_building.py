"""A letter as RFC 5322, built by the library alone."""

from email.message import EmailMessage
from typing import TYPE_CHECKING

from helpdesk.core.db import db
from helpdesk.core.files import StoredFile
from helpdesk.core.i18n import zone
from helpdesk.core.smtp import POLICY, address_of

if TYPE_CHECKING:
    from helpdesk.core.mail import Letter


def built(letter: "Letter") -> EmailMessage:
    """The message with its headers, texts and files. Raises `ValueError` where it cannot be."""
    message = EmailMessage(policy=POLICY)
    message["From"] = address_of(letter.sender)
    message["To"] = address_of(letter.recipient)
    if copied := letter.copies.get("cc"):
        message["Cc"] = [address_of(each) for each in copied]
    message["Subject"] = letter.subject
    message["Date"] = letter.written_at.astimezone(zone())
    message["Message-ID"] = letter.message_id
    for name, value in letter.headers.items():
        message[name] = value
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    for enclosure in letter.enclosures.get("files", ()):
        _enclose(message, enclosure["file_id"], enclosure["name"])
    return message


def _enclose(message: EmailMessage, file_id: int, name: str) -> None:
    file = db.session.get_one(StoredFile, file_id)
    main, _, sub = file.content_type.partition("/")
    if not sub or main in ("message", "multipart"):  # these would have to be letters themselves
        main, sub = "application", "octet-stream"
    message.add_attachment(file.path.read_bytes(), maintype=main, subtype=sub, filename=name)
