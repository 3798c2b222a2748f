"""The help centre's home, the request form, and one's own requests."""

from datetime import timedelta

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask import session as browser
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.files import serve
from helpdesk.core.i18n import COOKIE, LANGUAGES, language
from helpdesk.core.web import Answer, safe_path
from helpdesk.customers.models import Contact
from helpdesk.customers.signing_in import contact_only, current_contact, is_throttled
from helpdesk.portal import home as first_page
from helpdesk.portal.asking import article_of, open_request
from helpdesk.portal.forms import RequestForm, TurnForm
from helpdesk.tickets import once
from helpdesk.tickets.forms import LONGEST_SUBJECT
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.public_lines import public_attachments, public_lines
from helpdesk.tickets.service_levels import usual_reply_by
from helpdesk.tickets.thread import Attachment, Channel, Message
from knowledge_base.reading import trail
from knowledge_base.reading.often_read import often_read
from knowledge_base.views.blueprint import viewer as reader
from knowledge_base.views.keeping import page

# So many requests in an hour from one address.
REQUESTS, REQUESTS_WITHIN = 20, timedelta(hours=1)
REQUESTS_PER_PAGE = 25
# Articles on the first page that others read often.
_MOST_POPULAR = 8

bp = Blueprint("portal", __name__)
bp.add_app_template_global(current_contact)


