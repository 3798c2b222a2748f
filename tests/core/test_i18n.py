"""How names and lengths of time look in the language of their reader."""

import pytest
from flask_babel import force_locale

from helpdesk.core.i18n import duration, titled


@pytest.mark.parametrize(
    ("seconds", "ja", "en"),
    [
        (-5, "0分", "0 min"),
        (7200, "2時間", "2 h"),
        (7380, "2時間3分", "2 h 3 min"),
        (172800, "2日", "2 days"),
    ],
)
def test_a_length_of_time_has_at_most_two_units_and_none_of_them_nought(app, seconds, ja, en):
    with app.test_request_context(), force_locale("ja"):
        assert duration(seconds) == ja
    with app.test_request_context(), force_locale("en"):
        assert duration(seconds) == en


def test_a_name_has_its_title_in_japanese_alone(app):
    with app.test_request_context(), force_locale("ja"):
        assert titled("木下 真由美") == "木下 真由美 様"
        assert titled("東都精機株式会社", is_company=True) == "東都精機株式会社 御中"
        assert titled("") == ""
    with app.test_request_context(), force_locale("en"):
        assert titled("Mayumi Kinoshita") == "Mayumi Kinoshita"
