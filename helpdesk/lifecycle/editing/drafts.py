"""Drafts of stage sets: begun from what is in use or from what ships, changed, and thrown away."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm.attributes import flag_modified

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.lifecycle.models import Anchor, SetStatus, Stage, StageSet
from helpdesk.lifecycle.presets import DEFAULT, counterpart, guides, make, names, next_version, read

# More than anybody tells apart.
MOST_STAGES = 20
# The tokens of tokens.css that a stage may be drawn in, from quiet to loud.
COLOURS = ("line-strong", "accent-line", "accent", "accent-fill", "good", "good-solid", "warn-solid", "bad")
_COPIED = (
    *("key", "name_ja", "name_en", "position", "anchor", "no_sell", "colour", "guide", "entry_rule"),
    *("regress_rule", "reply_within", "owner_id"),
)


class Overtaken(Exception):
    """Somebody else changed the draft since it was shown; `theirs` says who it was."""

    def __init__(self, theirs: str) -> None:
        super().__init__(theirs)
        self.theirs = theirs


def begin(*, by: Agent, preset: str = "") -> StageSet:
    """A new draft from the preset of this name, else from the set in use. Raises `UnknownPreset`."""
    used = StageSet.in_use()
    draft = make(preset or DEFAULT, SetStatus.DRAFT) if preset or used is None else _copy(used)
    draft.agent_id = by.id
    draft.mapping = proposed(draft)
    return draft


def proposed(draft: StageSet) -> dict[str, Any]:
    """Where everybody would go by key, then by anchor; {"old key": "new key"}."""
    used = StageSet.in_use()
    # What a preset's stages cover is known as long as they are its own.
    of_preset = draft.preset in _shipped_with([stage.key for stage in draft.stages])
    covering = draft.preset if of_preset else ""
    return {old.key: counterpart(old, draft, covering).key for old in used.stages} if used else {}


def touch(draft: StageSet, edition: int, *, by: Agent) -> None:
    """Somebody is about to change the draft that they saw in this edition. Raises `Overtaken`."""
    if draft.edition != edition or draft.status is not SetStatus.DRAFT:
        raise Overtaken(_name(draft.agent_id))
    draft.agent_id = by.id
    # Stages are rows of their own; the set's edition must count their changes too.
    flag_modified(draft, "mapping")


def add(draft: StageSet, key: str, name_ja: str, name_en: str, anchor: Anchor) -> Stage:
    """A stage at the end of the path, with the guide of its anchor and no rules yet."""
    made = Stage(key=key, name_ja=name_ja, name_en=name_en, anchor=anchor, guide=guides()[anchor.value])
    made.position, made.colour = len(draft.stages), COLOURS[1]
    made.entry_rule, made.regress_rule = {}, {}
    draft.stages.append(made)
    return made


def shift(draft: StageSet, stage: Stage, by: int) -> None:
    """Move the stage so many places along the path; beyond an end nothing happens."""
    order = list(draft.stages)
    order.remove(stage)
    order.insert(max(0, stage.position + by), stage)
    for position, each in enumerate(order):
        each.position = position


def remove(draft: StageSet, stage: Stage) -> None:
    """Take a stage off the path; whoever was mapped there must be mapped anew."""
    draft.mapping = {old: new for old, new in draft.mapping.items() if new != stage.key}
    remaining = [each for each in draft.stages if each is not stage]
    db.session.delete(stage)
    for position, each in enumerate(remaining):
        each.position = position


def rename(draft: StageSet, stage: Stage, key: str) -> None:
    """Give the stage another key, also where the draft itself names it."""
    draft.mapping = {old: key if new == stage.key else new for old, new in draft.mapping.items()}
    for each in draft.stages:
        rules = each.regress_rule.get("rules", [])
        moved = [{**rule, "from": [key if k == stage.key else k for k in rule["from"]]} for rule in rules]
        if rules:
            each.regress_rule = {"rules": moved}
    stage.key = key


def discard(draft: StageSet) -> None:
    """Throw the draft away; nobody ever stood on it."""
    db.session.execute(delete(Stage).where(Stage.set_id == draft.id))
    db.session.execute(delete(StageSet).where(StageSet.id == draft.id))
    db.session.expire_all()


def _copy(used: StageSet) -> StageSet:
    draft = StageSet(key=used.key, name_ja=used.name_ja, name_en=used.name_en, preset=used.preset)
    draft.version, draft.status = next_version(used.key), SetStatus.DRAFT
    draft.stages = [Stage(**{name: getattr(stage, name) for name in _COPIED}) for stage in used.stages]
    db.session.add(draft)
    db.session.flush()
    return draft


def _shipped_with(keys: list[str]) -> set[str]:
    from_file = {name: [stage["key"] for stage in read(name)["stages"]] for name in names()}
    return {name for name, shipped in from_file.items() if shipped == keys}


def _name(agent_id: int | None) -> str:
    return db.session.scalar(select(Agent.name).where(Agent.id == agent_id)) or "–"
