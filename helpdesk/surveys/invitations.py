"""Ask, once per resolution and a while after it, whether it was good; or say why not."""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import column, func, select, table

from helpdesk.accounts.models import hashed
from helpdesk.core import ceilings
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs import task
from helpdesk.core.mail import Letter
from helpdesk.core.signing import mark
from helpdesk.customers.models import Contact
from helpdesk.surveys.models import Skip, Survey
from helpdesk.surveys.quiet_hours import quiet_until
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.timeline import Event, Kind, record

# Nobody is asked about another ticket within this time.
REST_FOR = timedelta(days=14)

# By name: the stages' room stands beside this one.
_overlays = table("overlays", column("customer_id"), column("kind"), column("closed_at"))


def invite(ticket: Ticket, event: Event) -> None:
    """Plan the survey of a resolution, its attribution frozen. One per cycle: resolved anew is a new one."""
    if _survey_of(ticket) is not None:
        return
    survey = Survey(
        ticket=ticket,
        cycle=ticket.cycle,
        customer=ticket.customer,
        contact=ticket.contact,
        stage_id=ticket.customer.stage_id,
        team_id=ticket.team_id,
        agent_id=ticket.assignee_id or event.agent_id,
        channel=ticket.channel,
        topic=ticket.topic,
        resolved_at=ticket.resolved_at,
        token_hash=hashed(token_of(ticket)),
    )
    db.session.add(survey)
    db.session.flush()
    deliver.later(survey_id=survey.id, after=current_app.config["HELPDESK_SURVEY_DELAY"])


def void(ticket: Ticket, event: Event) -> None:
    """Withdraw what nobody answered: the resolution it asks about did not hold."""
    unanswered = select(Survey).where(
        Survey.ticket_id == ticket.id, Survey.answered_at.is_(None), Survey.skipped_for == ""
    )
    for survey in db.session.scalars(unanswered):
        survey.skip(Skip.REOPENED)


@task
def deliver(survey_id: int) -> None:
    """Send one invitation, put it off until the quiet ends, or skip it for a reason."""
    survey = db.session.get(Survey, survey_id)
    if survey is None or not survey.is_planned:
        return
    ends_at = _quiet_until()
    if ends_at is not None:
        deliver.later(survey_id=survey_id, after=ends_at - now())
    elif reason := reason_against(survey):
        survey.skip(reason)
    else:
        _send(survey)


def reason_against(survey: Survey) -> Skip | None:
    """Why this person should not be asked now; None where they may be."""
    ticket = survey.ticket
    if not ticket.is_resolved or ticket.cycle != survey.cycle:
        return Skip.REOPENED
    if "spam" in ticket.tag_names:
        return Skip.SPAM
    if survey.contact.address is None:
        return Skip.NO_ADDRESS
    if not ceilings.has_room(Letter, survey.contact.address):
        return Skip.CEILING
    # The row is locked where the database can: two tickets of one person resolved together ask once.
    db.session.get(Contact, survey.contact_id, with_for_update=True, populate_existing=True)
    checks = ((Skip.REST, _is_resting), (Skip.OVERLAY, _is_at_risk), (Skip.BREACH, _waits_in_vain))
    return next((reason for reason, holds in checks if holds(survey)), None)


def link_for(ticket: Ticket) -> str | None:
    """Where the last resolution of `ticket` can be rated, for the end of a chat and the customer's own pages.

    None where nothing is asked, or it is too late to answer.
    """
    survey = _survey_of(ticket)
    if survey is None or not ticket.is_resolved or not survey.is_changeable:
        return None
    token = token_of(ticket)
    # After a change of the secret key old letters still open their survey; new links to it cannot be made.
    return link(token) if survey.token_hash == hashed(token) else None


def link(token: str) -> str:
    """The full address that a token opens; from the configured site, never from a request."""
    return f"{current_app.config['HELPDESK_SITE_URL']}/surveys/{token}"


def _survey_of(ticket: Ticket) -> Survey | None:
    return db.session.scalar(
        select(Survey).where(Survey.ticket_id == ticket.id, Survey.cycle == ticket.cycle)
    )


def token_of(ticket: Ticket) -> str:
    """What opens the survey of its last resolution: 130 bits under the secret key, so that a page can show
    it again though only its hash is kept.
    """
    return mark("survey", f"{ticket.id}.{ticket.cycle}")


def _quiet_until() -> datetime | None:
    """When the present quiet ends. With no delay at all the customer is here, and night or day is theirs."""
    config = current_app.config
    if config["HELPDESK_SURVEY_DELAY"] <= timedelta(0):
        return None
    is_japan = config["HELPDESK_TIMEZONE"] == "Asia/Tokyo"
    return quiet_until(now(), config["HELPDESK_SURVEY_QUIET_HOURS"], has_holidays=is_japan)


def _is_resting(survey: Survey) -> bool:
    """Asked about another ticket a short while ago. The same ticket, resolved anew, is the same matter."""
    asked = select(Survey.id).where(
        Survey.contact_id == survey.contact_id,
        Survey.ticket_id != survey.ticket_id,
        Survey.invited_at > now() - REST_FOR,
    )
    return db.session.scalar(asked.limit(1)) is not None


def _is_at_risk(survey: Survey) -> bool:
    """Somebody about to leave gets a call from the lead, not a form."""
    at_risk = select(_overlays.c.customer_id).where(
        _overlays.c.customer_id == survey.customer_id,
        _overlays.c.kind == "at_risk",
        _overlays.c.closed_at.is_(None),
    )
    return db.session.scalar(at_risk.limit(1)) is not None


def _waits_in_vain(survey: Survey) -> bool:
    """Another request of theirs is open whose promised answer came too late, or has not come."""
    late = select(Ticket.id).where(
        Ticket.contact_id == survey.contact_id,
        Ticket.id != survey.ticket_id,
        Ticket.status != Status.RESOLVED,
        Ticket.reply_due_at < func.coalesce(Ticket.first_replied_at, now()),
    )
    return db.session.scalar(late.limit(1)) is not None


def _send(survey: Survey) -> None:
    token = token_of(survey.ticket)
    Letter.from_template(
        "surveys/invitation",
        to=survey.contact,
        lang=survey.language,
        ticket_id=survey.ticket_id,
        about={"purpose": "survey", "is_automatic": True},
        number=survey.ticket.number,
        link=link(token),
    )
    survey.invited_at = now()
    record(Kind.SURVEY_INVITED, survey)
