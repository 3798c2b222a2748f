"""Settings for leads and admins: stage sets, their drafts, what a draft would do, and putting it into use."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from helpdesk.accounts.models import Agent, Role
from helpdesk.accounts.permissions import me, staff_only
from helpdesk.core.db import db
from helpdesk.core.i18n import language
from helpdesk.core.web import Answer, go
from helpdesk.lifecycle import presets
from helpdesk.lifecycle.editing import drafts
from helpdesk.lifecycle.editing.differences import differences
from helpdesk.lifecycle.editing.drafts import Overtaken
from helpdesk.lifecycle.editing.foretelling import foretell
from helpdesk.lifecycle.editing.forms import NamesForm, NewStageForm
from helpdesk.lifecycle.editing.publishing import Unsound, publish
from helpdesk.lifecycle.editing.soundness import faults
from helpdesk.lifecycle.editing.vocabulary import ANCHORS
from helpdesk.lifecycle.models import Anchor, SetStatus, StageSet

bp = Blueprint("stage_sets", __name__, url_prefix="/desk/settings/stages")
staff_only(bp, Role.LEAD)


@bp.get("")
def index() -> str:
    """What is in use first, then drafts, then what was before; and what ships."""
    order = [SetStatus.PUBLISHED, SetStatus.DRAFT, SetStatus.RETIRED]
    sets = db.session.scalars(select(StageSet).order_by(StageSet.id.desc())).all()
    shipped = {name: presets.read(name)[f"name_{language()}"] for name in presets.names()}
    people = {row.id: row.name for row in db.session.execute(select(Agent.id, Agent.name))}
    shown = sorted(sets, key=lambda each: order.index(each.status))
    return render_template("lifecycle/editing/sets.html", sets=shown, shipped=shipped, people=people)


@bp.post("")
def begin() -> Answer:
    """A new draft, from what is in use or from the preset that was chosen."""
    preset = request.form.get("preset", "")
    if preset and preset not in presets.names():
        abort(404)
    draft = drafts.begin(by=me(), preset=preset)
    db.session.commit()
    return go(url_for(".show", id=draft.id))


@bp.get("/<int:id>")
def show(id: int) -> str:
    return page(find(id))


@bp.post("/<int:id>/names")
def rename(id: int) -> Answer:
    draft, form = find(id), NamesForm()
    if not form.validate():
        return page(draft, names=form), 422
    drafts.touch(draft, edition(), by=me())
    draft.name_ja, draft.name_en = form.name_ja.data or "", form.name_en.data or ""
    db.session.commit()
    return _saved(id)


@bp.post("/<int:id>/stages")
def add(id: int) -> Answer:
    draft, form = find(id), NewStageForm()
    is_fine = form.validate()
    if is_fine and form.key.data in {stage.key for stage in draft.stages}:
        form.key.errors = [_("Another stage has the key %(key)s already.", key=form.key.data)]
        is_fine = False
    if is_fine and len(draft.stages) >= drafts.MOST_STAGES:
        form.key.errors = [_("A set has at most %(n)s stages.", n=drafts.MOST_STAGES)]
        is_fine = False
    if not is_fine:
        return page(draft, new=form), 422
    drafts.touch(draft, edition(), by=me())
    names = form.name_ja.data or "", form.name_en.data or ""
    drafts.add(draft, form.key.data or "", *names, Anchor(form.anchor.data))
    db.session.commit()
    return _saved(id)


@bp.post("/<int:id>/mapping")
def change_mapping(id: int) -> Answer:
    """Where those go who stand on each stage of the set in use."""
    draft, used = find(id), StageSet.in_use()
    drafts.touch(draft, edition(), by=me())
    keys = {stage.key for stage in draft.stages}
    chosen = {old.key: request.form.get(f"to-{old.key}", "") for old in (used.stages if used else [])}
    draft.mapping = {old: new for old, new in chosen.items() if new in keys}
    db.session.commit()
    return _saved(id)


@bp.post("/<int:id>/discarding")
def discard(id: int) -> Answer:
    draft = find(id)
    drafts.touch(draft, edition(), by=me())
    drafts.discard(draft)
    db.session.commit()
    flash(_("The draft is gone."))
    return go(url_for(".index"))


@bp.get("/<int:id>/dry-run")
def dry_run(id: int) -> str:
    """What the draft would do to everybody; nothing is written."""
    draft = find(id)
    if draft.status is not SetStatus.DRAFT:
        abort(404)
    return render_template(
        "lifecycle/editing/dry_run.html",
        draft=draft,
        used=StageSet.in_use(),
        told=foretell(draft, me()),
        faults=faults(draft),
    )


@bp.post("/<int:id>/publication")
def put_into_use(id: int) -> Answer:
    draft = find(id)
    try:
        publish(draft, edition(), by=me())
    except Unsound as error:
        db.session.rollback()
        return page(find(id), bars=error.faults), 422
    db.session.commit()
    flash(_("In use from now on. The rules look at everybody again, quietly."))
    return go(url_for(".show", id=id))


@bp.errorhandler(Overtaken)
@bp.errorhandler(StaleDataError)
def overtaken(error: Exception) -> Answer:
    """Somebody else was faster: say who, and show what stands there now."""
    db.session.rollback()
    who = error.theirs if isinstance(error, Overtaken) else "–"
    flash(
        _("%(name)s changed this meanwhile, or it is in use already. Nothing of yours was kept.", name=who),
        "error",
    )
    id = (request.view_args or {}).get("id")
    return go(
        url_for("stage_sets.show", id=id)
        if id and db.session.get(StageSet, id)
        else url_for("stage_sets.index")
    )


def find(id: int) -> StageSet:
    found: StageSet = db.get_or_404(StageSet, id)
    return found


def edition() -> int:
    """The edition that the form was filled in on."""
    return request.form.get("edition", 0, type=int)


def page(draft: StageSet, **more: Any) -> str:
    """One set: to be edited where it is a draft, else to be read."""
    used = StageSet.in_use()
    new = more.pop("new", None) or NewStageForm(formdata=None)
    for field in new:
        # Another form of the page asks for names too.
        field.id = f"new-{field.name}"
    names = NamesForm(formdata=None, data={"name_ja": draft.name_ja, "name_en": draft.name_en})
    return render_template(
        "lifecycle/editing/set.html",
        draft=draft,
        used=used,
        is_draft=draft.status is SetStatus.DRAFT,
        differences=differences(draft, used),
        faults=faults(draft) if draft.status is SetStatus.DRAFT else [],
        anchors=ANCHORS,
        **{"names": names, "new": new, "bars": [], **more},
    )


def _saved(id: int) -> Answer:
    flash(_("Saved in the draft."))
    return go(url_for(".show", id=id))
