"""Settings of admins: people, roles, teams. Nobody else may come in."""

import re

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import Agent, AgentSession, Role, Team
from helpdesk.accounts.people import LastAdmin, let_go
from helpdesk.core.db import db


@pytest.fixture
def admin(visit, root):
    return visit(root)


def new(support, **values):
    return {
        "name": "Hedy",
        "email": "hedy@helpdesk.example.com",
        "role": "agent",
        "teams": [support.id],
        **values,
    }


def secret_in(answer):
    return re.search(r'id="secret" value="([^"]+)"', answer.text)[1]


PAGES = ["", "/people/new", "/people/1", "/teams"]
NOUNS = ["/people", "/people/1", "/people/1/deactivation", "/people/1/reactivation", "/people/1/password"]
NOUNS += ["/teams", "/teams/1", "/teams/1/default"]


@pytest.mark.parametrize("path", PAGES)
def test_only_admins_see(visit, ada, grace, root, path):
    statuses = [visit(agent).get(f"/desk/settings{path}").status_code for agent in (ada, grace, root)]

    assert statuses == [403, 403, 200]


@pytest.mark.parametrize("path", NOUNS)
def test_only_admins_change(visit, ada, grace, path):
    for agent in (ada, grace):
        assert visit(agent).post(f"/desk/settings{path}", data={"name": "X"}).status_code == 403

    assert visit().post(f"/desk/settings{path}").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("path", NOUNS)
def test_a_change_needs_the_token_of_its_form(admin, ada, app, path):
    app.config["WTF_CSRF_ENABLED"] = True

    assert admin.post(f"/desk/settings{path}", data={"name": "X"}).status_code == 400


def test_somebody_new_signs_in_with_the_password_that_was_shown_once(admin, support, visit):
    answer = admin.post("/desk/settings/people", data=new(support))
    given = {"email": "hedy@helpdesk.example.com", "password": secret_in(answer)}
    browser = visit()

    assert answer.status_code == 201
    assert browser.post("/sign-in", data=given).status_code == 303
    assert db.session.scalar(select(Agent).where(Agent.name == "Hedy")).team_ids == [support.id]
    assert secret_in(answer) not in admin.get("/desk/settings").text


def test_an_address_works_here_once(admin, ada, support):
    answer = admin.post("/desk/settings/people", data=new(support, email="ADA@helpdesk.example.com"))

    assert answer.status_code == 422
    assert "Somebody with this address works here already." in answer.text


def test_what_was_typed_stays_where_something_is_wrong(admin, support):
    answer = admin.post("/desk/settings/people", data=new(support, email="nonsense"))

    assert answer.status_code == 422
    assert 'value="nonsense"' in answer.text


def test_an_invented_role_or_team_is_refused(admin, support):
    assert admin.post("/desk/settings/people", data=new(support, role="owner")).status_code == 422
    assert admin.post("/desk/settings/people", data=new(support, teams=[999])).status_code == 422


def test_role_and_teams_are_changed(admin, ada):
    db.session.add(Team(name="Billing"))
    db.session.commit()
    billing = db.session.scalar(select(Team).where(Team.name == "Billing"))
    given = {"name": "Ada L.", "role": "lead", "teams": [billing.id]}

    assert admin.post(f"/desk/settings/people/{ada.id}", data=given).status_code == 303
    assert (ada.name, ada.role, ada.team_ids) == ("Ada L.", Role.LEAD, [billing.id])


def test_whoever_is_let_go_is_signed_out_and_may_be_let_back_in(admin, visit, ada):
    hers = visit(ada)
    admin.post(f"/desk/settings/people/{ada.id}/deactivation")
    assert not ada.is_active
    assert hers.get("/desk").status_code == 302

    admin.post(f"/desk/settings/people/{ada.id}/reactivation")

    assert ada.is_active
    assert hers.get("/desk").status_code == 302


def test_the_last_admin_stays(admin, root, support):
    admin.post(f"/desk/settings/people/{root.id}/deactivation")
    given = {"name": "Root", "role": "agent", "teams": [support.id]}
    admin.post(f"/desk/settings/people/{root.id}", data=given)

    assert root.is_active
    assert root.role is Role.ADMIN
    assert "This is the last admin." in admin.get(f"/desk/settings/people/{root.id}").text


def test_an_admin_who_left_does_not_count(root, ada):
    ada.role = Role.ADMIN
    db.session.flush()
    let_go(ada)

    with pytest.raises(LastAdmin):
        let_go(root)


def test_one_of_two_admins_may_go(root, ada):
    ada.role = Role.ADMIN
    db.session.flush()
    let_go(root)

    assert not root.is_active


def test_a_new_password_ends_the_sessions_of_the_old_one(admin, visit, ada):
    hers, before = visit(ada), ada.password_hash
    answer = admin.post(f"/desk/settings/people/{ada.id}/password")

    assert answer.status_code == 201
    assert hers.get("/desk").status_code == 302
    assert ada.password_hash != before
    assert db.session.query(AgentSession).filter_by(agent_id=ada.id).count() == 0


def test_nobody_of_that_number_is_404(admin):
    assert admin.get("/desk/settings/people/999").status_code == 404
    assert admin.post("/desk/settings/people/999/deactivation").status_code == 404


def test_teams_are_added_and_renamed_and_have_names_of_their_own(admin, support):
    assert admin.post("/desk/settings/teams", data={"name": "Billing"}).status_code == 303
    assert admin.post(f"/desk/settings/teams/{support.id}", data={"name": "Billing"}).status_code == 422
    assert admin.post(f"/desk/settings/teams/{support.id}", data={"name": "Help"}).status_code == 303
    assert admin.post(f"/desk/settings/teams/{support.id}", data={"name": "Help"}).status_code == 303
    assert sorted(db.session.scalars(select(Team.name))) == ["Billing", "Help"]


def test_exactly_one_team_takes_what_names_none(admin, support):
    admin.post("/desk/settings/teams", data={"name": "Billing"})
    billing = db.session.scalar(select(Team).where(Team.name == "Billing"))
    admin.post(f"/desk/settings/teams/{billing.id}/default")

    assert Team.default().name == "Billing"
    assert db.session.query(Team).filter_by(is_default=True).count() == 1
