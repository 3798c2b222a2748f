"""Files as other systems write them, and the command that takes them."""

import json

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.exchange.commands import import_group

CUSTOMERS = """external_id,name,type,email,tags
A-1,東都精機株式会社,会社,info@toto.example,"優良,製造"
A-2,木下 真由美,個人,kino@mail.example,
"""
ORDERS = """external_id,customer,product,amount,currency,placed_at,refunded
O-1,A-1,Pot,5000,,2026/05/03 10:00,
O-2,A-2,Pan,12.50,USD,2026年5月4日,2
"""


@pytest.fixture
def run(app, tmp_path):
    """`run("customers", text)`: what the command prints, with its exit code."""

    def run(what, content, *options, name="file.csv"):
        file = tmp_path / name
        if content is not None:
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        target = [str(file)] if content is not None else []
        db.session.commit()
        done = FlaskCliRunner(app).invoke(import_group, [what, *target, *options], obj=_script(app))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        db.session.expire_all()
        return json.loads(done.output.strip().splitlines()[-1]) | {"exit": done.exit_code}

    return run


@pytest.fixture
def state(app):
    """Every row that an import may touch, without the numbers that tell one time from another."""

    def state():
        from helpdesk.customers.models import Contact, Customer
        from helpdesk.customers.orders import Order, Subscription
        from helpdesk.timeline import Event

        tables = {
            Customer: "external_id name kana type tags extra note industry",
            Contact: "customer_id name department",
            Order: "external_id customer_id product amount currency placed_at refunded refunded_at",
            Subscription: "external_id plan price started_at paid_from ended_at trial_ends_at",
            Event: "kind customer_id occurred_at details stage_id",
        }
        db.session.expire_all()
        return {
            table.__tablename__: sorted(
                repr([getattr(row, name) for name in names.split()])
                for row in db.session.scalars(select(table))
            )
            for table, names in tables.items()
        }

    return state


def _script(app):
    from flask.cli import ScriptInfo

    return ScriptInfo(create_app=lambda: app)
