"""docs/regulation.md is true both ways: from the clause to the code, and back."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from tests.regulation_table import NONE, rows
from tests.without import functions_of

ROOT = Path(__file__).resolve().parent.parent.parent
CITED = re.compile(r"\b([MATPWCKBE]\d{1,2}(?:\.\d)?)\b")
CHAPTERS = {"M": 3, "A": 3, "T": 4, "P": 4, "W": 6, "C": 10, "K": 4, "B": 4, "E": 11}
BUILT = [row for row in rows() if row.is_built]


def test_every_clause_has_one_row() -> None:
    clauses = [row.clause for row in rows()]
    assert len(clauses) == len(set(clauses))
    for chapter, last in CHAPTERS.items():
        first = 0 if chapter == "P" else 1
        wanted = [f"{chapter}{n}" for n in range(first, last + (chapter != "P"))]
        found = [one for one in clauses if one[0] == chapter and "." not in one]
        assert found == wanted


def test_a_row_names_both_or_neither() -> None:
    assert [row.clause for row in rows() if (row.function == NONE) != (row.test == NONE)] == []


@pytest.mark.parametrize("row", BUILT, ids=lambda row: row.clause)
def test_the_function_exists_and_cites_its_clause(row) -> None:  # type: ignore[no-untyped-def]
    cited = CITED.findall(import_string(row.function).__doc__ or "")
    assert row.clause in cited, f"{row.function} does not say that it keeps {row.clause}"


def _docstrings_of_rules() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.glob("*/rules.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                yield f"{path.parent.name}.rules.{node.name}", ast.get_docstring(node) or ""


def test_a_clause_that_a_rule_keeps_is_not_called_unbuilt() -> None:
    built = {row.clause for row in BUILT}
    known = {row.clause for row in rows()}
    forgotten = [
        (name, clause)
        for name, text in _docstrings_of_rules()
        for clause in CITED.findall(text)
        if clause in known and clause not in built
    ]
    assert forgotten == []


@pytest.mark.slow
def test_every_named_test_fails_without_its_function() -> None:
    tests = list(dict.fromkeys(row.test for row in BUILT))
    rounds = max(len(functions_of(test)) for test in tests)
    for number in range(rounds):
        chosen = [test for test in tests if len(functions_of(test)) > number]
        ended = subprocess.run(
            [
                sys.executable,
                *("-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"),
                *("-p", "tests.without", f"--without={number}", *chosen),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTEST_ADDOPTS": "", "TEST_NAME": "without"},
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-2000:]
