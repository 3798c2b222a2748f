"""The one place that knows htmx's headers and what every answer carries."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, redirect, render_template, request, url_for
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response as BaseResponse

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors "
)


# What a view gives: a page, a page with its status, or a response of its own.
Answer = str | tuple[str, int] | BaseResponse


def init_app(app: Flask) -> None:
    """Guard every answer, errors and fragments included."""
    app.after_request(_guard)
    app.jinja_env.globals["asset"] = asset
    app.url_map.converters["int"] = _RowNumber


def answer(partial: str, *, otherwise: str, **context: Any) -> str | BaseResponse:
    """Answer a form: with the changed partial for htmx, else with a redirect to `otherwise`."""
    if is_partial():
        return render_template(partial, **context)
    return redirect(otherwise, code=303)


def is_partial() -> bool:
    """Whether htmx asks and will swap the answer in."""
    return request.headers.get("HX-Request") == "true"


def go(address: str) -> BaseResponse:
    """Leave for `address`, for htmx and for everyone else."""
    if is_partial():
        return Response(status=204, headers={"HX-Location": address})
    return redirect(address, code=303)


def refuse_other_sites() -> None:
    """400 for a form that another site sent in its visitor's name."""
    if request.method != "POST":
        return
    origin = request.headers.get("Origin")
    ours = {request.host, urlsplit(current_app.config["HELPDESK_SITE_URL"]).netloc}
    if origin is not None and urlsplit(origin).netloc not in ours:
        abort(400)
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(400)


def safe_path(address: str | None, otherwise: str) -> str:
    """`address` where it is a path of our own, else `otherwise`: no open redirects."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(address.replace("\\", "/"))
    return otherwise if parts.scheme or parts.netloc else address


def asset(path: str) -> str:
    """The address of a static file, with its content's hash so that it may be cached for ever."""
    return url_for("static", filename=path, v=_version(str(current_app.static_folder), path))


def content_policy(frame_ancestors: str = "'none'") -> str:
    """What a page may load and do; `frame_ancestors` are the sites that may show it in a frame."""
    return _CSP + frame_ancestors


class _RowNumber(IntegerConverter):
    """A number in an address: one that no database is too small for; all else is a 404."""

    regex = r"\d{1,18}"


@lru_cache(maxsize=512)
def _version(folder: str, path: str) -> str:
    file = Path(folder) / path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"


def _guard(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static" and request.args.get("v"):
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        headers.setdefault("Cache-Control", "no-store")
    return response
