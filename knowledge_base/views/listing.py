"""The list of all articles, what waits for the team, and one change of many."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.accounts.permissions import me
from helpdesk.core.db import db, reading
from helpdesk.core.i18n import language
from helpdesk.core.web import Answer, go, safe_path
from knowledge_base.categories import Category, Tree
from knowledge_base.models import Article
from knowledge_base.views.blueprint import bp
from knowledge_base.views.desk import staff, stages
from knowledge_base.writing import managing, sweeping
from knowledge_base.writing.forms import PURPOSES
from knowledge_base.writing.narrowing import Wanted


@bp.get("/desk/kb")
@staff
def manage() -> str:
    wanted = Wanted.of(request.args)
    marks = {name: request.args.get(name, "")[:300] for name in ("after", "before")}
    return render_template(
        "knowledge_base/manage.html",
        listing=managing.listed(me(), wanted, **marks),
        wanted=wanted,
        waiting=managing.waiting(me()),
        shelves=Tree.load().all,
        owners=managing.owners(),
        people=db.session.scalars(Agent.visible_to(me())).all(),
        stages=stages(),
        purposes=PURPOSES,
        lang=language(),
    )


@bp.post("/desk/kb/changes")
@staff
def change_many() -> Answer:
    """Lay the chosen articles into a category, give them to somebody, or put them away."""
    articles = sweeping.chosen(me(), [int(id) for id in request.form.getlist("id") if id.isdigit()])
    what, words, kind = request.form.get("what", ""), _("Choose what to change."), "error"
    if not articles:
        words = _("Choose articles first.")
    elif what in _CHANGES:
        swept = _CHANGES[what](articles)
        db.session.commit()
        words, kind = _told(swept), "message"
    flash(words, kind)
    with reading():
        return go(safe_path(request.form.get("next"), url_for("knowledge_base.manage")))


def _lay(articles: list[Article]) -> sweeping.Swept:
    id = request.form.get("category", 0, int)
    return sweeping.put_on_shelf(articles, db.get_or_404(Category, id) if id else None, by=me())


def _give(articles: list[Article]) -> sweeping.Swept:
    id = request.form.get("owner", 0, int)
    owner = db.one_or_404(select(Agent).where(Agent.id == id, Agent.deactivated_at.is_(None))) if id else None
    return sweeping.give(articles, owner, by=me())


def _archive(articles: list[Article]) -> sweeping.Swept:
    return sweeping.archive(articles, by=me())


_CHANGES = {"category": _lay, "owner": _give, "archive": _archive}


def _told(swept: sweeping.Swept) -> str:
    changed = ngettext("%(num)s article changed.", "%(num)s articles changed.", swept.changed)
    if not swept.same:
        return str(changed)
    same = ngettext("%(num)s was so already.", "%(num)s were so already.", swept.same)
    return f"{changed} {same}"
