"""Measure what each letter typed costs at 2,000 articles: `python -m tests.bench.suggestions`.

Questions are typed letter by letter, as input methods give them, through the whole application; counted
is the CPU time of the process that answers. Ends with 1 where the bound is exceeded.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import process_time

from flask.testing import FlaskClient

from helpdesk.app import create_app
from knowledge_base.index.feeding import rebuild_index
from tests import houses
from tests.knowledge_base.many import write_many

ARTICLES = 2_000
# Milliseconds of CPU for one answer of the server, for 95 of 100.
BOUND = 50
TYPED = (
    ("ja", "パスワードを忘れたときはどうすればいいですか"),
    ("ja", "せいきゅうしょをさいはっこうする"),
    ("ja", "kaiyakusitai"),
    ("ja", "領収書の宛名を変えたいのですが"),
    ("ja", "ダッシュボドを共有"),
    ("ja", "二段階認証 止める"),
    ("ja", "画面が固まってしまい何を押しても動かなくなりました"),
    ("en", "how do I change my payment"),
    ("en", "reciept"),
    ("en", "the screen freezes whenever somebody opens the calendar"),
    ("en", "zzz qqq"),
)


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as folder,
        houses.prepared(Path(folder)) as made,
    ):
        app = create_app(made)
        with app.app_context():
            write_many(ARTICLES)
            for lang in ("ja", "en"):
                rebuild_index(lang=lang)
        browser = app.test_client()
        first = _cost(browser, "ja", "パス")
        costs = sorted(
            _cost(browser, lang, text[:end]) for lang, text in TYPED for end in range(1, len(text) + 1)
        )
    p95 = quantiles(costs, n=20)[-1]
    print(f"the first letter of a process: {first:.0f} ms CPU")
    print(
        f"{len(costs)} letters at {ARTICLES:,} articles: p50 {median(costs):.1f} ms, p95 {p95:.1f} ms, ",
        end="",
    )
    print(f"worst {costs[-1]:.1f} ms CPU (bound: p95 {BOUND} ms)")
    return 1 if p95 > BOUND else 0


def _cost(browser: FlaskClient, lang: str, text: str) -> float:
    """Milliseconds of CPU for one answer."""
    began = process_time()
    answer = browser.get("/kb/suggestions", query_string={"q": text, "lang": lang})
    spent = (process_time() - began) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{text}: {answer.status}")
    return spent


if __name__ == "__main__":
    sys.exit(main())
