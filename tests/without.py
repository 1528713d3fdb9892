"""A pytest plugin that takes functions away and expects their tests to notice.

With ``-p tests.without`` every test that docs/regulation.md names stands there once more for each
function that a row names with it, and runs without that function; what passes all the same is
reported as failed.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

import pytest
from django.utils.module_loading import import_string

from tests.regulation_table import rows

PLUGIN: Final = "tests.without"
TAKEN: Final = pytest.StashKey[str]()


class TakenAway(Exception):
    """What the missing function says."""


def functions_of(test: str) -> list[str]:
    """The functions that rows name together with the test, in the table's order, each once."""
    return list(dict.fromkeys(row.function for row in rows() if row.test == test))


def _raise(*_args: object, **_values: object) -> NoReturn:
    raise TakenAway


@contextmanager
def taken_away(path: str) -> Generator[None]:
    """Replace the function wherever a module or class of ours holds it."""
    original = import_string(path)
    holders: list[tuple[Any, str]] = []
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is original:
                holders.append((module, name))
    for holder, name in holders:
        setattr(holder, name, _raise)
    try:
        yield
    finally:
        for holder, name in holders:
            setattr(holder, name, original)


def _once_more(test: pytest.Function, path: str) -> pytest.Function:
    """The same test, to be run without the function."""
    again: pytest.Function = type(test).from_parent(
        test.parent,
        name=f"{test.name} without {path}",
        callspec=getattr(test, "callspec", None),
        fixtureinfo=test._fixtureinfo,
        originalname=test.originalname,
    )
    again.stash[TAKEN] = path
    return again


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests without their functions behind those with them."""
    named = {row.test for row in rows()}
    items += [
        _once_more(test, path)
        for test in list(items)
        if isinstance(test, pytest.Function) and (name := test.nodeid.partition("[")[0]) in named
        for path in functions_of(name)
    ]


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Run the test without its function; noticing it is the success."""
    path = pyfuncitem.stash.get(TAKEN, None)
    if path is None:
        return (yield)
    with taken_away(path):
        try:
            yield
        except (KeyboardInterrupt, pytest.skip.Exception):
            raise
        except BaseException:
            return True
    pytest.fail(f"{pyfuncitem.name}: it passes all the same")
