"""A house that counts tries, and browsers that nobody has signed in yet."""

import pytest

from helpdesk.app import create_app
from helpdesk.core.db import db


@pytest.fixture
def strict(app):
    """The same house with the limits on."""
    app.config["HELPDESK_RATE_LIMITS"] = True
    return app


@pytest.fixture
def production(app):
    """A house that people reach over https, on the same database."""
    settings = app.extensions["helpdesk.settings"].model_copy(update={"site_url": "https://help.example.com"})
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()
