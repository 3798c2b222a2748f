"""One stage of a draft: what it is called, how to behave there, who enters it, and who steps back to it."""

from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.accounts.permissions import me
from helpdesk.core.db import db
from helpdesk.core.i18n import language
from helpdesk.core.web import Answer, go
from helpdesk.lifecycle.editing import drafts, editor, sentences
from helpdesk.lifecycle.editing.drafts import Overtaken, touch
from helpdesk.lifecycle.editing.editor import Slot
from helpdesk.lifecycle.editing.forms import StageForm, StepBackForm
from helpdesk.lifecycle.editing.set_views import bp, edition, find
from helpdesk.lifecycle.models import SetStatus, Stage

__all__ = ["bp"]

# More ways back to one stage than anybody overlooks.
MOST_BACK = 10


@bp.get("/<int:id>/stages/<int:stage_id>")
def stage(id: int, stage_id: int) -> str:
    found = _stage(id, stage_id)
    return _page(found, StageForm.of(found, _people()))


@bp.post("/<int:id>/stages/<int:stage_id>")
def change_stage(id: int, stage_id: int) -> Answer:
    found = _stage(id, stage_id)
    form = StageForm.of(found, _people())
    is_fine = form.validate()
    if is_fine and form.key.data in {each.key for each in found.set.stages if each is not found}:
        form.key.errors = [_("Another stage has the key %(key)s already.", key=form.key.data)]
        is_fine = False
    if not is_fine:
        return _page(found, form), 422
    try:
        touch(found.set, edition(), by=me())
    except Overtaken as error:
        # What was typed stays in the form; saved again it replaces what the other one kept.
        form.edition.data = str(found.set.edition)
        form.edition.raw_data = [form.edition.data]
        return _page(found, form, theirs=error.theirs), 409
    form.write(found)
    if form.key.data and form.key.data != found.key:
        drafts.rename(found.set, found, form.key.data)
    db.session.commit()
    flash(_("Saved in the draft."))
    return go(url_for(".stage", id=id, stage_id=stage_id))


@bp.post("/<int:id>/stages/<int:stage_id>/order")
def shift(id: int, stage_id: int) -> Answer:
    found = _stage(id, stage_id)
    touch(found.set, edition(), by=me())
    drafts.shift(found.set, found, -1 if request.form.get("to") == "up" else 1)
    db.session.commit()
    return go(url_for(".show", id=id) + "#stages")


@bp.post("/<int:id>/stages/<int:stage_id>/removal")
def remove(id: int, stage_id: int) -> Answer:
    found = _stage(id, stage_id)
    touch(found.set, edition(), by=me())
    drafts.remove(found.set, found)
    db.session.commit()
    return go(url_for(".show", id=id) + "#stages")


@bp.route("/<int:id>/stages/<int:stage_id>/entry-rule", methods=["GET", "POST"])
def entry_rule(id: int, stage_id: int) -> Answer:
    found = _stage(id, stage_id)

    def keep(rule: dict[str, Any], seen: int) -> None:
        touch(found.set, seen, by=me())
        found.entry_rule = rule

    title = _("Who enters %(stage)s", stage=found.name(language()))
    return _edit(found, title, found.entry_rule, keep)


@bp.post("/<int:id>/stages/<int:stage_id>/steps-back")
def add_step_back(id: int, stage_id: int) -> Answer:
    """A step back from every later stage, whose condition is yet to be said."""
    found = _stage(id, stage_id)
    touch(found.set, edition(), by=me())
    rules = found.regress_rule.get("rules", [])
    later = [each.key for each in found.set.stages if each.position > found.position]
    if len(rules) < MOST_BACK:
        found.regress_rule = {"rules": [*rules, {"from": later, "hold_days": 7, "when": {}}]}
    db.session.commit()
    return go(url_for(".stage", id=id, stage_id=stage_id) + "#steps-back")


