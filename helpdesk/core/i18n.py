"""Japanese and English: whose language, and how moments, names and numbers look in it."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, force_locale, get_locale, get_translations
from flask_babel import gettext as _
from flask_login import current_user

from helpdesk.core.clock import now

LANGUAGES = ("ja", "en")
# The visitor's own choice, kept a year.
COOKIE = "helpdesk_lang"

_WEEKDAYS_JA = "月火水木金土日"
_MONTHS_EN = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

babel = Babel()
_catalogues: dict[str, Any] = {}


def init_app(app: Flask) -> None:
    """Choose the language of each request; give templates the formats."""
    babel.init_app(app, locale_selector=_choose, default_translation_directories="translations")
    app.jinja_env.filters.update(when=when, moment=moment, day=day, duration=duration, titled=titled)
    app.jinja_env.globals.update(language=language, get_locale=get_locale)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda words: _catalogue().ugettext(words),
        ngettext=lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
    )


def language() -> str:
    """The language of the person in front of us: `ja` or `en`."""
    locale = get_locale()
    return locale.language if locale is not None else str(current_app.config["BABEL_DEFAULT_LOCALE"])


def company_name(lang: str | None = None) -> str:
    """The name that customers know us by, in `lang`; without one, in the language spoken."""
    english = current_app.config["HELPDESK_COMPANY_NAME_EN"] if (lang or language()) == "en" else ""
    return str(english or current_app.config["HELPDESK_COMPANY_NAME"])


def zone() -> ZoneInfo:
    """The workspace's time zone, in which days and months are cut."""
    return _zone(current_app.config["HELPDESK_TIMEZONE"])


def local(at: datetime) -> datetime:
    return at.astimezone(zone())


def day(at: datetime | None) -> str:
    """2026年9月18日(金) or 18 Sep 2026; empty for None."""
    if at is None:
        return ""
    at = local(at)
    if language() == "ja":
        return f"{at.year}年{at.month}月{at.day}日({_WEEKDAYS_JA[at.weekday()]})"
    return f"{at.day} {_MONTHS_EN[at.month - 1]} {at.year}"


def moment(at: datetime | None) -> str:
    """Day and time: 2026年9月18日(金) 10:30."""
    return f"{day(at)} {local(at):%H:%M}" if at is not None else ""


def when(at: datetime | None) -> str:
    """As short as a list needs: 10:30 today, 9/18 this year, 2025/9/18 before; en 18 Sep, 18 Sep 2025."""
    return whens()(at) if at is not None else ""


def whens() -> Callable[[datetime], str]:
    """`when` for a long list: what is the same for all its moments is looked up once."""
    tz, is_japanese = zone(), language() == "ja"
    today = now().astimezone(tz)

    def written(at: datetime) -> str:
        at = at.astimezone(tz)
        if at.toordinal() == today.toordinal():
            return f"{at.hour:02}:{at.minute:02}"
        if is_japanese:
            return f"{at.month}/{at.day}" if at.year == today.year else f"{at.year}/{at.month}/{at.day}"
        short = f"{at.day} {_MONTHS_EN[at.month - 1]}"
        return short if at.year == today.year else f"{short} {at.year}"

    return written


def duration(seconds: float) -> str:
    """3 min, 1 h 10 min, 2 days: at most two units, never negative."""
    return durations()(seconds)


def durations() -> Callable[[float], str]:
    """`duration` for a long list: its words are looked up once."""
    short, hours, middle = _("%(n)s min"), _("%(h)s h"), _("%(h)s h %(m)s min")
    long = _("%(n)s days")

    def written(seconds: float) -> str:
        minutes = max(0, int(seconds // 60))
        if minutes < 60:
            return str(short % {"n": minutes})
        if minutes < 48 * 60:
            words = middle if minutes % 60 else hours
            return str(words % {"h": minutes // 60, "m": minutes % 60})
        return str(long % {"n": minutes // (24 * 60)})

    return written


def titled(name: str, is_company: bool = False) -> str:
    """The name with the title it has in the reader's language: 木下 真由美 様, 東都精機株式会社 御中."""
    if language() != "ja" or not name:
        return name
    return f"{name} {'御中' if is_company else '様'}"


def spoken(wanted: str | None) -> str:
    """`wanted` where it is a language of ours, else the workspace's."""
    return wanted if wanted in LANGUAGES else str(current_app.config["BABEL_DEFAULT_LOCALE"])


def in_language(wanted: str | None) -> "force_locale":
    """Speak `wanted` within: `with in_language(contact.language): …`; for letters and jobs."""
    return force_locale(spoken(wanted))


def _catalogue() -> Any:
    """The sentences of the language spoken: a page has a hundred, and the library asks its way for each."""
    spoken = language()
    if spoken not in _catalogues:
        _catalogues[spoken] = get_translations()
    return _catalogues[spoken]


def _choose() -> str | None:
    if not has_request_context():
        return None
    chosen = (
        getattr(current_user, "language", None) or g.get("contact_language") or request.cookies.get(COOKIE)
    )
    if chosen in LANGUAGES:
        return str(chosen)
    default = str(current_app.config["BABEL_DEFAULT_LOCALE"])
    return request.accept_languages.best_match(LANGUAGES, default)


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
