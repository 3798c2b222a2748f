"""Who may come to which address: one table for all of them, and a route without its line fails."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, select

from helpdesk.app import GUARDED_BY_TOKEN
from helpdesk.core.db import db
from tests.security.rights import API, PEOPLE, TABLE, lines

# Signs of life and of looking, and an index that asks to be made; nobody would call that a change.
UNNOTICED = {"help_steps", "attempts", "jobs", "article_visits"}
UNNOTICED_COLUMNS = {"seen_at", "opens", "used_at"}


def test_every_route_has_its_line(app: Flask):
    routes = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {(line[0], line[1]) for line in TABLE} == routes


@pytest.mark.parametrize("who", PEOPLE)
def test_each_reads_what_is_theirs_and_changes_nothing_by_it(come, town, who):
    browser, before = come(who), _everything()
    wrong = [told for line in lines(town, "GET") if (told := _wrong(browser.get(line[2]), line, who))]

    assert wrong == []
    assert [name for name, rows in _everything().items() if rows != before[name]] == []


@pytest.mark.parametrize("who", PEOPLE)
def test_each_changes_what_is_theirs(come, town, who):
    form = {"proof": town.chat_proof}
    tried = lines(town, "POST", "PATCH")
    answers = [(come(who).open(line[2], method=line[0], data=form), line) for line in tried]

    assert [told for answer, line in answers if (told := _wrong(answer, line, who))] == []


@pytest.mark.parametrize("who", PEOPLE)
def test_no_form_is_taken_without_its_token(app, come, town, who):
    browser = come(who)
    app.config["WTF_CSRF_ENABLED"] = True
    # A vote stands on a page that is the same for all: it is the browser's word for its origin that counts.
    own = (*(blueprint.name for blueprint in GUARDED_BY_TOKEN), "knowledge_base.vote")
    forms = [line for line in lines(town, "POST") if not line[1].startswith(own)]
    taken = [line[1] for line in forms if browser.post(line[2]).status_code != 400]

    assert taken == []


def test_no_other_site_votes(come, town):
    evil = {"Origin": "https://evil.example"}
    places = [line[2] for line in lines(town, "POST") if line[1] == "knowledge_base.vote"]

    assert {
        come("carol").post(place, data={"helpful": "no"}, headers=evil).status_code for place in places
    } == {400}


def test_no_other_site_speaks_in_a_chat(come, town):
    browser = come("carol")
    form, evil = {"proof": town.chat_proof, "body": "x"}, {"Origin": "https://evil.example"}
    places = [line[2] for line in lines(town, "POST") if line[1].startswith("chat.")]

    assert {browser.post(place, data=form, headers=evil).status_code for place in places} == {400}
    assert browser.post("/chat/messages", data={"body": "x"}).status_code == 400


@pytest.mark.parametrize("who", PEOPLE[3:])
def test_a_program_sees_what_its_agent_sees(visit, bearer, town, who):
    token, place, browser = bearer(who), PEOPLE[3:].index(who), visit()
    given = {
        line[1]: (browser.open(line[2], method=line[0], headers=token).status_code, API[line[1]][place])
        for line in lines(town)
        if line[1] in API
    }

    assert {name: pair for name, pair in given.items() if pair[0] != pair[1]} == {}


@pytest.mark.parametrize(("scope", "allowed"), [("read", "GET"), ("write", "POST")])
def test_a_token_does_only_what_it_was_made_for(visit, bearer, town, scope, allowed):
    token, browser = bearer("root", scope), visit()
    doors = [line for line in lines(town) if line[1] in API]
    refused = {
        line[0] for line in doors if browser.open(line[2], method=line[0], headers=token).status_code == 403
    }

    assert refused == {"GET", "POST", "PATCH"} - ({"GET"} if allowed == "GET" else {"POST", "PATCH"})


@pytest.mark.parametrize(
    "place", ["/desk/tickets/{n}", "/desk/customers/{n}", "/desk/kb/{n}", "/requests/{n}"]
)
@pytest.mark.parametrize("number", ["0", "987654321", "9" * 25, "-1", "1e3", "%00"])
def test_a_number_that_is_nobodys_is_not_there(come, place, number):
    browser = come("carol" if place.startswith("/requests") else "root")

    assert browser.get(place.format(n=number)).status_code == 404


def _wrong(answer: Any, line: tuple[Any, ...], who: str) -> str:
    """Empty where the answer is the one of the table."""
    method, _endpoint, address, whose, *ok = line
    due = whose[PEOPLE.index(who)]
    due = (ok[0] if ok else 200) if due == "ok" else due
    answer.close()
    is_free = due == 200 and answer.status_code == 204
    return (
        "" if answer.status_code == due or is_free else f"{method} {address}: {answer.status_code}, not {due}"
    )


def _everything() -> dict[str, list[Any]]:
    """All rows of all tables, but for what may change unnoticed."""
    db.session.rollback()
    tables = [table for table in db.metadata.sorted_tables if table.name not in UNNOTICED]
    return {table.name: _rows(table) for table in tables}


def _rows(table: Table) -> list[Any]:
    columns = [column for column in table.columns if column.name not in UNNOTICED_COLUMNS]
    return sorted(map(repr, db.session.execute(select(*columns)).all()))
