"""Words that mean the same: the editors' list, the one that comes with the product, and a trial of both."""

from collections.abc import Sequence

from flask import Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from helpdesk.accounts.permissions import me
from helpdesk.core.db import db, reading
from helpdesk.core.spreadsheets import csv_bytes
from helpdesk.core.web import Answer, go
from knowledge_base.index.storing import IndexUnusable
from knowledge_base.views.blueprint import bp
from knowledge_base.views.desk import staff
from knowledge_base.vocabulary import SynonymGroup
from knowledge_base.writing import word_lists, wording

# Of a list's faults so many are shown.
_MOST_FAULTS = 50


@bp.get("/desk/kb/words")
@staff
def words() -> str:
    return _page()


@bp.post("/desk/kb/words")
@staff
def add_words() -> Answer:
    """Keep new groups, one a line; where one cannot be, none is, and what was typed comes back."""
    typed = request.form.get("words", "")
    try:
        made = wording.add(typed.splitlines(), by=me())
    except wording.Unfit as unfit:
        return _page(typed=typed, fault=_said(unfit)), 422
    db.session.commit()
    return _back(
        ngettext("Added. It counts at once.", "%(num)s groups added. They count at once.", len(made))
    )


@bp.post("/desk/kb/words/<int:id>")
@staff
def change_words(id: int) -> Answer:
    group, typed = db.get_or_404(SynonymGroup, id), request.form.get("words", "")
    try:
        wording.change(group, typed, by=me())
    except wording.Unfit as unfit:
        return _page(changed=id, typed=typed, fault=_said(unfit)), 422
    db.session.commit()
    return _back(_("Saved. It counts at once."))


@bp.post("/desk/kb/words/<int:id>/deletion")
@staff
def delete_words(id: int) -> Answer:
    group = db.get_or_404(SynonymGroup, id)
    told = _(", ").join(group.expressions)
    db.session.delete(group)
    db.session.commit()
    return _back(_("Deleted: %(words)s", words=told))


@bp.get("/desk/kb/words.csv")
@staff
def words_csv() -> Response:
    """The editors' groups, one a row."""
    headers = {"Content-Disposition": "attachment; filename=words.csv"}
    return Response(csv_bytes(word_lists.rows()), mimetype="text/csv", headers=headers)


@bp.post("/desk/kb/words/list")
@staff
def take_words() -> Answer:
    """Take a CSV file in, all of it or nothing; what is wrong is told line by line."""
    file = request.files.get("file")
    content = file.read(word_lists.LARGEST + 1) if file else b""
    try:
        taken = word_lists.take(content, replaces="replaces" in request.form, by=me())
    except word_lists.Unread as unread:
        db.session.rollback()
        faults = [(line, _said(unfit)) for line, unfit in unread.faults]
        return _page(list_faults=faults), 422
    db.session.commit()
    told = _(
        "Added: %(added)s. There already: %(known)s. Taken out: %(gone)s.",
        **{"added": taken.added, "known": taken.known, "gone": taken.gone},
    )
    return _back(told)


def _page(
    *, changed: int = 0, typed: str = "", fault: str = "", list_faults: Sequence[tuple[int, str]] = ()
) -> str:
    wanted, question = request.args.get("q", "")[:100].strip(), request.args.get("try", "").strip()
    trial, is_away = None, False
    if question:
        try:
            trial = wording.tried(question)
        except IndexUnusable:
            is_away = True
    return render_template(
        "knowledge_base/words.html",
        groups=wording.groups(wanted),
        shipped=wording.shipped(wanted),
        wanted=wanted,
        question=question,
        trial=trial,
        is_away=is_away,
        changed=changed or request.args.get("change", 0, int),
        typed=typed,
        fault=fault,
        list_faults=list_faults[:_MOST_FAULTS],
        more_faults=len(list_faults[_MOST_FAULTS:]),
    )


def _back(told: str) -> Answer:
    flash(told)
    with reading():
        return go(url_for(".words"))


def _said(unfit: wording.Unfit) -> str:
    """Why a group cannot be kept, and what to do."""
    said: dict[str, str] = {
        "few": _("A group needs two expressions or more, with commas between them."),
        "many": _("A group takes %(most)s expressions.", most=wording.MOST_EXPRESSIONS),
        "long": _(
            "“%(words)s” is too long: %(most)s letters at most.",
            words=unfit.line[:80],
            most=wording.LONGEST_EXPRESSION,
        ),
        "wordless": _("“%(words)s” has no word that the search reads.", words=unfit.line),
        "empty": _("There is no group in this file."),
        "unreadable": _("This file cannot be read: CSV in UTF-8 or Shift_JIS, 4 MB at most."),
        "garbled": _("This line cannot be read."),
        "full": _("There are %(most)s groups, which is as many as fit.", most=wording.MOST_GROUPS),
    }
    return said[unfit.reason]
