"""Signing in and out, and an agent's own choices."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from helpdesk.accounts.forms import SignInForm
from helpdesk.accounts.signing_in import end_session, is_throttled, start_session, try_password
from helpdesk.core.db import db
from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.web import safe_path

bp = Blueprint("accounts", __name__)


@bp.get("/sign-in")
def sign_in() -> str | Response:
    if current_user.is_authenticated:
        return redirect(url_for("desk.inbox"))
    return render_template("accounts/sign_in.html", form=SignInForm())


@bp.post("/sign-in")
def take_sign_in() -> str | Response | tuple[str, int]:
    form = SignInForm()
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form), 422
    email, password = form.email.data or "", form.password.data or ""
    if is_throttled(email):
        form.form_errors.append(_("Too many tries. Wait a quarter of an hour, then try again."))
        return render_template("accounts/sign_in.html", form=form), 429
    agent = try_password(email, password)
    if agent is None:
        db.session.commit()
        form.form_errors.append(_("The e-mail address or the password is wrong."))
        return render_template("accounts/sign_in.html", form=form), 422
    start_session(agent)
    db.session.commit()
    return redirect(safe_path(request.args.get("next"), url_for("desk.inbox")), code=303)


@bp.post("/sign-out")
@login_required
def sign_out() -> Response:
    end_session()
    db.session.commit()
    return redirect(url_for(".sign_in"), code=303)


@bp.post("/desk/preferences")
@login_required
def preferences() -> Response:
    """Take a language, a theme, or both; what is not theirs to choose is ignored."""
    wanted = request.form
    if wanted.get("language") in LANGUAGES:
        current_user.language = wanted["language"]
    if wanted.get("theme") in ("light", "dark", "system"):
        current_user.theme = wanted["theme"]
    db.session.commit()
    flash(_("Saved."))
    return redirect(safe_path(wanted.get("next"), url_for("desk.inbox")), code=303)
