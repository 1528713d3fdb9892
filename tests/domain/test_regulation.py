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
# Every clause and sub-clause that the regulation has.
CLAUSES = (
    "M1 M1.1 M1.2 M1.3 M2 M2.1 M2.2 M2.3 M3 M3.1 M3.2 M3.3 A1 A2 A3 T1 T2 T3 T4 "
    "P0 P1 P1.1 P1.2 P2 P2.1 P2.2 P3 P3.1 P3.2 P3.3 P3.4 P3.5 P3.6 W1 W2 W3 W4 W5 W6 "
    "C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 K1 K1.1 K1.2 K2 K2.1 K2.2 K2.3 K2.4 K2.5 "
    "K3 K3.1 K3.2 K3.3 K3.4 K3.5 K3.6 K3.7 K4 B1 B2 B3 B3.1 B4 E1 E2 E3 E4 E5 E6 E7 E8 E9 E10 E11"
)
# What looks like a clause and is none: samples of data, codes of the scheme's items (annex 5).
NO_CLAUSES = re.compile(r"``.*?``|\"[^\"]*\"|\(annex 5[^)]*\)")
APPS = [path.parent for path in sorted(ROOT.glob("*/apps.py"))]
BUILT = [row for row in rows() if row.is_built]


def test_every_clause_has_one_row() -> None:
    assert len(CLAUSES.split()) == 83
    assert [row.clause for row in rows()] == CLAUSES.split()


def test_a_row_names_both_or_neither() -> None:
    assert [row.clause for row in rows() if (row.function == NONE) != (row.test == NONE)] == []


@pytest.mark.parametrize("row", BUILT, ids=lambda row: row.clause)
def test_the_function_exists_and_cites_its_clause(row) -> None:  # type: ignore[no-untyped-def]
    cited = CITED.findall(import_string(row.function).__doc__ or "")
    assert row.clause in cited, f"{row.function} does not say that it keeps {row.clause}"


def _docstrings() -> Iterator[tuple[str, str]]:
    """What every module, class and function of the apps says of itself."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    for app in APPS:
        for path in sorted(app.rglob("*.py")):
            name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, kinds):
                    yield f"{name}.{getattr(node, 'name', '')}", ast.get_docstring(node) or ""


def test_a_clause_that_the_code_cites_is_not_called_unbuilt() -> None:
    unbuilt = {row.clause for row in rows()} - {row.clause for row in BUILT}
    said = list(_docstrings())
    assert len(said) > 3000
    forgotten = [
        (name, clause)
        for name, text in said
        for clause in CITED.findall(NO_CLAUSES.sub("", text))
        if clause in unbuilt
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
