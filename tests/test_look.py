"""The look keeps its own rules: what pages name exists, colours come from tokens, nothing is inline."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# A stranger's mail stands in a sandboxed frame with a policy of its own.
PAGES = [file for file in TEMPLATES if file.name != "frame.html"]
COMPONENTS = sorted((STATIC / "css" / "components").glob("*.css"))
EVERY_COLOUR = re.compile(r"(?<!&)#[0-9a-f]{3,8}\b|\brgb\(", re.IGNORECASE)


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", TEMPLATES, ids=name_of)
def test_every_icon_a_page_names_is_in_the_sprite(file: Path) -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "img" / "icons.svg").read_text()))
    named = set(re.findall(r"""\bicon\(\s*["']([^"']+)["']\s*[,)]""", file.read_text()))
    assert named <= sprite


@pytest.mark.parametrize("file", TEMPLATES, ids=name_of)
def test_every_static_file_a_page_names_is_there(file: Path) -> None:
    named = re.findall(r"""asset\(\s*["']([^"'~]+)["']\s*\)""", file.read_text())
    assert [path for path in named if not (STATIC / path).is_file()] == []


@pytest.mark.parametrize("file", PAGES, ids=name_of)
def test_no_page_carries_a_style_or_a_script_of_its_own(file: Path) -> None:
    page = re.sub(r"\{#.*?#\}", "", file.read_text(), flags=re.DOTALL)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:", page)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/ld\+json)", page)


@pytest.mark.parametrize("file", COMPONENTS, ids=name_of)
def test_a_component_takes_its_colours_from_the_tokens(file: Path) -> None:
    # An embedded picture cannot read a token.
    plain = re.sub(r'url\("data:[^"]*"\)|/\*.*?\*/', "", file.read_text(), flags=re.DOTALL)
    assert EVERY_COLOUR.findall(plain) == []


@pytest.mark.parametrize("file", COMPONENTS, ids=name_of)
def test_a_component_is_worn_by_a_shell_or_asked_for_by_a_page(file: Path) -> None:
    in_shells = (ROOT / "templates" / "shared" / "styles.html").read_text()
    assert f'"{file.stem}"' in in_shells or any(
        f"components/{file.name}" in page.read_text() for page in PAGES
    )


def test_each_vendored_file_is_the_one_that_is_written_down() -> None:
    written = (STATIC / "vendor" / "VENDORED.md").read_text()
    for file in (STATIC / "vendor").glob("*.js"):
        assert hashlib.sha256(file.read_bytes()).hexdigest() in written, file.name


def test_every_token_that_is_used_is_defined() -> None:
    sheets = "\n".join(file.read_text() for file in (STATIC / "css").rglob("*.css"))
    defined = set(re.findall(r"(--[a-z0-9-]+)\s*:", sheets))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", sheets)) <= defined


def test_all_stylesheets_together_stay_light() -> None:
    sheets = b"".join(file.read_bytes() for file in sorted((STATIC / "css").rglob("*.css")))
    assert len(gzip.compress(sheets)) <= 25 * 1024
