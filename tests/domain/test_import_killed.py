"""A worker that is killed in the middle of an import: nothing half, then all of it once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from core import clock, jobs
from core.choices import ImportState, JobState
from core.imports import operations
from core.models import AuditRow, ImportRun, Job
from customers.models import Assignment, Contact, Customer
from tests.cast import Cast, at, make_cast
from tests.domain.databases import environment_of
from tests.domain.test_faults import eventually, wait_for
from tests.domain.test_imports import HEAD, book

pytestmark = pytest.mark.slow
LONG_AGO: Final = at("2026-01-05 09:00:00")
ROWS: Final = 40
FILE: Final = book(
    HEAD,
    *(
        (f"G9{n:03d}", f"新客户{n}", "A", f"联系人{n}", f"1380000{n:04d}", "200004", 100, None)
        for n in range(ROWS)
    ),
)


def handed_in(cast: Cast) -> ImportRun:
    return operations.start_import(
        table_key="groups",
        filename="清单.xlsx",
        content=FILE,
        actor=cast.actor("周建平", on=LONG_AGO),
        at=LONG_AGO,
    )


def confirmed(cast: Cast, run: ImportRun) -> ImportRun:
    jobs.run_due(LONG_AGO)
    run.refresh_from_db()
    assert (run.state, run.counts["new"]) == (ImportState.PREVIEW, ROWS)
    return operations.write_import(
        run_id=run.pk,
        expected_version=run.version,
        actor=cast.actor("周建平", on=LONG_AGO),
        at=LONG_AGO,
    )


def killed_in_the_middle(address: str, folder: Path, write: str = "write") -> None:
    """``manage.py work`` gets to the middle of the import's effect, and is killed there."""
    environment = environment_of(
        address,
        REDIS_URL="",
        DJANGO_SETTINGS_MODULE="tests.domain.held_import_settings",
        STORY_FOLDER=str(folder),
        STORY_WRITE=write,
    )
    worker = subprocess.Popen([sys.executable, "manage.py", "work"], env=environment)
    try:
        assert wait_for(folder / "started") == worker.pid
    finally:
        worker.kill()
        assert worker.wait() == -signal.SIGKILL


def ten_minutes_later(address: str, run: ImportRun, until: ImportState) -> None:
    """The lease has run out; another real worker does what is due until the run stands there."""
    Job.objects.filter(state=JobState.RUNNING).update(lease_until=LONG_AGO)
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "work"], env=environment_of(address, REDIS_URL="")
    )
    try:
        eventually(lambda: ImportRun.objects.filter(pk=run.pk, state=until).exists())
    finally:
        worker.terminate()
        worker.wait(20)


def written() -> tuple[int, int, int, int]:
    """New customers, their contacts and assignments, and rows of the trail that tell of it."""
    new = Customer.objects.filter(code__startswith="G9")
    return (
        new.count(),
        Contact.objects.filter(customer__in=new).count(),
        Assignment.objects.filter(customer__in=new).count(),
        AuditRow.objects.filter(what="core.import_rows").count(),
    )


def test_killed_while_it_writes(own: str, tmp_path: Path) -> None:
    cast = make_cast()
    run = confirmed(cast, handed_in(cast))
    killed_in_the_middle(own, tmp_path)
    run.refresh_from_db()
    assert (written(), run.state) == ((0, 0, 0, 0), ImportState.WRITING)
    job = Job.objects.get(kind="core.import_write")
    assert (job.state, job.attempt) == (JobState.RUNNING, 1)
    # Nobody takes it before the lease has run out.
    assert job.pk not in jobs.due_jobs(clock.now())

    ten_minutes_later(own, run, ImportState.WRITTEN)
    assert written() == (ROWS, ROWS, ROWS, 1)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.failures) == (JobState.DONE, 2, 1)


def test_killed_while_it_makes_the_preview(own: str, tmp_path: Path) -> None:
    run = handed_in(make_cast())
    killed_in_the_middle(own, tmp_path)
    run.refresh_from_db()
    assert (run.rows.count(), run.counts, run.state) == (0, {}, ImportState.READING)

    ten_minutes_later(own, run, ImportState.PREVIEW)
    run.refresh_from_db()
    assert (run.rows.count(), run.counts["new"], run.counts["wrong"]) == (ROWS, ROWS, 0)
    assert written() == (0, 0, 0, 0)


def test_control_a_write_outside_the_effect_is_there_though_the_run_is_not_done(
    own: str, tmp_path: Path
) -> None:
    """What the effect's one transaction is for: rows stand there and the job knows nothing."""
    cast = make_cast()
    confirmed(cast, handed_in(cast))
    killed_in_the_middle(own, tmp_path, write="careless_write")
    assert written() == (ROWS, ROWS, ROWS, 1)
    assert Job.objects.get(kind="core.import_write").state == JobState.RUNNING