@bp.url_value_preprocessor
def take_large_forms(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Read twice of what may be sent, so that a form with too much comes back with its words and a reason."""
    request.max_content_length = 2 * current_app.config["HELPDESK_MAX_UPLOAD"]


@bp.get("/")
def home() -> Response:
    lang, viewer = language(), reader()
    topics, popular = first_page.topics(lang, viewer), often_read(lang, viewer, _MOST_POPULAR)
    shown = page("portal/home.html", lang=None, topics=topics, popular=popular)
    # The address says no language: what is shown is the one that the browser asks for.
    shown.vary.add("Accept-Language")
    return shown


@bp.get("/language/<any(ja, en):language>")
def speak(language: str) -> BaseResponse:
    """The same choice from a page that is the same for all, and so has no form; on this browser only."""
    return _speaking(language, request.args.get("next"))


@bp.post("/language", endpoint="language")
def set_language() -> BaseResponse:
    """Remember a choice on this browser, and for whoever is signed in."""
    chosen = request.form.get("language", "")
    answer = _speaking(chosen, request.form.get("next"))
    if chosen in LANGUAGES:
        for person in (current_user if current_user.is_authenticated else None, current_contact()):
            if person is not None:
                person.language = chosen
        db.session.commit()
    return answer


def _speaking(chosen: str, place: str | None) -> BaseResponse:
    """Lead to a place of ours, and let the browser keep the language that was chosen."""
    answer = redirect(safe_path(place, url_for(".home")), code=303)
    if chosen in LANGUAGES:
        is_secure = current_app.config["SESSION_COOKIE_SECURE"]
        answer.set_cookie(
            COOKIE, chosen, timedelta(days=365), secure=is_secure, httponly=True, samesite="Lax"
        )
    return answer


@bp.get("/requests/new")
def new_request() -> str:
    form = _request_form()
    trail.asked()
    return render_template("portal/new_request.html", form=form, article=article_of(form.article.data))


@bp.post("/requests")
def create_request() -> Answer:
    form = _request_form()
    if not form.validate():
        page = render_template("portal/new_request.html", form=form, article=article_of(form.article.data))
        return page, 422
    contact = current_contact()
    mark = once.mark_of(None, writer=contact)
    ticket = once.opened(mark)
    if ticket is None:
        _refuse_many()
        ticket = open_request(form, contact, once=mark)
    db.session.commit()
    if contact is not None:
        flash(_told(contact.address))
        return redirect(url_for(".show_request", number=ticket.id), code=303)
    browser["sent_request"], browser["sent_to"] = ticket.id, form.email.data
    return redirect(url_for(".sent"), code=303)


@bp.get("/requests/sent")
def sent() -> Answer:
    """The number of what this browser sent last, and where and when an answer comes to what it typed.

    Nothing that we know besides: its address is only claimed, so everybody is told the same.
    """
    number = browser.get("sent_request")
    if number is None:
        return redirect(url_for(".new_request"))
    asked_at = db.session.scalar(select(Ticket.opened_at).where(Ticket.id == number)) or now()
    return render_template(
        "portal/sent.html", number=number, address=browser.get("sent_to"), by=usual_reply_by(asked_at)
    )


@bp.get("/requests")
@contact_only
def requests(contact: Contact) -> str:
    """One's own requests, newest first; `before` a number, older ones."""
    mine = Ticket.of_contact(contact).order_by(Ticket.id.desc()).limit(REQUESTS_PER_PAGE + 1)
    before = request.args.get("before", type=int)
    found = db.session.scalars(mine.where(Ticket.id < before) if before else mine).all()
    shown = found[:REQUESTS_PER_PAGE]
    older = shown[-1].id if len(found) > REQUESTS_PER_PAGE else None
    return render_template("portal/requests.html", tickets=shown, older=older, before=before)


@bp.get("/requests/<int:number>")
@contact_only
def show_request(contact: Contact, number: int) -> str:
    return _page(_own(contact, number), TurnForm(formdata=None))


@bp.post("/requests/<int:number>/replies")
@contact_only
def reply(contact: Contact, number: int) -> Answer:
    """Add to one's request; what was resolved is open again."""
    ticket, form = _own(contact, number), TurnForm()
    if not form.validate():
        return _page(ticket, form), 422
    said = _hear(ticket, form, contact)
    db.session.commit()
    flash(_("Your reply has been sent. Our answer comes by e-mail and stands here as well."))
    return redirect(url_for(".show_request", number=number, _anchor=f"message-{said.id}"), code=303)


@bp.post("/requests/<int:number>/resolution")
@contact_only
def resolve(contact: Contact, number: int) -> Answer:
    """Settle one's request; what was written beside is said first."""
    ticket, form = _own(contact, number), TurnForm()
    if form.body.data and not form.validate():
        return _page(ticket, form), 422
    if form.body.data:
        _hear(ticket, form, contact)
    ticket.resolve(by=contact)
    db.session.commit()
    flash(_("Marked as solved. Thank you for telling us."))
    return redirect(url_for(".show_request", number=number), code=303)


@bp.get("/requests/<int:number>/files/<int:attachment_id>/<name>")
@contact_only
def file(contact: Contact, number: int, attachment_id: int, name: str) -> Response:
    readable = public_attachments(_own(contact, number))
    attachment = db.one_or_404(readable.where(Attachment.id == attachment_id))
    return serve(attachment.file, attachment.name)


def _request_form() -> RequestForm:
    asked = request.args.get("q")
    # What they searched for is what they ask, until they say it otherwise.
    form = RequestForm(
        article=request.args.get("article"), q=asked, subject=asked and asked[:LONGEST_SUBJECT]
    )
    form.known_as(current_contact())
    return form


def _told(address: str | None) -> str:
    if address is None:
        return str(_("Your request has been sent."))
    return str(_("Your request has been sent. Our answer goes to %(address)s.", address=address))


def _own(contact: Contact, number: int) -> Ticket:
    """The contact's own request, or 404; for a change, held until it is written."""
    mine = Ticket.of_contact(contact).where(Ticket.id == number)
    found: Ticket = db.one_or_404(mine.with_for_update() if request.method == "POST" else mine)
    return found


def _hear(ticket: Ticket, form: TurnForm, contact: Contact) -> Message:
    """Add what the form says, or find what it added when it came first."""
    mark = once.mark_of(ticket, writer=contact)
    said = once.done(ticket, mark)
    if isinstance(said, Message):
        return said
    _refuse_many()
    body, told = form.body.data or "", {"channel": Channel.FORM, "proof": "verified"}
    return ticket.hear(body, by=contact, once=mark, attachments=form.attachments(), **told)


def _refuse_many() -> None:
    if is_throttled("form", limit=REQUESTS, within=REQUESTS_WITHIN):
        abort(429)


def _page(ticket: Ticket, form: TurnForm) -> str:
    form.body.label.text = _("Your reply")
    return render_template("portal/request.html", ticket=ticket, turns=public_lines(ticket), form=form)
