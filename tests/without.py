"""A pytest plugin that takes a function away and expects the test to notice.

``--without N`` runs the table's tests once each, every one without the N-th function that a row
of docs/regulation.md names for it; a test that passes all the same is reported as failed.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest
from django.utils.module_loading import import_string

from tests.regulation_table import rows


class TakenAway(Exception):
    """What the missing function says."""


def functions_of(test: str) -> list[str]:
    """The functions that rows name together with the test, in the table's order, each once."""
    return list(dict.fromkeys(row.function for row in rows() if row.test == test))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the number of the round."""
    parser.addoption("--without", type=int, default=None)


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


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Run the test without its function; noticing it is the success."""
    round_number = pyfuncitem.config.getoption("--without")
    if round_number is None:
        return (yield)
    test = pyfuncitem.nodeid.partition("[")[0]
    path = functions_of(test)[round_number]
    with taken_away(path):
        try:
            yield
        except BaseException as noticed:
            if isinstance(noticed, KeyboardInterrupt):
                raise
            return True
    pytest.fail(f"{test} passes without {path}")
