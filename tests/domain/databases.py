"""A database of a story's own: a copy of the migrated test database, with real transactions.

Other processes (a worker, a second ticker) can reach it by its address, and it goes away at the
end with all that was written.
"""

import os
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.db import connection
from psycopg import sql


@contextmanager
def own_database(source: str = "") -> Iterator[str]:
    """Stand on a copy of ``source`` (else of the present database) for the block; its address.

    Copies may be taken of a copy: a snapshot from which two runs begin.
    """
    with copy_of(source or str(connection.settings_dict["NAME"])) as name:
        before = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = name
        try:
            yield address_of(name)
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before


@contextmanager
def copy_of(source: str) -> Iterator[str]:
    """A copy of a database on which nobody else stands; its name."""
    make = _on_postgres if connection.vendor == "postgresql" else _on_sqlite
    with make(source) as name:
        yield name


def address_of(name: str) -> str:
    """The database as another process names it."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    settings = connection.settings_dict
    user, password = quote(settings["USER"]), quote(settings["PASSWORD"])
    return f"postgres://{user}:{password}@{settings['HOST']}:{settings['PORT']}/{name}"


@contextmanager
def _on_postgres(source: str) -> Iterator[str]:
    name = f"own_{uuid.uuid4().hex[:12]}"
    connection.close()
    _administer("CREATE DATABASE {} TEMPLATE {}", name, source)
    try:
        yield name
    finally:
        _administer("DROP DATABASE {} WITH (FORCE)", name)


def _administer(statement: str, *names: str) -> None:
    settings = connection.settings_dict
    login = {name: settings[name.upper()] for name in ("host", "port", "user", "password")}
    with psycopg.connect(dbname="postgres", autocommit=True, **login) as maintenance:
        maintenance.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def _on_sqlite(source: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="bihuan-own-") as folder:
        path = Path(folder) / "own.sqlite3"
        with closing(sqlite3.connect(path)) as copy:
            if source == connection.settings_dict["NAME"]:
                connection.ensure_connection()
                connection.connection.backup(copy)
            else:
                with closing(sqlite3.connect(source)) as original:
                    original.backup(copy)
        yield str(path)


def environment_of(address: str, **more: str) -> dict[str, str]:
    """The environment of another process that shall stand on this database."""
    return {**os.environ, "MODE": "test", "DATABASE_URL": address, **more}
