"""The document, for programs as it is and for people as a page."""

from flask import Response, jsonify, render_template

from helpdesk.api.openapi import document
from helpdesk.api.problems import KINDS
from helpdesk.api.routes import bp
from helpdesk.core.i18n import language


@bp.get("/openapi.json")
def openapi() -> Response:
    response = jsonify(document("en"))
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@bp.get("/docs")
def docs() -> str:
    return render_template("api/docs.html", document=document(language()), kinds=KINDS)
