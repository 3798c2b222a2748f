"""What can be wrong between us and a mail server, in plain words, and what to do about it."""

from flask_babel import gettext as _

from helpdesk.core.text import one_line

# As much of a server's own words as a page shows.
_MOST_DETAIL = 200
# Faults of who we say we are: asked again soon, a server may lock the account.
REFUSALS = frozenset(
    ("sign-in", "token-refused", "no-way-in", "oauth-refused", "oauth-ended", "oauth-client", "oauth-scope")
)
# Faults that may pass without anybody's doing.
_PASSING = frozenset(
    ("no-host", "no-answer", "too-slow", "cut", "nonsense", "refused", "not-fetched", "busy", "oauth-busy")
)
# What a program that signs in to Microsoft 365 as itself asks for.
APP_SCOPE = "https://outlook.office365.com/.default"


class MailFault(OSError):
    """A server that cannot be used as it should; `key` is one of those below, `detail` its own words."""

    def __init__(self, key: str, detail: object = "") -> None:
        self.key, self.detail = key, one_line(str(detail))[:_MOST_DETAIL]
        super().__init__(f"{key}: {self.detail}" if self.detail else key)


def explained(fault: str, *, is_watched: bool = True) -> tuple[str, str]:
    """What happened and what to do, of a fault as `str(MailFault)` writes it, in the reader's language.

    is_watched: whether it is that of a mailbox in use, which is tried again by itself.
    """
    key, _colon, detail = fault.partition(": ")
    known = {**_reaching(), **_signing_in(), **_by_token(), **_at_the_provider(), **_using()}
    what, remedy = known.get(key, (fault, ""))
    if is_watched and key in _PASSING:
        again = _("It is tried again by itself.")
        remedy = _("%(remedy)s %(again)s", remedy=remedy, again=again) if remedy else again
    return (f"{what} ({detail})" if detail and key in known else what), remedy


def _reaching() -> dict[str, tuple[str, str]]:
    place = _("Check the server's name and port.")
    return {
        "no-host": (_("There is no server of this name."), _("Check the server's name.")),
        "no-answer": (_("The server cannot be reached."), place),
        "too-slow": (_("The server stopped answering."), ""),
        "cut": (_("The connection was cut."), ""),
        "nonsense": (_("What answers there is not a mail server, or not in order."), place),
        "no-tls": (
            _("The server does not speak TLS on this port."),
            _(
                "Choose the other kind of encryption, or another port. Usual are 993 (TLS) and "
                "143 (STARTTLS) for IMAP, 465 (TLS) and 587 (STARTTLS) for SMTP."
            ),
        ),
        "certificate": (
            _("The server's certificate cannot be trusted."),
            _(
                "Use the name that stands in the certificate. For an authority of your own, "
                "name its file in SSL_CERT_FILE."
            ),
        ),
    }


def _signing_in() -> dict[str, tuple[str, str]]:
    return {
        "sign-in": (
            _("The server refused the name or the password."),
            _("Type the password again. Some providers ask for an app password, or for OAuth 2."),
        ),
        "unsealable": (
            _("The stored password cannot be read: the secret key is another one."),
            _("Type the password again."),
        ),
        "no-way-in": (
            _("The server offers no way to sign in that can be used here."),
            _("Choose TLS, or the other way to sign in."),
        ),
    }


def _by_token() -> dict[str, tuple[str, str]]:
    return {
        "token-refused": (
            _("The server refused the access token (OAuth 2)."),
            _(
                "Check that the user is the address that granted access, that the scope covers IMAP and "
                "SMTP, and that both are allowed for this mailbox at the provider."
            ),
        ),
        "oauth-ended": (
            _("The granted access has ended, or was taken back (OAuth 2)."),
            _(
                "Grant access anew, and type the new refresh token here. While a Google app is in testing, "
                "access ends after seven days."
            ),
        ),
        "oauth-client": (
            _("The provider refused the client ID or the client secret (OAuth 2)."),
            _("The secret may have expired: make a new one at the provider, and type it here."),
        ),
    }


def _at_the_provider() -> dict[str, tuple[str, str]]:
    return {
        "oauth-scope": (
            _("The provider does not know the scope (OAuth 2)."),
            _("Check the scope. Microsoft 365 without a refresh token wants %(scope)s.", scope=APP_SCOPE),
        ),
        "oauth-refused": (
            _("The provider gave no access (OAuth 2)."),
            _("Check the client ID, the secret and the scope; if they are right, grant access anew."),
        ),
        "oauth-busy": (_("The provider gives no access tokens at the moment (OAuth 2)."), ""),
        "oauth-no-answer": (
            _("The provider's address for access tokens cannot be used (OAuth 2)."),
            _("Check the address; it has to begin with https://."),
        ),
    }


def _using() -> dict[str, tuple[str, str]]:
    return {
        "no-folder": (_("The folder cannot be opened."), _("Check the folder's name.")),
        "refused": (_("The server refused what was asked."), ""),
        "not-marked": (
            _("Letters are taken in, but the server does not let them be marked or moved."),
            _("Give the account the right to write to the folder, or choose to leave letters as they are."),
        ),
        "not-fetched": (
            _("Some letters could not be fetched; all others were."),
            _("Read them with another mail program meanwhile."),
        ),
        "busy": (_("Another process fetches from it at the moment."), ""),
        "house": (_("The letters could not be stored."), _("Look at the log, and run helpdesk doctor.")),
    }
