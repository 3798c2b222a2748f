"""The pages that are measured, and what each may cost as a multiple of the bare route."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from tests.bench.servers import Browser

# Growth from ten to a hundred thousand tickets; bytes of a page; statements of a list.
GROWTH, BYTES, STATEMENTS = 1.2, 40_000, 8


class Target(NamedTuple):
    """What a visit may choose from: how many tickets there are, and chance."""

    tickets: int
    rng: Random

    def ticket(self) -> int:
        return self.rng.randint(1, self.tickets)


@dataclass(frozen=True)
class Page:
    """One thing an agent does; `bound` is None where nothing is promised."""

    name: str
    visit: Callable[[Browser, Target], tuple[int, bytes]]
    bound: float | None = None
    is_list: bool = False
    expects: int = 200


def _reply(browser: Browser, target: Target) -> tuple[int, bytes]:
    text = "お待たせしております。設定の画面から更新を押してください。"
    return browser.post(f"/desk/tickets/{target.ticket()}/replies", {"body": text})


def _create(browser: Browser, target: Target) -> tuple[int, bytes]:
    """For one of a few who call again and again."""
    return _open(browser, f"caller-{target.rng.randrange(10)}@mail.example")


def _create_for_a_stranger(browser: Browser, target: Target) -> tuple[int, bytes]:
    """A new customer and contact besides, with their first stage."""
    return _open(browser, f"stranger-{target.rng.randrange(10**12)}@mail.example")


def _open(browser: Browser, address: str) -> tuple[int, bytes]:
    form = {
        "address": address,
        "name": "発信 太郎",
        "channel": "phone",
        "subject": "請求書が届きません",
        "priority": "normal",
        "team": "1",
        "body": "先月の請求書がまだ届いていません。確認をお願いします。",
    }
    return browser.post("/desk/tickets", form)


PAGES = (
    Page("inbox", lambda b, t: b.get("/desk?view=open"), 6, is_list=True),
    Page("ticket", lambda b, t: b.get(f"/desk/tickets/{t.ticket()}"), 8),
    Page("reply", _reply, 5, expects=303),
    Page("create", _create, 5, expects=303),
    Page("stranger", _create_for_a_stranger, expects=303),
    Page("search ja", lambda b, t: b.get("/desk/search?q=%E8%AB%8B%E6%B1%82%E6%9B%B8"), 8, is_list=True),
    Page("search en", lambda b, t: b.get("/desk/search?q=invoice"), 8, is_list=True),
    Page("stages", lambda b, t: b.get("/desk/reports/lifecycle")),
)
