"""What letters say: templates of the house, in the language of the reader."""

from dataclasses import dataclass
from typing import Any, Protocol

from flask import current_app, render_template
from jinja2.exceptions import TemplateNotFound

from helpdesk.core.i18n import in_language, spoken


class Addressee(Protocol):
    """Whoever can be written to, such as a contact."""

    name: Any

    @property
    def address(self) -> str | None: ...


@dataclass(frozen=True)
class Rendered:
    """What a template says in one language."""

    subject: str
    text: str
    html: str | None


def rendered(template: str, lang: str | None, **context: Any) -> Rendered:
    """`mail/<template>.txt` and its `.html` (where there is one) in `lang`; `<template>.ja.txt` goes before.

    The text begins with a line `Subject: …`. Raises `ValueError` where it does not.
    """
    with in_language(lang):
        context |= {"lang": spoken(lang), "site_url": current_app.config["HELPDESK_SITE_URL"]}
        first, _, rest = _page(template, "txt", context).lstrip().partition("\n")
        if not first.startswith("Subject: "):
            raise ValueError(f"mail/{template}.txt does not begin with its subject")
        try:
            html = _page(template, "html", context)
        except TemplateNotFound:
            html = None
    return Rendered(first.removeprefix("Subject: ").strip(), rest.strip("\n") + "\n", html)


def _page(template: str, suffix: str, context: dict[str, Any]) -> str:
    own = f"mail/{template}.{context['lang']}.{suffix}"
    return render_template([own, f"mail/{template}.{suffix}"], **context)
