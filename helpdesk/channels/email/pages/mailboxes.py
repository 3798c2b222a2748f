"""Settings for admins: the company's own addresses, and whether their servers can be used."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.models import Role, Team
from helpdesk.accounts.permissions import needs, staff_only
from helpdesk.accounts.settings_views import saved
from helpdesk.channels.email.arriving import hooks, self_testing
from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.channels.email.pages.forms import MailboxForm, of_mailbox
from helpdesk.channels.email.pages.overtaking import differences
from helpdesk.channels.email.pages.presets import PRESETS, of_preset
from helpdesk.channels.email.pages.troubles import troubles
from helpdesk.channels.email.servers.faults import explained
from helpdesk.core.db import db, reading
from helpdesk.core.web import Answer, go

bp = Blueprint("mailboxes", __name__, url_prefix="/desk/settings/mailboxes")
staff_only(bp)
bp.add_app_template_global(troubles, "mail_troubles")
admins = needs(Role.ADMIN)


@bp.get("")
@admins
def index() -> str:
    return render_template("email/mailboxes.html", mailboxes=Mailbox.every(), explained=explained)


@bp.get("/new")
@admins
def new() -> str:
    preset = request.args.get("preset", "")
    first = {"team": Team.default().id, "is_default": not Mailbox.every(), **of_preset(preset)}
    return _page(MailboxForm(data=first).offer(_teams()), Mailbox())


@bp.post("")
@admins
def add() -> Answer:
    return _keep(Mailbox())


@bp.get("/<int:id>")
@admins
def mailbox(id: int) -> str:
    found = _mailbox(id)
    return _page(MailboxForm(data=of_mailbox(found)).offer(_teams()), found)


@bp.post("/<int:id>")
@admins
def change(id: int) -> Answer:
    return _keep(_mailbox(id))


@bp.post("/<int:id>/activity")
@admins
def switch(id: int) -> BaseResponse:
    """Take it out of use, or back into it. Its tickets and letters stay."""
    found = _mailbox(id)
    found.is_active = not found.is_active
    db.session.commit()
    return saved(".mailbox", id=id)


@bp.post("/<int:id>/fetching")
@admins
def fetch_now(id: int) -> BaseResponse:
    """Have its letters fetched now, whatever pause is made after a fault."""
    # Imported here, as below: no page needs what reads letters.
    from helpdesk.channels.email.servers import fetched  # noqa: PLC0415

    found = _mailbox(id)
    if not found.is_active or not found.imap_host:
        flash(_("Nothing is fetched for this mailbox."), "error")
        return go(url_for(".mailbox", id=id))
    fetched.wake(found.id, found.version)
    flash(_("Its letters are fetched within a few seconds."))
    return go(url_for(".mailbox", id=id))


@bp.post("/<int:id>/self-test")
@admins
def test_itself(id: int) -> BaseResponse:
    """Have it write to itself; what its server says of the letter is shown when it is back."""
    found = _mailbox(id)
    if not found.is_active:
        flash(_("Out of use, it sends nothing."), "error")
        return go(url_for(".mailbox", id=id))
    if not self_testing.has_room(found):
        flash(
            _("It wrote to itself several times within an hour. Look at the last result, or wait."), "error"
        )
        return go(url_for(".mailbox", id=id) + "#self-test")
    self_testing.write(found)
    db.session.commit()
    flash(_("The letter is on its way. What is found out about it stands here when it is back."))
    return go(url_for(".mailbox", id=id) + "#self-test")


@bp.post("/<int:id>/hook")
@admins
def renew_hook(id: int) -> Answer:
    """Make the address to which another server posts letters; the one before it is worth nothing then."""
    found = _mailbox(id)
    token = hooks.renew(found)
    db.session.commit()
    with reading():
        address = url_for("hooks.take", token=token, _external=True)
        back, title = url_for(".mailbox", id=id), _("Address for posting letters")
        return render_template("settings/secret.html", title=title, secret=address, back=back), 201


@bp.post("/<int:id>/hook/removal")
@admins
def remove_hook(id: int) -> BaseResponse:
    _mailbox(id).hook_mac = None
    db.session.commit()
    return saved(".mailbox", id=id)


@bp.errorhandler(StaleDataError)
def overtaken(_error: StaleDataError) -> BaseResponse:
    db.session.rollback()
    flash(_("Somebody else changed this mailbox meanwhile. Look at it anew."), "error")
    return go(request.path)


def _keep(found: Mailbox) -> Answer:
    """Keep what was typed; or, where that was asked for, only try it out."""
    form = MailboxForm().offer(_teams())
    if not form.holds(found):
        form.hold()
        return _page(form, found), 422
    if "check" in request.form:
        return _tried(form, found)
    try:
        if found.id is not None and form.version.data != str(found.version):
            raise StaleDataError
        form.fill(found)
        db.session.add(found)
        db.session.flush()
    except StaleDataError:
        return _too_late(form, request.view_args or {})
    if found.is_default:
        for other in Mailbox.every():
            other.is_default = other is found
    db.session.commit()
    return saved(".index")


def _too_late(form: MailboxForm, place: dict[str, Any]) -> Answer:
    """Somebody else changed it meanwhile: nobody's words are lost, and saved again these stand."""
    db.session.rollback()
    found = _mailbox(place.get("id"))
    theirs = differences(form, of_mailbox(found))
    form.version.data = str(found.version)
    form.hold()
    return _page(form, found, theirs=theirs), 409


