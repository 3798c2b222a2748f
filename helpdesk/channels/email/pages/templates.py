"""Settings for admins: what a mailbox says in words of its own, and how that reads."""

from typing import Any

from flask import Blueprint, abort, render_template
from sqlalchemy import delete, select, update

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import needs, staff_only
from helpdesk.accounts.settings_views import saved
from helpdesk.channels.email.leaving.previewing import previews
from helpdesk.channels.email.mailboxes import Mailbox, MailTemplate
from helpdesk.channels.email.pages.overtaking import differences
from helpdesk.channels.email.pages.template_forms import NAMES, PURPOSES, TemplateForm, mark_of, of_template
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
    own = MailTemplate.of(mailbox, purpose, lang)
    if form.seen.data != mark_of(own) or not _write(form, own, mailbox.id, purpose, lang):
        return _too_late(form, id, purpose, lang)
    db.session.commit()
    return saved(".index", id=id)


def _write(form: TemplateForm, own: MailTemplate | None, mailbox_id: int, purpose: str, lang: str) -> bool:
    """Keep what was typed in place of `own`; False where somebody else was faster, by a moment or more."""
    words = {"subject": form.subject.data, "body": form.body.data}
    if own is None and not form.body.data:
        return True
    if own is None:
        place = {"mailbox_id": mailbox_id, "purpose": purpose, "language": lang}
        added = insert_into(MailTemplate).values(place | words)
        once = added.on_conflict_do_nothing(index_elements=[*place]).returning(MailTemplate.id)
        return db.session.scalar(once) is not None
    is_own = MailTemplate.id == own.id, MailTemplate.subject == own.subject, MailTemplate.body == own.body
    changed = update(MailTemplate).values(words) if form.body.data else delete(MailTemplate)
    asked = changed.where(*is_own).returning(MailTemplate.id)
    return db.session.scalar(asked.execution_options(synchronize_session=False)) is not None


def _too_late(form: TemplateForm, id: int, purpose: str, lang: str) -> Answer:
    """Somebody else changed the words meanwhile: both are shown, and saved again these stand."""
    db.session.rollback()
    mailbox = _mailbox(id, purpose, lang)
    kept = of_template(MailTemplate.of(mailbox, purpose, lang))
    form.seen.data = kept["seen"]
    theirs = differences(form, {"subject": "", "body": "", **kept})
    return _page(form, mailbox, purpose, lang, theirs=theirs), 409


@bp.post("/<purpose>/<lang>/preview")
@admins
def preview(id: int, purpose: str, lang: str) -> Answer:
    """Show how the typed words read; nothing is kept."""
    mailbox, form = _mailbox(id, purpose, lang), TemplateForm()
    status = 200 if form.holds(purpose) else 422
    return _page(form, mailbox, purpose, lang), status


def _page(form: TemplateForm, mailbox: Mailbox, purpose: str, lang: str, **more: Any) -> str:
    shown = {"mailbox": mailbox, "purpose": purpose, "lang": lang, "name": NAMES[purpose], **more}
    body, subject = form.body.data or "", form.subject.data or ""
    read = [] if form.errors else previews(mailbox, purpose, lang, subject, body)
    return render_template(
        "email/mail_template.html", form=form, fields=PURPOSES[purpose], previews=read, **shown
    )


def _mailbox(id: int, purpose: str = "reply", lang: str = "en") -> Mailbox:
    found = db.session.get(Mailbox, id)
    is_there = found is not None and purpose in PURPOSES and lang in LANGUAGES
    return found if found is not None and is_there else abort(404)
