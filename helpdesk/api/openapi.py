"""The OpenAPI 3.1 document of the door, written from its routes."""

import re
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _
from pydantic import BaseModel, TypeAdapter

from helpdesk import __version__
from helpdesk.accounts.models import Role
from helpdesk.api import problems
from helpdesk.api.idempotency import HEADER, KEY_PATTERN, LONGEST_KEY
from helpdesk.api.routes import ROUTES, Route
from helpdesk.api.shapes.common import LARGEST_NUMBER
from helpdesk.core.i18n import in_language

Json = dict[str, Any]

_REF = "#/components/schemas/{model}"
_PLACE = re.compile(r"<int:(\w+)>")
_ALWAYS = "500"


class Wrong(BaseModel):
    """One field that is wrong."""

    field: str
    message: str


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[Wrong] = []


_ABOUT = _(
    "The same customers, tickets and articles as on the pages, seen as the token's agent sees them: what the "
    "agent may not see does not exist. Lists come in pieces: give next back as cursor until it is null. "
    "Moments are RFC 3339 with their offset."
)
_WORDS = {
    "200": _("Done"),
    "201": _("Created"),
    "400": _("The body is not JSON"),
    "401": _("A valid token is needed"),
    "403": _("The token or its agent may not do this"),
    "404": _("Not there, or not the agent's to see"),
    "409": _("In conflict with something else"),
    "412": _("If-Match names another version"),
    "413": _("The body is too large"),
    "415": _("The body must be application/json"),
    "422": _("The request does not have the form described here"),
    "429": _("Too many wrong tokens"),
    "500": _("Our fault; nothing was written"),
    "503": _("Busy; repeat later"),
}


@cache
def document(language: str) -> Json:
    """The whole document, its sentences in `language`; the same object each time, so leave it as it is."""
    with in_language(language):
        refs, components = _components()
        paths: dict[str, Json] = {}
        for route in ROUTES:
            path = "/api" + _PLACE.sub(r"{\1}", route.rule)
            paths.setdefault(path, {})[route.method.lower()] = _operation(route, refs)
        scheme = {"type": "http", "scheme": "bearer", "description": "helpdesk token create --user EMAIL"}
        return {
            "openapi": "3.1.0",
            "info": {"title": "Helpdesk", "version": __version__, "description": str(_ABOUT)},
            "servers": [{"url": "/"}],
            "paths": paths,
            "components": {"schemas": components, "securitySchemes": {"token": scheme}},
        }


def _components() -> tuple[dict[Any, Json], dict[str, Json]]:
    """Where each shape of the routes stands, and all of them by name."""
    ins = {route.body for route in ROUTES if route.body}
    outs = {*(route.out for route in ROUTES), ProblemDetails}
    asked: list[Any] = [(shape, "validation", _adapter(shape)) for shape in sorted(ins, key=_name)]
    asked += [(shape, "serialization", _adapter(shape)) for shape in sorted(outs, key=_name)]
    refs, found = TypeAdapter.json_schemas(asked, ref_template=_REF)
    return {shape: ref for (shape, _mode), ref in refs.items()}, _untitled(found["$defs"])


def _operation(route: Route, refs: dict[Any, Json]) -> Json:
    made: Json = {
        "operationId": route.name,
        "tags": [route.rule.split("/")[2]],
        "summary": str(route.summary),
        "parameters": [*_places(route), *_query(route), *_headers(route)],
        "responses": _responses(route, refs),
        "security": [{"token": []}] if route.scope else [{"token": []}, {}],
    }
    if route.scope:
        made["x-scope"] = route.scope
    if route.role is not Role.AGENT:
        made["x-role"] = route.role.value
    if route.body:
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": refs[route.body]}},
        }
    return made


def _places(route: Route) -> list[Json]:
    number = {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER}
    return [
        {"name": name, "in": "path", "required": True, "schema": number}
        for name in _PLACE.findall(route.rule)
    ]


def _query(route: Route) -> list[Json]:
    if route.query is None:
        return []
    schema = _untitled(TypeAdapter(route.query).json_schema(mode="validation"))
    definitions = schema.get("$defs", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            **({"description": given.pop("description")} if "description" in given else {}),
            "schema": _present(given, definitions),
        }
        for name, given in schema.get("properties", {}).items()
    ]


def _present(schema: Json, definitions: Json) -> Json:
    """What an address can say: there is no null in it, and nothing elsewhere to refer to."""
    choices = [choice for choice in schema.pop("anyOf", ()) if choice.get("type") != "null"]
    if schema.get("default", ...) is None:
        del schema["default"]
    for choice in choices:
        schema.update(choice)
    ref = schema.pop("$ref", "").rpartition("/")[2]
    return {**schema, **(definitions[ref] if ref else {})}


def _headers(route: Route) -> list[Json]:
    if route.method == "POST":
        key = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": KEY_PATTERN}
        return [{"name": HEADER, "in": "header", "required": False, "schema": key}]
    if route.method == "PATCH":
        return [{"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}}]
    return []


def _responses(route: Route, refs: dict[Any, Json]) -> Json:
    shown = {"application/json": {"schema": refs[route.out]}}
    told = {problems.MEDIA_TYPE: {"schema": refs[ProblemDetails]}}
    good = {str(route.status): {"description": str(_WORDS[str(route.status)]), "content": shown}}
    return good | {code: {"description": str(_WORDS[code]), "content": told} for code in _refusals(route)}


def _refusals(route: Route) -> list[str]:
    codes = {"401", "403", "422", "429", _ALWAYS, "503"}
    if _PLACE.search(route.rule):
        codes.add("404")
    if route.body:
        codes |= {"400", "413", "415"}
    if route.method != "GET":
        codes.add("409")
    if route.method == "PATCH":
        codes.add("412")
    return sorted(codes)


def _untitled(schema: Any) -> Any:
    """Without the titles that only repeat a field's name."""
    if isinstance(schema, list):
        return [_untitled(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _untitled(each)
        for name, each in schema.items()
        if not (name == "title" and isinstance(each, str))
    }


def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _name(shape: Any) -> str:
    return str(shape.__name__)
