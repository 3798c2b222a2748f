"""A request from the form becomes a ticket, with what its writer tried before."""

from typing import Any

from helpdesk.core.i18n import language
from helpdesk.customers.models import Contact
from helpdesk.customers.signing_in import current_contact
from helpdesk.portal.forms import RequestForm
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from knowledge_base.models import Article
from knowledge_base.reading import pages, trail


def open_request(form: RequestForm, signed_in: Contact | None, *, once: str | None = None) -> Ticket:
    """Open what the valid `form` holds. An address that is only claimed gains nothing by it.

    once: by what the form is known again.
    """
    contact = signed_in or Contact.meet(
        form.email.data or "", form.name.data or "", language=language(), source="form"
    )
    ticket = Ticket.open_for(contact, subject=form.subject.data or "", via=Channel.FORM, language=language())
    ticket.hear(
        form.body.data or "",
        attachments=form.attachments(),
        proof="verified" if signed_in else "unverified",
    )
    trail.tell_what_was_tried(contact)
    trail.wrote(ticket.id)
    ticket.opened(once=once, **_context(form))
    return ticket


def article_of(number: str | None) -> Article | None:
    """The article of this number where whoever is in front of us may read it, or None."""
    return pages.numbered(number, current_contact())


def _context(form: RequestForm) -> dict[str, Any]:
    """What was read and searched before it was written: the article that did not help, the words."""
    article = article_of(form.article.data)
    told: dict[str, Any] = {"article": article.title, "article_id": article.id} if article else {}
    if form.q.data:
        told["query"] = form.q.data
    return told
