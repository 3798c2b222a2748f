"""Is a letter written by a machine? Then no machine may answer it (RFC 3834)."""

import re

from helpdesk.channels.email.letters.headers import Headers, parameters
from helpdesk.channels.email.letters.mime import Part

_NO_REPLY = r"(?:no|not|do[-_.]?not)[-_.]?reply"
_MACHINES = re.compile(
    rf"^(?:(?:mailer-?daemon|postmaster|{_NO_REPLY}|bounces?|auto-?(?:reply|confirm|response|responder))"
    rf"(?:[-+_.=][^@]*)?|[^@]*[-_.+]{_NO_REPLY})@"
)
_BULK = {"bulk", "junk", "auto_reply", "auto-reply"}
_AUTOREPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-mail-autoreply",
    "x-cybozu-autoreply",
    "x-failed-recipients",
)
_LIST_HEADERS = frozenset(
    "mailing-list x-mailing-list x-mailinglist x-beenthere x-google-group-id x-ml-name x-mlname x-ml-count"
    " x-mlserver x-mailman-version".split()
)
_LOOP_HEADERS = ("x-loop", "x-rt-loop-prevention")
_NO = frozenset(("no", "none", "false", "0"))
_RECEIPTS = frozenset(("dr", "ndr", "rn", "nrn"))
_REPORTS = {
    "delivery-status": "delivery-report",
    "disposition-notification": "read-receipt",
    "feedback-report": "abuse-report",
}
_ABSENCE = re.compile(
    r"out of (?:the )?office|auto(?:matic|mated)?[- ]?(?:reply|response)|on (?:vacation|leave)|away from"
    r"|\bOOO\b|^auto: |不在|自動(?:返信|応答|送信|回覆|回复)|自动(?:回复|答复)"
    r"|休暇|お休みをいただ|出張中|休業|育休|産休|休職"
    r"|abwesen(?:heit|d)|automatische antwort|réponse automatique|\babsent|respuesta automática"
    r"|fuera de la oficina|risposta automatica|부재중|자동 ?(?:응답|회신)",
    re.IGNORECASE,
)


def reason(root: Part, sender: str) -> str | None:
    """Why the letter counts as automatic, in a short word; None for a letter of a person."""
    headers = root.headers
    submitted = headers.first("auto-submitted").strip()
    if submitted and parameters(submitted)[0].partition("(")[0].strip() != "no":
        return "auto-submitted"
    if any("".join(value.split()) == "<>" for value in headers.every("return-path")):
        return "empty-return-path"
    if any(headers.first(name).strip().lower() in _BULK for name in ("precedence", "x-precedence")):
        return "precedence"
    if _is_of_a_list(headers):
        return "mailing-list"
    if reason := _vendors_mark(headers):
        return reason
    if _is_suppressed(headers):
        return "auto-response-suppressed"
    if _MACHINES.match(sender):
        return "sender-is-a-machine"
    return _kind_of_report(root)


def _is_of_a_list(headers: Headers) -> bool:
    return headers.first("precedence").strip().lower() == "list" or any(
        name.startswith("list-") or name in _LIST_HEADERS for name, _ in headers.fields
    )


def _vendors_mark(headers: Headers) -> str | None:
    """What programs write into headers of their own."""
    marks = (headers.first(name).strip().lower() for name in _AUTOREPLY_HEADERS)
    if any(mark and mark not in _NO for mark in marks):
        return "autoreply"
    if headers.first("preference").strip().lower() == "auto_reply":
        return "autoreply"
    if any(value.strip().lower() == "autoresponder" for value in headers.every("delivered-to")):
        return "autoreply"
    if headers.first("x-ms-exchange-generated-message-source"):
        return "exchange-generated"
    if headers.first("x-cron-env"):
        return "cron"
    return "loop" if any(headers.first(name) for name in _LOOP_HEADERS) else None


def reads_like_absence(subject: str) -> bool:
    """Whether the subject is that of an absence notice; people write such words too."""
    return bool(_ABSENCE.search(subject))


def _is_suppressed(headers: Headers) -> bool:
    """Whether no automatic answer is wished for; Exchange so marks what a person's rule passes on.

    Outlook so marks what people send too, as invitations; a wish for no receipts says nothing of answers.
    """
    wishes = {*re.split(r"[\s,;]+", headers.first("x-auto-response-suppress").strip().lower())} - {""}
    return bool(wishes - _NO - _RECEIPTS) or bool(headers.first("x-ms-exchange-inbox-rules-loop"))


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
