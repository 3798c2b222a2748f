"""The door keeps to its own document, whatever is sent to it: schemathesis against the whole house."""

from contextvars import Context

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import data, sampled_from
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from helpdesk.accounts.models import ApiToken
from helpdesk.api.routes import ROUTES
from helpdesk.core.db import db

OPERATIONS = [pytest.param(each.rule, each.method, id=f"{each.method} {each.rule}") for each in ROUTES]

MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@pytest.fixture
def sweep(app, root, ticket):
    """`sweep(rule, method, examples)`: sends so many requests, sensible or not, as an admin."""
    token = ApiToken.issue(root, "test", [])
    db.session.commit()
    schema = Context().run(schemathesis.openapi.from_wsgi, "/api/openapi.json", app)
    headers = {"Authorization": f"Bearer {token}"}

    def send(rule: str, method: str, examples: int) -> None:
        operation = schema["/api" + rule.replace("<int:", "{").replace(">", "}")][method]
        checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture]

        @settings(max_examples=examples, deadline=None, suppress_health_check=checks, database=None)
        @given(data())
        def each(drawn):
            case = drawn.draw(operation.as_strategy(drawn.draw(sampled_from(MODES))))
            # No schema can say that a cursor is ours or that a team exists: a 422 may be right.
            own = {} if "Authorization" in (case.headers or {}) else headers
            Context().run(case.call_and_validate, headers=own, excluded_checks=[positive_data_acceptance])

        each()

    return send


@pytest.mark.parametrize(("rule", "method"), OPERATIONS)
def test_an_answer_is_what_the_document_says(sweep, rule, method):
    sweep(rule, method, 6)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("rule", "method"), OPERATIONS)
def test_an_answer_is_what_the_document_says_to_many_requests(sweep, rule, method):
    sweep(rule, method, 400)
