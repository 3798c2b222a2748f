"""A letter with a way in, for whoever reads that address; for everybody else the same answer, no letter."""

from flask import current_app
from sqlalchemy import select

from helpdesk.accounts.models import hashed
from helpdesk.core.db import db
from helpdesk.core.i18n import language
from helpdesk.core.jobs import task
from helpdesk.core.mail import Letter
from helpdesk.core.smtp import mailbox
from helpdesk.customers.models import ContactAddress, normal_address
from helpdesk.customers.sessions import LINK_FOR, SignInLink


def ask_for_link(address: str, browser: str) -> None:
    """Have the letter written by a worker: asking takes the same time for known and unknown addresses."""
    send_link.later(address=normal_address(address), browser_hash=hashed(browser), lang=language())


@task
def send_link(address: str, browser_hash: str, lang: str) -> None:
    """Write to `address` where a contact has it; the link is good for the browser that asked."""
    known = db.session.scalar(select(ContactAddress).where(ContactAddress.address == address))
    if known is None:
        return
    token, code = SignInLink.issue(known, browser_hash)
    # Until its reader was here, the name is whatever somebody wrote into a form: no letter carries that.
    name = known.contact.name if known.verified_at else ""
    Letter.from_template(
        "portal/sign_in",
        to=mailbox(name, known.address),
        lang=lang,
        about={"purpose": "sign-in"},
        name=name,
        link=f"{current_app.config['HELPDESK_SITE_URL']}/portal/links/{token}",
        code=f"{code[:3]} {code[3:]}",
        minutes=int(LINK_FOR.total_seconds() // 60),
    )
