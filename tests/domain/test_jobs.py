"""Jobs as rows: made once, claimed once, done once, put off, dropped, given up."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from config import tables
from core import jobs
from core.choices import JobState
from core.management.commands.work import Worker
from core.models import Job, TickMark
from tests.cast import at
from tests.domain import job_kinds
from tests.domain.job_kinds import results
from tests.domain.job_names import KINDS

pytestmark = pytest.mark.django_db
NOW = at("2026-11-27 12:00:00")


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, path in KINDS.items():
        monkeypatch.setitem(tables.JOBS, kind, path)


def job(kind: str, **more: object) -> Job:
    jobs.enqueue(kind=kind, key="one", at=NOW, **more)  # type: ignore[arg-type]
    return Job.objects.get(kind=kind)


def test_a_job_is_made_once_and_done_once() -> None:
    made = job("test.count")
    assert job("test.count") == made
    assert jobs.run(made.pk, at=NOW) == JobState.DONE
    assert jobs.run(made.pk, at=NOW) is None
    assert results() == 1
    made.refresh_from_db()
    assert (made.attempt, made.result, made.ran_at) == (1, {"results": 1}, NOW)


@pytest.mark.parametrize(("seconds", "state"), [(-1, None), (0, JobState.DONE), (1, JobState.DONE)])
def test_a_job_is_not_done_before_its_time(seconds: int, state: JobState | None) -> None:
    made = job("test.count", run_after=NOW)
    assert jobs.run(made.pk, at=NOW + timedelta(seconds=seconds)) == state


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(-1, JobState.DONE), (0, JobState.DROPPED), (1, JobState.DROPPED)],
)
def test_a_reminder_is_dropped_from_its_deadline_on(seconds: int, state: JobState) -> None:
    deadline = NOW + timedelta(hours=1)
    made = job("test.count", drop_after=deadline)
    assert jobs.run(made.pk, at=deadline + timedelta(seconds=seconds)) == state
    assert results() == (state == JobState.DONE)


def test_a_broken_job_leaves_nothing_and_is_tried_five_times() -> None:
    made = job("test.broken")
    moment, waits = NOW, []
    while jobs.run(made.pk, at=moment) == JobState.RUNNING:
        made.refresh_from_db()
        assert made.lease_until is not None
        waits.append(int((made.lease_until - moment).total_seconds()))
        assert jobs.run(made.pk, at=made.lease_until) is None
        moment = made.lease_until + timedelta(seconds=1)
    made.refresh_from_db()
    assert waits == [30, 60, 120, 240]
    assert (made.state, made.attempt, results()) == (JobState.FAILED, 5, 0)
    assert "broken in the middle" in made.error
    assert made.run_after == NOW


def test_a_job_that_puts_itself_off_is_not_failing() -> None:
    made = job("test.later", args={"until": (NOW + timedelta(hours=9)).isoformat()})
    moment = NOW
    for _ in range(9):
        assert jobs.run(made.pk, at=moment) == JobState.WAITING
        moment += timedelta(hours=1)
    assert jobs.run(made.pk, at=moment) == JobState.DONE
    assert results() == 1


def test_putting_off_never_hands_a_later_attempt_the_number_of_an_earlier_one() -> None:
    made = job("test.later", args={"until": (NOW + timedelta(hours=2)).isoformat()})
    for hours in range(3):
        jobs.run(made.pk, at=NOW + timedelta(hours=hours))
        made.refresh_from_db()
        assert (made.attempt, made.failures) == (hours + 1, 0)


def test_a_job_that_kills_its_worker_each_time_is_given_up() -> None:
    made = job("test.count")
    lost = {"state": JobState.RUNNING, "attempt": 5, "lease_until": NOW}
    Job.objects.filter(pk=made.pk).update(failures=4, **lost)
    assert jobs.run(made.pk, at=NOW + timedelta(seconds=1)) == JobState.FAILED
    made.refresh_from_db()
    assert (made.attempt, made.failures, results()) == (6, 5, 0)


def test_a_cancelled_job_is_dropped_and_only_its_owner_cancels() -> None:
    made = job("test.count", owner_id=7)
    assert not jobs.cancel(made.pk, owner_id=8)
    assert jobs.cancel(made.pk, owner_id=7)
    assert jobs.run(made.pk, at=NOW) == JobState.DROPPED
    assert results() == 0


def overtaken(monkeypatch: pytest.MonkeyPatch) -> Job:
    """The first attempt takes longer than its lease; a second one does the job meanwhile."""
    made = job("test.count")
    original = job_kinds.count
    is_first = [True]

    def tardy(*arguments: object) -> jobs.Effect:
        effect = original(*arguments)  # type: ignore[arg-type]
        if is_first.pop() if is_first else False:
            jobs.run(made.pk, at=NOW + jobs.LEASE + timedelta(seconds=1))
        return effect

    monkeypatch.setattr(job_kinds, "count", tardy)
    jobs.run(made.pk, at=NOW)
    made.refresh_from_db()
    return made


def test_an_attempt_that_was_overtaken_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = overtaken(monkeypatch)
    assert (made.state, made.attempt, results()) == (JobState.DONE, 2, 1)


def test_control_without_the_attempt_guard_an_overtaken_job_doubles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def careless(job: Job, **values: object) -> None:
        Job.objects.filter(pk=job.pk).update(lease_until=None, **values)

    monkeypatch.setattr(jobs, "_finish", careless)
    overtaken(monkeypatch)
    assert results() == 2


@pytest.mark.parametrize(("seconds", "is_swept"), [(-1, False), (0, False), (1, True)])
def test_a_job_is_taken_over_when_its_lease_has_run_out(seconds: int, is_swept: bool) -> None:
    made = job("test.count")
    Job.objects.filter(pk=made.pk).update(
        state=JobState.RUNNING, attempt=1, lease_until=NOW + jobs.LEASE
    )
    moment = NOW + jobs.LEASE + timedelta(seconds=seconds)
    assert jobs.due_jobs(moment) == ([made.pk] if is_swept else [])
    assert jobs.run_due(moment) == is_swept


def windows(monkeypatch: pytest.MonkeyPatch, moments: list[datetime]) -> list[tuple[int, int]]:
    """The windows that planners are given by ticks at these moments, in seconds from NOW."""
    seen: list[tuple[int, int]] = []

    def planner(since: datetime, until: datetime) -> None:
        first, last = ((moment - NOW).total_seconds() for moment in (since, until))
        seen.append((int(first), int(last)))

    monkeypatch.setattr(job_kinds, "planner", planner, raising=False)
    monkeypatch.setattr(tables, "TICKERS", ("tests.domain.job_kinds.planner",))
    for moment in moments:
        jobs.tick(moment)
    return seen


def test_ticks_plan_each_moment_once(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [NOW, NOW + timedelta(minutes=1), NOW + timedelta(hours=2), NOW]
    assert windows(monkeypatch, moments) == [(-60, 0), (0, 60), (60, 7200), (7200, 0)]
    assert TickMark.objects.get().upto == NOW + timedelta(hours=2)


def test_a_worker_gone_for_long_catches_up_a_month(monkeypatch: pytest.MonkeyPatch) -> None:
    later = NOW + timedelta(days=100)
    assert windows(monkeypatch, [NOW, later])[1] == (69 * 86_400, 100 * 86_400)


def test_the_shell_ticks_at_a_given_instant() -> None:
    job("test.count", run_after=at("2026-11-27 17:30:00"))
    out = StringIO()
    call_command("tick", "--at", "2026-11-27T17:29:59", stdout=out)
    assert results() == 0
    call_command("tick", "--at", "2026-11-27T09:30:00Z", stdout=out)
    assert results() == 1
    assert out.getvalue().splitlines()[1].startswith("2026-11-27T17:30:00+08:00 ")
    with pytest.raises(CommandError):
        call_command("tick", "--at", "Friday")


def test_the_worker_ticks_once_a_minute_and_goes_on_after_a_fault(
    monkeypatch: pytest.MonkeyPatch, clock: object, caplog: pytest.LogCaptureFixture
) -> None:
    ticked: list[datetime] = []
    monkeypatch.setattr(jobs, "tick", ticked.append)
    worker = Worker()
    for second in (0, 1, 59, 60, 61, 120):
        worker.look(NOW + timedelta(seconds=second))
    assert [(moment - NOW).total_seconds() for moment in ticked] == [0, 60, 120]

    looks: list[int] = []

    def faulty(at: datetime) -> None:
        looks.append(1)
        if len(looks) == 1:
            raise RuntimeError("the database went away")
        worker.stop()

    monkeypatch.setattr(worker, "look", faulty)
    monkeypatch.setattr(worker.stopping, "wait", lambda seconds: None)
    monkeypatch.setattr("core.management.commands.work.close_old_connections", lambda: None)
    worker.run()
    assert len(looks) == 2
    assert "the database went away" in caplog.text
