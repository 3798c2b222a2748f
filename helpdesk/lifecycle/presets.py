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
    made = _make(read(preset))
    if before is not None:
        before.status = SetStatus.RETIRED
        _carry_over(before, made, read(preset))
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


def _make(preset: dict[str, Any]) -> StageSet:
    versions = select(func.max(StageSet.version)).where(StageSet.key == preset["key"])
    made = StageSet(
        key=preset["key"],
        name_ja=preset["name_ja"],
        name_en=preset["name_en"],
        version=(db.session.scalar(versions) or 0) + 1,
        status=SetStatus.PUBLISHED,
        preset=preset["key"],
    )
    made.stages = [_stage(position, stage) for position, stage in enumerate(preset["stages"])]
    db.session.add(made)
    db.session.flush()
    return made


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


def _carry_over(before: StageSet, after: StageSet, preset: dict[str, Any]) -> None:
    at = now()
    for old in before.stages:
        new = _counterpart(old, after, preset)
        standing = select(Customer.id).where(Customer.stage_id == old.id)
        ours = Stay.customer_id.in_(standing) & Stay.left_at.is_(None)
        db.session.execute(update(Stay).where(ours).values(left_at=at), _UNSYNCED)
        began = select(
            Customer.id,
            literal(new.id),
            literal(at, Stay.entered_at.type),
            literal(Cause.MAPPING, Stay.cause.type),
            literal(at, Stay.recorded_at.type),
            literal(""),
            literal({}, Stay.evidence.type),
        ).where(Customer.stage_id == old.id)
        columns = ["customer_id", "stage_id", "entered_at", "cause", "recorded_at", "reason", "evidence"]
        db.session.execute(insert(Stay).from_select(columns, began, include_defaults=False))
        moved = update(Customer).where(Customer.stage_id == old.id).values(stage_id=new.id, stage_since=at)
        db.session.execute(moved, _UNSYNCED)
    db.session.expire_all()


_UNSYNCED = {"synchronize_session": False}


def _counterpart(old: Stage, after: StageSet, preset: dict[str, Any]) -> Stage:
    """Where someone from `old` goes: same key, else what covers the anchor, else the last before it."""
    covered = {stage["key"]: stage["covers"] for stage in preset["stages"]}
    order = list(Anchor)
    same = [stage for stage in after.stages if stage.key == old.key and stage.anchor is old.anchor]
    covering = [stage for stage in after.stages if old.anchor.value in covered[stage.key]]
    before = [stage for stage in after.stages if order.index(stage.anchor) <= order.index(old.anchor)]
    return next(iter([*same, *covering, *reversed(before)]), after.stages[0])
