"""Which customer wrote when and about what, and how each conversation went."""

from datetime import datetime, timedelta
from math import log
from typing import Any, NamedTuple

from helpdesk.demo import content, office, truth
from helpdesk.demo.help_centre import search_before
from helpdesk.demo.lives import Life
from helpdesk.demo.threads import Thread
from helpdesk.demo.world import World
from helpdesk.tickets.thread import Channel

# How often people write, by stage, each day of it counted.
_APPETITE = {
    "prospect": 1.2,
    "trial": 3.0,
    "onboarding": 4.0,
    "adoption": 1.0,
    "growth": 1.0,
    "advocate": 0.8,
}
_CHANNELS = ((Channel.EMAIL, 70), (Channel.FORM, 25), (Channel.PHONE, 5))
_NOTED, _ASKED_AGAIN, _THANKED, _REOPENED = 0.18, 0.35, 0.6, 0.08
# Business minutes until a first reply, the half of them.
_FIRST_REPLY = 75


class Moment(NamedTuple):
    """A customer at a time when something makes them write."""

    life: Life
    at: datetime
    topic: dict[str, Any]


def tell_all(world: World, lives: list[Life], live: int) -> None:
    """The whole history but the `live` tickets of today."""
    hit = _moments_of_defect(world, lives)
    others = _moments(world, lives, truth.TICKETS - live - len(hit))
    world.rng.shuffle(others)
    chats, letters = others[: truth.CHATS], others[truth.CHATS :]
    # In the order of time, so that whoever was asked lately is known.
    told = [(m, False) for m in [*letters, *hit]] + [(m, True) for m in chats]
    for moment, is_chat in sorted(told, key=lambda pair: pair[0].at):
        (tell_chat if is_chat else tell_letter)(world, moment)


def tell_letter(world: World, moment: Moment) -> None:
    """A conversation by letter, as far as it has come by now."""
    rng, topic = world.rng, moment.topic
    plot = rng.choice(topic["threads"])
    lang = moment.life.house.language
    channel = rng.choices([c for c, _ in _CHANNELS], [n for _, n in _CHANNELS])[0]
    subject = topic[f"{lang}_subjects"][plot["subject"]]
    thread = Thread(world, moment.life, topic, moment.at, channel=channel, subject=subject)
    thread.hear(topic[f"{lang}_openings"][plot["opening"]], moment.at, is_first=True)
    if channel is not Channel.PHONE:
        search_before(world, moment.life, thread.ticket, topic, moment.at)
    _converse(thread, plot, moment.at)


def tell_chat(world: World, moment: Moment) -> None:
    """A conversation in the chat window; over within the quarter of an hour."""
    lang, at = moment.life.house.language, moment.at
    turns = world.rng.choice(moment.topic[f"{lang}_chat"])
    thread = Thread(world, moment.life, moment.topic, at, channel=Channel.CHAT)
    for number, turn in enumerate(turns):
        if turn["who"] == "customer":
            thread.hear(turn["text"], at, is_first=number == 0)
        else:
            thread.reply(turn["text"], at)
        at += timedelta(seconds=world.rng.uniform(15, 90))
    thread.resolve(at + timedelta(minutes=2))


def _converse(thread: Thread, plot: dict[str, int], opened_at: datetime) -> None:
    """What followed the first letter, until it was resolved or the present was reached."""
    rng, end, texts = thread.world.rng, thread.world.at, _texts(thread)
    at = office.after(opened_at, rng.lognormvariate(log(_FIRST_REPLY), 0.8) * thread.colleague.pace)
    if rng.random() < _NOTED and at < end:
        thread.note(rng.choice(texts["notes"]), at - timedelta(minutes=rng.uniform(2, 8)))
    if at >= end:
        return
    thread.reply(texts["replies"][plot["reply"]], at)
    has_more = plot["followup"] >= 0
    if has_more and rng.random() < _ASKED_AGAIN:
        at, is_now = _second_round(thread, plot, at)
        if not is_now:
            _finish(thread, plot["late_thanks"], at)
    elif has_more and rng.random() < _REOPENED:
        at += timedelta(days=rng.uniform(0.5, 1.5))
        if at < end:
            _resolve_too_early(thread, plot, office.next_open(at))
    else:
        _finish(thread, plot["thanks"], at)


