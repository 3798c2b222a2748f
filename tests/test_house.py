"""The house's own rules: floors, sizes, addresses, and that its papers are complete."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk import __version__
from helpdesk.config import Settings
from helpdesk.timeline import Kind

ROOT = Path(__file__).resolve().parent.parent
CODE = [*ROOT.glob("helpdesk/**/*.py"), *ROOT.glob("knowledge_base/**/*.py")]
OURS = [file for file in CODE if "migrations/versions" not in str(file)]
# A cold process must answer soon: what is costly and rarely needed is imported on first use.
COSTLY = (
    "alembic",
    "sudachipy",
    "prometheus_client",
    "whoosh",
    "numpy",
    "gunicorn",
    "jpholiday",
    "playwright",
    "rapidfuzz",
    "phonenumbers",
    "markdownify",
    "yaml",
    "imapclient",
    "cryptography",
)


def test_a_room_imports_only_from_floors_below():
    program = "from importlinter.cli import lint_imports_command as lint; lint()"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert found.returncode == 0, found.stdout[-3000:]


@pytest.mark.parametrize("file", OURS, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_is_short_and_says_what_it_is(file):
    text = file.read_text()

    assert text.count("\n") <= 250
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("file", OURS, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_function_says_one_thing(file):
    functions = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)]
    lengths = {f.name: (f.end_lineno or 0) - f.lineno + 1 for f in functions}

    assert {name: length for name, length in lengths.items() if length > 30} == {}


def test_every_setting_is_explained():
    explained = set(re.findall(r"^### `(HELPDESK_\w+)`", (ROOT / "docs/settings.md").read_text(), re.M))

    assert explained == {f"HELPDESK_{name.upper()}" for name in Settings.model_fields}


def test_every_kind_of_fact_is_explained():
    explained = set(re.findall(r"^### `([\w.]+)`", (ROOT / "docs/timeline.md").read_text(), re.M))

    assert explained == {kind.value for kind in Kind}


def test_the_changelog_tells_of_this_version():
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-data.lock"])
def test_a_lock_names_packages_and_hashes_only(name):
    text = (ROOT / name).read_text()

    assert "--hash=sha256:" in text
    assert not re.search(r"://|--index|--find-links|--extra-index", text)


def test_nothing_costly_is_imported_before_it_is_needed():
    program = f"""
import sys
from helpdesk.app import create_app
from helpdesk.config import Settings
import tempfile, pathlib
create_app(Settings(_env_file=None, home=pathlib.Path(tempfile.mkdtemp())))
print([name for name in {COSTLY} if name in sys.modules])
"""
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "[]"
