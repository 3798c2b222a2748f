"""What an admin fills in about an address of ours: its voice, where its letters come from, how they leave."""

from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (  # type: ignore[attr-defined]
    BooleanField,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import Field
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation

from helpdesk.accounts.models import Team
from helpdesk.channels.email.mailboxes import AfterFetching, LetterStyle, Mailbox, SignIn, Tls
from helpdesk.channels.email.pages.held import held, released
from helpdesk.core.fields import is_address, line, prose

# Fields that stand in the mailbox as they are typed.
_PLAIN = (
    *("name", "is_default", "acknowledges", "quotes", "signature"),
    *("imap_host", "imap_port", "imap_user", "imap_folder", "done_folder"),
    *("smtp_host", "smtp_port", "smtp_user", "oauth_token_url", "oauth_client_id", "oauth_scope"),
)
SECRETS = ("imap_password", "smtp_password", "client_secret", "refresh_token")

_short = [Length(max=200)]


class _NeededWith:
    """A field that has to be filled where a server is named, and says nothing where none is."""

    field_flags: Mapping[str, Any] = {"required": True}

    def __init__(self, host: str, otherwise: Any = "") -> None:
        self.host, self.otherwise = host, otherwise

    def __call__(self, form: FlaskForm, field: Field) -> None:
        if field.data not in (None, ""):
            return
        is_named, is_typed = form[self.host].data, "".join(field.raw_data or ()).strip()
        if not is_typed:
            # An empty number says of itself that it is none.
            field.errors = []
        if not is_named:
            field.data = self.otherwise
        raise StopValidation(gettext("This is needed where a server is named.") if is_named else "")


def _port_of(host: str, usual: int) -> IntegerField:
    fits = NumberRange(1, 65535, message=_("A port is a number from 1 to 65535."))
    return IntegerField(_("Port"), [_NeededWith(host, usual), fits], default=usual, render_kw={"min": 1})


_tls = [
    SelectChoice(Tls.FROM_THE_START.value, _("TLS from the start")),
    SelectChoice(Tls.STARTTLS.value, _("STARTTLS")),
    SelectChoice(Tls.NONE.value, _("None: only inside one's own network")),
]


def _secret(label: Any) -> PasswordField:
    return PasswordField(label, _short, render_kw={"autocomplete": "new-password"})


class MailboxForm(FlaskForm):
    """An address of ours. Secrets left empty stay as they are."""

    version = HiddenField()
    held = HiddenField()
    name = StringField(_("Name that customers read"), [InputRequired(), Length(max=100)], filters=[line])
    address = StringField(_("Address"), [InputRequired(), is_address, Length(max=254)], filters=[line])
    aliases = TextAreaField(_("Further addresses that lead here, one a line"), filters=[prose])
    team = SelectField(_("Team"), [InputRequired()], coerce=int)
    language = SelectField(
        _("Language where a letter tells none"),
        choices=[
            SelectChoice("", _("As the workspace")),
            SelectChoice("ja", "日本語"),
            SelectChoice("en", "English"),
        ],
    )
    is_default = BooleanField(_("Requests that did not come by mail are answered from here"))
    acknowledges = BooleanField(_("Whoever writes first gets an automatic word that the letter has come"))
    style = SelectField(
        _("Form of our letters"),
        [InputRequired()],
        choices=[
            SelectChoice(LetterStyle.HTML.value, _("HTML, with plain text beside it")),
            SelectChoice(
                LetterStyle.PLAIN.value, _("Plain text alone, as Japanese companies write: 宛名・本文・署名")
            ),
        ],
    )
    quotes = BooleanField(_("Quote below an answer what was asked"), default=True)
    signature = TextAreaField(_("Signature of agents who have none of their own"), filters=[prose])

    imap_host = StringField(_("IMAP server"), _short, filters=[line])
    imap_port = _port_of("imap_host", 993)
    imap_tls = SelectField(_("Encryption"), [InputRequired()], choices=_tls)
    imap_user = StringField(_("User"), [_NeededWith("imap_host"), *_short], filters=[line])
    imap_password = _secret(_("Password"))
    imap_folder = StringField(
        _("Folder to fetch from"),
        [_NeededWith("imap_host", "INBOX"), *_short],
        default="INBOX",
        filters=[line],
    )
    after_fetching = SelectField(
        _("Fetched letters, on their server,"),
        [InputRequired()],
        choices=[
            SelectChoice(AfterFetching.SEEN.value, _("are marked as read")),
            SelectChoice(AfterFetching.MOVED.value, _("are moved to another folder")),
            SelectChoice(AfterFetching.LEFT.value, _("stay as they are")),
        ],
    )
    done_folder = StringField(_("Folder to move them to"), _short, filters=[line])

    smtp_host = StringField(_("SMTP server"), _short, filters=[line])
    smtp_port = _port_of("smtp_host", 587)
    smtp_tls = SelectField(_("Encryption"), [InputRequired()], choices=_tls, default=Tls.STARTTLS.value)
    smtp_user = StringField(_("User"), _short, filters=[line])
    smtp_password = _secret(_("Password"))

    sign_in = SelectField(
        _("Way to sign in"),
        [InputRequired()],
        choices=[
            SelectChoice(SignIn.PASSWORD.value, _("Password, or app password")),
            SelectChoice(SignIn.OAUTH2.value, _("OAuth 2")),
        ],
    )
    oauth_token_url = StringField(_("Address for access tokens"), [Optional(), *_short], filters=[line])
    oauth_client_id = StringField(_("Client ID"), _short, filters=[line])
    client_secret = _secret(_("Client secret"))
    refresh_token = PasswordField(_("Refresh token"), [Length(max=4000)])
    oauth_scope = StringField(_("Scope"), [Length(max=400)], filters=[line])

    def offer(self, teams: list[Team]) -> "MailboxForm":
        """Let the admin choose among `teams`."""
        self.team.choices = [SelectChoice(team.id, team.name) for team in teams]
        return self

    def holds(self, mailbox: Mailbox) -> bool:
        """Whether it may be kept as `mailbox`; else each field says why not."""
        is_fine = self.validate()
        others = {address for each in Mailbox.every() if each.id != mailbox.id for address in each.addresses}
        if self._address in others:
            self.address.errors = [gettext("Another mailbox has this address.")]
        if taken := others & set(self._aliases):
            self.aliases.errors = [gettext("Another mailbox has the address %(a)s.", a=min(taken))]
        if wrong := [each for each in self._aliases if not is_address.regex.match(each)]:
            self.aliases.errors = [gettext("%(text)s is not an e-mail address.", text=wrong[0])]
        self._look_at_the_servers(mailbox)
        return is_fine and not self.errors

    def _look_at_the_servers(self, mailbox: Mailbox) -> None:
        for host, port in (("imap_host", "imap_port"), ("smtp_host", "smtp_port")):
            # What is kept was allowed when it was typed.
            is_kept = self[port].data == getattr(mailbox, port)
            if self[host].data and not self[port].errors and not is_kept and not _is_allowed(self[port].data):
                self[port].errors = [_not_allowed(self[port].data)]
        if self.after_fetching.data == AfterFetching.MOVED.value:
            if not self.done_folder.data:
                self.done_folder.errors = [gettext("Name the folder to move them to.")]
            elif self.done_folder.data == self.imap_folder.data:
                self.done_folder.errors = [gettext("Name another folder than the one to fetch from.")]
        is_safe = (self.oauth_token_url.data or "").startswith("https://")
        if self.sign_in.data == SignIn.OAUTH2.value and not is_safe:
            self.oauth_token_url.errors = [gettext("This address begins with https://.")]

    def fill(self, mailbox: Mailbox) -> None:
        """Put what was typed into the mailbox."""
        for name in _PLAIN:
            setattr(mailbox, name, self[name].data)
        mailbox.address, mailbox.aliases = self._address, self._aliases
        mailbox.team_id, mailbox.language = self.team.data, self.language.data or None
        mailbox.style, mailbox.sign_in = LetterStyle(self.style.data), SignIn(self.sign_in.data)
        mailbox.imap_tls, mailbox.smtp_tls = Tls(self.imap_tls.data), Tls(self.smtp_tls.data)
        mailbox.after_fetching = AfterFetching(self.after_fetching.data)
        mailbox.keep_secrets(**self.secrets)

    @property
    def secrets(self) -> dict[str, str]:
        """Those that were typed, now or before a try; by name."""
        return released(self.held.data or "") | {each: self[each].data for each in SECRETS if self[each].data}

    def hold(self, **others: str) -> None:
        """Carry what was typed, and `others`, to the next time that this form is sent."""
        self.held.data = held(self.secrets | others)

    @property
    def _address(self) -> str:
        return (self.address.data or "").lower()

    @property
    def _aliases(self) -> list[str]:
        lines = (each.strip().lower() for each in (self.aliases.data or "").splitlines())
        return list(dict.fromkeys(each for each in lines if each))


def _is_allowed(port: int | None) -> bool:
    allowed = current_app.config["HELPDESK_MAIL_PORTS"]
    return not allowed or port in allowed


def _not_allowed(port: int | None) -> str:
    ports = ", ".join(map(str, current_app.config["HELPDESK_MAIL_PORTS"]))
    said: str = gettext(
        "Port %(port)s is not among those that this installation allows: %(ports)s. "
        "Whoever runs it can add ports by the setting %(setting)s.",
        port=port,
        ports=ports,
        setting="HELPDESK_MAIL_PORTS",
    )
    return said


def of_mailbox(mailbox: Mailbox) -> dict[str, Any]:
    """What stands in the form of a mailbox that is there; no secret among it."""
    names = [name for name in MailboxForm.__dict__ if hasattr(Mailbox, name) and not name.startswith("_")]
    values = {name: getattr(mailbox, name) for name in names}
    shown = {name: getattr(value, "value", value) for name, value in values.items()}
    aliases, language = "\n".join(mailbox.aliases), mailbox.language or ""
    return shown | {"team": mailbox.team_id, "aliases": aliases, "language": language}