def _second_round(thread: Thread, plot: dict[str, int], at: datetime) -> tuple[datetime, bool]:
    """They ask once more and are answered. Returns when, and whether the present was reached before."""
    rng, end, texts = thread.world.rng, thread.world.at, _texts(thread)
    at += timedelta(hours=rng.uniform(0.4, 20))
    if at >= end:
        return at, True
    thread.hear(texts["followups"][plot["followup"]], at)
    at = office.after(at, rng.lognormvariate(log(_FIRST_REPLY), 0.6) * thread.colleague.pace)
    if at >= end:
        return at, True
    thread.reply(texts["second_replies"][plot["followup"]], at)
    return at, False


def _resolve_too_early(thread: Thread, plot: dict[str, int], at: datetime) -> None:
    """Resolved, but it did not hold: they write again, and only the second resolution is asked about."""
    if at + timedelta(hours=30) >= thread.world.at:
        return
    thread.resolve(at, will_reopen=True)
    at, is_now = _second_round(thread, plot, office.next_open(at + timedelta(hours=4)))
    if not is_now:
        _finish(thread, plot["late_thanks"], at)


def _finish(thread: Thread, thanks: int, at: datetime) -> None:
    """Thanked for and closed; or closed after two days of silence."""
    rng, end, texts = thread.world.rng, thread.world.at, _texts(thread)
    if rng.random() < _THANKED:
        at += timedelta(hours=rng.uniform(0.3, 20))
        if at >= end:
            return
        thread.hear(texts["thanks"][thanks], at)
        at = office.after(at, rng.uniform(10, 90))
        if at < end and rng.random() < 0.6:
            thread.reply(texts["closings"][thanks], at)
        at += timedelta(minutes=1)
    else:
        at = office.after(at, 2 * 9 * 60)
    if at < end:
        thread.resolve(at)


def _texts(thread: Thread) -> dict[str, list[str]]:
    start = f"{thread.lang}_"
    return {name.removeprefix(start): texts for name, texts in thread.topic.items() if name.startswith(start)}


def _moments(world: World, lives: list[Life], count: int) -> list[Moment]:
    """When whom something moves to write: everyone's time on a stage counts as its appetite says."""
    spans = [
        (life, span.stage, span.since, min(span.until or life.left_at or world.at, world.at))
        for life in lives
        for span in life.spans
    ]
    weights = [(until - since) / timedelta(days=1) * _APPETITE[stage] for _, stage, since, until in spans]
    found = []
    for life, _stage, since, until in world.rng.choices(spans, weights, k=count):
        at = _working_moment(world, since, until)
        found.append(Moment(life, at, _topic(world, life.stage_at(at))))
    return found


def _moments_of_defect(world: World, lives: list[Life]) -> list[Moment]:
    """The month in which the import stopped at 99 %, for all who were just settling in."""
    first = world.began_at + timedelta(days=truth.DEFECT_FROM)
    last = world.began_at + timedelta(days=truth.DEFECT_UNTIL - 3)
    spans = []
    for life in lives:
        for span in life.spans:
            since, until = max(span.since, first), min(span.until or last, last)
            if span.stage == "onboarding" and until - since > timedelta(days=4):
                spans.append((life, since, until))
    topic = content.topics()[truth.DEFECT_TOPIC]
    # Only times from which the answer falls into the same stay.
    chosen = [spans[number % len(spans)] for number in range(truth.DEFECT_TICKETS)]
    return [Moment(life, _working_moment(world, since, until), topic) for life, since, until in chosen]


def _topic(world: World, stage: str) -> dict[str, Any]:
    topics = [topic for topic in content.topics().values() if not topic["planted_defect"]]
    weights = [topic["weight"] * topic["stages"][stage] for topic in topics]
    chosen: dict[str, Any] = world.rng.choices(topics, weights)[0]
    return chosen


def _working_moment(world: World, since: datetime, until: datetime) -> datetime:
    """A moment of the working day between the two; most people write then."""
    last = min(until, world.at - timedelta(minutes=30))
    at = office.next_open(since + (last - since) * world.rng.random())
    return at + timedelta(minutes=world.rng.uniform(0, 50)) if at + timedelta(hours=1) < last else last
