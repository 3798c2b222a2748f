"""Who says that a letter is whose: only what our own border wrote itself, and only of the sender it names."""

import pytest
from sqlalchemy import select

from helpdesk.channels.email.arriving.receiving import take
from helpdesk.core.db import db
from helpdesk.tickets.thread import Message
from tests.channels.post import eml

BORDER = "mx.example.com"
CAROL = "header.from=example.org"


@pytest.mark.parametrize(
    "results",
    [
        f'spf=pass smtp.mailfrom="a; dmarc=pass {CAROL}"@evil.example',
        f'spf=pass smtp.mailfrom="a\\"; dmarc=pass {CAROL}; x=\\""@evil.example',
        f"dkim=fail (bad (very bad) ; dmarc=pass {CAROL})",
        f"dkim=fail (said \\) ; dmarc=pass {CAROL} ; ) header.d=evil.example",
        f'dkim=fail reason="no ; dmarc=pass {CAROL}"',
        f"dkim=pass header.d=evil.example {CAROL}",
        f"spf=pass smtp.mailfrom=evil.example {CAROL}",
        "dmarc=pass header.from=evil.example",
        "dkim=pass header.d=org",
    ],
)
def test_a_sender_cannot_write_results(app, results):
    app.config["HELPDESK_AUTHSERV_ID"] = BORDER

    assert proof_of(eml(authentication_results=f"{BORDER}; {results}")) == "unverified"


@pytest.mark.parametrize(
    "results", [f"dmarc=pass (p=none) {CAROL}", 'dmarc=pass header.from="example.org"', f"DMARC=Pass {CAROL}"]
)
def test_the_border_may_write_as_borders_do(app, results):
    app.config["HELPDESK_AUTHSERV_ID"] = BORDER

    assert proof_of(eml(authentication_results=f"{BORDER}; {results}")) == "verified"


def test_a_form_that_our_border_vouches_for_proves_nobody_it_names(app, ada):
    app.config["HELPDESK_AUTHSERV_ID"] = BORDER
    ours = f"{BORDER}; dmarc=pass header.from=helpdesk.example.com"
    form = {"sender": "Form <support@helpdesk.example.com>", "authentication_results": ours}

    assert proof_of(eml(reply_to="carol@example.org", **form)) == "unverified"
    assert take(eml(reply_to=ada.email, **form)).reason == "staff-unproved"


def proof_of(letter):
    return db.session.get(Message, take(letter).message).proof


def test_no_control_header_of_a_letter_is_obeyed(app):
    """A name in a header gives no role, no team, no status."""
    taken = take(
        eml(x_helpdesk_agent="root", x_status="resolved", x_priority="1", sender="Eve <eve@e.example>")
    )
    message = db.session.scalar(select(Message).where(Message.id == taken.message))

    assert (message.agent_id, message.ticket.priority.value, message.ticket.status.value) == (
        None,
        "normal",
        "open",
    )
