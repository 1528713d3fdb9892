"""What breaks while the week goes on: workers, tickers, the broker, a lock at the deadline.

Each fault stands beside a control that takes the guard away and shows that the fault bites.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.db import connection, connections

from config import tables
from config.celery import app as celery_app
from core import clock as real_clock
from core import jobs
from core.choices import JobState
from core.models import AuditRow, Job
from duties.models import DutyPeriod, Notice
from duties.operations import ensure_periods
from organization.models import Person, RoleGrant
from organization.operations.access import issue_token
from tests.api.conftest import Api
from tests.cast import BEGIN, DEADLINE, NOON, Cast, at, make_cast
from tests.domain import job_kinds
from tests.domain.databases import environment_of
from tests.domain.job_kinds import results
from tests.domain.week import TEXTS, WEEK, filed
from tools.services import redis
from worklogs.models import RollUpVersion, SummaryVersion

LONG_AGO = at("2026-01-05 09:00:00")
WORKER_SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.domain.worker_settings"}


def wait_for(path: Path) -> int:
    """The process that said in this file that it has begun."""
    return int(eventually(lambda: path.exists() and path.read_text()))


def eventually(look: Callable[[], Any], seconds: float = 40) -> Any:
    """What ``look`` sees once it sees something."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return seen


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """Do these in threads that begin together; what each gave, or the error it raised."""
    start = threading.Barrier(len(tasks))
    found: list[Any] = [None] * len(tasks)

    def do(place: int, task: Callable[[], Any]) -> None:
        try:
            start.wait(20)
            found[place] = task()
        except Exception as error:
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return found


# A worker that is told to stop, and one that is killed


def test_sigterm_ends_the_worker_after_the_present_job(own: str, tmp_path: Path) -> None:
    """The second job is left for the next worker."""
    args = {"started": str(tmp_path / "started"), "go_on": str(tmp_path / "go-on")}
    jobs.enqueue(kind="test.slow", key="one", at=LONG_AGO, args=args)
    jobs.enqueue(kind="test.count", key="two", at=LONG_AGO + timedelta(days=1))
    environment = environment_of(own, REDIS_URL="", **WORKER_SETTINGS)
    worker = subprocess.Popen([sys.executable, "manage.py", "work"], env=environment)
    try:
        wait_for(tmp_path / "started")
        worker.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert worker.poll() is None
        (tmp_path / "go-on").touch()
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.wait()
    states = dict(Job.objects.filter(kind__startswith="test.").values_list("kind", "state"))
    assert states == {"test.slow": JobState.DONE, "test.count": JobState.WAITING}
    assert results() == 1


@contextmanager
def celery_worker(address: str, broker: str) -> Iterator[None]:
    """A real worker with one child, until the end of the block."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-l", "ERROR"]
    command += ["--pool", "prefork", "--concurrency", "1", "--without-mingle", "--without-gossip"]
    environment = environment_of(address, REDIS_URL=broker, **WORKER_SETTINGS)
    worker = subprocess.Popen(command, env=environment)
    try:
        yield
    finally:
        worker.terminate()
        try:
            worker.wait(20)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def killed_in_mid_job(kind: str, address: str, folder: Path) -> Job:
    """The child that does the job is killed in the middle; its lease runs out; the tick comes."""
    args = {"started": str(folder / "started"), "go_on": str(folder / "go-on")}
    jobs.enqueue(kind=kind, key="one", at=LONG_AGO, args=args)
    job = Job.objects.get(kind=kind)
    with redis() as broker, celery_worker(address, broker):
        look_now(broker, job)
        child = wait_for(folder / "started")
        os.kill(child, signal.SIGKILL)
        (folder / "started").unlink()
        (folder / "go-on").touch()
        job.refresh_from_db()
        assert (job.state, job.attempt) == (JobState.RUNNING, 1)
        assert job.pk not in jobs.due_jobs(real_clock.now())
        # Ten minutes pass.
        Job.objects.filter(pk=job.pk).update(lease_until=LONG_AGO)
        assert jobs.due_jobs(real_clock.now()) == [job.pk]
        look_now(broker, job)
        assert wait_for(folder / "started") != child
        eventually(lambda: Job.objects.filter(pk=job.pk, state=JobState.DONE).exists())
    job.refresh_from_db()
    return job


def look_now(broker: str, job: Job) -> None:
    """What the tick sends for a due job."""
    with celery_app.connection(broker) as link:
        celery_app.send_task("core.run_job", args=[job.pk], connection=link)


@pytest.mark.pg
@pytest.mark.slow
def test_a_killed_child_leaves_one_result_at_the_second_attempt(own: str, tmp_path: Path) -> None:
    job = killed_in_mid_job("test.slow", own, tmp_path)
    assert (job.attempt, results(), job.result) == (2, 1, {"results": 1})


@pytest.mark.pg
@pytest.mark.slow
def test_control_a_job_that_writes_outside_its_effect_doubles_when_killed(
    own: str, tmp_path: Path
) -> None:
    job = killed_in_mid_job("test.careless", own, tmp_path)
    assert (job.attempt, results()) == (2, 2)


# Two tickers


def two_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tickers at the same window: both have read the mark before either has written."""
    make_cast()
    jobs.tick(at("2026-11-26 17:00:00"))
    meeting = threading.Barrier(2)
    monkeypatch.setattr(job_kinds, "meet", lambda since, until: meeting.wait(20), raising=False)
    tickers = ("tests.domain.job_kinds.meet", *tables.TICKERS)
    monkeypatch.setattr(tables, "TICKERS", tickers)
    monday = at("2026-11-30 09:00:00")
    assert at_once(lambda: jobs.tick(monday), lambda: jobs.tick(monday)) == [None, None]


