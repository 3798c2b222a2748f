"""Settings for admins: who works here, and in which teams."""

from typing import Any

from flask import Blueprint, flash, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response

from helpdesk.accounts import people
from helpdesk.accounts.forms import NewPersonForm, PersonForm, TeamForm
from helpdesk.accounts.models import Agent, Role, Team
from helpdesk.accounts.permissions import needs, staff_only
from helpdesk.core.db import db, reading
from helpdesk.core.web import Answer, go

bp = Blueprint("settings", __name__, url_prefix="/desk/settings")
staff_only(bp)


@bp.get("")
@needs(Role.ADMIN)
def index() -> str:
    everybody = select(Agent).order_by(Agent.deactivated_at.is_not(None), Agent.name)
    return render_template("settings/people.html", people=db.session.scalars(everybody).all())


@bp.get("/people/new")
@needs(Role.ADMIN)
def new_person() -> str:
    return render_template("settings/new_person.html", form=NewPersonForm().offer(_teams()))


@bp.post("/people")
@needs(Role.ADMIN)
def add_person() -> Answer:
    form = NewPersonForm().offer(_teams())
    is_fine = form.validate()
    if is_fine and Agent.by_email(form.email.data) is not None:
        form.email.errors = [_("Somebody with this address works here already.")]
        is_fine = False
    if not is_fine:
        return render_template("settings/new_person.html", form=form), 422
    agent, secret = people.hire(form.email.data, **form.chosen)
    db.session.commit()
    return shown_once(_("First password of %(name)s", name=agent.name), secret, "settings.index")


@bp.get("/people/<int:id>")
@needs(Role.ADMIN)
def person(id: int) -> str:
    agent = _agent(id)
    form = PersonForm(data={"name": agent.name, "role": agent.role.value, "teams": agent.team_ids})
    return render_template("settings/person.html", person=agent, form=form.offer(_teams()))


@bp.post("/people/<int:id>")
@needs(Role.ADMIN)
def change_person(id: int) -> Answer:
    agent, form = _agent(id), PersonForm().offer(_teams())
    if not form.validate():
        return render_template("settings/person.html", person=agent, form=form), 422
    try:
        people.change(agent, **form.chosen)
    except people.LastAdmin:
        return _last_admin(id)
    db.session.commit()
    return saved("settings.index")


@bp.post("/people/<int:id>/deactivation")
@needs(Role.ADMIN)
def deactivate(id: int) -> Answer:
    try:
        people.let_go(_agent(id))
    except people.LastAdmin:
        return _last_admin(id)
    db.session.commit()
    flash(_("They are signed out everywhere and cannot come back in. Their tickets stay in their hands."))
    return go(url_for(".person", id=id))


@bp.post("/people/<int:id>/reactivation")
@needs(Role.ADMIN)
def reactivate(id: int) -> Answer:
    people.take_back(_agent(id))
    db.session.commit()
    return saved("settings.person", id=id)


@bp.post("/people/<int:id>/password")
@needs(Role.ADMIN)
def renew_password(id: int) -> Answer:
    agent = _agent(id)
    secret = people.renew_password(agent)
    db.session.commit()
    return shown_once(_("New password of %(name)s", name=agent.name), secret, "settings.index")


@bp.get("/teams")
@needs(Role.ADMIN)
def teams(form: FlaskForm | None = None) -> str:
    sizes = people.size_of_teams()
    return render_template("settings/teams.html", teams=_teams(), sizes=sizes, form=form or TeamForm())


@bp.post("/teams")
@needs(Role.ADMIN)
def add_team() -> Answer:
    form = _team_form(None)
    if form.errors:
        return teams(form), 422
    db.session.add(Team(name=form.name.data or ""))
    db.session.commit()
    return saved("settings.teams")


@bp.post("/teams/<int:id>")
@needs(Role.ADMIN)
def rename_team(id: int) -> Answer:
    team: Team = db.get_or_404(Team, id)
    form = _team_form(id)
    if form.errors:
        return teams(form), 422
    team.name = form.name.data or ""
    db.session.commit()
    return saved("settings.teams")


@bp.post("/teams/<int:id>/default")
@needs(Role.ADMIN)
def choose_default_team(id: int) -> Answer:
    people.make_default(db.get_or_404(Team, id))
    db.session.commit()
    return saved("settings.teams")


def saved(endpoint: str, **values: Any) -> Response:
    """Say so, and go on to that page."""
    flash(_("Saved."))
    return go(url_for(endpoint, **values))


def shown_once(title: str, secret: str, back: str) -> tuple[str, int]:
    """A page with a secret that is kept nowhere in clear; `back` is the endpoint that follows."""
    with reading():
        return render_template("settings/secret.html", title=title, secret=secret, back=url_for(back)), 201


def _agent(id: int) -> Agent:
    found: Agent = db.get_or_404(Agent, id)
    return found


def _teams() -> list[Team]:
    return list(db.session.scalars(select(Team).order_by(Team.name)))


def _team_form(id: int | None) -> TeamForm:
    """The form with its errors; a name is given to one team only."""
    form = TeamForm()
    if form.validate() and db.session.scalar(
        select(Team.id).where(Team.name == form.name.data, Team.id != id)
    ):
        form.name.errors = [_("Another team has this name.")]
    return form


def _last_admin(id: int) -> Response:
    db.session.rollback()
    flash(_("This is the last admin. Make somebody else an admin first."), "error")
    return go(url_for(".person", id=id))
