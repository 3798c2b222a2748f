"""What the web server takes before a page sees it."""

from urllib.parse import quote

from gunicorn.config import Config
from gunicorn.http import message
from gunicorn.http.parser import RequestParser

from helpdesk.running import web


def test_a_question_of_ten_thousand_letters_reaches_the_page(monkeypatch):
    monkeypatch.setattr(message, "MAX_REQUEST_LINE", message.MAX_REQUEST_LINE)
    taken = {}
    monkeypatch.setattr(web.WebServer, "run", lambda server: taken.update(server.options))
    web.run(lambda: None, "127.0.0.1:0", 1, 1)
    config = Config()
    config.set("limit_request_line", taken["limit_request_line"])
    question = quote("請" * 10_000)
    sent = f"GET /kb/search?q={question} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    request = next(RequestParser(config, iter([sent]), ("127.0.0.1", 1)))

    assert request.query == f"q={question}"
