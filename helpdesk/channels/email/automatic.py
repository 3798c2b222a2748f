"""Is a letter written by a machine? Then no machine may answer it (RFC 3834)."""

import re

from helpdesk.channels.email.headers import Headers, parameters
from helpdesk.channels.email.mime import Part

_MACHINES = re.compile(
    r"^(?:mailer-?daemon|postmaster|(?:no|do-?not|not)[-_.]?reply|donotreply|bounces?|auto-?(?:reply|confirm|response))"
    r"(?:[-+_.=].*)?@"
)
_BULK = {"bulk", "list", "junk", "auto_reply", "auto-reply"}
_AUTOREPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-failed-recipients",
)
_REPORTS = {
    "delivery-status": "delivery-report",
    "disposition-notification": "read-receipt",
    "feedback-report": "abuse-report",
}
_ABSENCE = re.compile(
    r"out of (?:the )?office|auto(?:matic|mated)?[- ]?(?:reply|response)|on (?:vacation|leave)|away from"
    r"|不在|自動(?:返信|応答|送信)|休暇|お休みをいただ|出張中|休業",
    re.IGNORECASE,
)


def reason(root: Part, sender: str) -> str | None:
    """Why the letter counts as automatic, in a short word; None for a letter of a person."""
    headers = root.headers
    submitted = parameters(headers.first("auto-submitted"))[0].partition("(")[0].strip()
    if submitted and submitted != "no":
        return "auto-submitted"
    if any(value.strip() == "<>" for value in headers.every("return-path")):
        return "empty-return-path"
    if headers.first("precedence").strip().lower() in _BULK:
        return "precedence"
    if any(name.startswith("list-") for name, _ in headers.fields):
        return "mailing-list"
    if _is_suppressed(headers):
        return "auto-response-suppressed"
    if any(headers.first(name) for name in _AUTOREPLY_HEADERS):
        return "autoreply"
    if _MACHINES.match(sender):
        return "sender-is-a-machine"
    return _kind_of_report(root)


def reads_like_absence(subject: str) -> bool:
    """Whether the subject is that of an absence notice; people write such words too."""
    return bool(_ABSENCE.search(subject))


def _is_suppressed(headers: Headers) -> bool:
    wish = headers.first("x-auto-response-suppress").strip().lower()
    return bool(wish) and wish != "none"


def _kind_of_report(root: Part) -> str | None:
    if root.content_type == "multipart/report":
        kind = root.type_parameters.get("report-type", "").lower()
        return _REPORTS.get(kind, "report")
    for part in root.walk():
        if part.content_type == "message/delivery-status":
            return "delivery-report"
        if part.content_type == "text/calendar" and part.type_parameters.get("method", "").lower() == "reply":
            return "calendar-reply"
    return None
