"""The stage sets that ship, and choosing one: history keeps its old names, customers keep their place."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, literal, select, update

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.lifecycle.models import Anchor, Cause, SetStatus, Stage, StageSet, Stay

DEFAULT = "helpdesk"
_FOLDER = Path(__file__).parent / "presets"


class UnknownPreset(LookupError):
    """No set of this name ships."""


def names() -> list[str]:
    """The keys of the sets that ship, in order."""
    return sorted(file.stem for file in _FOLDER.glob("*.toml") if file.stem != "guides")


def use(preset: str) -> StageSet:
    """Put the shipped set `preset` into use, and return it; choosing the one in use changes nothing.

    The set before is retired, never deleted. Everyone who stood on one of its stages stands, from now, on
    the stage of the same key, else on the one that covers the same anchor. Raises `UnknownPreset`.
    """
    before = StageSet.in_use()
    if before is not None and before.preset == preset:
        return before
    made = make(preset, SetStatus.PUBLISHED)
    if before is not None:
        before.status = SetStatus.RETIRED
        made.mapping = {old.key: counterpart(old, made, preset).key for old in before.stages}
        carry_over(before, made)
    return made


def ensure_default() -> StageSet:
    """The set in use; the default one where nobody has chosen yet."""
    return StageSet.in_use() or use(DEFAULT)


def stages_in_use() -> list[Stage]:
    """The stages of the set in use, in order; empty before there is one. Never writes."""
    chosen = StageSet.in_use()
    return chosen.stages if chosen else []


@lru_cache(maxsize=16)
def read(preset: str) -> dict[str, Any]:
    """The preset as its file says it."""
    if preset not in names():
        raise UnknownPreset(preset)
    return _load(f"{preset}.toml")


@lru_cache(maxsize=1)
def guides() -> dict[str, Any]:
    """How to behave at each anchor, and towards somebody at risk, by language: state, do, dont."""
    return _load("guides.toml")


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


def make(name: str, status: SetStatus) -> StageSet:
    """A new set as the preset of this name says. Raises `UnknownPreset`."""
    preset = read(name)
    made = StageSet(key=name, name_ja=preset["name_ja"], name_en=preset["name_en"], preset=name)
    made.version, made.status = next_version(name), status
    if status is SetStatus.PUBLISHED:
        made.published_at = now()
    made.stages = [_stage(position, stage) for position, stage in enumerate(preset["stages"])]
    db.session.add(made)
    db.session.flush()
    return made


def next_version(key: str) -> int:
    """The number that the next version of this set gets."""
    return (db.session.scalar(select(func.max(StageSet.version)).where(StageSet.key == key)) or 0) + 1


def _stage(position: int, stage: dict[str, Any]) -> Stage:
    return Stage(
        key=stage["key"],
        name_ja=stage["name_ja"],
        name_en=stage["name_en"],
        position=position,
        anchor=Anchor(stage["anchor"]),
        no_sell=stage.get("no_sell", False),
        colour=stage["colour"],
        guide=stage.get("guide") or guides()[stage["anchor"]],
        entry_rule=stage.get("entry", {}),
        regress_rule={"rules": stage["regress"]} if "regress" in stage else {},
        reply_within=stage.get("reply_within"),
    )


def carry_over(before: StageSet, after: StageSet) -> None:
    """Put everyone who stands on a stage of `before` where `after.mapping` says; their old stay ends now.

    What is mapped nowhere goes to the first stage.
    """
    at, places = now(), {stage.key: stage for stage in after.stages}
    for old in before.stages:
        new = places.get(after.mapping.get(old.key, ""), after.stages[0])
        standing = select(Customer.id).where(Customer.stage_id == old.id)
        ours = Stay.customer_id.in_(standing) & Stay.left_at.is_(None) & Stay.superseded_at.is_(None)
        db.session.execute(update(Stay).where(ours).values(left_at=at), _UNSYNCED)
        began = select(
            Customer.id,
            literal(new.id),
            literal(at, Stay.entered_at.type),
            literal(Cause.MAPPING, Stay.cause.type),
            literal(at, Stay.recorded_at.type),
            literal(""),
            literal(""),
            literal({}, Stay.evidence.type),
        ).where(Customer.stage_id == old.id)
        columns = ["customer_id", "stage_id", "entered_at", "cause", "recorded_at", "reason_code"]
        columns += ["reason", "evidence"]
        db.session.execute(insert(Stay).from_select(columns, began, include_defaults=False))
        moved = update(Customer).where(Customer.stage_id == old.id).values(stage_id=new.id, stage_since=at)
        db.session.execute(moved, _UNSYNCED)
    db.session.expire_all()


_UNSYNCED = {"synchronize_session": False}


def counterpart(old: Stage, after: StageSet, preset: str = "") -> Stage:
    """Where someone from `old` goes: same key, else what covers the anchor, else the last before it.

    preset: the one that `after` was made from, which says what each of its stages covers.
    """
    covered = {stage["key"]: stage["covers"] for stage in read(preset)["stages"]} if preset else {}
    order = list(Anchor)
    same = [stage for stage in after.stages if stage.key == old.key and stage.anchor is old.anchor]
    covering = [stage for stage in after.stages if old.anchor.value in covered.get(stage.key, ())]
    like = [stage for stage in after.stages if stage.anchor is old.anchor]
    before = [stage for stage in after.stages if order.index(stage.anchor) <= order.index(old.anchor)]
    return next(iter([*same, *covering, *like, *reversed(before)]), after.stages[0])
