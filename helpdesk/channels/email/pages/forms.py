"""What an admin fills in about an address of ours: its voice, where its letters come from, how they leave."""

from typing import Any

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
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from helpdesk.accounts.models import Team
from helpdesk.channels.email.mailboxes import AfterFetching, LetterStyle, Mailbox, SignIn, Tls
from helpdesk.core.fields import is_address, line, prose

# Host of IMAP, host of SMTP, and whether they want OAuth 2, of services that many use.
PRESETS = {
    "google": ("Google Workspace / Gmail", "imap.gmail.com", "smtp.gmail.com"),
    "microsoft": ("Microsoft 365", "outlook.office365.com", "smtp.office365.com"),
    "yahoo-japan": ("Yahoo! JAPAN", "imap.mail.yahoo.co.jp", "smtp.mail.yahoo.co.jp"),
    "icloud": ("iCloud", "imap.mail.me.com", "smtp.mail.me.com"),
}
_OAUTH = {
    "google": ("https://oauth2.googleapis.com/token", "https://mail.google.com/"),
    "microsoft": (
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send"
        " offline_access",
    ),
}
# SMTP from the start in TLS, where the service has that; the others begin in plain and go on in TLS.
_SMTPS = {"yahoo-japan": 465}
# Fields that stand in the mailbox as they are typed.
_PLAIN = (
    *("name", "is_default", "acknowledges", "quotes", "signature"),
    *("imap_host", "imap_port", "imap_user", "imap_folder", "done_folder"),
    *("smtp_host", "smtp_port", "smtp_user", "oauth_token_url", "oauth_client_id", "oauth_scope"),
)
SECRETS = ("imap_password", "smtp_password", "client_secret", "refresh_token")

_port = [InputRequired(), NumberRange(1, 65535, message=_("A port is a number from 1 to 65535."))]
_short = [Length(max=200)]
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
    imap_port = IntegerField(_("Port"), _port, default=993)
    imap_tls = SelectField(_("Encryption"), [InputRequired()], choices=_tls)
    imap_user = StringField(_("User"), _short, filters=[line])
    imap_password = _secret(_("Password"))
    imap_folder = StringField(_("Folder"), [InputRequired(), *_short], default="INBOX", filters=[line])
    after_fetching = SelectField(
        _("Letters that are kept here"),
        [InputRequired()],
        choices=[
            SelectChoice(AfterFetching.SEEN.value, _("are marked as read")),
            SelectChoice(AfterFetching.MOVED.value, _("are moved to another folder")),
            SelectChoice(AfterFetching.LEFT.value, _("stay as they are")),
        ],
    )
    done_folder = StringField(_("That folder"), _short, filters=[line])

    smtp_host = StringField(_("SMTP server"), _short, filters=[line])
    smtp_port = IntegerField(_("Port"), _port, default=587)
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
        if self.imap_host.data and not self.imap_user.data:
            self.imap_user.errors = [gettext("The server has to know who asks.")]
        if self.after_fetching.data == AfterFetching.MOVED.value and not self.done_folder.data:
            self.done_folder.errors = [gettext("Name the folder to move them to.")]
        if self.sign_in.data == SignIn.OAUTH2.value and not (self.oauth_token_url.data or "").startswith(
            "https://"
        ):
            self.oauth_token_url.errors = [gettext("This address begins with https://.")]
        return is_fine and not self.errors

    def fill(self, mailbox: Mailbox) -> None:
        """Put what was typed into the mailbox."""
        for name in _PLAIN:
            setattr(mailbox, name, self[name].data)
        mailbox.address, mailbox.aliases = self._address, self._aliases
        mailbox.team_id, mailbox.language = self.team.data, self.language.data or None
        mailbox.style, mailbox.sign_in = LetterStyle(self.style.data), SignIn(self.sign_in.data)
        mailbox.imap_tls, mailbox.smtp_tls = Tls(self.imap_tls.data), Tls(self.smtp_tls.data)
        mailbox.after_fetching = AfterFetching(self.after_fetching.data)
        mailbox.keep_secrets(**{name: self[name].data or "" for name in SECRETS})

    @property
    def _address(self) -> str:
        return (self.address.data or "").lower()

    @property
    def _aliases(self) -> list[str]:
        lines = (each.strip().lower() for each in (self.aliases.data or "").splitlines())
        return list(dict.fromkeys(each for each in lines if each))


def of_preset(key: str) -> dict[str, Any]:
    """The fields that a service settles; empty for one that is not known."""
    if key not in PRESETS:
        return {}
    _name, imap, smtp = PRESETS[key]
    found: dict[str, Any] = {"imap_host": imap, "smtp_host": smtp, "smtp_port": _SMTPS.get(key, 587)}
    found["smtp_tls"] = (Tls.FROM_THE_START if key in _SMTPS else Tls.STARTTLS).value
    if key in _OAUTH:
        url, scope = _OAUTH[key]
        found |= {"oauth_token_url": url, "oauth_scope": scope}
    if key == "microsoft":  # which takes no passwords any more
        found["sign_in"] = SignIn.OAUTH2.value
    return found


def of_mailbox(mailbox: Mailbox) -> dict[str, Any]:
    """What stands in the form of a mailbox that is there; no secret among it."""
    names = [name for name in MailboxForm.__dict__ if hasattr(Mailbox, name) and not name.startswith("_")]
    values = {name: getattr(mailbox, name) for name in names}
    shown = {name: getattr(value, "value", value) for name, value in values.items()}
    aliases, language = "\n".join(mailbox.aliases), mailbox.language or ""
    return shown | {"team": mailbox.team_id, "aliases": aliases, "language": language}
