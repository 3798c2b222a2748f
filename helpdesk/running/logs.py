"""What the house says while it runs: one line a happening, text for eyes or JSON for machines, no secrets."""

import json
import logging
import secrets
import sys
import time
from contextvars import ContextVar

from flask import Flask, Response, g, request

_request_id: ContextVar[str] = ContextVar("request_id", default="-")
log = logging.getLogger("helpdesk.access")


class JsonLines(logging.Formatter):
    """One JSON object a line; control characters are escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "from": record.name,
            "request": _request_id.get(),
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up(app: Flask, form: str) -> None:
    """Log to standard error in `form`, "json" or "text", and name each request."""
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if form == "json" else plain)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app.before_request(_name_request)
    app.after_request(_tell_request)


def _name_request() -> None:
    g.started_at = time.perf_counter()
    _request_id.set(secrets.token_hex(6))


def _tell_request(response: Response) -> Response:
    # The rule, not the address: addresses carry tokens.
    rule = request.url_rule.rule if request.url_rule else "(none)"
    took = round((time.perf_counter() - g.get("started_at", time.perf_counter())) * 1000, 1)
    facts = {"method": request.method, "rule": rule, "status": response.status_code, "ms": took}
    if request.endpoint != "static":
        log.info("%s %s %s %s ms", request.method, rule, response.status_code, took, extra={"facts": facts})
    response.headers["X-Request-Id"] = _request_id.get()
    return response
