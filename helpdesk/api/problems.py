"""Every refusal under /api as `application/problem+json` (RFC 9457), whoever raised it."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from helpdesk.core.i18n import in_language

MEDIA_TYPE = "application/problem+json"

# Kinds of our own, each explained on the reference page at this anchor; all others are "about:blank".
KINDS: Mapping[str, LazyString] = {
    "invalid": _("The request does not have the form that the document describes"),
    "malformed": _("The body is not JSON"),
    "unauthorised": _("A valid token is needed"),
    "scope": _("The token does not allow this"),
    "role": _("The token's agent may not do this"),
    "taken": _("Something else has this value already"),
    "overtaken": _("Somebody else changed it in the meantime"),
    "merged": _("It was put together with another one"),
    "key-reused": _("The Idempotency-Key belongs to another request"),
    "in-flight": _("The same request is still being worked on"),
    "throttled": _("Too many wrong tokens"),
}


class Problem(Exception):
    """A refusal that a program can read.

    fields: what is wrong with each, by its path in the request. more: members beside the standard's.
    """

    def __init__(
        self,
        status: int,
        kind: str = "",
        detail: str = "",
        *,
        fields: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or kind)
        self.status, self.kind, self.detail = status, kind, detail
        self.fields, self.headers, self.more = tuple(fields), dict(headers or {}), dict(more or {})


def is_for_programs() -> bool:
    """Whether the request in hand is answered in JSON, also where no route took it."""
    return request.path.startswith("/api/") and request.path != "/api/docs"


def is_expected(error: Exception) -> bool:
    """Whether `error` is one of two writers at the same time, and no fault of ours."""
    return isinstance(error, StaleDataError | IntegrityError | OperationalError)


def answer(error: Exception) -> Response:
    """What a program is told of `error`; of an unexpected one no more than that it happened."""
    problem = _problem_of(error)
    told: dict[str, Any] = {
        "type": f"/api/docs#problem-{problem.kind}" if problem.kind else "about:blank",
        "title": _title(problem),
        "status": problem.status,
    }
    if problem.detail:
        told["detail"] = problem.detail
    told |= problem.more
    if problem.fields:
        told["errors"] = [{"field": field, "message": message} for field, message in problem.fields]
    response = Response(json.dumps(told, ensure_ascii=False), problem.status, content_type=MEDIA_TYPE)
    response.headers.extend(problem.headers)
    return response


def invalid(error: ValidationError) -> Problem:
    """What pydantic found, in words of ours; a body that is no JSON at all is a 400."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if found[0]["type"] == "json_invalid":
        return Problem(400, "malformed", found[0]["msg"])
    return Problem(422, "invalid", fields=[(_path(each["loc"]), each["msg"]) for each in found])


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException) and error.code is not None:
        kept = {name: value for name, value in error.get_headers() if name not in ("Content-Type",)}
        return Problem(error.code, detail=error.description or "", headers=kept)
    if isinstance(error, StaleDataError):
        return Problem(409, "overtaken", "Nothing was written; read it again and repeat.")
    if isinstance(error, IntegrityError):
        return Problem(409, "taken", "Another request wrote the same in this moment; repeat this one.")
    if isinstance(error, OperationalError):
        return Problem(503, detail="The database is busy; repeat later.", headers={"Retry-After": "5"})
    return Problem(500, detail="It was noted, and nothing was written.")


def _title(problem: Problem) -> str:
    """In English whoever asks: programs and their logs should not depend on a reader's language."""
    if not problem.kind:
        return HTTPStatus(problem.status).phrase
    with in_language("en"):
        return str(KINDS[problem.kind])


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)
