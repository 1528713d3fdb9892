"""What stories about several processes share."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from tests.beginnings import checked as checked
from tests.beginnings import scored_november as scored_november
from tests.domain.databases import copy_of, own_database
from tests.kept import begin_with

_REAL_NAME = connection.settings_dict["NAME"]


@pytest.fixture(scope="session", autouse=True)
def pristine(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, django_db_keepdb: bool
) -> Iterator[str]:
    """The migrated database as it was before any story, with all that migrations filled in.

    Stories with real transactions leave the test database empty; this copy stays.
    """
    with django_db_blocker.unblock():
        begin_with(())  # to be copied, the database must be left by everybody
        made = None
        if connection.settings_dict["NAME"] == _REAL_NAME:  # no story here asks for a database
            made = setup_databases(
                verbosity=0, interactive=False, keepdb=django_db_keepdb, aliases={"default": False}
            )
        with copy_of(str(connection.settings_dict["NAME"])) as name:
            yield name
        if made is not None and not django_db_keepdb:
            teardown_databases(made, verbosity=0)


@pytest.fixture
def own(beginning: None, pristine: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of the story's own, with real transactions; the address for other processes.

    Not together with ``django_db`` or ``cast``: the story fills it with ``make_cast()``.
    """
    with django_db_blocker.unblock(), own_database(pristine) as address:
        yield address
