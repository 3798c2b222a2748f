"""Settings for leads and admins: the rules of overlays and of segments, version by version."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me, staff_only
from helpdesk.core.db import db
from helpdesk.core.i18n import language
from helpdesk.core.web import Answer, go
from helpdesk.lifecycle import overlay_rules
from helpdesk.lifecycle.editing import editor, rule_drafts, segments, sentences
from helpdesk.lifecycle.editing.drafts import Overtaken
from helpdesk.lifecycle.editing.editor import Slot
from helpdesk.lifecycle.editing.forms import SegmentForm
from helpdesk.lifecycle.editing.publishing import Unsound
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.lifecycle.presets import stages_in_use
from helpdesk.lifecycle.rulebook import Purpose, Rule, RuleStatus
from helpdesk.lifecycle.wording import overlay_name

bp = Blueprint("rules", __name__, url_prefix="/desk/settings/rules")
staff_only(bp, Role.LEAD)


@bp.get("")
def index(form: SegmentForm | None = None) -> str:
    """Every rule with what is in use of it, and for each segment how many it holds for."""
    overlays = rule_drafts.newest(Purpose.OVERLAY)
    kinds = [kind for kind in OverlayKind if rule_drafts.may_have_rule(kind.value)]
    found = rule_drafts.newest(Purpose.SEGMENT)
    return render_template(
        "lifecycle/editing/rules.html",
        overlays={kind: overlays.get(kind.value) for kind in kinds},
        overlay_name=overlay_name,
        segments=found,
        counts=segments.counts(
            [rule for rule in found.values() if rule.status is RuleStatus.PUBLISHED], me()
        ),
        form=form or SegmentForm(formdata=None),
    )


@bp.post("/segments")
def add_segment() -> Answer:
    form = SegmentForm()
    is_fine = form.validate()
    if is_fine and rule_drafts.versions(Purpose.SEGMENT, form.key.data or ""):
        form.key.errors = [_("Another segment has this key.")]
        is_fine = False
    if not is_fine:
        return index(form), 422
    made = rule_drafts.draft(Purpose.SEGMENT, form.key.data or "", by=me())
    made.name_ja, made.name_en = form.name_ja.data or "", form.name_en.data or ""
    db.session.commit()
    return go(url_for(".edit", purpose="segment", key=made.key, part="when"))


@bp.get("/<purpose>/<key>")
def show(purpose: str, key: str, bars: Any = ()) -> str:
    """What is in use in words, the draft beside it, and all versions."""
    kind = _purpose(purpose, key)
    versions = rule_drafts.versions(kind, key)
    if not versions and kind is Purpose.SEGMENT:
        abort(404)
    words = {rule.id: _words(rule) for rule in versions}
    return render_template(
        "lifecycle/editing/rule_versions.html",
        purpose=purpose,
        key=key,
        title=_title(kind, key, versions),
        versions=versions,
        words=words,
        used=rule_drafts.of_status(versions, RuleStatus.PUBLISHED),
        draft=rule_drafts.of_status(versions, RuleStatus.DRAFT),
        parts=rule_drafts.PARTS[kind],
        part_name=rule_drafts.part_name,
        bars=bars,
    )


@bp.route("/<purpose>/<key>/<part>", methods=["GET", "POST"])
def edit(purpose: str, key: str, part: str) -> Answer:
    """Edit one part of the draft; it is begun by the first saving."""
    kind = _purpose(purpose, key)
    versions = rule_drafts.versions(kind, key)
    if part not in rule_drafts.PARTS[kind] or (not versions and kind is Purpose.SEGMENT):
        abort(404)
    draft = rule_drafts.of_status(versions, RuleStatus.DRAFT)
    shown = draft or (versions[0] if versions else None)
    seen_of = draft.edition if draft else 0

    def keep(rule: dict[str, Any], seen: int) -> None:
        if seen != seen_of:
            raise Overtaken(draft.agent.name if draft and draft.agent else "–")
        overlay_rules.keep_shipped()
        rule_drafts.write(rule_drafts.draft(kind, key, by=me()), part, rule, by=me())

    title = _title(kind, key, versions)
    crumbs = [(_("Rules"), url_for(".index")), (title, url_for(".show", purpose=purpose, key=key))]
    slot = Slot(
        f"{title}: {rule_drafts.part_name(part)}" if kind is Purpose.OVERLAY else title,
        rule_drafts.part(shown, part) if shown else {},
        url_for(".show", purpose=purpose, key=key),
        crumbs,
        stages_in_use(),
        keep,
        seen_of,
        may_be_empty=part == "holds",
    )
    return editor.take(slot) if request.method == "POST" else editor.show(slot)


@bp.post("/<purpose>/<key>/publication")
def publish(purpose: str, key: str) -> Answer:
    draft = _draft(purpose, key)
    try:
        rule_drafts.publish(draft, request.form.get("edition", 0, type=int), by=me())
    except Unsound as error:
        db.session.rollback()
        return show(purpose, key, bars=error.faults), 422
    db.session.commit()
    flash(_("In use from now on."))
    return go(url_for(".show", purpose=purpose, key=key))


@bp.post("/<purpose>/<key>/discarding")
def discard(purpose: str, key: str) -> Answer:
    db.session.delete(_draft(purpose, key))
    db.session.commit()
    flash(_("The draft is gone."))
    return go(url_for(".index"))


@bp.post("/<purpose>/<key>/retirement")
def retire(purpose: str, key: str) -> Answer:
    """Use the rule no more."""
    kind = _purpose(purpose, key)
    used = rule_drafts.of_status(rule_drafts.versions(kind, key), RuleStatus.PUBLISHED) or abort(404)
    rule_drafts.retire(used)
    db.session.commit()
    flash(_("The rule counts no more. Its versions stay here."))
    return go(url_for(".show", purpose=purpose, key=key))


@bp.errorhandler(Overtaken)
@bp.errorhandler(StaleDataError)
def overtaken(error: Exception) -> Answer:
    """Somebody else was faster."""
    db.session.rollback()
    who = error.theirs if isinstance(error, Overtaken) else "–"
    flash(
        _("%(name)s changed this meanwhile, or it is in use already. Look at it again first.", name=who),
        "error",
    )
    return go(url_for("rules.index"))


def _purpose(purpose: str, key: str) -> Purpose:
    if purpose == "overlay" and rule_drafts.may_have_rule(key):
        return Purpose.OVERLAY
    if purpose == "segment" and rule_drafts.IS_KEY.fullmatch(key):
        return Purpose.SEGMENT
    return abort(404)


def _draft(purpose: str, key: str) -> Rule:
    versions = rule_drafts.versions(_purpose(purpose, key), key)
    return rule_drafts.of_status(versions, RuleStatus.DRAFT) or abort(404)


def _title(kind: Purpose, key: str, versions: Any) -> str:
    if kind is Purpose.OVERLAY:
        return overlay_name(OverlayKind(key))
    return (versions[0].name(language()) if versions else "") or key


def _words(rule: Rule) -> list[tuple[str, Any]]:
    stages = stages_in_use()
    parts = [(name, rule_drafts.part(rule, name)) for name in rule_drafts.PARTS[rule.purpose]]
    return [(name, sentences.of_rule(predicate, stages)) for name, predicate in parts if predicate]
