"""What agents fill in about themselves, and admins about others."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (  # type: ignore[attr-defined]
    BooleanField,
    EmailField,
    PasswordField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from helpdesk.accounts.models import Role, Team
from helpdesk.core.fields import is_address, line, prose

SHORTEST_PASSWORD = 10
# How long a token may live, in days; 0 is for ever.
TOKEN_LIVES = (0, 30, 90, 365)


class SignInForm(FlaskForm):
    email = EmailField(_("E-mail address"), [InputRequired(), Length(max=254)])
    password = PasswordField(_("Password"), [InputRequired(), Length(max=1000)])


class PersonForm(FlaskForm):
    """Somebody who works here: role and teams decide what they may do and see."""

    name = StringField(_("Full name"), [InputRequired(), Length(max=100)], filters=[line])
    role = SelectField(
        _("Role"),
        [InputRequired()],
        choices=[
            SelectChoice(Role.AGENT.value, _("Agent: answers customers")),
            SelectChoice(Role.LEAD.value, _("Lead: reads reports as well")),
            SelectChoice(Role.ADMIN.value, _("Admin: sees everything and changes settings")),
        ],
        default=Role.AGENT.value,
    )
    teams = SelectMultipleField(
        _("Teams"), coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def offer(self, teams: Iterable[Team]) -> Any:
        """Let the admin choose among `teams`."""
        self.all_teams = list(teams)
        self.teams.choices = [SelectChoice(team.id, team.name) for team in self.all_teams]
        return self

    @property
    def chosen(self) -> dict[str, Any]:
        """Name, role and teams, as `people` takes them."""
        teams = [team for team in self.all_teams if team.id in (self.teams.data or ())]
        return {"name": self.name.data, "role": Role(self.role.data), "teams": teams}


class NewPersonForm(PersonForm):
    email = EmailField(_("E-mail address"), [InputRequired(), is_address, Length(max=254)])


class TeamForm(FlaskForm):
    name = StringField(_("Team name"), [InputRequired(), Length(max=60)], filters=[line])


class AccountForm(FlaskForm):
    """An agent's own choices."""

    name = StringField(_("Full name"), [InputRequired(), Length(max=100)], filters=[line])
    language = SelectField(
        _("Language"),
        choices=[
            SelectChoice("", _("As the browser")),
            SelectChoice("ja", "日本語"),
            SelectChoice("en", "English"),
        ],
        default="",
    )
    theme = SelectField(
        _("Appearance"),
        [InputRequired()],
        choices=[
            SelectChoice("system", _("As the device")),
            SelectChoice("light", _("Light")),
            SelectChoice("dark", _("Dark")),
        ],
        default="system",
    )
    signature = TextAreaField(
        _("Signature"), [Length(max=2000)], filters=[prose], description=_("Stands below what you write.")
    )
    hears_by_mail = BooleanField(
        _("Send me by e-mail what customers write on tickets in my hands"),
        description=_(
            "A reply to such a letter answers the customer; begun with #note, it is an internal note."
        ),
    )


class PasswordForm(FlaskForm):
    old = PasswordField(_("Present password"), [InputRequired(), Length(max=1000)])
    new = PasswordField(
        _("New password"),
        [InputRequired(), Length(min=SHORTEST_PASSWORD, max=1000)],
        description=_("At least 10 characters. A few words in a row are easy to keep in mind."),
    )


class TokenForm(FlaskForm):
    name = StringField(
        _("What for"),
        [InputRequired(), Length(max=100)],
        filters=[line],
        description=_("Such as a program's name."),
    )
    scope = SelectField(
        _("Rights"),
        [InputRequired()],
        choices=[SelectChoice("write", _("read and write")), SelectChoice("read", _("read only"))],
        default="write",
    )
    days = SelectField(
        _("Valid"),
        [InputRequired()],
        coerce=int,
        choices=[
            SelectChoice(days, _("%(n)s days", n=days) if days else _("until revoked"))
            for days in TOKEN_LIVES
        ],
        default=90,
    )
