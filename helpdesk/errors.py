"""What people see when a request cannot be answered: their language, and a way on."""

import logging
from urllib.parse import urlsplit

from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.api import problems
from helpdesk.core.db import db

log = logging.getLogger(__name__)

# Those with a page of their own; others use the nearest.
_PAGES = {403: "403", 404: "404", 429: "429"}


def init_app(app: Flask) -> None:
    """Answer every failure, expected or not."""
    app.register_error_handler(CSRFError, _refused)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(problems.Problem, problems.answer)
    for misfit in (OverflowError, DataError):
        app.register_error_handler(misfit, _does_not_fit)
    app.register_error_handler(Exception, _broken)


def _refused(error: HTTPException) -> BaseResponse | HTTPException:
    if error.code is None or error.code < 400:
        return error
    if problems.is_for_programs():
        return problems.answer(error)
    name = _PAGES.get(error.code, "400")
    page = Response(render_template(f"errors/{name}.html", error=error, back=_way_back(error)), error.code)
    page.headers.extend((name, value) for name, value in error.get_headers() if name != "Content-Type")
    return page


def _way_back(error: HTTPException) -> str:
    """Where one of ours wrote when the session ended: what their browser kept waits there. Else nothing."""
    came_from = urlsplit(request.referrer or "")
    is_desk = came_from.netloc == request.host and came_from.path.startswith("/desk")
    return (
        came_from._replace(scheme="", netloc="").geturl() if isinstance(error, CSRFError) and is_desk else ""
    )


def _does_not_fit(_error: Exception) -> BaseResponse | HTTPException:
    """A number, or a sign in a text, that the database cannot hold: the request is at fault."""
    db.session.rollback()
    return _refused(BadRequest())


def _broken(error: Exception) -> Response:
    db.session.rollback()  # a failed transaction would fail its page too
    if problems.is_for_programs() and problems.is_expected(error):
        return problems.answer(error)
    log.exception("unexpected failure at %s", request.path, exc_info=error)
    if problems.is_for_programs():
        return problems.answer(error)
    return Response(render_template("errors/500.html"), 500)
