"""What stories about several processes share."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from tests.cast import Cast, make_cast
from tests.domain.bulletins import checked_november
from tests.domain.databases import copy_of, own_database
from tests.domain.scores import computed, month_of_work
from tests.kept import KEPT, Kept

_REAL_NAME = connection.settings_dict["NAME"]


@pytest.fixture(scope="session", autouse=True)
def pristine(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, django_db_keepdb: bool
) -> Iterator[str]:
    """The migrated database as it was before any story, with all that migrations filled in.

    Stories with real transactions leave the test database empty; this copy stays.
    """
    with django_db_blocker.unblock():
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


def _scored() -> Cast:
    cast = make_cast()
    month_of_work(cast)
    computed()
    return cast


KEPT["scored_november"] = Kept(_scored)
KEPT["checked"] = Kept(lambda: checked_november(make_cast()))


@pytest.fixture
def scored_november(db: None) -> Cast:
    """November's sheets are computed; 林晓岚 has 91.88 points, the others are not rated."""
    return KEPT["scored_november"].again()


@pytest.fixture
def checked(db: None) -> Cast:
    """November is filed and checked, its reports frozen (``bulletins.checked_november``)."""
    return KEPT["checked"].again()
