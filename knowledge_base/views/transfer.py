"""Articles in and out: a file is looked through first, then taken; all of them go out as a zip file."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me, needs
from helpdesk.core.db import db, reading
from helpdesk.core.files import serve
from helpdesk.core.markup import markdown
from helpdesk.core.text import clean_filename
from helpdesk.core.web import Answer, go
from knowledge_base.models import ArticleStatus
from knowledge_base.transfer import transferring
from knowledge_base.transfers import FORMATS, Direction, Progress, Transfer
from knowledge_base.views.blueprint import bp

_NEWEST = 20

leads = needs(Role.LEAD)


@bp.get("/desk/kb/transfer")
@leads
def transfers(fault: str = "") -> str:
    newest = db.session.scalars(Transfer.newest_first().limit(_NEWEST)).all()
    suffixes = ",".join(transferring.SUFFIXES)
    return render_template("knowledge_base/transfers.html", newest=newest, fault=fault, suffixes=suffixes)


@bp.post("/desk/kb/transfer/imports")
@leads
def upload() -> Answer:
    """Keep the file and have it looked through."""
    file = request.files.get("file")
    name = clean_filename(file.filename or "") if file else ""
    if file is None or not file.filename:
        return transfers(_("Choose a file.")), 422
    if not name.lower().endswith(transferring.SUFFIXES):
        return transfers(_("This kind of file holds no articles we know: zip, JSON or Markdown.")), 422
    asked = request.form
    made = transferring.ask_for_import(
        file.read(), name, asked.get("lang", ""), overwrite="overwrite" in asked, by=me()
    )
    return _to(made)


@bp.post("/desk/kb/transfer/exports")
@leads
def ask_for_export() -> Answer:
    asked = request.form
    status = asked.get("status", "")
    if status not in ("", *(each.value for each in ArticleStatus)) or asked.get("format") not in FORMATS:
        return transfers(_("Choose from the list.")), 422
    lang = asked.get("lang", "") if asked.get("lang") in ("ja", "en") else ""
    owners = "owners" in asked
    return _to(transferring.ask_for_export(asked["format"], lang, status, owners=owners, by=me()))


@bp.get("/desk/kb/transfer/<int:id>")
@leads
def transfer(id: int) -> str:
    found = _found(id)
    samples = [
        {**each, "html": markdown(each["body"], each["lang"])} for each in found.result.get("samples", ())
    ]
    return render_template("knowledge_base/transfer.html", transfer=found, samples=samples)


@bp.post("/desk/kb/transfer/<int:id>/taking")
@leads
def take_transfer(id: int) -> Answer:
    """Take in what was looked through."""
    found = _found(id)
    if found.progress is not Progress.READY or found.file_id is None:
        flash(_("This file was taken already, or cannot be taken."), "error")
    transferring.ask_to_take(found)
    return _to(found)


@bp.get("/desk/kb/transfer/<int:id>/file")
@leads
def transfer_file(id: int) -> BaseResponse:
    """The zip file that an export made."""
    made = Transfer.newest_first().where(Transfer.id == id, Transfer.direction == Direction.EXPORT)
    found = db.one_or_404(made.where(Transfer.file_id.is_not(None)))
    return serve(found.file, found.name)


def _found(id: int) -> Transfer:
    found: Transfer = db.one_or_404(Transfer.newest_first().where(Transfer.id == id))
    return found


def _to(made: Transfer) -> BaseResponse:
    db.session.commit()
    with reading():
        return go(url_for(".transfer", id=made.id))
