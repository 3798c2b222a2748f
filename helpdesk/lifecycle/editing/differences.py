"""What a draft changes against the set in use, in words."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from helpdesk.core.i18n import language
from helpdesk.lifecycle.editing.vocabulary import ANCHORS
from helpdesk.lifecycle.models import Stage, StageSet

_PARTS = {
    "name_ja": _l("Name in Japanese"),
    "name_en": _l("Name in English"),
    "anchor": _l("Place on the common scale"),
    "colour": _l("Colour"),
    "no_sell": _l("Nothing is sold on this stage"),
    "guide": _l("Guide"),
    "reply_within": _l("First reply within (business minutes)"),
    "owner_id": _l("Who answers for it"),
    "entry_rule": _l("Entry rule"),
    "regress_rule": _l("Steps back"),
}
_SHOWN = ("name_ja", "name_en", "anchor", "no_sell", "reply_within")


def differences(draft: StageSet, used: StageSet | None) -> list[str]:
    """One line for each change; empty where there is none."""
    return list(_all(draft, used)) if used is not None and used.id != draft.id else []


def _all(draft: StageSet, used: StageSet) -> Iterator[str]:
    before = {stage.key: stage for stage in used.stages}
    after = {stage.key: stage for stage in draft.stages}
    if (draft.name_ja, draft.name_en) != (used.name_ja, used.name_en):
        yield _("The set is called %(name)s, not %(old)s.", name=_name(draft), old=_name(used))
    for key in (key for key in after if key not in before):
        yield _("New stage: %(name)s.", name=_name(after[key]))
    for key in (key for key in before if key not in after):
        yield _("Stage taken away: %(name)s.", name=_name(before[key]))
    kept = [key for key in before if key in after]
    if kept != [key for key in after if key in before]:
        order = " → ".join(_name(stage) for stage in draft.stages)
        yield _("Another order: %(order)s.", order=order)
    for key in kept:
        yield from _of_stage(before[key], after[key])


def _of_stage(old: Stage, new: Stage) -> Iterator[str]:
    for part, words in _PARTS.items():
        was, is_now = getattr(old, part), getattr(new, part)
        if was == is_now:
            continue
        said = {"stage": _name(new), "part": words}
        if part in _SHOWN:
            yield _("%(stage)s: %(part)s: %(old)s → %(new)s", **said, old=_value(was), new=_value(is_now))
        else:
            yield _("%(stage)s: %(part)s changed", **said)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if value in ANCHORS:
        return str(ANCHORS[value])
    return "–" if value is None else str(value)


def _name(named: StageSet | Stage) -> str:
    return named.name_ja if language() == "ja" else named.name_en
