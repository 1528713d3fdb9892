"""Every operation has a page and an API route, and the views behind them call it."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from config.doors import DOORS

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "core",
    "organization",
    "duties",
    "confidentiality",
    "customers",
    "worklogs",
    "inspections",
    "meetings",
    "kpi",
    "reports",
    "desk",
)


def operation_modules() -> Iterator[ModuleType]:
    """Every module that holds operations."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if any(part.split("_")[0] == "operations" for part in parts):
                yield import_module(".".join(part for part in parts if part != "__init__"))


def public_functions() -> dict[str, Callable[..., Any]]:
    """Every public function of an operations module, by dotted path."""
    return {
        f"{module.__name__}.{name}": function
        for module in operation_modules()
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and inspect.unwrap(function).__module__ == module.__name__
        and not name.startswith("_")
    }


def is_operation(function: Callable[..., Any]) -> bool:
    """Whether it is told who acts and when."""
    return {"actor", "at"} <= set(inspect.signature(function).parameters)


def operations() -> dict[str, Callable[..., Any]]:
    """Public functions that are told who acts and when."""
    return {path: one for path, one in public_functions().items() if is_operation(one)}


# Public functions of the first week's apps that are no operations and have no doors, by reason.
INTERNALS: Final[dict[str, tuple[str, ...]]] = {
    "reads alone, for an operation and for the pages around it": (
        "core.imports.operations.actor_as_json",
        "organization.operations.access.digest_of",
        "organization.operations.access.live_tokens_of",
        "organization.operations.branches.as_plain",
        "organization.operations.branches.still_kept",
        "organization.operations.people.as_plain",
        "organization.operations.people.person_for",
        "organization.operations.people.still_held",
        "organization.operations.roles.as_plain",
        "organization.operations.roles.grant_for",
        "worklogs.operations.logs.correctable_since",
        "worklogs.operations.logs.first_recorded_at",
        "worklogs.operations.logs.log_for",
        "worklogs.operations.logs.was_handed_over",
        "worklogs.operations.summaries.not_the_filer",
    ),
    "part of the operation that calls it: its transaction, its row in the trail": (
        "customers.operations.refresh_search_text",
        "duties.operations.notice_answered",
        "duties.operations.notify_all",
        "duties.operations.notify_and_mail",
        "duties.operations_to_dos.close_to_dos",
        "duties.operations_to_dos.put_to_dos",
        "duties.operations_to_dos.reopen_to_dos",
        "organization.operations.access.end_sessions_of",
        "organization.operations.access.revoke_tokens_of",
        "organization.operations.former_names.keep_names",
        "organization.operations.settings.follow_settings",
        "worklogs.operations.summaries.save_draft_of_version",
    ),
    "follows from the timetable: nobody decides it": (
        "duties.operations.ensure",
        "duties.operations.ensure_periods",
        "duties.operations.redate_periods",
        "worklogs.operations.rollups.rollup_of",
    ),
}
NAMED_APPS: Final = (
    "core",
    "organization",
    "duties",
    "confidentiality",
    "customers",
    "worklogs",
    "desk",
)


@cache
def routes() -> dict[str, Any]:
    """The view of every named route: a class for the API, a function for a page."""

    def named(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, Any]]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from named(pattern.url_patterns)
            elif pattern.name:
                view = pattern.callback
                yield pattern.name, getattr(view, "view_class", getattr(view, "cls", view))

    return dict(named(get_resolver().url_patterns))


def is_ours(thing: Any) -> bool:
    """Whether it is a function or class of the product."""
    module = str(getattr(thing, "__module__", ""))
    return module.split(".")[0] in APPS and not module.startswith("core.lists")


def named_in(thing: Any) -> Iterator[Any]:
    """What the source of a function or class names, as far as its module's globals know it."""
    thing = inspect.unwrap(thing)
    known = vars(sys.modules[thing.__module__])
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(thing)))):
        if isinstance(node, ast.Name) and node.id in known:
            yield known[node.id]
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and isinstance(known.get(node.value.id), ModuleType)
        ):
            yield getattr(known[node.value.id], node.attr, None)


def calls(view: Any, path: str, depth: int = 4) -> bool:
    """Whether the view names the operation, itself or through what it uses of ours.

    A string that is the operation's path counts: so lower apps name what stands above them.
    """
    operation = operations()[path]
    seen: set[int] = set()

    def reaches(thing: Any, left: int) -> bool:
        if id(thing) in seen or not left:
            return False
        seen.add(id(thing))
        sources = [thing]
        if inspect.isclass(thing):
            sources = [one for one in thing.__mro__ if is_ours(one)]
        found = [named for source in sources for named in named_in(source)]
        if any(named is operation or named == path for named in found):
            return True
        inner = [
            named
            for named in found
            if (inspect.isclass(named) or inspect.isfunction(named))
            and is_ours(named)
            and ".operations" not in str(named.__module__)
            and not str(named.__module__).endswith("models")
        ]
        return any(reaches(named, left - 1) for named in inner)

    return reaches(view, depth)


def test_the_table_names_every_operation_and_nothing_else() -> None:
    assert sorted(DOORS) == sorted(operations())


def test_what_is_no_operation_is_named_with_its_reason() -> None:
    without = {
        path
        for path, function in public_functions().items()
        if path.split(".")[0] in NAMED_APPS and not is_operation(function)
    }
    named = [path for paths in INTERNALS.values() for path in paths]
    assert sorted(named) == sorted(without)


@pytest.mark.parametrize("path", sorted(DOORS))
@pytest.mark.parametrize("door", [0, 1], ids=["page", "api"])
def test_the_view_behind_the_route_calls_the_operation(path: str, door: int) -> None:
    name = DOORS[path][door]
    assert name.startswith("api-") == bool(door)
    assert calls(routes()[name], path), f"{name} does not call {path}"


def test_a_view_that_does_not_call_it_is_found_out() -> None:
    assert not calls(routes()["api-customers"], "customers.operations.assign_manager")
    assert not calls(routes()["api-log-read"], "worklogs.operations.logs.correct_log")
    assert not calls(routes()["customers"], "customers.operations.change_customer")
