"""CSAT and CES from counted answers: pure, one definition for page, export and API.

A tally is `{score: how often}`, as `Counter(scores)` makes it.
"""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from helpdesk.core.statistics import Estimate, mean, proportion
from helpdesk.surveys.models import CES_SCALE, CSAT_SCALE

# Raised with every change of what a figure means, so that old and new are never mixed.
DEFINITION_VERSION = 1

DEFINITIONS = {
    "csat": _("CSAT: the share of answers 4 and 5 to “How satisfied are you with this support?” (1 to 5)."),
    "ces": _(
        "CES: the share of answers 5, 6 and 7 to “It was easy to get my issue handled.” (1 to 7); "
        "higher is less effort."
    ),
    "response": _("Response rate: of the people invited in the period, the share who answered."),
    "date": _(
        "Answers belong to the day they were given; the team, agent, channel, stage and topic are "
        "those at the moment of resolution."
    ),
    "interval": _("The interval covers the true value in 95 of 100 cases (Wilson; means: Student)."),
}


def csat(tally: Mapping[int, int]) -> Estimate | None:
    """Customer satisfaction: the share of answers that are 4 or 5, from 0.0 to 1.0.

    None where nobody answered, since no answer is not a zero. Raises `ValueError` for a score outside 1 to 5.
    """
    _check(tally, CSAT_SCALE)
    return proportion(_count(tally, 4, 5), sum(tally.values()))


def csat_mean(tally: Mapping[int, int]) -> Estimate | None:
    """The mean answer from 1 to 5: secondary, never the headline. None where nobody answered."""
    _check(tally, CSAT_SCALE)
    return mean(tally)


def ces(tally: Mapping[int, int]) -> Estimate | None:
    """Customer effort: the share of answers from 5 to 7, from 0.0 to 1.0; higher is less effort.

    None where nobody answered. Raises `ValueError` for a score outside 1 to 7.
    """
    _check(tally, CES_SCALE)
    return proportion(_count(tally, 5, 6, 7), sum(tally.values()))


def ces_mean(tally: Mapping[int, int]) -> Estimate | None:
    """The mean answer from 1 to 7. None where nobody answered."""
    _check(tally, CES_SCALE)
    return mean(tally)


def net_easy(tally: Mapping[int, int]) -> float | None:
    """Those who found it easy (6, 7) less those who did not (1 to 3), in points from -100 to 100."""
    _check(tally, CES_SCALE)
    n = sum(tally.values())
    return 100 * (_count(tally, 6, 7) - _count(tally, 1, 2, 3)) / n if n else None


def _count(tally: Mapping[int, int], *scores: int) -> int:
    return sum(tally.get(score, 0) for score in scores)


def _check(tally: Mapping[int, int], scale: range) -> None:
    if strays := sorted(score for score in tally if score not in scale):
        raise ValueError(f"scores run from {scale[0]} to {scale[-1]}: {strays}")
