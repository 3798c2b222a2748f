"""Why a letter did not arrive, worded from what mail servers say of it (RFC 3463, RFC 5321)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from helpdesk.core.mail import RETURNED, SILENT

# class.subject.detail, and the reply code that stands before it or alone.
_STATUS = re.compile(r"\b[245]\.(\d{1,3}\.\d{1,3})\b")
_CODE = re.compile(r"(?:^|\s)([45]\d\d)\b")
_NO_SUCH = re.compile(
    r"\b(?:user unknown|unknown user|no such (?:user|recipient|mailbox)|does(?: not|n't) exist)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reason:
    """Why not: `words` in the reader's language, and as `said` by the server; that may be empty."""

    words: str
    said: str = ""


def why_not(error: str) -> Reason:
    """What an error of a letter means. What no server said stays in its own words."""
    if error == SILENT:
        words = _("nothing is sent to this address, since letters came back from it or somebody said so")
        return Reason(str(words))
    if error == RETURNED:
        return Reason(str(_("it came back, and its mail server does not say why")))
    words = _by_status(error) or _by_code(error)
    return Reason(words, error) if words else Reason(error)


def _by_status(error: str) -> str:
    """By the first status that says more than "something": the one in front is often 5.0.0."""
    for detail in _STATUS.findall(error):
        subject = detail.partition(".")[0]
        if words := _details().get(detail) or _subjects().get(subject):
            return words
    return ""


def _by_code(error: str) -> str:
    if not _CODE.search(error) and not _STATUS.search(error):
        return ""
    if _NO_SUCH.search(error):
        return _details()["1.1"]
    return str(_("the mail server refused it"))


def _details() -> Mapping[str, str]:
    missing, late = _("the address does not exist"), _("it could not be delivered in time")
    forged = _("the mail server does not accept that it comes from us: check SPF, DKIM and DMARC")
    big = _("the letter is too large")
    known = {
        **dict.fromkeys(("1.0", "1.1", "1.6"), missing),
        **dict.fromkeys(("1.2", "1.10", "4.4"), _("its mail server does not exist")),
        **dict.fromkeys(("2.0", "2.1"), _("the mailbox is closed")),
        **dict.fromkeys(("2.2", "3.1"), _("the mailbox is full")),
        **dict.fromkeys(("2.3", "3.4"), big),
        "4.7": late,
        **dict.fromkeys((f"7.{number}" for number in range(20, 28)), forged),
    }
    return {detail: str(words) for detail, words in known.items()}


def _subjects() -> Mapping[str, str]:
    known = {
        "1": _("the mail server does not take this address"),
        "2": _("the mailbox does not take it"),
        "3": _("the mail server cannot take it at present"),
        "4": _("the mail server cannot be reached"),
        "5": _("the mail servers did not understand each other"),
        "6": _("the mail server does not take what the letter holds"),
        "7": _("the mail server refused it as spam or by its rules"),
    }
    return {subject: str(words) for subject, words in known.items()}
