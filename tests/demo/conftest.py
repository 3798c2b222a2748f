"""The demo company, built once for all tests that read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from helpdesk.app import create_app
from helpdesk.core.db import db
from helpdesk.demo import company as story
from helpdesk.demo.company import Built
from tests import houses
from tests.conftest import NINE


@contextmanager
def built(home: Path, seed: int = story.SEED) -> Iterator[tuple[Flask, Built]]:
    """A house of its own with the company in it, as on the morning of the tests."""
    with houses.prepared(home) as chosen:
        app = create_app(chosen)
        with time_machine.travel(NINE, tick=False), app.app_context():
            made = story.build(seed, NINE)
            db.session.commit()
            db.session.remove()
        yield app, made
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def demo_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Built]]:
    with built(tmp_path_factory.mktemp("demo") / "home") as house:
        yield house


@pytest.fixture
def company(demo_house: tuple[Flask, Built], clock: object) -> Iterator[Built]:
    """What was planted; the company's database is at hand, to be read only."""
    app, made = demo_house
    with app.app_context():
        yield made
        db.session.rollback()
        db.session.remove()
