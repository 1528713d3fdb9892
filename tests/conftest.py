"""What every story can ask for: the cast, the story's clock, a signed-in browser, a token."""

import gc
import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils import translation
from pytest_django import DjangoDbBlocker

from core import clock as real_clock
from core import guards
from core.seeds import seed_calendar
from organization.models import Person, SignIn
from organization.sign_in import BACKEND
from tests.cast import NOON, Cast, at, make_cast
from tests.kept import KEPT, Kept, begin_with

# How long an example takes is the machine's affair: a busy one must not fail a property.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


class StoryClock:
    """Stands where it is put and moves only when told to."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def set(self, text: str) -> datetime:
        """Stand at this moment of Shanghai's clock: ``clock.set("2026-11-27 17:29:59")``."""
        self.moment = at(text)
        return self.moment

    def advance(self, **delta: float) -> datetime:
        """Move on: ``clock.advance(seconds=1)``."""
        self.moment += timedelta(**delta)
        return self.moment

    def now(self) -> datetime:
        """What core.clock answers meanwhile."""
        return self.moment.astimezone(UTC)


def pytest_collection_finish() -> None:
    """All modules are there: what they hold is not looked through for garbage again and again."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


KEPT["cast"] = Kept(make_cast)

# The run has migrated the database of its settings already (tools/stages.py).
IS_COPIED = "TESTS_COPY_DATABASE" in os.environ


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Whether the test database is there before the tests: a copied file is."""
    return IS_COPIED and connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Begin with a copy of the migrated database, if there is one, and not with migrations."""
    if not IS_COPIED:
        return
    name, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    test["MIGRATE"] = False
    if connection.vendor == "sqlite":
        shutil.copyfile(name, test["NAME"])
    else:
        test["TEMPLATE"] = name


@pytest.fixture(scope="session")
def _nothing_kept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """At the end no beginning stands."""
    yield
    with django_db_blocker.unblock():
        begin_with(())


@pytest.fixture
def beginning(
    request: pytest.FixtureRequest, _nothing_kept: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """What the story shares with others stands in the database, and nothing else does."""
    with django_db_blocker.unblock():
        begin_with(() if _has_real_transactions(request) else request.fixturenames)


def _has_real_transactions(request: pytest.FixtureRequest) -> bool:
    mark = request.node.get_closest_marker("django_db")
    is_marked = mark is not None and bool(mark.kwargs.get("transaction"))
    return is_marked or "transactional_db" in request.fixturenames


@pytest.fixture
def _django_db_helper(beginning: None, _django_db_helper: None) -> None:
    """The story's own transaction, within that of the beginning."""


@pytest.fixture(autouse=True)
def _first_language() -> None:
    """A story begins in Chinese, whatever language the last request of the one before spoke."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _light_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 as in production, with less work for each password."""
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 64)


def _ship_again() -> None:
    """What the migrations ship is emptied too: it comes back."""
    tiers = importlib.import_module("customers.migrations.0002_tiers_and_search")
    tiers.ship_tiers(apps, None)
    sheet = importlib.import_module("inspections.migrations.0002_annex_3_8")
    sheet.ship_items(apps, None)
    scheme = importlib.import_module("kpi.migrations.0002_shipped_scheme")
    scheme.ship_scheme(apps, None)
    indicators = importlib.import_module("kpi.migrations.0003_shipped_indicators")
    indicators.ship_indicators(apps, None)
    seed_calendar(apps)


@pytest.fixture(autouse=True, scope="session")
def _emptied_tables() -> Iterator[None]:
    """After a test with real transactions every table is emptied, which the guards forbid."""
    real: Any = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def without_guards(case: TransactionTestCase) -> None:
        guards.remove()
        try:
            real(case)
        finally:
            guards.install()
        _ship_again()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", without_guards)
        yield


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoryClock:
    """The clock of the story; it begins on Friday, 27 November 2026 at noon."""
    story = StoryClock(NOON)
    monkeypatch.setattr(real_clock, "now", story.now)
    return story


@pytest.fixture
def cast(db: None) -> Cast:
    """Everybody, in an otherwise empty database."""
    kept = KEPT["cast"]
    return kept.again() if kept.stands else make_cast()


def signed_in(person: Person, moment: datetime) -> Client:
    """A browser in which the person has signed in at that moment."""
    client = Client()
    client.force_login(person, backend=BACKEND)
    SignIn.objects.create(
        person=person,
        session_key=client.session.session_key or "",
        address="192.0.2.7",
        browser="Story",
        started_at=moment,
        seen_at=moment,
    )
    return client


@pytest.fixture
def browser_of(clock: StoryClock) -> Callable[[Person], Client]:
    """A signed-in browser for a person, without asking for the password."""
    return lambda person: signed_in(person, clock.moment)
