"""What the customer fills in: one score by one press, then, who likes, effort and words."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.validators import Optional as May

from helpdesk.core.fields import prose
from helpdesk.core.i18n import company_name
from helpdesk.surveys.models import CES_SCALE, CSAT_SCALE

LONGEST_COMMENT = 5_000


def _choices(scale: range) -> list[Any]:
    return [str(score) for score in scale]


class SurveyForm(FlaskForm):
    """No CSRF field: the link's own token is what only its owner has, and its page sends no referrer."""

    class Meta:
        csrf = False


class SatisfactionForm(SurveyForm):
    csat = RadioField(
        _("How satisfied are you with this support?"),
        [InputRequired(_("Please choose a number."))],
        coerce=int,
        choices=_choices(CSAT_SCALE),
    )


class EffortForm(SurveyForm):
    ces = RadioField("", [May()], coerce=int, choices=_choices(CES_SCALE))
    comment = TextAreaField(
        _("What should we know?"),
        [Length(max=LONGEST_COMMENT, message=_("Please keep it under %(max)d characters."))],
        filters=[prose],
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.ces.label.text = _("%(company)s made it easy for me to handle my issue.", company=company_name())
