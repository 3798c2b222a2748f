"""Both languages are complete: every sentence of the code and of the pages has its Japanese."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from helpdesk.translations import COMPILED, compiled, merged

ROOT = Path(__file__).resolve().parent.parent
METHODS = [("**/migrations/**", "ignore"), ("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "N_": None}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Names and signs that are the same in every language.
UNTRANSLATED = re.compile(
    r"^[\W\d_]*$|^(CSAT|CES|NPS|n|kB|MB|CSV|ja|en|px|Markdown|日本語|English|RSS|JSON|SMTP|p|k|j|m)$"
)


def sentences() -> dict[str, str]:
    """Every sentence that may be shown, with the place that shows it."""
    found = {}
    for folder in ("helpdesk", "knowledge_base", "templates"):
        for file, line, words, *_ in extract_from_dir(ROOT / folder, METHODS, keywords=KEYWORDS):
            found[words if isinstance(words, str) else words[0]] = f"{folder}/{file}:{line}"
    return found


def test_every_sentence_has_its_japanese():
    catalogue = merged()
    missing = {}
    for words, place in sentences().items():
        message = catalogue.get(words)
        if message is None or not message.string or message.fuzzy or not any(message.string):
            missing[words] = place

    assert missing == {}


def test_nothing_is_translated_that_nobody_says():
    said = set(sentences())
    translated = {m.id if isinstance(m.id, str) else m.id[0] for m in merged() if m.id}

    assert translated - said == set()


def test_placeholders_survive_translation():
    for message in merged():
        words, said = message.id, message.string
        if message.id and isinstance(words, str):
            assert set(re.findall(r"%\(\w+\)s", words)) == set(re.findall(r"%\(\w+\)s", str(said))), words


def test_the_compiled_catalogue_is_fresh():
    assert COMPILED.read_bytes() == compiled()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_page_shows_no_words_of_its_own(template):
    """Words between tags, and in what screen readers read, come through gettext or from data."""
    text = re.sub(r"\{% block page_class %\}.*?\{% endblock %\}", "", template.read_text())
    text = re.sub(
        r"\{#.*?#\}|\{%.*?%\}|<(script|style).*?</(script|style)>|<!--.*?-->|<!DOCTYPE[^>]*>",
        " ",
        text,
        flags=re.S,
    )
    text = re.sub(r"\{\{.*?\}\}", " ", text, flags=re.S)
    read_aloud = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', text)
    shown = re.sub(r"<[^>]*>", "\n", text, flags=re.S)
    words = [word.strip() for word in (*shown.splitlines(), *read_aloud) if word.strip()]
    words = [re.sub(r"&#?\w+;|\bn =", "", word).strip() for word in words]

    assert [word for word in words if not UNTRANSLATED.match(word)] == []
