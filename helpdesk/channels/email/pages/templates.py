"""Settings for admins: what a mailbox says in words of its own, and how that reads."""

from typing import Any

from flask import Blueprint, abort, render_template
from sqlalchemy import delete, select

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import needs, staff_only
from helpdesk.accounts.settings_views import saved
from helpdesk.channels.email.leaving.previewing import previews
from helpdesk.channels.email.mailboxes import Mailbox, MailTemplate
from helpdesk.channels.email.pages.template_forms import NAMES, PURPOSES, TemplateForm, of_template
from helpdesk.core.db import db, insert_into
from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.web import Answer

bp = Blueprint("mail_templates", __name__, url_prefix="/desk/settings/mailboxes/<int:id>/templates")
staff_only(bp)
admins = needs(Role.ADMIN)


@bp.get("")
@admins
def index(id: int) -> str:
    mailbox = _mailbox(id)
    kept = db.session.scalars(select(MailTemplate).where(MailTemplate.mailbox_id == mailbox.id))
    own = {(each.purpose, each.language) for each in kept}
    wordings = [(purpose, lang) for purpose in PURPOSES for lang in LANGUAGES]
    return render_template(
        "email/mail_templates.html", mailbox=mailbox, wordings=wordings, own=own, names=NAMES
    )


@bp.get("/<purpose>/<lang>")
@admins
def template(id: int, purpose: str, lang: str) -> str:
    mailbox = _mailbox(id, purpose, lang)
    form = TemplateForm(data=of_template(MailTemplate.of(mailbox, purpose, lang)))
    return _page(form, mailbox, purpose, lang)


@bp.post("/<purpose>/<lang>")
@admins
def change(id: int, purpose: str, lang: str) -> Answer:
    """Keep the words; without any, the house's are back."""
    mailbox, form = _mailbox(id, purpose, lang), TemplateForm()
    if not form.holds(purpose):
        return _page(form, mailbox, purpose, lang), 422
    place = {"mailbox_id": mailbox.id, "purpose": purpose, "language": lang}
    words = {"subject": form.subject.data, "body": form.body.data}
    if not form.body.data:
        db.session.execute(delete(MailTemplate).filter_by(**place))
    else:
        kept = insert_into(MailTemplate).values(place | words)
        db.session.execute(kept.on_conflict_do_update(index_elements=[*place], set_=words))
    db.session.commit()
    return saved(".index", id=id)


@bp.post("/<purpose>/<lang>/preview")
@admins
def preview(id: int, purpose: str, lang: str) -> Answer:
    """Show how the typed words read; nothing is kept."""
    mailbox, form = _mailbox(id, purpose, lang), TemplateForm()
    status = 200 if form.holds(purpose) else 422
    return _page(form, mailbox, purpose, lang), status


def _page(form: TemplateForm, mailbox: Mailbox, purpose: str, lang: str) -> str:
    shown: dict[str, Any] = {"mailbox": mailbox, "purpose": purpose, "lang": lang, "name": NAMES[purpose]}
    body, subject = form.body.data or "", form.subject.data or ""
    read = [] if form.errors else previews(mailbox, purpose, lang, subject, body)
    return render_template(
        "email/mail_template.html", form=form, fields=PURPOSES[purpose], previews=read, **shown
    )


def _mailbox(id: int, purpose: str = "reply", lang: str = "en") -> Mailbox:
    found = db.session.get(Mailbox, id)
    is_there = found is not None and purpose in PURPOSES and lang in LANGUAGES
    return found if found is not None and is_there else abort(404)
