"""Agents in their browsers and a program at the API, who ask again until somebody answers."""

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from queue import Empty, Queue

import requests

from tests.conftest import PASSWORD

# So long an agent looks at a page that does not come, in seconds.
PATIENCE = 40


class Client(threading.Thread):
    """Asks the web until it answers; whatever it answers that nobody expects is noted."""

    def __init__(self, sites: Sequence[str], seed: int) -> None:
        super().__init__(daemon=True)
        self.sites, self.chance = sites, random.Random(seed)
        self.lost: Counter[str] = Counter()
        self.strange: list[str] = []
        self._is_over = threading.Event()

    def end(self) -> None:
        self._is_over.set()
        self.join(2 * PATIENCE)

    def insist(self, ask: Callable[[], requests.Response]) -> requests.Response:
        """Ask until there is an answer; one that says that the house stumbled is none."""
        while not self._is_over.is_set():
            try:
                answer = ask()
            except requests.RequestException as fault:
                self.lost[type(fault).__name__] += 1
            else:
                if answer.status_code < 500:
                    return answer
                self.lost[str(answer.status_code)] += 1
            time.sleep(self.chance.uniform(0.1, 0.5))
        raise Over


class Over(Exception):
    """The day is over before there was an answer."""


class AgentAtWork(Client):
    """Answers each ticket that is given to them, once; `answered` has the words by ticket.

    work: numbers of tickets, with the message whose letter is to be sent again, or 0 for one to be answered.
    """

    def __init__(self, sites: Sequence[str], seed: int, email: str, work: "Queue[tuple[int, int]]") -> None:
        super().__init__(sites, seed)
        self.email, self.work, self.browser = email, work, requests.Session()
        self.answered: dict[int, str] = {}
        self.pressed_again = 0

    def run(self) -> None:
        try:
            self._sign_in()
            while not self._is_over.is_set():
                try:
                    number, failed = self.work.get(timeout=0.5)
                except Empty:
                    continue
                self.send_again(number, failed) if failed else self.answer(number)
        except Over:
            return

    def answer(self, number: int) -> None:
        """Open the ticket, write, send; send the same form again where nobody said that it was taken."""
        words = f"Answer {self.email} to {number}."
        while True:
            site = self.chance.choice(self.sites)
            place, form = f"{site}/desk/tickets/{number}/replies", self._form(site, number)
            said = self.insist(lambda p=place, f=form: self._press(p, {**f, "body": words, "then": ""}))
            if said.status_code == 303:
                self.answered[number] = words
                return
            if said.status_code != 409:  # overtaken: nothing was written
                self.strange.append(f"{place}: {said.status_code}")
                return

    def send_again(self, number: int, message_id: int) -> None:
        """Press "send again" beside a letter that its server refused for good."""
        site = self.chance.choice(self.sites)
        form = {"csrf_token": self._form(site, number)["csrf_token"]}
        place = f"{site}/desk/tickets/{number}/messages/{message_id}/delivery"
        self.insist(lambda: self.browser.post(place, form, allow_redirects=False, timeout=PATIENCE))

    def _press(self, place: str, form: dict[str, str]) -> requests.Response:
        """Press once, or twice at once, or once more after it was taken: who has not?"""
        once = self._sender(place, form)
        habit = self.chance.random()
        if habit > 0.2:
            return once()
        self.pressed_again += 1
        if habit > 0.1:
            with ThreadPoolExecutor(2) as two:
                first, second = [two.submit(once) for _ in range(2)]
                second.exception()
                return first.result()
        once()
        return once()

    def _sender(self, place: str, form: dict[str, str]) -> Callable[[], requests.Response]:
        cookies = self.browser.cookies.get_dict()

        def send() -> requests.Response:
            return requests.post(place, form, cookies=cookies, allow_redirects=False, timeout=PATIENCE)

        return send

    def _sign_in(self) -> None:
        site = self.sites[0]
        page = self.insist(lambda: self.browser.get(f"{site}/sign-in", timeout=PATIENCE))
        form = {**_hidden(page.text), "email": self.email, "password": PASSWORD}
        said = self.insist(
            lambda: self.browser.post(f"{site}/sign-in", form, allow_redirects=False, timeout=PATIENCE)
        )
        assert said.status_code == 303, said.text

    def _form(self, site: str, number: int) -> dict[str, str]:
        """What stands in the ticket's composer beside the words."""
        page = self.insist(lambda: self.browser.get(f"{site}/desk/tickets/{number}", timeout=PATIENCE))
        found = re.search(rf'<form[^>]*action="/desk/tickets/{number}/replies".*?</form>', page.text, re.S)
        assert found, f"{number}: {page.status_code} {page.url}"
        return _hidden(found.group())


class Program(Client):
    """Opens tickets through the API, each under a key of its own; `opened` has their numbers by key."""

    def __init__(self, sites: Sequence[str], seed: int, token: str, keys: Sequence[str]) -> None:
        super().__init__(sites, seed)
        self.token, self.keys = token, keys
        self.opened: dict[str, set[str]] = {}

    def run(self) -> None:
        try:
            for key in self.keys:
                self.opened[key] = {self._open(key)}
                if self.chance.random() < 0.2:
                    self.opened[key].add(self._open(key))
        except Over:
            return

    def _open(self, key: str) -> str:
        asked = {
            "subject": f"By program {key}",
            "body": f"Opened {key}.",
            "requester": {"email": f"{key}@example.org", "name": key},
        }
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        while True:
            place = f"{self.chance.choice(self.sites)}/api/v1/tickets"
            said = self.insist(
                lambda p=place: requests.post(p, json=asked, headers=headers, timeout=PATIENCE)
            )
            if said.status_code == 201:
                return str(said.json()["number"])
            if said.status_code != 409:  # in flight: ask again
                self.strange.append(f"{key}: {said.status_code} {said.text[:200]}")
                return ""
            time.sleep(1)


def _hidden(page: str) -> dict[str, str]:
    fields = re.findall(r'<input[^>]*?type="hidden"[^>]*?>', page)
    found = {}
    for field in fields:
        name, value = re.search(r'name="([^"]*)"', field), re.search(r'value="([^"]*)"', field)
        if name:
            found[name[1]] = unescape(value[1]) if value else ""
    return found
