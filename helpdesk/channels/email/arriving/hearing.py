"""The words of a letter become a message of a ticket: whose, to which of our addresses, naming whom."""

import re
from typing import Any

from flask_babel import gettext as _

from helpdesk.channels.email.arriving.placing import Hint, Place
from helpdesk.channels.email.arriving.remarks import remarks
from helpdesk.channels.email.letters.letter import Address, Attachment, ParsedLetter
from helpdesk.channels.email.letters.quotes import split_reply
from helpdesk.channels.email.mailboxes import Mailbox, own_address, without_token
from helpdesk.channels.email.models import RawLetter
from helpdesk.core import files
from helpdesk.core.i18n import in_language
from helpdesk.core.markup import clean_html
from helpdesk.core.smtp import mailbox as written
from helpdesk.customers.models import Contact, ContactAddress
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Origin, Participant, named_in_letters
from helpdesk.tickets.thread import Channel, Message
from helpdesk.tickets.ties import Tie, tie

# Of those whom one letter names; its source has all of them.
MOST_NAMED = 30

_LIST = re.compile(r"mailto:([^\s<>?,]{1,200}@[^\s<>?,]{1,200})", re.IGNORECASE)
_LATIN_WORD = re.compile(r"(?!(?:re|fw|fwd)\b)[a-z]{2,}", re.IGNORECASE)


def hear(raw: RawLetter, letter: ParsedLetter, writer: Address, where: Place) -> Message:
    """Add what `writer` says: to the ticket of `where`, else to a new one of their own."""
    home = mailbox_of(raw, letter)
    lang = language_of(letter, home)
    contact = Contact.meet(writer.address, _name_of(writer, where), language=lang, source="email")
    ticket = where.ticket or _open(letter, contact, home, lang, where.hint)
    if not where.is_suspicious and not is_quiet(letter):
        # Whoever writes from an address reads it: what returned from there once is over.
        ContactAddress.lift([writer.address])
        if where.ticket is not None:
            Participant.note(ticket, contact, Origin.WROTE)
    message = _say(letter, contact, ticket, where, recipients=recipients_of(letter, writer.address))
    if where.ticket is None:
        ticket.opened()
        if where.hint is not None:
            tie(ticket, where.hint.ticket, where.hint.why)
    return message


def mailbox_of(raw: RawLetter, letter: ParsedLetter) -> Mailbox:
    """Which of our addresses it came to: its door knows, or the letter names it; else the default."""
    if raw.mailbox is not None:
        return raw.mailbox
    ours = {address: each for each in reversed(Mailbox.every()) for address in each.addresses}
    named = (*(each.address for each in (*letter.to, *letter.cc)), *letter.delivered_to)
    found = (ours.get(address) or ours.get(without_token(address)) for address in named if address)
    return next(filter(None, found), None) or Mailbox.default()


def language_of(letter: ParsedLetter, home: Mailbox) -> str:
    """The letter's own language; that of the mailbox where its words tell none."""
    if letter.language == "ja" or _LATIN_WORD.search(f"{letter.subject} {letter.text[:5000]}"):
        return letter.language
    return home.language or letter.language


def recipients_of(letter: ParsedLetter, writer: str) -> dict[str, list[str]]:
    """Who else it went to, as `Message.recipients`: neither us, nor its writer, nor the list it came by."""
    ours = {own_address(), *(address for each in Mailbox.every() for address in each.addresses)}
    named: dict[str, list[str]] = {"to": [], "cc": []}
    skipped = {"", writer, *_lists(letter)}
    most = len(skipped) + MOST_NAMED
    for field, mailboxes in (("to", letter.to), ("cc", letter.cc)):
        for each in mailboxes:
            spellings = {each.address, without_token(each.address)}
            if not spellings & ours and each.address not in skipped and len(skipped) < most:
                named[field].append(written(fit_name(each), each.address))
                skipped.add(each.address)
    return {field: people for field, people in named.items() if people}


def fit_name(person: Address) -> str:
    """Their name, unless it pretends to be an address."""
    return "" if "@" in person.name else person.name


def is_quiet(letter: ParsedLetter) -> bool:
    """Whether it is only to be read: what a machine says opens nothing again."""
    if letter.automatic_because == "mailing-list":  # people write these too
        return letter.is_absence_notice
    return letter.is_of_machine


def sorted_files(attachments: tuple[Attachment, ...]) -> tuple[list[Attachment], str]:
    """The files to keep, and a word on those that are refused: the raw letter still has them."""
    kept, refused = [], []
    for attachment in attachments:
        try:
            files.check_name(attachment.name)
            kept.append(attachment)
        except files.FileRefused as refusal:
            refused.append(str(refusal))
    with in_language(None):
        told = [_("[Not kept: %(file)s. Programs are refused.]", file=file) for file in refused]
    return kept, "\n".join(told)


def _name_of(writer: Address, where: Place) -> str:
    """As the letter says; else as those called them who named them in the thread."""
    known = where.ticket or (where.hint.ticket if where.hint else None)
    if writer.name or known is None:
        return writer.name
    return named_in_letters(known).get(writer.address, ("", ""))[0]


def _open(letter: ParsedLetter, contact: Contact, home: Mailbox, lang: str, hint: Hint | None) -> Ticket:
    """What goes on where another ticket ended comes to the same people."""
    with in_language(lang):
        subject = letter.subject or _("(no subject)")
    team = hint.ticket.team if hint is not None and hint.why is Tie.FOLLOWS else home.team
    place = {"team": team, "mailbox_id": home.id, "language": lang}
    return Ticket.open_for(contact, subject=subject, via=Channel.EMAIL, **place)


def words_of(letter: ParsedLetter) -> dict[str, Any]:
    """What a message keeps of a letter's words: `body`, `quoted`, `html`."""
    words = split_reply(letter.text, is_forwarded=letter.forwarded is not None)
    _kept, refused = sorted_files(letter.attachments)
    return {
        "body": "\n\n".join(part for part in (words.visible, remarks(letter), refused) if part),
        "quoted": "\n\n".join(part for part in (words.signature, words.quoted) if part),
        "html": clean_html(letter.html) if letter.html else None,
    }


def _say(letter: ParsedLetter, contact: Contact, ticket: Ticket, where: Place, **more: Any) -> Message:
    kept, _refused = sorted_files(letter.attachments)
    say = ticket.overhear if where.ticket and is_quiet(letter) else ticket.hear
    message = say(
        by=contact,
        **words_of(letter),
        channel=Channel.EMAIL,
        proof=where.proof,
        is_automatic=letter.is_of_machine,
        **more,
    )
    for file in kept:
        message.attach(files.keep(file.content, file.name), file.name, file.content_id)
    return message


def _lists(letter: ParsedLetter) -> list[str]:
    """The addresses of the mailing list that brought it."""
    posts = " ".join(letter.headers.get("list-post", ()))
    return [found.lower() for found in _LIST.findall(posts[:2000])]
