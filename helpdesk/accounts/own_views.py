"""Settings that everybody has: one's own account, sessions and tokens."""

from datetime import timedelta

from flask import flash, g, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select

from helpdesk.accounts.forms import AccountForm, PasswordForm, TokenForm
from helpdesk.accounts.models import AgentSession, ApiToken
from helpdesk.accounts.permissions import me
from helpdesk.accounts.settings_views import bp as bp

# The one blueprint of settings: the app takes it from here, these pages included.
from helpdesk.accounts.settings_views import saved, shown_once
from helpdesk.accounts.signing_in import end_sessions, is_throttled, password_hash, try_password
from helpdesk.core.clock import now
from helpdesk.core.db import db, reading
from helpdesk.core.web import Answer, go


@bp.get("/account")
def account() -> str:
    return _account(AccountForm(obj=me()), PasswordForm())


@bp.post("/account")
def change_account() -> Answer:
    form = AccountForm()
    if not form.validate():
        return _account(form, PasswordForm()), 422
    agent = me()
    agent.name, agent.signature = form.name.data or "", form.signature.data or ""
    agent.hears_by_mail = form.hears_by_mail.data
    agent.language, agent.theme = form.language.data or None, form.theme.data
    db.session.commit()
    return saved("settings.account")


@bp.post("/account/password")
def change_password() -> Answer:
    """Take a new password from whoever knows the present one; other browsers sign in again."""
    form, agent = PasswordForm(), me()
    if not form.validate():
        return _account(AccountForm(None, obj=agent), form), 422
    if is_throttled(agent.email):
        form.old.errors = [_("Too many tries. Wait a quarter of an hour, then try again.")]
        return _account(AccountForm(None, obj=agent), form), 429
    if try_password(agent.email, form.old.data or "") is None:
        db.session.commit()
        form.old.errors = [_("This is not your present password.")]
        return _account(AccountForm(None, obj=agent), form), 422
    agent.password_hash = password_hash(form.new.data or "")
    end_sessions(agent, but=g.agent_session_id)
    db.session.commit()
    return saved("settings.account")


@bp.post("/account/sessions/ending")
def sign_out_others() -> Answer:
    end_sessions(me(), but=g.agent_session_id)
    db.session.commit()
    flash(_("All other browsers are signed out."))
    return go(url_for(".account"))


@bp.get("/tokens")
def tokens(form: FlaskForm | None = None) -> str:
    own = select(ApiToken).where(ApiToken.agent_id == me().id).order_by(ApiToken.id.desc())
    found = db.session.scalars(own).all()
    return render_template("settings/tokens.html", tokens=found, form=form or TokenForm(), now=now())


@bp.post("/tokens")
def add_token() -> Answer:
    form = TokenForm()
    if not form.validate():
        return tokens(form), 422
    ends = now() + timedelta(days=form.days.data) if form.days.data else None
    scopes = ["read"] if form.scope.data == "read" else []
    secret = ApiToken.issue(me(), form.name.data or "", scopes, expires_at=ends)
    db.session.commit()
    return shown_once(_("Token “%(name)s”", name=form.name.data), secret, "settings.tokens")


@bp.post("/tokens/<int:id>/revocation")
def revoke_token(id: int) -> Answer:
    own = select(ApiToken).where(ApiToken.agent_id == me().id, ApiToken.id == id)
    db.session.delete(db.one_or_404(own))
    db.session.commit()
    flash(_("The token is worth nothing any more."))
    return go(url_for(".tokens"))


def _account(form: AccountForm, password: PasswordForm) -> str:
    with reading():
        own = (
            select(AgentSession).where(AgentSession.agent_id == me().id).order_by(AgentSession.seen_at.desc())
        )
        sessions = [session for session in db.session.scalars(own) if session.is_alive]
        return render_template(
            "settings/account.html",
            form=form,
            password=password,
            sessions=sessions,
            own_session=g.agent_session_id,
        )
