"""Measure and judge: `python -m tests.bench [--rounds N]`; ends with 1 where a bound is exceeded."""

import argparse
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from tests.bench.counting import statements
from tests.bench.houses import environment, house
from tests.bench.pages import BYTES, GROWTH, PAGES, STATEMENTS, Page, Target
from tests.bench.servers import Server, serving

SMALL, LARGE = 10_000, 100_000
# Requests of one sample; a sample of each is taken in every round, so that all meet the same weather.
_SAMPLE = 12
# A cold process may cost 1.0 s of CPU and 110 MiB; on a machine that needs more than 0.41 s to import the
# four frameworks alone, as much more.
_COLD_SECONDS, _COLD_RATIO, _COLD_MEMORY = 1.0, 1.0 / 0.41, 110
_SPENT = "import time, resource as r; print(time.process_time(), r.getrusage(r.RUSAGE_SELF).ru_maxrss / 1024)"
_FRAMEWORKS = f"import flask, flask_sqlalchemy, flask_login, flask_wtf; {_SPENT}"
_COLD = f"from helpdesk.app import create_app; create_app(); {_SPENT}"

Samples = dict[tuple[str, int], list[float]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-run-") as folder:
        run = Path(folder)
        small, large = house(SMALL, run), house(LARGE, run)
        faults = _cold(small)
        samples, bytes_of, missing = _measured(small, large, rounds)
        faults += _report(samples, bytes_of, missing, statements(large, LARGE))
    print("\n" + ("\n".join(f"✗ {fault}" for fault in faults) or "✓ within all bounds"))
    return 1 if faults else 0


def _cold(home: Path) -> list[str]:
    """What `create_app` costs a process that has just begun, beside its frameworks; the best of seven."""
    tries = [(_spent(_FRAMEWORKS, home), _spent(_COLD, home)) for _ in range(7)]
    (frameworks, _), (cpu, memory) = (min(costs) for costs in zip(*tries, strict=True))
    ratio = cpu / frameworks
    print(f"create_app() in a cold process: {cpu:.2f} s CPU, {ratio:.2f}× its frameworks, {memory:.0f} MiB")
    bound = max(_COLD_SECONDS, _COLD_RATIO * frameworks)
    faults = [f"create_app: {cpu:.2f} s > {bound:.2f} s"] if cpu > bound else []
    return faults + ([f"create_app: {memory:.0f} MiB > {_COLD_MEMORY}"] if memory > _COLD_MEMORY else [])


def _spent(program: str, home: Path) -> tuple[float, float]:
    """CPU seconds and MiB of a process of its own."""
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, env=environment(home), capture_output=True, text=True, check=True)
    cpu, memory = map(float, said.stdout.split())
    return cpu, memory


def _measured(small: Path, large: Path, rounds: int) -> tuple[Samples, dict[str, int], set[str]]:
    """CPU milliseconds a request, by page and size; page bytes; and the pages that are not there."""
    samples: Samples = defaultdict(list)
    bytes_of: dict[str, int] = {}
    with serving(large, bare=True) as bare, serving(small) as few, serving(large) as many:
        houses = ((few, Target(SMALL, Random(1))), (many, Target(LARGE, Random(2))))
        for server, _ in houses:
            server.browser.sign_in()
        there = [page for page in PAGES if _is_there(page, *houses[1])]
        for number in range(rounds + 1):
            taken: Samples = defaultdict(list)
            taken["bare", LARGE].append(_sample(bare, partial(_ask, bare))[0])
            for page in there:
                for server, target in houses:
                    cost, bytes_of[page.name] = _sample(server, partial(_visit, page, server, target))
                    taken[page.name, target.tickets].append(cost)
            # The first round warms up.
            for key, costs in taken.items() if number else ():
                samples[key] += costs
        print(f"memory of the server: {many.memory():.0f} MiB, bare {bare.memory():.0f} MiB")
    return samples, bytes_of, {page.name for page in PAGES} - {page.name for page in there}


def _is_there(page: Page, server: Server, target: Target) -> bool:
    return page.visit(server.browser, target)[0] != 404


def _visit(page: Page, server: Server, target: Target) -> int:
    status, answer = page.visit(server.browser, target)
    if status != page.expects:
        raise RuntimeError(f"{page.name} answered {status}: {answer[:500].decode()}")
    return len(answer)


def _ask(bare: Server) -> int:
    return len(bare.browser.get("/")[1])


def _sample(server: Server, ask: Callable[[], int]) -> tuple[float, int]:
    """CPU milliseconds a request, and the bytes of the last answer."""
    before = server.cpu()
    lengths = [ask() for _ in range(_SAMPLE)]
    return (server.cpu() - before) / _SAMPLE, lengths[-1]


def _report(
    samples: Samples, bytes_of: dict[str, int], missing: set[str], counted: dict[str, int]
) -> list[str]:
    """Print the table; returns what exceeds a bound."""
    bare, faults = samples["bare", LARGE], []
    print(f"\nbare route: {median(bare):.2f} ms CPU a request; medians, ratios within a round\n")
    print("page         10,000  100,000  ratio  bound  growth  SQL   bytes")
    for page in PAGES:
        if page.name in missing:
            print(f"{page.name:<10} not there")
            continue
        few, many = samples[page.name, SMALL], samples[page.name, LARGE]
        ratio, growth, sql = _ratio(many, bare), _ratio(many, few), counted[page.name]
        bound = f"{page.bound:.0f}×" if page.bound else "–"
        print(
            f"{page.name:<10} {median(few):>8.2f} {median(many):>8.2f}"
            f" {ratio:>5.1f}× {bound:>6} {growth:>6.2f}×"
            f" {sql:>4} {bytes_of[page.name]:>7,}"
        )
        faults += _faults(page, ratio, growth, (sql, bytes_of[page.name]))
    return faults


def _ratio(costs: list[float], others: list[float]) -> float:
    """Of two measured side by side: the middle of the rounds' ratios, whatever the weather of each round."""
    return median(cost / other for cost, other in zip(costs, others, strict=True))


def _faults(page: Page, ratio: float, growth: float, size: tuple[int, int]) -> list[str]:
    sql, length = size
    checks = (
        (page.bound is not None and ratio > page.bound, f"{ratio:.1f}× the bare route, bound {page.bound}×"),
        (page.bound is not None and growth > GROWTH, f"grows {growth:.2f}×, bound {GROWTH}×"),
        (page.is_list and sql > STATEMENTS, f"{sql} statements, bound {STATEMENTS}"),
        (page.is_list and length > BYTES, f"{length:,} bytes, bound {BYTES:,}"),
    )
    return [f"{page.name}: {fault}" for is_fault, fault in checks if is_fault]


if __name__ == "__main__":
    sys.exit(main())