def doubled() -> list[tuple[str, str]]:
    """Jobs that stand more than once."""
    counts = Counter(Job.objects.values_list("kind", "key"))
    return [job for job, count in counts.items() if count > 1]


def test_two_tickers_make_one_set_of_rows_and_each_job_is_done_once(
    own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_ticks(monkeypatch)
    kinds = set(Job.objects.values_list("kind", flat=True))
    assert {"worklogs.remind", "worklogs.close_week", "duties.mail_digests"} <= kinds
    assert doubled() == []
    periods = Counter(DutyPeriod.objects.values_list("kind", "branch", "key"))
    assert set(periods.values()) == {1}

    monday = at("2026-11-30 09:00:00")
    done = at_once(lambda: jobs.run_due(monday), lambda: jobs.run_due(monday))
    assert sum(done) == Job.objects.count()
    assert set(Job.objects.values_list("attempt", flat=True)) == {1}
    assert Notice.objects.filter(person__name="周建平", kind="missing").count() == 1


def test_control_without_the_constraint_two_tickers_double_the_jobs(
    own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [once] = [one for one in Job._meta.constraints if one.name == "core_job_once"]
    monkeypatch.setattr(Job._meta, "constraints", [])
    with connection.schema_editor() as editor:
        editor.remove_constraint(Job, once)
    two_ticks(monkeypatch)
    assert "worklogs.close_week" in {kind for kind, _key in doubled()}


# The broker goes away during a submission


@pytest.fixture
def story_clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What the clock says; the story may put something else into it."""
    moments = [at("2026-11-27 17:40:00").astimezone(UTC)]
    monkeypatch.setattr(real_clock, "now", lambda: moments[0])
    return moments


def api_of(cast: Cast, name: str) -> Api:
    _token, text = issue_token(
        name="故事", scopes=("read", "write"), branch_ids=(), days=30, actor=cast.actor(name),
        at=NOON,
    )  # fmt: skip
    return Api(text)


def send_roll_up(cast: Cast) -> Any:
    client = api_of(cast, "周建平")
    path = f"rollups/{WEEK.key}/{cast.east.pk}/"
    return client.post(f"{path}send/", {}, If_Match=client.get(path)["ETag"])


@contextmanager
def broker_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """A broker that was reached once, over a connection that is kept, and is then gone."""
    with redis() as url:
        app = Celery("story", broker=url, set_as_current=False)
        app.conf.update(broker_transport_options=celery_app.conf.broker_transport_options)
        monkeypatch.setattr(jobs, "current_app", app)
        jobs.enqueue(kind="test.count", key="first", at=LONG_AGO)
        with app.connection() as link:
            assert link.SimpleQueue("celery").qsize() == 1
    try:
        yield app
    finally:
        app.close()


@pytest.mark.pg
def test_a_roll_up_is_sent_without_the_broker_and_the_tick_finds_its_job(
    own: str, monkeypatch: pytest.MonkeyPatch, story_clock: list[datetime]
) -> None:
    cast = make_cast()
    ensure_periods(WEEK, WEEK)
    filed(cast, "林晓岚", "2026-11-27 16:00:00")
    with broker_that_goes_away(monkeypatch):
        began = time.monotonic()
        answer = send_roll_up(cast)
        took = time.monotonic() - began
    assert answer.status_code in (200, 201)
    assert took < 5
    job = Job.objects.get(kind="worklogs.post_rollup")
    assert (job.state, job.attempt) == (JobState.WAITING, 0)
    assert job.pk in jobs.due_jobs(story_clock[0])
    assert jobs.run(job.pk, at=story_clock[0]) == JobState.DONE
    assert RollUpVersion.objects.get().file is not None


@pytest.mark.pg
def test_control_an_announcement_that_insists_fails_the_request(
    own: str, monkeypatch: pytest.MonkeyPatch, story_clock: list[datetime]
) -> None:
    cast = make_cast()
    ensure_periods(WEEK, WEEK)
    filed(cast, "林晓岚", "2026-11-27 16:00:00")

    with broker_that_goes_away(monkeypatch) as app:

        def insists(job_ids: list[int]) -> None:
            for job_id in job_ids:
                app.send_task("core.run_job", args=[job_id], retry=False)

        monkeypatch.setattr(jobs, "announce", insists)
        assert send_roll_up(cast).status_code == 500
    # The roll-up stands and the supervisor was told that it does not.
    assert RollUpVersion.objects.count() == 1


# Thirty people submit across the deadline


def thirty_managers(cast: Cast) -> list[Person]:
    names = [f"经理{n:02d}" for n in range(30)]
    people = Person.objects.bulk_create(
        [
            Person(
                job_number=f"{400000 + n}", name=name, branch=cast.east, joined_on=BEGIN,
                must_change_password=False, password_set_at=NOON, password="!",
            )
            for n, name in enumerate(names)
        ]
    )  # fmt: skip
    RoleGrant.objects.bulk_create(
        [
            RoleGrant(person=one, role="manager", branch=cast.east, valid_from=BEGIN)
            for one in people
        ]
    )
    cast.people.update({one.name: one for one in people})
    return people


@pytest.mark.slow
def test_thirty_people_submit_across_the_deadline_and_each_receipt_tells_the_truth(
    own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = make_cast()
    ensure_periods(WEEK, WEEK)
    people = thirty_managers(cast)
    clients = {one.pk: api_of(cast, one.name) for one in people}
    began = time.monotonic()
    monkeypatch.setattr(
        real_clock,
        "now",
        lambda: (DEADLINE + timedelta(seconds=int(time.monotonic() - began) - 1)).astimezone(UTC),
    )

    def submit(place: int, person: Person) -> Any:
        path = f"summaries/{WEEK.key}/{person.pk}/"
        tag = clients[person.pk].get(f"{path}draft/")["ETag"]
        # Those who come first press before the deadline, the others one second later each.
        time.sleep(max(0.0, place / 10 - (time.monotonic() - began)))
        return clients[person.pk].post(f"{path}submit/", {"texts": TEXTS}, If_Match=tag)

    began = time.monotonic()
    answers = at_once(
        *(lambda place=place, one=one: submit(place, one) for place, one in enumerate(people))
    )
    assert [getattr(one, "status_code", one) for one in answers] == [200] * 30
    ours = [one.pk for one in people]
    versions = SummaryVersion.objects.filter(summary__manager__in=ours).select_related("summary")
    assert versions.count() == len({one.receipt for one in versions}) == 30
    for answer in answers:
        told = answer.json()
        version = next(one for one in versions if one.receipt == told["newest"]["receipt"])
        assert version.submitted_at == version.summary.received_at
        late = version.submitted_at > DEADLINE
        assert told["standing"] == ("late" if late else "on_time")
        assert version.summary.minutes_late == late
    standings = Counter(answer.json()["standing"] for answer in answers)
    assert set(standings) == {"on_time", "late"}
    assert AuditRow.objects.filter(what="worklogs.submit_summary").count() == 30

    jobs.tick(at("2026-11-27 17:00:00"))
    jobs.tick(at("2026-11-27 17:32:00"))
    jobs.run_due(at("2026-11-27 17:32:00"))
    [told] = Notice.objects.filter(person__name="周建平", kind="missing")
    by_then = {one.summary.manager.name for one in versions if one.submitted_at <= DEADLINE}
    unfiled = {one.name for one in people} - by_then | {"陈嘉怡", "何俊峰", "林晓岚"}
    assert set(told.body.split("、")) == unfiled
