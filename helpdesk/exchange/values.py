"""What a cell says, as JSON keeps it; each reader raises `Refused` for what cannot be."""

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize

from helpdesk.core.clock import now
from helpdesk.core.i18n import zone
from helpdesk.core.text import one_line, without_controls
from helpdesk.customers.orders import minor_units
from helpdesk.exchange.faults import N_, Refused
from helpdesk.exchange.outside import AHEAD, LARGEST_NUMBER

Reader = Callable[[str], Any]

_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_BAD = re.compile("[\x00\ud800-\udfff]")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_TIME = re.compile(r"(\d{1,2})[:時](\d{1,2})(?:[:分](\d{1,2}))?分?秒?")
_YES = frozenset("1 true yes y はい 有 あり ○ 〇 on".split())
_NO = frozenset("0 false no n いいえ 無 なし × off".split())
_LANGUAGES = {"ja": "ja", "en": "en", "日本語": "ja", "japanese": "ja", "英語": "en", "english": "en"}
_TYPES = {
    **dict.fromkeys(("company", "会社", "法人", "企業", "organization"), "company"),
    **dict.fromkeys(("person", "個人", "one person"), "person"),
}
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MOST_TAGS = 50


def text(most: int = 200) -> Reader:
    """One line of at most so many characters."""

    def read(cell: str) -> str:
        _check(cell, most)
        return one_line(cell)

    return read


def prose(most: int = 5000) -> Reader:
    """Several lines."""

    def read(cell: str) -> str:
        _check(cell, most)
        return without_controls(cell).strip()

    return read


def name_of(cell: str) -> str:
    """A name that another system gives a row: visible signs of any script, without blanks around."""
    return str(text()(cell))


def address(cell: str) -> str:
    found = str(text(254)(cell)).lower()
    if not _ADDRESS.fullmatch(found):
        raise Refused(N_("This is not an e-mail address."))
    return found


def domain(cell: str) -> str:
    found = str(text(253)(cell)).lower().removeprefix("@")
    if not _DOMAIN.fullmatch(found):
        raise Refused(N_("This is no domain, as example.co.jp."))
    return found


def number(cell: str) -> Decimal:
    """1,234 or ¥1,234 or １２３４ or (1,234)."""
    plain = normalize("NFKC", str(text(60)(cell))).replace(",", "").strip("¥\\$€£円 ")
    plain = f"-{plain[1:-1]}" if plain.startswith("(") and plain.endswith(")") else plain.replace("▲", "-")
    try:
        found = Decimal(plain)
    except InvalidOperation as error:
        raise Refused(N_("“%(value)s” is no number."), value=cell) from error
    if not found.is_finite() or abs(found) > LARGEST_NUMBER:
        raise Refused(N_("“%(value)s” is no number."), value=cell)
    return found


def count(cell: str) -> int:
    found = number(cell)
    if found != int(found) or not 0 <= found < 2**31:
        raise Refused(N_("“%(value)s” is no whole number from 0 on."), value=cell)
    return int(found)


def money(cell: str) -> str:
    """An amount as people write it; made minor units when the currency is known (`in_minor_units`)."""
    found = number(cell)
    if found < 0:
        raise Refused(N_("Money must not be negative; what went back belongs to its own column."))
    return str(found)


def in_minor_units(amount: str, currency: str) -> int:
    units = minor_units(Decimal(amount), currency)
    if units != int(units):
        raise Refused(N_("%(amount)s has more decimals than %(currency)s."), amount=amount, currency=currency)
    return int(units)


def currency(cell: str) -> str:
    found = str(text(20)(cell)).upper()
    found = {"円": "JPY", "¥": "JPY", "YEN": "JPY", "$": "USD", "€": "EUR"}.get(found, found)
    if not re.fullmatch("[A-Z]{3}", found):
        raise Refused(N_("A currency is three letters, as JPY."))
    return found


def moment(cell: str) -> str:
    """2026-09-15T10:05:00Z, 2026/09/15 10:05, 2026年9月15日; without a zone, in the workspace's."""
    given = normalize("NFKC", str(text(60)(cell)))
    at = _moment(given)
    if at is None:
        raise Refused(N_("“%(value)s” is no date, as 2026/09/15 10:05."), value=cell)
    if not _EARLIEST <= at <= _LATEST:
        raise Refused(N_("“%(value)s” lies before 1970 or after 2200."), value=cell)
    return at.astimezone(UTC).isoformat()


def past(cell: str) -> str:
    """A moment that has been."""
    at = moment(cell)
    if datetime.fromisoformat(at) > now() + AHEAD:
        raise Refused(N_("This has not happened yet."))
    return at


def day(cell: str) -> str:
    at = datetime.fromisoformat(moment(cell)).astimezone(zone())
    return at.date().isoformat()


def flag(cell: str) -> bool:
    given = normalize("NFKC", str(text(20)(cell))).lower()
    if given not in _YES | _NO:
        raise Refused(N_("Write yes or no."))
    return given in _YES


def language(cell: str) -> str:
    return _one_of(cell, _LANGUAGES)


def customer_type(cell: str) -> str:
    return _one_of(cell, _TYPES)


def choice(values: Collection[str]) -> Reader:
    """One of these."""
    return lambda cell: _one_of(cell, {value.lower(): value for value in values})


def tags(cell: str) -> list[str]:
    """Between commas, semicolons, 、 or line breaks."""
    found = list(dict.fromkeys(filter(None, map(text(50), re.split(r"[,;、，；\n|]", cell)))))
    if len(found) > MOST_TAGS:
        raise Refused(N_("At most %(most)s tags."), most=MOST_TAGS)
    return found


def _moment(given: str) -> datetime | None:
    try:
        if re.fullmatch(r"\d{8}", given):
            return _in_zone(datetime.strptime(given, "%Y%m%d"))
        if "T" in given or re.match(r"\d{4}-\d\d-\d\d", given):
            return _in_zone(datetime.fromisoformat(given))
        found = _DAY.match(given)
        if found is None:
            return None
        rest, clock = given[found.end() :].strip(), (0, 0, 0)
        if rest:
            told = _TIME.fullmatch(rest)
            if told is None:
                return None
            clock = (int(told[1]), int(told[2]), int(told[3] or 0))
        return _in_zone(datetime.combine(date(*map(int, found.groups())), time(*clock)))
    except (ValueError, OverflowError):
        return None


def _in_zone(at: datetime) -> datetime:
    return at if at.tzinfo is not None else at.replace(tzinfo=zone())


def _one_of(cell: str, known: dict[str, str]) -> str:
    given = str(text(200)(cell)).lower()
    if given not in known:
        raise Refused(N_("One of %(values)s."), values=", ".join(dict.fromkeys(known.values())))
    return known[given]


def _check(cell: str, most: int) -> None:
    if _BAD.search(cell):
        raise Refused(N_("This has signs that no text has (NUL or half a character)."))
    if len(cell) > most:
        raise Refused(N_("At most %(most)s characters."), most=most)
