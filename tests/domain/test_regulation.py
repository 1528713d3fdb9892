"""docs/regulation.md is true both ways: from the clause to the code, and back."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from django.utils.module_loading import import_string

from tests.regulation_table import NONE, rows
from tests.without import PLUGIN, TAKEN, TakenAway, pytest_pyfunc_call
from tools import stages

pytestmark = pytest.mark.once

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


@cache
def _tests_in(path: str) -> dict[str, str]:
    """The test functions of a file, each with its marks as they are written."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        node.name: " ".join(map(ast.unparse, node.decorator_list))
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


def test_every_named_test_is_there_to_be_run_without_its_function() -> None:
    """Two stages run them once more, each without the function of its row."""
    plugin = ["-p", PLUGIN]
    tried = [
        stage.name
        for stage in stages.STAGES
        for command in stage.commands()
        if any(list(command[n : n + 2]) == plugin for n in range(len(command)))
    ]
    assert tried == ["rules", "postgres"]
    for row in BUILT:
        path, _, name = row.test.partition("::")
        assert path.startswith(("tests/rules/", "tests/domain/", "tests/pages/")), row.clause
        assert name in _tests_in(path), row.clause
        assert not re.search(r"embedded|skip|xfail", _tests_in(path)[name]), row.clause


def test_a_test_that_passes_without_its_function_is_found_out() -> None:
    """A control: the function is gone from everywhere while the test runs, and then back."""
    test = SimpleNamespace(name="test_x", stash=pytest.Stash())
    test.stash[TAKEN] = "tests.regulation_table.rows"
    running = pytest_pyfunc_call(cast(pytest.Function, test))
    next(running)
    with pytest.raises(TakenAway):
        rows()
    with pytest.raises(pytest.fail.Exception, match="test_x"):
        running.send(None)
    assert rows()
