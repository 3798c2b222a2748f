"""`helpdesk lifecycle`: choose a stage set, let the rules look at everyone."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import presets, rules, stages
from helpdesk.lifecycle.models import Stage, StageSet

lifecycle = AppGroup("lifecycle", help="The stages that customers go through.")


@lifecycle.command("use")
@click.argument("preset", type=click.Choice(presets.names()))
@click.option("--json", "as_json", is_flag=True, help="Print the set and its stages as JSON.")
@with_appcontext
def use_set(preset: str, as_json: bool) -> None:
    """Put a stage set into use. Everyone keeps their place on the common scale; history keeps its names."""
    chosen = presets.use(preset)
    db.session.commit()
    if as_json:
        click.echo(json.dumps({"set": chosen.key, "stages": _described(chosen)}, ensure_ascii=False))
    else:
        click.echo(f"{chosen.key}: {' → '.join(stage.key for stage in chosen.stages)}")


@lifecycle.command("review")
@click.option("--dry-run", is_flag=True, help="Say what would move, and move nobody.")
@with_appcontext
def review_everyone(dry_run: bool) -> None:
    """Let the rules look at every customer now; prints counts per stage and the moves as JSON."""
    chosen = presets.ensure_default()
    db.session.commit()
    moves = [move for ids in _batches() for move in _review(ids, dry_run)]
    told = {
        "set": chosen.key,
        "dry_run": dry_run,
        "stages": _counts(chosen, moves if dry_run else []),
        "moves": moves,
        "bad_rules": rules.faults(chosen.stages),
    }
    click.echo(json.dumps(told, ensure_ascii=False))


def _described(chosen: StageSet) -> list[dict[str, str]]:
    return [
        {"key": s.key, "name_ja": s.name_ja, "name_en": s.name_en, "anchor": s.anchor.value}
        for s in chosen.stages
    ]


def _batches() -> Iterator[list[int]]:
    last = 0
    standing = select(Customer.id).where(Customer.merged_into_id.is_(None))
    following = standing.order_by(Customer.id).limit(stages.BATCH)
    while ids := list(db.session.scalars(following.where(Customer.id > last))):
        yield ids
        last = ids[-1]


def _review(ids: list[int], dry_run: bool) -> list[dict[str, Any]]:
    """The moves of these customers; made and committed, or looked at and taken back."""
    before = _stages_of(ids)
    stages.review_now(ids)
    after = _stages_of(ids)
    if dry_run:
        db.session.rollback()
    else:
        db.session.commit()
    return [
        {"customer": customer_id, "from": before[customer_id], "to": after[customer_id]}
        for customer_id in ids
        if before[customer_id] != after[customer_id]
    ]


def _stages_of(ids: list[int]) -> dict[int, str | None]:
    found = select(Customer.id, Stage.key).outerjoin(Stage, Stage.id == Customer.stage_id)
    return {row[0]: row[1] for row in db.session.execute(found.where(Customer.id.in_(ids)))}


def _counts(chosen: StageSet, moves: list[dict[str, Any]]) -> dict[str, int]:
    """Customers per stage of the set; with `moves` not yet made, as they would be."""
    found = select(Stage.key).join(Customer, Customer.stage_id == Stage.id).where(Stage.set_id == chosen.id)
    found = found.where(Customer.merged_into_id.is_(None))
    counts = Counter(db.session.scalars(found))
    counts.subtract(Counter(move["from"] for move in moves))
    counts.update(Counter(move["to"] for move in moves))
    return {stage.key: counts[stage.key] for stage in chosen.stages}
