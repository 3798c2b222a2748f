"""Signing in without a password: an address is asked for, a letter opens the door."""

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask import session as browser
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from helpdesk.core.db import db
from helpdesk.core.web import Answer, safe_path
from helpdesk.customers.sessions import SignInLink
from helpdesk.customers.signing_in import (
    SECRET,
    browser_secret,
    current_contact,
    end_session,
    is_throttled,
    start_session,
)
from helpdesk.portal.forms import AddressForm, CodeForm
from helpdesk.portal.letting_in import ask_for_link
from helpdesk.portal.views import bp as bp

# So many letters, or typed codes, per address in this time.
TRIES, TRIES_WITHIN = 10, timedelta(minutes=15)
# Where they wanted to go, and the address they typed, while the letter is on its way.
NEXT, ASKED = "sign_in_next", "sign_in_address"


@bp.get("/portal/sign-in")
def sign_in() -> Answer:
    if current_contact() is not None:
        return redirect(url_for("portal.requests"))
    return render_template("portal/sign_in.html", form=AddressForm())


@bp.post("/portal/sign-in")
def ask() -> Answer:
    """Answer the same to everybody, known or not."""
    form = AddressForm()
    if not form.validate():
        return render_template("portal/sign_in.html", form=form), 422
    address = form.email.data or ""
    if is_throttled("link", address, limit=TRIES, within=TRIES_WITHIN):
        form.form_errors.append(_("Too many tries. Wait a quarter of an hour, then try again."))
        return render_template("portal/sign_in.html", form=form), 429
    ask_for_link(address, browser_secret())
    browser[NEXT], browser[ASKED] = safe_path(request.form.get("next"), ""), address
    db.session.commit()
    return redirect(url_for("portal.link_sent"), code=303)


@bp.get("/portal/sign-in/code")
def link_sent() -> Answer:
    if ASKED not in browser:
        return redirect(url_for("portal.sign_in"))
    return render_template("portal/link_sent.html", form=CodeForm(), address=browser[ASKED])


@bp.post("/portal/sign-in/code")
def take_code() -> Answer:
    """The letter was read elsewhere: its code, typed into the browser that asked, opens the door here."""
    form, address = CodeForm(), browser.get(ASKED, "")
    if not form.validate():
        return render_template("portal/link_sent.html", form=form, address=address), 422
    return _try(SignInLink.asked_by(browser.get(SECRET, "")), form, "portal/link_sent.html", address=address)


@bp.get("/portal/links/<token>")
def open_link(token: str) -> Answer:
    """One button; nobody is signed in by looking, for machines follow links too."""
    link = SignInLink.of(token)
    if link is None:
        return render_template("portal/link_over.html"), 410
    return render_template("portal/link.html", form=CodeForm(), is_here=_is_here(link), token=token)


@bp.post("/portal/links/<token>")
def take_link(token: str) -> Answer:
    """Sign in: by the press alone where this browser asked, elsewhere with the letter's code."""
    link = SignInLink.of(token)
    if link is None:
        return render_template("portal/link_over.html"), 410
    if _is_here(link):
        return _welcome(link)
    form = CodeForm()
    if not form.validate():
        return render_template("portal/link.html", form=form, is_here=False, token=token), 422
    return _try(link, form, "portal/link.html", is_here=False, token=token)


@bp.post("/portal/sign-out")
def sign_out() -> Response:
    end_session()
    db.session.commit()
    return redirect(url_for("portal.home"), code=303)


def _is_here(link: SignInLink) -> bool:
    return link.is_of(browser.get(SECRET, ""))


def _try(link: SignInLink | None, form: CodeForm, template: str, **shown: object) -> Answer:
    """Take the typed code; a wrong one is counted, so that it cannot be guessed."""
    if is_throttled("code", limit=TRIES, within=TRIES_WITHIN):
        form.form_errors.append(_("Too many tries. Wait a quarter of an hour, then try again."))
        return render_template(template, form=form, **shown), 429
    if link is not None and link.takes(form.code.data or ""):
        return _welcome(link)
    db.session.commit()
    form.code.errors = [_("This code does not fit, or it is too old. The newest letter counts.")]
    return render_template(template, form=form, **shown), 422


def _welcome(link: SignInLink) -> Response:
    start_session(link.use())
    place = browser.pop(NEXT, "") or url_for("portal.requests")
    browser.pop(ASKED, None)
    db.session.commit()
    return redirect(place, code=303)
