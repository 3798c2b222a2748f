"""Pages that are the same for every stranger: kept by browsers and caches, and asked for anew each time."""

from datetime import datetime

from flask import Response, render_template, request, session
from flask_login import current_user

from helpdesk.core.i18n import in_language
from knowledge_base.views.blueprint import viewer

# Kept, but shown only after we said that it still holds: a withdrawn article is gone at once.
SHARED = "public, max-age=0, must-revalidate"
_OWN = "private, no-cache"


def is_shared() -> bool:
    """Whether a stranger asks, for whom nothing on the page is theirs alone: no name, no message."""
    return viewer() is None and "_flashes" not in session


def page(
    template: str,
    *,
    lang: str | None,
    changed_at: datetime | None = None,
    status: int = 200,
    **context: object,
) -> Response:
    """Show a page, to strangers in the language of its address; 304 where they have it already.

    lang: of the address, None where it has none and the visitor's is taken. changed_at: when what it
    shows changed last. The template gets `is_shared`, by which the layout leaves out what is a visitor's own.
    """
    is_for_all = is_shared()
    if is_for_all and lang is not None:
        with in_language(lang):
            text = render_template(template, is_shared=True, **context)
    else:
        text = render_template(template, is_shared=is_for_all, **context)
    return kept(Response(text, status), changed_at, is_for_all=is_for_all)


def kept(response: Response, changed_at: datetime | None = None, *, is_for_all: bool = True) -> Response:
    """Let it be kept: by every cache what is for all, by their own browser what is a customer's.

    What our team gets is kept by nobody, as every page of the desk.
    """
    if not is_for_all and current_user.is_authenticated:
        return response
    response.headers["Cache-Control"] = SHARED if is_for_all and "from" not in request.args else _OWN
    if response.status_code == 200:
        response.add_etag(weak=True)
        response.last_modified = changed_at
        response.make_conditional(request)
    return response
