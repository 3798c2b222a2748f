"""How a template reads: letters to customers who do not exist."""

from dataclasses import dataclass
from types import SimpleNamespace

from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from helpdesk.channels.email.leaving.acknowledging import worded
from helpdesk.channels.email.leaving.voice import filled, in_frame
from helpdesk.channels.email.mailboxes import LetterStyle, Mailbox
from helpdesk.core.i18n import company_name, in_language
from helpdesk.core.mail_words import rendered
from helpdesk.core.markup import markdown
from helpdesk.core.plain_markdown import plain_text
from helpdesk.core.text import addressed, one_line

_NUMBER = "1234"


@dataclass(frozen=True)
class Preview:
    """One letter as its reader would see it; `html` is empty where it leaves as plain text alone."""

    to: str
    subject: str
    text: str
    html: Markup


def previews(mailbox: Mailbox, purpose: str, lang: str, subject: str, body: str) -> list[Preview]:
    """The letters that these words make; of no words, those of the house."""
    if purpose == "reply":
        return [_answer(mailbox, lang, subject, body)]
    return [_acknowledgement(mailbox, lang, subject, body, is_proved) for is_proved in (True, False)]


def _answer(mailbox: Mailbox, lang: str, subject: str, body: str) -> Preview:
    fields = _example(lang) | {"signature": mailbox.signature or mailbox.name}
    framed = in_frame(body, fields)
    words = rendered(
        "tickets/reply",
        lang,
        **fields | {"subject": one_line(filled(subject, fields)) or fields["subject"]},
        **{"framed": bool(framed), "files": [], "asked": None, "above": [], "body_html": ""},
        body_text=plain_text(framed or fields["answer"], lang),
        ticket=SimpleNamespace(number=_NUMBER),
        is_plain=mailbox.style is LetterStyle.PLAIN,
    )
    is_html = framed and mailbox.style is LetterStyle.HTML
    html = markdown(framed, lang) if is_html else Markup()
    return Preview(_("To a customer"), words.subject, words.text, html)


def _acknowledgement(mailbox: Mailbox, lang: str, subject: str, body: str, is_proved: bool) -> Preview:
    example = _example(lang)
    ticket = SimpleNamespace(number=_NUMBER, subject=example["subject"])
    salutation = example["salutation"] if is_proved else ""
    own = SimpleNamespace(subject=subject, body=body) if body else None
    told = worded(mailbox, ticket, own, salutation, is_proved, lang)
    words = rendered("tickets/acknowledgement", lang, **told)
    to = (
        _("To a customer")
        if is_proved
        else _("To a sender nobody vouches for: nothing of theirs is repeated")
    )
    html = Markup() if mailbox.style is LetterStyle.PLAIN else told["body_html"]
    return Preview(to, words.subject, words.text, html)


def _example(lang: str) -> dict[str, str]:
    with in_language(lang):
        return {
            "answer": _("We have sent the invoice again. It should be with you by tomorrow."),
            "salutation": addressed(_("Carol Example"), lang),
            "agent": current_user.name,
            "company": company_name(lang),
            "number": _NUMBER,
            "subject": _("An invoice is missing"),
        }
