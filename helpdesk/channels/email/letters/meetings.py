"""What, when and where an invitation says (RFC 5545, as calendars of mail programs write it)."""

import re
from datetime import UTC, date, datetime, timezone
from zoneinfo import ZoneInfo

from helpdesk.channels.email.letters.addresses import addresses
from helpdesk.channels.email.letters.charsets import decode
from helpdesk.channels.email.letters.headers import parameters
from helpdesk.channels.email.letters.letter import Address, Meeting
from helpdesk.channels.email.letters.mime import Part
from helpdesk.core.text import one_line

LARGEST = 500_000

_ESCAPED = re.compile(r"\\(.)")
_TIME = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?$")
_EVENT = re.compile(r"^BEGIN:VEVENT[ \t]*$(.*?)(?:^END:VEVENT|\Z)", re.DOTALL | re.MULTILINE)
_RHYTHMS = frozenset(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
# How Outlook names the zones that reach us most.
_OUTLOOK_ZONES = {
    "tokyo standard time": "Asia/Tokyo", "(utc+09:00) 大阪、札幌、東京": "Asia/Tokyo",
    "china standard time": "Asia/Shanghai", "korea standard time": "Asia/Seoul",
    "singapore standard time": "Asia/Singapore", "gmt standard time": "Europe/London",
    "w. europe standard time": "Europe/Berlin", "romance standard time": "Europe/Paris",
    "eastern standard time": "America/New_York", "pacific standard time": "America/Los_Angeles",
    "utc": "UTC",
}  # fmt: skip


def read_meeting(root: Part) -> Meeting | None:
    """The first event of the first calendar that invites or cancels; None where there is none."""
    for part in root.walk():
        if part.content_type in ("text/calendar", "application/ics"):
            text = decode(part.content()[:LARGEST], part.charset or "utf-8").replace("\r\n", "\n")
            text = re.sub(r"\n[ \t]", "", text)
            method = part.type_parameters.get("method", "") or _method(text)
            return _event(text, method.strip().upper())
    return None


def _method(text: str) -> str:
    found = re.search(r"(?mi)^METHOD:(\w{1,20})", text)
    return found[1] if found else ""


def _event(text: str, method: str) -> Meeting | None:
    event = _EVENT.search(text)
    if event is None or method == "REPLY":
        return None
    fields: dict[str, tuple[dict[str, str], str]] = {}
    for line in event[1].split("\nBEGIN:", 1)[0].split("\n")[:500]:
        name, _, value = _parted(line)
        word, options = parameters(name)
        fields.setdefault(word.upper(), (options, value.strip()))
    options, start = fields.get("DTSTART", ({}, ""))
    zone = options.get("tzid", "").strip('"')
    return Meeting(
        what=_words(fields, "SUMMARY"),
        where=_words(fields, "LOCATION"),
        organizer=_organizer(*fields.get("ORGANIZER", ({}, ""))),
        starts=_moment(start, zone),
        ends=_moment(fields.get("DTEND", ({}, ""))[1], zone),
        zone=zone[:80],
        is_cancelled=method == "CANCEL" or _words(fields, "STATUS").upper() == "CANCELLED",
        repeats=_rhythm(_words(fields, "RRULE").upper()),
    )


def _rhythm(rule: str) -> tuple[int, str] | None:
    """Of FREQ=WEEKLY;INTERVAL=2 every second week; None where there is no rule that we know."""
    said = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    interval, word = said.get("INTERVAL", "1"), said.get("FREQ", "").strip()
    if word not in _RHYTHMS:
        return None
    return (int(interval) if re.fullmatch(r"[1-9][0-9]{0,2}", interval) else 1), word.lower()


def _parted(line: str) -> tuple[str, str, str]:
    """Name with its parameters, and value: at the first colon that is not in quotes."""
    quoted = False
    for at, sign in enumerate(line[:2000]):
        if sign == '"':
            quoted = not quoted
        elif sign == ":" and not quoted:
            return line[:at], ":", line[at + 1 :]
    return line[:2000], "", ""


def _words(fields: dict[str, tuple[dict[str, str], str]], name: str) -> str:
    value = fields.get(name, ({}, ""))[1][:2000]
    return one_line(_ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value))


def _organizer(options: dict[str, str], value: str) -> Address:
    found = next(iter(addresses(value.lower().removeprefix("mailto:"))), Address("", ""))
    return Address(one_line(options.get("cn", "")), found.address)


def _moment(value: str, zone: str) -> datetime | date | None:
    found = _TIME.match(value)
    if not found:
        return None
    try:
        if found[4] is None:
            return date(int(found[1]), int(found[2]), int(found[3]))
        moment = datetime(*(int(number or 0) for number in found.groups()[:6]))  # type: ignore[arg-type]
        if found[7]:
            return moment.replace(tzinfo=UTC)
        return _in_zone(moment, zone)
    except (ValueError, OverflowError):
        return None


def _in_zone(moment: datetime, zone: str) -> datetime:
    """With the distance from UTC where the zone is known; as written where it is not."""
    try:
        offset = moment.replace(tzinfo=ZoneInfo(_OUTLOOK_ZONES.get(zone.lower(), zone))).utcoffset()
    except (OSError, ValueError, LookupError):
        return moment
    return moment.replace(tzinfo=timezone(offset)) if offset is not None else moment
