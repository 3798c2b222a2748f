"""What we say beside the words of a letter: an invitation in words, what is locked, what is unproved."""

from datetime import date, datetime

from flask_babel import gettext as _

from helpdesk.channels.email.letters.letter import Meeting, ParsedLetter
from helpdesk.core.i18n import day, in_language, moment, zone


def remarks(letter: ParsedLetter) -> str:
    """Lines in the workspace's language, in square brackets; empty for most letters."""
    with in_language(None):
        lines = [*_of_meeting(letter.meeting)] if letter.meeting else []
        if "encrypted" in letter.oddities:
            lines.append(_("[This letter is encrypted. Only its recipient's own key opens the file.]"))
        if "signed-unverified" in letter.oddities:
            lines.append(_("[This letter bears a digital signature, which was not verified.]"))
    return "\n".join(lines)


def _of_meeting(meeting: Meeting) -> list[str]:
    what = meeting.what or "–"
    lines = [
        _("[Cancelled: %(what)s]", what=what)
        if meeting.is_cancelled
        else _("[Invitation: %(what)s]", what=what)
    ]
    if meeting.starts is not None:
        lines.append(_("[When: %(when)s]", when=_span(meeting)))
    if meeting.repeats is not None:
        lines.append(_("[Repeats: %(how)s]", how=_rhythm(*meeting.repeats)))
    if meeting.where:
        lines.append(_("[Where: %(where)s]", where=meeting.where))
    if meeting.organizer.name or meeting.organizer.address:
        lines.append(_("[Organizer: %(who)s]", who=str(meeting.organizer)))
    return lines


def _rhythm(interval: int, word: str) -> str:
    once, more = {
        "daily": (_("every day"), _("every %(num)d days", num=interval)),
        "weekly": (_("every week"), _("every %(num)d weeks", num=interval)),
        "monthly": (_("every month"), _("every %(num)d months", num=interval)),
        "yearly": (_("every year"), _("every %(num)d years", num=interval)),
    }[word]
    return str(once if interval == 1 else more)


def _span(meeting: Meeting) -> str:
    """2026年9月18日(金) 10:30–11:00; a zone we do not know stands behind it, as the calendar names it."""
    starts, ends = meeting.starts, meeting.ends
    if not isinstance(starts, datetime):
        return day(_at_midnight(starts)) if starts else ""
    if starts.tzinfo is None:
        return f"{starts:%Y-%m-%d %H:%M}" + (f" ({meeting.zone})" if meeting.zone else "")
    if not isinstance(ends, datetime) or ends.tzinfo is None:
        return moment(starts)
    is_same_day = starts.astimezone(zone()).date() == ends.astimezone(zone()).date()
    return (
        f"{moment(starts)}–{ends.astimezone(zone()):%H:%M}"
        if is_same_day
        else f"{moment(starts)} – {moment(ends)}"
    )


def _at_midnight(at: date) -> datetime:
    return datetime(at.year, at.month, at.day, tzinfo=zone())
