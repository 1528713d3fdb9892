"""Filling a table with many rows at once, by what the database does fastest.

For data that is made or taken over as a whole. Nothing is validated here beyond what the
table's own constraints say, and no audit row is written: that is the caller's.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeAlias, cast

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Field, JSONField, Model

# Rows that travel in one statement: few statements, each well inside the statement timeout.
BATCH: Final = 20_000

Row = Sequence[Any]
AnyField: TypeAlias = "Field[Any, Any]"


def load(table_model: type[Model], columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert the rows and return how many there were.

    ``columns`` names the model's fields (``branch`` or ``branch_id``), each row has their
    Python values in that order. Fields that are not named get the model's default, the same
    for every row. COPY on PostgreSQL, ``executemany`` on SQLite, ``BATCH`` rows a statement;
    where the rows bring their ids the sequence goes on after the highest.

    Raises FieldDoesNotExist for an unknown column, IntegrityError for a row that does not fit.
    """
    named = [cast("AnyField", table_model._meta.get_field(column)) for column in columns]
    fields, constants = _with_defaults(table_model, named)
    insert = _copy if connection.vendor == "postgresql" else _execute_many
    prepare = _preparation(fields)
    count = 0
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        insert(table_model, fields, (prepare((*row, *constants)) for row in batch))
        count += len(batch)
    if count and any(field.primary_key for field in named):
        _move_sequence(table_model)
    return count


def _with_defaults(
    table_model: type[Model], named: Sequence[AnyField]
) -> tuple[list[AnyField], tuple[Any, ...]]:
    """All columns of the insert: the named ones, then the others with their constant value."""
    others = [
        field
        for field in table_model._meta.concrete_fields
        if field not in named and not field.primary_key
    ]
    return [*named, *others], tuple(field.get_default() for field in others)


def _preparation(fields: Sequence[AnyField]) -> Callable[[Row], Row]:
    """A function that turns a row's values into what the driver takes.

    psycopg takes Python's own types as they are; only JSON has to be wrapped.
    """
    wanted = [
        (place, field)
        for place, field in enumerate(fields)
        if connection.vendor != "postgresql" or isinstance(field, JSONField)
    ]

    def prepare(row: Row) -> Row:
        values = list(row)
        for place, field in wanted:
            if values[place] is not None:
                values[place] = field.get_db_prep_save(values[place], connection)
        return values

    return prepare


def _quoted(table_model: type[Model], fields: Sequence[AnyField]) -> tuple[str, str]:
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    return quote(table_model._meta.db_table), names


def _copy(table_model: type[Model], fields: Sequence[AnyField], rows: Iterator[Row]) -> None:
    table, names = _quoted(table_model, fields)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _execute_many(
    table_model: type[Model], fields: Sequence[AnyField], rows: Iterator[Row]
) -> None:
    table, names = _quoted(table_model, fields)
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        # Names of tables and columns only, each quoted; every value is a parameter.
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
        cursor.executemany(statement, list(rows))


def _move_sequence(table_model: type[Model]) -> None:
    """Let the next id be one after the highest; SQLite does so by itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [table_model]):
            cursor.execute(statement)
