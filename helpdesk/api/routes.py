"""One decorator that says of each address what it takes, what it gives and who may ask; and keeps to it.

A view of a route does one verb and returns its answer; the route commits it, together with the answer
that a repeated request gets, and the document at /api/openapi.json is written from the same words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import LazyString
from pydantic import BaseModel, TypeAdapter, ValidationError

from helpdesk.accounts.models import Role
from helpdesk.api import problems, tokens
from helpdesk.api.idempotency import once
from helpdesk.api.problems import Problem
from helpdesk.core.db import db

# Bytes of a body; the longest message in the widest writing fits.
LARGEST_BODY = 4 * 2**20

bp = Blueprint("api", __name__, url_prefix="/api")
ROUTES: list["Route"] = []

# The shape alone, or with headers.
Given = BaseModel | tuple[BaseModel, Mapping[str, str]]
View = Callable[..., Given]


@dataclass(frozen=True)
class Route:
    """One address and method. scope: "read", "write", or None where no token is needed."""

    rule: str
    method: str
    view: View
    summary: LazyString
    out: type[BaseModel]
    body: Any = None
    query: type[BaseModel] | None = None
    status: int = 200
    scope: str | None = "read"
    role: Role = Role.AGENT

    @property
    def name(self) -> str:
        """How `url_for` and the document call it: "tickets_show"."""
        return f"{self.view.__module__.rsplit('.', 1)[-1]}_{self.view.__name__}"

    def __call__(self, **place: int) -> Response:
        tokens.identify(self.scope, self.role)
        asked = self._asked()
        if self.method == "GET":
            return self._work(place, asked)
        raw = request.get_data()
        given = asked if self.body is None else {**asked, "body": self._read(raw)}
        if self.method == "POST":
            return once(tokens.token_id(), raw, lambda: self._work(place, given))
        response = self._work(place, given)
        db.session.commit()
        return response

    def _asked(self) -> dict[str, Any]:
        """The query of the address, checked; a name that the route does not know is refused."""
        given = request.args.to_dict(flat=False)
        if twice := [name for name, values in given.items() if len(values) > 1]:
            raise Problem(422, "invalid", fields=[(name, "Given more than once.") for name in twice])
        if self.query is None:
            if given:
                raise Problem(422, "invalid", fields=[(name, "Unknown.") for name in given])
            return {}
        try:
            adapter = TypeAdapter(self.query)
            return {"query": adapter.validate_strings({name: values[0] for name, values in given.items()})}
        except ValidationError as error:
            raise problems.invalid(error) from error

    def _read(self, raw: bytes) -> Any:
        if not request.is_json:
            raise Problem(415, detail="The body must be application/json.")
        try:
            return TypeAdapter(self.body).validate_json(raw)
        except ValidationError as error:
            raise problems.invalid(error) from error

    def _work(self, place: Mapping[str, int], given: Mapping[str, Any]) -> Response:
        made = self.view(**place, **given)
        shape, headers = made if isinstance(made, tuple) else (made, {})
        text = shape.model_dump_json(by_alias=True)
        return Response(text, self.status, dict(headers), mimetype="application/json")


def route(rule: str, method: str, summary: LazyString, **particulars: Any) -> Callable[[View], View]:
    """Answer `method` at `rule` below /api with the view; the rest is as in `Route`."""

    def add(view: View) -> View:
        made = Route(rule=rule, method=method, view=view, summary=summary, **particulars)
        ROUTES.append(made)
        bp.add_url_rule(rule, made.name, made, methods=[method])
        return view

    return add


def expect(version: int) -> None:
    """Go on only where the request does not insist, by If-Match, on another version than this."""
    if request.if_match and not request.if_match.contains(str(version)):
        raise Problem(412, "overtaken", "If-Match names another version; read it again.")


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


@bp.before_request
def _bound() -> None:
    request.max_content_length = LARGEST_BODY
