"""The line of apps: no arrow points upward, in imports or in the database."""

from django.apps import apps
from django.utils.module_loading import import_string

from config import tables

LINE = (
    "core",
    "organization",
    "duties",
    "confidentiality",
    "customers",
    "worklogs",
    "desk",
)


def test_no_relation_points_to_an_app_that_stands_above() -> None:
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in LINE
        for field in model._meta.get_fields()
        if field.concrete
        and field.is_relation
        and field.related_model is not None
        and field.related_model._meta.app_label in LINE
        and LINE.index(field.related_model._meta.app_label) > LINE.index(model._meta.app_label)
    ]
    assert upward == []


def test_the_ground_has_no_relation_to_any_other_app() -> None:
    outward = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_app_config("core").get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation
        if field.related_model is not None and field.related_model._meta.app_label != "core"
    ]
    assert outward == []


def test_every_path_in_the_tables_leads_somewhere() -> None:
    paths = [
        *tables.JOBS.values(),
        *tables.TICKERS,
        *tables.DUTY_KINDS.values(),
        *tables.DUE_SOURCES,
        *tables.FIGURE_SOURCES,
        *tables.IMPORT_TABLES.values(),
        *tables.LEAVING_CHECKS,
        *tables.SEARCHES,
    ]
    assert [path for path in paths if import_string(path) is None] == []
    assert len(set(paths)) == len(paths)


def test_the_desk_has_no_tables() -> None:
    assert list(apps.get_app_config("desk").get_models()) == []
