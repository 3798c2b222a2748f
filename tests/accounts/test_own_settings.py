"""What every agent sets for themselves: account, password, sessions, tokens; and never another's."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import AgentSession, ApiToken
from helpdesk.core.db import db
from tests.conftest import PASSWORD


def make(browser, **values):
    answer = browser.post(
        "/desk/settings/tokens", data={"name": "Sync", "scope": "write", "days": "90", **values}
    )
    return answer, re.search(r'id="secret" value="([^"]+)"', answer.text)


@pytest.mark.parametrize("path", ["/account", "/tokens"])
def test_everybody_has_these_pages_and_strangers_sign_in(visit, ada, path):
    assert visit(ada).get(f"/desk/settings{path}").status_code == 200
    assert visit().get(f"/desk/settings{path}").headers["Location"].startswith("/sign-in")


def test_one_sees_links_only_to_what_one_may_open(visit, ada, grace, root):
    hers, leads, admins = (visit(agent).get("/desk/settings/account").text for agent in (ada, grace, root))

    assert "/desk/settings/quarantine" not in hers
    assert "/desk/settings/quarantine" in leads
    assert "/desk/settings/teams" not in leads
    assert "/desk/settings/teams" in admins


def test_name_language_look_and_signature_are_kept(desk, ada):
    given = {"name": "Ada L.", "language": "ja", "theme": "dark", "signature": "Yours\nAda"}

    assert desk.post("/desk/settings/account", data=given).status_code == 303
    assert (ada.name, ada.language, ada.theme, ada.signature) == ("Ada L.", "ja", "dark", "Yours\nAda")
    assert '<html lang="ja" data-theme="dark">' in desk.get("/desk/settings/account").text


def test_a_role_cannot_be_given_to_oneself(desk, ada):
    desk.post("/desk/settings/account", data={"name": "Ada", "theme": "system", "role": "admin"})

    assert ada.role.value == "agent"


def test_a_new_password_asks_for_the_old_one(desk, ada):
    before = ada.password_hash
    answer = desk.post("/desk/settings/account/password", data={"old": "wrong", "new": "long enough now"})

    assert answer.status_code == 422
    assert "This is not your present password." in answer.text
    assert ada.password_hash == before


def test_a_short_password_is_refused(desk, ada):
    answer = desk.post("/desk/settings/account/password", data={"old": PASSWORD, "new": "short"})

    assert answer.status_code == 422


def test_a_new_password_signs_out_every_other_browser(desk, visit, ada):
    other = visit(ada)
    given = {"old": PASSWORD, "new": "a longer password"}
    assert desk.post("/desk/settings/account/password", data=given).status_code == 303

    assert other.get("/desk").status_code == 302
    assert desk.get("/desk").status_code == 200
    signed_in = visit().post("/sign-in", data={"email": ada.email, "password": "a longer password"})
    assert signed_in.status_code == 303


def test_the_old_password_cannot_be_guessed_for_ever(desk, ada, strict):
    for _ in range(10):
        desk.post("/desk/settings/account/password", data={"old": "wrong", "new": "long enough now"})
    given = {"old": PASSWORD, "new": "long enough now"}

    assert desk.post("/desk/settings/account/password", data=given).status_code == 429


def test_other_browsers_are_signed_out_but_nobody_elses(desk, visit, ada, grace):
    mine, hers = visit(ada), visit(grace)
    desk.post("/desk/settings/account/sessions/ending")

    assert mine.get("/desk").status_code == 302
    assert desk.get("/desk").status_code == hers.get("/desk").status_code == 200
    assert db.session.query(AgentSession).count() == 2


def test_a_token_is_shown_once_and_works(desk, ada):
    answer, shown = make(desk)

    assert answer.status_code == 201
    assert ApiToken.of(shown[1]).agent_id == ada.id
    assert shown[1] not in desk.get("/desk/settings/tokens").text


def test_a_token_ends_when_it_should(desk, clock):
    _, short = make(desk, days="30", scope="read")
    _, long = make(desk, days="0")
    clock.shift(timedelta(days=31))

    assert ApiToken.of(short[1]) is None
    assert ApiToken.of(long[1]).allows("write")


def test_a_token_that_may_only_read_does_not_write(desk):
    _, shown = make(desk, scope="read")

    assert ApiToken.of(shown[1]).allows("read")
    assert not ApiToken.of(shown[1]).allows("write")


def test_a_token_without_a_name_or_with_an_invented_scope_is_refused(desk):
    assert make(desk, name="")[0].status_code == 422
    assert make(desk, scope="all")[0].status_code == 422
    assert db.session.scalars(select(ApiToken)).all() == []


def test_a_revoked_token_is_worth_nothing(desk):
    _, shown = make(desk)
    token = db.session.scalars(select(ApiToken)).one()

    assert desk.post(f"/desk/settings/tokens/{token.id}/revocation").status_code == 303
    assert ApiToken.of(shown[1]) is None


def test_nobody_sees_or_revokes_the_token_of_another(desk, visit, root):
    _, shown = make(desk)
    token = db.session.scalars(select(ApiToken)).one()
    admin = visit(root)

    assert "Sync" not in admin.get("/desk/settings/tokens").text
    assert admin.post(f"/desk/settings/tokens/{token.id}/revocation").status_code == 404
    assert ApiToken.of(shown[1]) is not None


@pytest.mark.parametrize(
    "path", ["/account", "/account/password", "/account/sessions/ending", "/tokens", "/tokens/1/revocation"]
)
def test_a_change_needs_the_token_of_its_form(desk, app, path):
    app.config["WTF_CSRF_ENABLED"] = True

    assert desk.post(f"/desk/settings{path}", data={"name": "X"}).status_code == 400
