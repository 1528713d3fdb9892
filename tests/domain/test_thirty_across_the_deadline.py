"""Thirty people file at once across Friday 17:30:00; who waits for a lock is not late for it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from core.models import AuditRow
from core.names import person_keys
from duties.operations import ensure_periods
from organization.models import Person, RoleGrant
from organization.queries import actor_of
from tests.cast import BEGIN, DEADLINE, Cast, make_cast
from tests.domain.week import TEXTS, WEEK
from worklogs.entries import SummaryEntry
from worklogs.models import Summary, SummaryVersion
from worklogs.operations.summaries import submit_summary

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Running:
    """A clock that runs on from a moment of the story."""

    def __init__(self, moment: datetime) -> None:
        self._offset = moment - datetime.now(UTC)  # noqa: TID251 - the story's own clock

    def now(self) -> datetime:
        """Whole seconds, as core.clock gives them."""
        return (datetime.now(UTC) + self._offset).replace(microsecond=0)  # noqa: TID251


def in_threads(tasks: list[Callable[[], None]]) -> list[Exception]:
    """Run all at once; what any of them raised."""
    failures: list[Exception] = []
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], None]) -> None:
        try:
            start.wait()
            task()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def thirty(cast: Cast) -> list[Person]:
    """Thirty managers of the eastern branch, besides its three."""
    people = Person.objects.bulk_create(
        Person(
            job_number=f"21{n:04d}",
            name=f"经理{n}",
            branch=cast.east,
            joined_on=BEGIN,
            must_change_password=False,
            sort_key=person_keys(f"经理{n}").sort_key,
        )
        for n in range(30)
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(person=person, role="manager", branch=cast.east, valid_from=BEGIN)
        for person in people
    )
    return people


def file_at(person: Person, moment: datetime) -> SummaryVersion:
    """One person files; the receipt is the moment given."""
    return submit_summary(
        manager_id=person.pk,
        week=WEEK,
        entry=SummaryEntry(texts=TEXTS),
        expected_version=0,
        actor=actor_of(person, at=moment),
        at=moment,
    )


def test_thirty_people_file_and_none_is_lost_or_misjudged() -> None:
    cast = make_cast()
    ensure_periods(WEEK, WEEK)
    people = thirty(cast)
    offsets = [timedelta(seconds=n % 3 - 1) for n in range(30)]  # before, at, after
    tasks = [
        lambda person=person, moment=DEADLINE + offset: file_at(person, moment)
        for person, offset in zip(people, offsets, strict=True)
    ]
    assert in_threads(tasks) == []  # type: ignore[arg-type]
    late = dict(Summary.objects.values_list("manager_id", "minutes_late"))
    assert late == {
        person.pk: int(offset > timedelta(0))
        for person, offset in zip(people, offsets, strict=True)
    }
    assert AuditRow.objects.filter(what="worklogs.submit_summary").count() == 30


def test_one_person_pressing_ten_times_at_once_has_one_receipt() -> None:
    cast = make_cast()
    ensure_periods(WEEK, WEEK)
    lin = cast["林晓岚"]
    in_threads([lambda: file_at(lin, DEADLINE)] * 10)  # type: ignore[list-item]
    assert SummaryVersion.objects.count() == 1
    assert file_at(lin, DEADLINE).receipt == SummaryVersion.objects.get().receipt


@contextmanager
def everybody_waits(seconds: float) -> Iterator[None]:
    """Somebody else holds what a submission must write, for a while."""
    held = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    cursor.execute("LOCK TABLE worklogs_summary IN EXCLUSIVE MODE")
                else:
                    cursor.execute("UPDATE worklogs_summary SET version = version")
            held.set()
            threading.Event().wait(seconds)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    yield
    thread.join()


def _filed_while_waiting(ask: Callable[[Running, Person], None]) -> int:
    """Minutes late of somebody who pressed a second before the deadline and had to wait."""
    cast = make_cast()
    ensure_periods(WEEK, WEEK)
    clock = Running(DEADLINE - timedelta(seconds=1))
    with everybody_waits(2.5):
        ask(clock, cast["林晓岚"])
    return Summary.objects.get().minutes_late


def test_whoever_waits_for_a_lock_is_judged_by_the_receipt() -> None:
    assert _filed_while_waiting(lambda clock, lin: _ask(lin, clock.now())) == 0


def test_control_a_clock_read_behind_the_lock_would_make_him_late() -> None:
    """The guard is to take the instant before atomic(); without it the fault bites."""

    def behind_the_lock(clock: Running, lin: Person) -> None:
        with transaction.atomic():
            Summary.objects.update(version=1)
            _ask(lin, clock.now())

    assert _filed_while_waiting(behind_the_lock) == 1


def _ask(person: Person, moment: datetime) -> None:
    file_at(person, moment)
