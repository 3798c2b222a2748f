"""Days, weeks and months as the workspace's calendar cuts them; every window is half-open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from helpdesk.core.i18n import day, language, zone

PRESETS: Mapping[str, LazyString] = {
    "30-days": _("30 days"),
    "90-days": _("90 days"),
    "this-month": _("This month"),
    "last-month": _("Last month"),
    "13-months": _("13 months"),
}
DEFAULT_PRESET = "90-days"


@dataclass(frozen=True, slots=True)
class Window:
    """The days from `since` up to, but without, `until`."""

    since: date
    until: date

    @property
    def start(self) -> datetime:
        """The first moment."""
        return _midnight(self.since)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return _midnight(self.until)

    @property
    def last(self) -> date:
        """The last day that belongs to it."""
        return self.until - timedelta(days=1)

    @property
    def previous(self) -> "Window":
        """As long, and just before: whole months before whole months, else the same number of days."""
        if self.since.day == self.until.day == 1:
            months = (self.until.year - self.since.year) * 12 + self.until.month - self.since.month
            return Window(shift(self.since, -months), self.since)
        return Window(self.since - (self.until - self.since), self.since)

    @property
    def words(self) -> str:
        """From its first to its last day, as people say it."""
        first, last = (day(_midnight(at)) for at in (self.since, self.last))
        return first if first == last else f"{first} – {last}" if language() == "en" else f"{first}〜{last}"

    def months(self) -> list["Window"]:
        """The months it touches, the first and last cut at its ends."""
        return self._cut([shift(self.since.replace(day=1), n) for n in range(_month_count(self) + 1)])

    def weeks(self) -> list["Window"]:
        """The weeks from Monday it touches, the first and last cut at its ends."""
        monday = self.since - timedelta(days=self.since.weekday())
        count = (self.until - monday).days // 7 + 1
        return self._cut([monday + timedelta(weeks=n) for n in range(count + 1)])

    def _cut(self, edges: list[date]) -> list["Window"]:
        inner = [self.since, *(edge for edge in edges if self.since < edge < self.until), self.until]
        return [Window(*pair) for pair in pairwise(inner)]


def preset(name: str, today: date) -> Window:
    """The window that a name of `PRESETS` means today, which belongs to it. Raises `KeyError`."""
    tomorrow, first = today + timedelta(days=1), today.replace(day=1)
    return {
        "30-days": Window(tomorrow - timedelta(days=30), tomorrow),
        "90-days": Window(tomorrow - timedelta(days=90), tomorrow),
        "this-month": Window(first, shift(first, 1)),
        "last-month": Window(shift(first, -1), first),
        "13-months": Window(shift(first, -12), shift(first, 1)),
    }[name]


def shift(first: date, months: int) -> date:
    """The first of the month that lies `months` after that of `first`."""
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _month_count(window: Window) -> int:
    return (window.until.year - window.since.year) * 12 + window.until.month - window.since.month + 1


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), tzinfo=zone())