@bp.post("/<int:id>/stages/<int:stage_id>/steps-back/<int:number>")
def change_step_back(id: int, stage_id: int, number: int) -> Answer:
    found = _stage(id, stage_id)
    form = StepBackForm().offer(found, number)
    if not form.validate():
        return _page(found, StageForm.of(found, _people(), fresh=True), step=(number, form)), 422
    chosen = {"from": form.come_from.data or [], "hold_days": form.hold_days.data}
    _put_back(found, number, edition(), chosen)
    db.session.commit()
    flash(_("Saved in the draft."))
    return go(url_for(".stage", id=id, stage_id=stage_id) + "#steps-back")


@bp.post("/<int:id>/stages/<int:stage_id>/steps-back/<int:number>/removal")
def remove_step_back(id: int, stage_id: int, number: int) -> Answer:
    found = _stage(id, stage_id)
    touch(found.set, edition(), by=me())
    rules = found.regress_rule.get("rules", [])
    remaining = [rule for n, rule in enumerate(rules) if n != number]
    found.regress_rule = {"rules": remaining} if remaining else {}
    db.session.commit()
    return go(url_for(".stage", id=id, stage_id=stage_id) + "#steps-back")


@bp.route("/<int:id>/stages/<int:stage_id>/steps-back/<int:number>/rule", methods=["GET", "POST"])
def step_back_rule(id: int, stage_id: int, number: int) -> Answer:
    found = _stage(id, stage_id)

    def keep(rule: dict[str, Any], seen: int) -> None:
        _put_back(found, number, seen, {"when": rule})

    rules = found.regress_rule.get("rules", [])
    if number >= len(rules):
        abort(404)
    title = _("Who steps back to %(stage)s", stage=found.name(language()))
    return _edit(found, title, rules[number].get("when", {}), keep)


def _put_back(found: Stage, number: int, seen: int, changes: dict[str, Any]) -> None:
    touch(found.set, seen, by=me())
    rules = list(found.regress_rule.get("rules", []))
    if number >= len(rules):
        abort(404)
    rules[number] = {**rules[number], **changes}
    found.regress_rule = {"rules": rules}


def _edit(found: Stage, title: str, rule: dict[str, Any], keep: Any) -> Answer:
    back = url_for(".stage", id=found.set_id, stage_id=found.id)
    crumbs = [
        (_("Stages"), url_for(".index")),
        (found.set.name_ja if language() == "ja" else found.set.name_en, url_for(".show", id=found.set_id)),
        (found.name(language()), back),
    ]
    is_entry = request.endpoint == "stage_sets.entry_rule"
    slot = Slot(title, rule, back, crumbs, found.set.stages, keep, found.set.edition, may_be_empty=is_entry)
    return editor.take(slot) if request.method == "POST" else editor.show(slot)


def _stage(id: int, stage_id: int) -> Stage:
    """A stage of a draft, or 404: what was published is not changed any more."""
    draft = find(id)
    if draft.status is not SetStatus.DRAFT:
        abort(404)
    return next((each for each in draft.stages if each.id == stage_id), None) or abort(404)


def _people() -> list[tuple[int, str]]:
    working = select(Agent.id, Agent.name).where(Agent.deactivated_at.is_(None)).order_by(Agent.name)
    return [(row.id, row.name) for row in db.session.execute(working)]


def _page(found: Stage, form: StageForm, **more: Any) -> str:
    stages, backs = found.set.stages, found.regress_rule.get("rules", [])
    steps = [
        (_step(rule).offer(found, number), sentences.of_rule(rule.get("when", {}), stages))
        for number, rule in enumerate(backs)
    ]
    if "step" in more and more["step"][0] < len(steps):
        number, refused = more["step"]
        steps[number] = (refused, steps[number][1])
    return render_template(
        "lifecycle/editing/stage.html",
        stage=found,
        draft=found.set,
        form=form,
        entry=sentences.of_rule(found.entry_rule, stages),
        steps=steps,
        **{"theirs": None, **more},
    )


def _step(rule: dict[str, Any]) -> StepBackForm:
    values = {"hold_days": rule.get("hold_days", 7), "come_from": rule.get("from", [])}
    return StepBackForm(formdata=None, data=values)
