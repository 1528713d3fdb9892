"""The line of apps: no arrow points upward, in imports or in the database."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model
from django.utils.module_loading import import_string

from config import tables

pytestmark = pytest.mark.once

LINE = (
    "core",
    "organization",
    "duties",
    "confidentiality",
    "customers",
    "worklogs",
    "meetings",
    "inspections",
    "kpi",
    "reports",
    "desk",
)


def arrows() -> list[tuple[str, str, str]]:
    """Every relation of our apps: where it stands, its app, the app it points to."""
    return [
        (f"{model._meta.label}.{field.name}", model._meta.app_label, related._meta.app_label)
        for model in apps.get_models()
        if model._meta.app_label in LINE
        for field in model._meta.get_fields()
        if field.concrete
        and isinstance(related := field.related_model, type)
        and issubclass(related, Model)
        and related._meta.app_label in LINE
    ]


def test_no_relation_points_to_an_app_that_stands_above() -> None:
    assert arrows()
    assert [name for name, app, other in arrows() if LINE.index(other) > LINE.index(app)] == []


def test_the_ground_has_no_relation_to_any_other_app() -> None:
    assert [name for name, app, other in arrows() if app == "core" and other != "core"] == []


def test_every_path_in_the_tables_leads_somewhere() -> None:
    paths = [
        *tables.JOBS.values(),
        *tables.TICKERS,
        *tables.DUTY_KINDS.values(),
        *tables.DUE_SOURCES,
        *tables.METRICS.values(),
        *tables.RESULT_SOURCES.values(),
        *tables.CHECKS.values(),
        *tables.FIGURE_SOURCES,
        *tables.IMPORT_TABLES.values(),
        *tables.LEAVING_CHECKS,
        *tables.CLOSING_CHECKS,
        *tables.SEARCHES,
    ]
    assert [path for path in paths if import_string(path) is None] == []
    assert len(set(paths)) == len(paths)


def test_no_test_is_passed_over_where_a_program_is_missing() -> None:
    """What cannot be had fails, or ``make test`` would say that all is well."""
    root = Path(__file__).resolve().parent.parent
    passed_over = re.compile(r"\b(skipif|pytest\.skip|importorskip)\(")
    found = [
        path.name for path in sorted(root.rglob("*.py")) if passed_over.search(path.read_text())
    ]
    assert found == []


def test_the_desk_has_no_tables() -> None:
    assert list(apps.get_app_config("desk").get_models()) == []
