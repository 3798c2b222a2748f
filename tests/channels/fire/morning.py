"""The morning of a day under fire: servers, processes, agents and programs."""

import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Queue

from flask import Flask

from helpdesk.accounts.models import Agent, ApiToken, Role, Team
from helpdesk.core.db import db
from tests.channels.fire.clients import AgentAtWork, Program
from tests.channels.fire.day import Day, Size
from tests.channels.fire.moody import listening
from tests.channels.fire.units import Killer, Unit, end_all
from tests.channels.test_fetching import connect
from tests.channels.test_fetching_torture import a_fault
from tests.conftest import hire
from tests.imap_server import line_to, serving


@contextmanager
def begun(app: Flask, size: Size) -> Iterator[Day]:
    """Everybody is there and at work."""
    chance, work = random.Random(7), Queue[tuple[int, int]]()
    with ExitStack() as stack:
        server = stack.enter_context(serving())
        line = stack.enter_context(line_to(server.port))
        connect(line.port)
        line.faults = [a_fault(chance) for _connection in range(200)]
        units: list[Unit] = []
        post, address = stack.enter_context(listening(lambda: [unit.pid for unit in units]))
        stack.callback(end_all, units)
        sites = _start(app, size, units, address)
        staff = [hire(f"Agent{n}", Role.AGENT, Team.default()) for n in range(size.agents)]
        agents = [AgentAtWork(sites, n, each.email, work) for n, each in enumerate(staff)]
        programs = [_program(sites, staff[0], n, size) for n in range(2)]
        killer = Killer(units, size.kills, size.pause, chance)
        stack.callback(killer.end)
        stack.callback(end_all, (*agents, *programs))
        for each in (*units, *agents, *programs):
            each.start()
        yield Day(size, server, line, post, units, agents, programs, killer, work)


def environment(app: Flask, smtp: str = "") -> dict[str, str]:
    """What the processes of this house have to be told."""
    settings = app.extensions["helpdesk.settings"]
    told = {name: getattr(settings, name) for name in ("home", "secret_key", "site_url", "mail_from")}
    told |= {"database_url": settings.database, "smtp_url": smtp, "rate_limits": "off", "kb_semantic": "off"}
    return {f"HELPDESK_{name.upper()}": str(value) for name, value in told.items()}


def _start(app: Flask, size: Size, units: list[Unit], smtp: str) -> list[str]:
    """Two web servers, one of which holds answers for a moment; the addresses of both."""
    ours, home = environment(app, smtp), Path(app.config["HELPDESK_HOME"])
    sites = []
    for held_for in (0, 2):
        with socket.create_server(("127.0.0.1", 0)) as free:
            place = f"127.0.0.1:{free.getsockname()[1]}"
        sites.append(f"http://{place}")
        command = ["web", "--bind", place, "--workers", "2", "--threads", "8"]
        units.append(
            Unit("web", command, {**ours, "HELPDESK_UNDO_SEND": str(held_for)}, home / f"web{held_for}.log")
        )
    for number in range(size.workers):
        units.append(Unit("worker", ["worker"], ours, home / f"worker{number}.log"))
    units.append(Unit("watcher", ["mail", "fetch"], ours, home / "watcher.log"))
    return sites


def _program(sites: list[str], agent: Agent, number: int, size: Size) -> Program:
    token = ApiToken.issue(agent, "program", ["read", "write"])
    db.session.commit()
    keys = [f"p{number}-{each}" for each in range(size.programs // 2)]
    return Program(sites, number, token, keys)
