"""Measures stand alone, and each says what it means."""

import ast
import sys
from pathlib import Path

import pytest
from flask_babel import force_locale

import helpdesk.measures
from helpdesk.measures.definitions import DEFINITIONS

FILES = sorted(Path(helpdesk.measures.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_measure_needs_the_standard_library_alone(file):
    nodes = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
    outside = {node.module for node in nodes if node.module.partition(".")[0] not in sys.stdlib_module_names}
    allowed = {"helpdesk.core.statistics"} | ({"flask_babel"} if file.stem == "definitions" else set())

    assert {name for name in outside - allowed if not name.startswith("helpdesk.measures")} == set()


def test_a_definition_is_said_in_both_languages(app):
    with force_locale("ja"):
        assert str(DEFINITIONS["retention"].name) == "顧客維持率(CRR)"
        assert not [key for key, one in DEFINITIONS.items() if str(one.text).isascii()]
    with force_locale("en"):
        assert str(DEFINITIONS["retention"].name) == "Customer retention rate (CRR)"