def _tried(form: MailboxForm, found: Mailbox) -> Answer:
    # Imported here: the parts that speak to mail servers are for these moments only.
    from helpdesk.channels.email.servers import fetched  # noqa: PLC0415
    from helpdesk.channels.email.servers.checking import check  # noqa: PLC0415
    from helpdesk.channels.email.servers.oauth import keep_successor  # noqa: PLC0415

    tried, mailbox_id, fault = Mailbox(sealed=found.sealed or ""), found.id, found.fault
    form.fill(tried)
    before = _refresh_token(tried)
    db.session.rollback()
    trials = check(tried)
    after = _refresh_token(tried)
    form.hold(**({"refresh_token": after} if after != before else {}))
    if mailbox_id and after != before:
        # Some providers take the first no more once they gave another one.
        keep_successor(_mailbox(mailbox_id), before, after)
        db.session.commit()
    if mailbox_id and fault and trials and all(trial.is_fine for trial in trials):
        form.version.data = str(fetched.wake(mailbox_id, int(form.version.data or 0)))
    with reading():
        kept = _mailbox(mailbox_id) if mailbox_id else Mailbox()
        return _page(form, kept, trials=trials, has_tried=True)


def _refresh_token(mailbox: Mailbox) -> str:
    try:
        return mailbox.secrets.get("refresh_token", "")
    except PermissionError:
        return ""


def _page(form: MailboxForm, found: Mailbox, **shown: Any) -> str:
    fault = explained(found.fault) if found.fault else None
    more = {"presets": PRESETS, "fault": fault, "secrets": _kept(found), "typed": set(form.secrets), **shown}
    more["self_test"] = test = self_testing.newest(found)
    more["advice"] = self_testing.advice(test) if test else []
    return render_template("email/mailbox.html", form=form, mailbox=found, **more)


def _kept(found: Mailbox) -> set[str]:
    """The names of the secrets that are there; none of those that cannot be read any more."""
    try:
        return {name for name, value in found.secrets.items() if value} if found.sealed else set()
    except PermissionError:
        return set()


def _mailbox(id: int | None) -> Mailbox:
    found = db.session.get(Mailbox, id)
    return found if found is not None else abort(404)


def _teams() -> list[Team]:
    return list(db.session.scalars(select(Team).order_by(Team.name)))
