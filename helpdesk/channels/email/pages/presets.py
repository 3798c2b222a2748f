"""What services that many use settle for everybody: their servers, and how they want to be signed in to."""

from typing import Any

from helpdesk.channels.email.mailboxes import SignIn, Tls

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
