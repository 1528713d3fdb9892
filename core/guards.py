"""Triggers that make the trail append-only, installed after every migrate, looked at on start.

On PostgreSQL they also refuse TRUNCATE. On SQLite a rebuild of the table (a migration) drops
triggers silently, which is why they are made anew each time and never by a migration.
"""

from typing import Any, Final

from django.core.checks import CheckMessage, Critical, Tags, register
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

GUARDED: Final = ("core_auditrow", "core_auditseal")
_ACTS: Final = ("update", "delete")

_FUNCTION: Final = """
CREATE OR REPLACE FUNCTION core_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'append-only'; END $$
"""


def names() -> set[str]:
    """The triggers that must stand."""
    acts = (*_ACTS, "truncate") if connection.vendor == "postgresql" else _ACTS
    return {f"{table}_no_{act}" for table in GUARDED for act in acts}


def install() -> None:
    """Make every guard anew."""
    with connection.cursor() as cursor:
        for statement in _statements():
            cursor.execute(statement)


def remove() -> None:
    """Take every guard away (whoever owns the database can); for tests, and for a restore."""
    with connection.cursor() as cursor:
        for name in sorted(names()):
            on_table = f" ON {name.split('_no_')[0]}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def _statements() -> list[str]:
    if connection.vendor == "postgresql":
        statements = [_FUNCTION]
        for name in sorted(names()):
            table, act = name.split("_no_")
            each = "STATEMENT" if act == "truncate" else "ROW"
            statements.append(
                f"CREATE OR REPLACE TRIGGER {name} BEFORE {act.upper()} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION core_refuse()"
            )
        return statements
    statements = []
    for name in sorted(names()):
        table, act = name.split("_no_")
        refusal = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        statements += [
            f"DROP TRIGGER IF EXISTS {name}",
            f"CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} {refusal}",
        ]
    return statements


def missing() -> set[str]:
    """The guards that do not stand, or are switched off."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return names() - {row[0] for row in cursor.fetchall()}


def is_migrated() -> bool:
    """Whether the database has every table as the code knows it."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def is_ready() -> bool:
    """Whether the database answers, is migrated and guarded."""
    try:
        return is_migrated() and not missing()
    except DatabaseError:
        return False


@register(Tags.database)
def check_guards(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """``manage.py check --database default``: the guards of a migrated database stand."""
    if not databases or not is_migrated() or not missing():
        return []
    return [
        Critical(
            "The audit trail is not protected: triggers are missing.",
            hint="Run `manage.py migrate`.",
            id="core.C001",
        )
    ]
