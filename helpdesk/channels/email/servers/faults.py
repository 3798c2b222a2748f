"""What can be wrong between us and a mail server, in plain words, and what to do about it."""

from flask_babel import gettext as _

from helpdesk.core.text import one_line

# As much of a server's own words as a page shows.
_MOST_DETAIL = 200


class MailFault(OSError):
    """A server that cannot be used as it should; `key` is one of those below, `detail` its own words."""

    def __init__(self, key: str, detail: object = "") -> None:
        self.key, self.detail = key, one_line(str(detail))[:_MOST_DETAIL]
        super().__init__(f"{key}: {self.detail}" if self.detail else key)


def explained(fault: str) -> tuple[str, str]:
    """What happened and what to do, of a fault as `str(MailFault)` writes it, in the reader's language."""
    key, _colon, detail = fault.partition(": ")
    known = {**_reaching(), **_signing_in(), **_using()}
    what, remedy = known.get(key, (fault, ""))
    return (f"{what} ({detail})" if detail and key in known else what), remedy


def _reaching() -> dict[str, tuple[str, str]]:
    again = _("Check the server's name and port. It is tried again by itself.")
    return {
        "no-host": (_("There is no server of this name."), _("Check the server's name.")),
        "no-answer": (_("The server cannot be reached."), again),
        "too-slow": (_("The server stopped answering."), _("It is tried again by itself.")),
        "cut": (_("The connection was cut."), _("It is tried again by itself.")),
        "nonsense": (_("What answers there is not a mail server, or not in order."), again),
        "no-tls": (
            _("The server does not speak TLS on this port."),
            _("Port 993 is usual for TLS from the start, 143 for STARTTLS."),
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
    anew = _("Grant access anew, and keep the new refresh token in the mailbox.")
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
        "oauth-refused": (_("The provider gave no access (OAuth 2)."), anew),
        "oauth-no-answer": (
            _("The provider's address for access tokens cannot be used (OAuth 2)."),
            _("Check the address; it has to begin with https://."),
        ),
    }


def _using() -> dict[str, tuple[str, str]]:
    return {
        "no-folder": (_("The folder cannot be opened."), _("Check the folder's name.")),
        "refused": (_("The server refused what was asked."), _("It is tried again by itself.")),
        "not-marked": (
            _("Letters are taken in, but the server does not let them be marked or moved."),
            _("Give the account the right to write to the folder, or choose to leave letters as they are."),
        ),
        "not-fetched": (
            _("Some letters could not be fetched; all others were."),
            _("It is tried again by itself. Meanwhile read them with another mail program."),
        ),
        "busy": (_("Another process fetches from it at the moment."), _("It is tried again by itself.")),
        "house": (_("The letters could not be stored."), _("Look at the log, and run helpdesk doctor.")),
    }
