"""What a reader of the help centre's report chose: days and a language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from helpdesk.core.i18n import LANGUAGES
from helpdesk.reports.filters import BadFilter, Filters
from helpdesk.reports.period import Window

# Longer windows would read more steps than are kept.
_FEWEST_DAYS_FOR_MONTHS = 62


@dataclass(frozen=True)
class Choice:
    """The days, and the language of questions and tickets; empty for all."""

    window: Window
    period: str
    lang: str

    @classmethod
    def read(cls, given: Mapping[str, str], today: date) -> "Choice":
        """From the words of an address. Raises `BadFilter`."""
        days = {name: given[name] for name in ("period", "from", "to", "last") if given.get(name)}
        filters, lang = Filters.read(days, today), given.get("lang", "")
        if lang and lang not in LANGUAGES:
            raise BadFilter("lang")
        return cls(filters.window, filters.period, lang)

    @property
    def args(self) -> dict[str, Any]:
        """The same choice as words of an address."""
        days = {"from": self.window.since.isoformat(), "to": self.window.until.isoformat()}
        return {
            **({"period": self.period} if self.period else days),
            **({"lang": self.lang} if self.lang else {}),
        }

    @property
    def parts(self) -> list[Window]:
        """The weeks of a short window, the months of a longer one."""
        days = (self.window.until - self.window.since).days
        return self.window.months() if days > _FEWEST_DAYS_FOR_MONTHS else self.window.weeks()
