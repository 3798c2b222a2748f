"""What a mail server says about a letter that did not arrive (RFC 3464, and those who never read it)."""

import re
from collections.abc import Iterator

from helpdesk.channels.email.letters.addresses import bare_addresses
from helpdesk.channels.email.letters.headers import Headers, read_headers
from helpdesk.channels.email.letters.letter import Bounce
from helpdesk.channels.email.letters.mime import Part
from helpdesk.core.text import one_line

MOST_RECIPIENTS = 100
# Characters of what a server said.
LONGEST_SAID = 250

_ID = re.compile(r"<[^<>\s]{1,900}>")
_SUBJECT = re.compile(
    r"undeliver|non-?deliver|delivery (?:status|failure|problem|has failed|notification)"
    r"|returned (?:mail|to sender)"
    r"|failure notice|mail (?:delivery failed|failure|system error)"
    r"|could not send|user unknown|message not delivered|delayed mail|delivery delayed"
    r"|(?:配信|配送|送信|送達)(?:不能|不可|失敗|遅延|できません|できませんでした|エラー|に失敗|されませんでした)|不達"
    r"|メール(?:送信)?エラー|エラーメール|未配信|宛先不明|お届けできません",
    re.IGNORECASE,
)
_DAEMONS = ("mailer-daemon@", "mailerdaemon@", "postmaster@", "mail-daemon@", "mdaemon@")
_LATE = re.compile(
    r"warning message only|will (?:be retried|keep trying|continue)|still being retried|delay(?:ed)?\b"
    r"|\bdeferred\b|for past \d|遅延|遅れて|再送を(?:試み|続け)|引き続き",
    re.IGNORECASE,
)
# Where the letter that came back begins.
_COPY = re.compile(
    r"^(?:-+ ?(?:below this line|this is a copy|original message|元のメッセージ).*"
    r"|(?:return-path|received|message-id|from|to): .*)$",
    re.IGNORECASE | re.MULTILINE,
)
# A line of its own, or the beginning of one, as every server writes it in its way.
_NAMED = re.compile(
    r"^[ \t>]{0,8}<?([^\s<>@:;,()\"]{1,64}@[^\s<>@:;,()\"]{1,200}?)>?(?=[ \t]*(?:[:(]|\.\.\.|$))",
    re.MULTILINE,
)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REFUSAL = re.compile(r"\b(?:[45]\d\d[ -]|[45]\.\d{1,3}\.\d{1,3}\b)")
_ADDRESS = re.compile(r"<([^\s<>@]{1,64}@[^\s<>@]{1,255})>:?")


def read_bounce(root: Part, sender: str, subject: str, text: str) -> Bounce | None:
    """The report in this letter, or None where it is none."""
    reports = [fields for part in root.walk() if _is_report(part) for fields in _groups(part)]
    failed = [
        fields for fields in reports if fields.first("action").lower().startswith(("failed", "delayed"))
    ]
    if failed:
        return Bounce(
            recipients=tuple(dict.fromkeys(_recipients(failed)))[:MOST_RECIPIENTS],
            status=next(
                (status[1] for fields in failed if (status := _STATUS.search(fields.first("status")))), ""
            ),
            is_final=any(fields.first("action").lower().startswith("failed") for fields in failed),
            original_message_id=_original(root),
            said=next(filter(None, map(_diagnosis, failed)), ""),
        )
    named = bare_addresses(root.headers.first("x-failed-recipients"))
    if not named and not (_is_of_a_server(root, sender) and _SUBJECT.search(subject)):
        return None
    return _unstructured(root, named, subject, text[:20_000])


def _is_of_a_server(root: Part, sender: str) -> bool:
    paths = root.headers.every("return-path")
    return sender.startswith(_DAEMONS) or any("".join(path.split()) == "<>" for path in paths)


def _is_report(part: Part) -> bool:
    return part.content_type in ("message/delivery-status", "message/global-delivery-status")


def _groups(part: Part) -> Iterator[Headers]:
    """The groups of fields: of the whole letter first, then of each recipient."""
    data = part.content()[:200_000].lstrip(b"\n")
    at = 0
    while at < len(data):
        fields, after = read_headers(data, at, len(data))
        if after <= at:
            return
        at = after
        yield fields


def _recipients(reports: list[Headers]) -> Iterator[str]:
    for fields in reports:
        for name in ("original-recipient", "final-recipient"):
            address = fields.first(name).partition(";")[2].strip().strip("<>").lower()
            if "@" in address:
                yield address
                break


def _diagnosis(fields: Headers) -> str:
    """What stands behind the kind of server, such as `smtp;`."""
    told = fields.first("diagnostic-code")
    return one_line(told.partition(";")[2] or told)[:LONGEST_SAID]


def _original(root: Part) -> str | None:
    """The Message-ID of the letter that came back, from its copy or its headers."""
    for part in root.walk():
        if part.content_type in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/global",
            "message/global-headers",
        ):
            data = part.content()
            headers, _ = read_headers(data, 0, len(data))
            if found := _ID.search(headers.first("message-id")):
                return found[0]
    references = _ID.findall(root.headers.first("references") or root.headers.first("in-reply-to"))
    return references[-1] if references else None


def _unstructured(root: Part, named: tuple[str, ...], subject: str, text: str) -> Bounce:
    """Older servers write to people: an address, a code, then the letter itself."""
    original = _original(root) or next(
        (found[1] for found in re.finditer(r"(?mi)^message-id:[ \t]*(<[^<>\s]{1,900}>)", text)), None
    )
    copy = _COPY.search(text)
    told = text[: copy.start()] if copy else text
    status = _STATUS.search(told)
    found = _NAMED.findall(told) or _ADDRESS.findall(told)[:1]
    recipients = named or tuple(dict.fromkeys(address.lower() for address in found))[:MOST_RECIPIENTS]
    is_late = status[1].startswith("4") if status else bool(_LATE.search(f"{subject}\n{told}"))
    said = next((line for line in told.split("\n") if _REFUSAL.search(line)), "")
    number = status[1] if status else ""
    return Bounce(recipients, number, not is_late, original, one_line(said)[:LONGEST_SAID])
