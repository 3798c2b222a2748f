"""Who was signed out while they wrote: they are told, and led back to where they wrote."""

import pytest


@pytest.fixture
def guarded(app, visit):
    """Browsers whose forms need a token."""

    def browse(agent=None):
        browser = visit(agent)
        app.config["WTF_CSRF_ENABLED"] = True
        return browser

    yield browse
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.parametrize(
    ("referer", "leads"),
    [
        ("http://localhost/desk/kb/7?x=1", 'href="/sign-in?next=/desk/kb/7?x%3D1"'),
        ("http://localhost/kb", 'href="/"'),
        ("https://example.com/desk/kb/7", 'href="/"'),
        ("", 'href="/"'),
    ],
)
def test_a_stranger_signs_in_and_comes_back(guarded, referer, leads):
    page = guarded().post("/desk/kb/7", data={"title": "T"}, headers={"Referer": referer})

    assert page.status_code == 400
    assert leads in page.text.partition("<main")[2]


def test_who_is_signed_in_still_goes_back(guarded, ada):
    page = guarded(ada).post("/desk/kb/7", headers={"Referer": "http://localhost/desk/kb/7"})

    assert 'href="/desk/kb/7"' in page.text
