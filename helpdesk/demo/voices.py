"""What customers say when they are asked how it was, as often as the truth has it."""

from datetime import datetime, timedelta

from helpdesk.demo import content, office, truth
from helpdesk.demo.chance import weighted
from helpdesk.demo.lives import Life
from helpdesk.demo.rows import Row
from helpdesk.demo.world import World
from helpdesk.surveys.invitations import REST_FOR
from helpdesk.surveys.models import AnswerVersion, Skip, Survey
from helpdesk.timeline import Kind

# Of those who are glad, or not: which score they give, and how often.
_GLAD, _SORE = {5: 6, 4: 4}, {3: 5, 2: 3, 1: 2}
_EASY, _HARD = {7: 3, 6: 5, 5: 2}, {4: 5, 3: 3, 2: 1, 1: 1}
_GIVES_EFFORT, _WRITES = 0.7, 0.4


def ask(
    world: World, life: Life, ticket: Row, *, will_reopen: bool = False, satisfied: bool | None = None
) -> None:
    """Ask about the resolution just told, unless the person was asked lately; some answer.

    satisfied: what is known of the answer beforehand; then there is one.
    """
    survey = _survey(world, life, ticket)
    asked_at = office.next_open(ticket["resolved_at"] + timedelta(hours=1))
    last = world.asked.get(ticket["contact_id"])
    if satisfied is None and last is not None and asked_at - last < REST_FOR:
        return _skip(world, life, survey, Skip.REST)
    survey["invited_at"] = asked_at = min(asked_at, world.at)
    world.asked[ticket["contact_id"]] = asked_at
    world.tell(Kind.SURVEY_INVITED, life, survey, asked_at, table="surveys", ticket=ticket)
    if will_reopen:
        return _skip(world, life, survey, Skip.REOPENED)
    if satisfied is not None or world.rng.random() < truth.ANSWERED:
        at = asked_at + timedelta(hours=world.rng.uniform(0.2, 50))
        if at < world.at:
            _answer(world, life, survey, at, satisfied)
    return None


def _survey(world: World, life: Life, ticket: Row) -> Row:
    at: datetime = ticket["resolved_at"]
    return world.rows.add(
        Survey,
        ticket_id=ticket,
        cycle=ticket["cycle"],
        customer_id=life.made["customer"],
        contact_id=ticket["contact_id"],
        stage_id=world.stages[life.stage_at(at)],
        team_id=ticket["team_id"],
        agent_id=ticket["assignee_id"],
        channel=ticket["channel"],
        topic=ticket["topic"],
        resolved_at=at,
        token_hash=None,
        invited_at=None,
        skipped_for="",
        opens=0,
        csat=None,
        ces=None,
        comment="",
        answered_at=None,
    )


def _skip(world: World, life: Life, survey: Row, reason: Skip) -> None:
    survey["skipped_for"] = reason.value
    at = survey["invited_at"] or survey["resolved_at"]
    told = {"table": "surveys", "ticket": survey["ticket_id"], "reason": reason.value}
    world.tell(Kind.SURVEY_SKIPPED, life, survey, at, **told)


def _answer(world: World, life: Life, survey: Row, at: datetime, satisfied: bool | None) -> None:
    rng, lang = world.rng, life.house.language
    stage = life.stage_at(survey["resolved_at"])
    # Whoever met the fault is sore, even if they had moved on to the next stage when it was mended.
    is_hit = survey["topic"] == content.topics()[truth.DEFECT_TOPIC]["label_ja"]
    deck = "defect" if is_hit or world.is_defect(stage, survey["resolved_at"]) else stage
    is_glad = world.satisfied[deck].draw(satisfied)
    csat = 5 if satisfied else weighted(rng, _GLAD if is_glad else _SORE)
    ces = None
    if rng.random() < _GIVES_EFFORT:
        ces = weighted(rng, _EASY if world.easy[stage].draw(satisfied) else _HARD)
    comment = ""
    if rng.random() < _WRITES:
        comment = rng.choice(content.comments()["csat"][lang][f"score_{csat}"]["comments"])["text"]
    survey.update(csat=csat, ces=ces, comment=comment, answered_at=at)
    world.rows.add(AnswerVersion, survey_id=survey, csat=csat, ces=ces, comment=comment, at=at)
    told = {"csat": csat, "ces": ces, "comment": comment, "contact": survey["contact_id"]}
    world.tell(Kind.SURVEY_ANSWERED, life, survey, at, table="surveys", ticket=survey["ticket_id"], **told)
