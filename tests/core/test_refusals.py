"""What mail servers say of a letter that did not arrive, in words that people understand."""

import pytest

from helpdesk.core.i18n import in_language
from helpdesk.core.mail import RETURNED, SILENT
from helpdesk.core.refusals import why_not


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("5.1.1 550 5.1.1 <x@example.org>: Recipient address rejected: User unknown", "does not exist"),
        ("5.0.0 550 5.1.1 no mailbox", "the address does not exist"),
        ("550 No such user here", "the address does not exist"),
        ("5.1.10 recipient domain has a null MX", "its mail server does not exist"),
        ("5.1.3 bad syntax", "does not take this address"),
        ("552 5.2.2 Over quota", "the mailbox is full"),
        ("5.2.1 disabled", "the mailbox is closed"),
        ("552 5.3.4 message size exceeds fixed maximum", "the letter is too large"),
        ("5.4.1 no answer from host", "cannot be reached"),
        ("4.4.7 Message expired", "not be delivered in time"),
        ("5.6.0 lone CR", "does not take what the letter holds"),
        ("550 5.7.1 Message rejected as spam", "as spam or by its rules"),
        ("550-5.7.26 This mail is unauthenticated", "SPF, DKIM and DMARC"),
        ("5.0.0", "the mail server refused it"),
        ("554 Transaction failed", "the mail server refused it"),
    ],
)
def test_a_servers_words_are_worded(app, error, words):
    reason = why_not(error)

    assert words in reason.words
    assert reason.said == error


@pytest.mark.parametrize("error", ["[Errno 111] Connection refused", "no working address", ""])
def test_what_no_server_said_stays_as_it_is(app, error):
    assert (why_not(error).words, why_not(error).said) == (error, "")


def test_what_we_know_ourselves_has_no_words_of_a_server(app):
    with in_language("ja"):
        assert not any(why_not(known).said for known in (SILENT, RETURNED))
        assert "アドレス" in why_not("550 5.1.1 x").words
