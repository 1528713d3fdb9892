"""Jobs are rows; a message on the broker only says "look now".

A job is claimed by compare-and-set. Its handler first reads, renders and counts outside any
transaction and returns an effect; the effect and ``done`` are one transaction guarded by the
attempt, so that a worker killed or overtaken in the middle leaves exactly one result.
"""

import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string

from config import tables
from core.choices import JobState
from core.models import Job, TickMark

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
ATTEMPTS = 5
CATCH_UP = timedelta(days=31)
Effect = Callable[[], dict[str, Any]]


class Overtaken(Exception):
    """Another attempt owns the job by now: this one's effect is rolled back."""


class Cancelled(Exception):
    """The owner stopped the job."""


class Later(Exception):
    """Nothing to write now; look again at ``run_after``."""

    def __init__(self, run_after: datetime) -> None:
        super().__init__(run_after)
        self.run_after = run_after


@dataclass(frozen=True)
class Progress:
    """Tells the page how far a job has come, and the job whether it was stopped.

    ``looked_at`` is the moment at which the worker came by, for what must be told as it was
    (a delivery); content is made as of the moment at which the job fell due.
    """

    job_id: int
    attempt: int
    looked_at: datetime

    def report(self, done: int, total: int) -> None:
        """Store the counts; raises Cancelled when the owner stopped it, Overtaken when lost."""
        updated = Job.objects.filter(
            pk=self.job_id, attempt=self.attempt, state=JobState.RUNNING, is_cancelled=False
        ).update(progress_done=done, progress_total=total)
        if not updated:
            is_cancelled = Job.objects.filter(pk=self.job_id, is_cancelled=True).exists()
            raise Cancelled if is_cancelled else Overtaken


def enqueue(
    *,
    kind: str,
    key: str,
    at: datetime,
    args: dict[str, Any] | None = None,
    run_after: datetime | None = None,
    drop_after: datetime | None = None,
    owner_id: int | None = None,
) -> None:
    """Write the job's row once (same kind and key: nothing happens) and say "look now".

    Callable inside the transaction of the change that needs the work. Whoever plans by the
    clock passes the due moment as ``at``, so that late planning writes the same row.
    """
    due = run_after or at
    Job.objects.bulk_create(
        [
            Job(
                kind=kind,
                key=key,
                args=args or {},
                run_after=due,
                drop_after=drop_after,
                created_at=at,
                owner_id=owner_id,
            )
        ],
        ignore_conflicts=True,
    )
    if due <= at:
        transaction.on_commit(lambda: announce_keys(kind, [key]))


def enqueue_all(
    kind: str, jobs: Sequence[tuple[str, dict[str, Any], datetime]], *, at: datetime
) -> None:
    """Write many jobs of one kind, each (key, args, run_after), in one statement."""
    Job.objects.bulk_create(
        [
            Job(kind=kind, key=key, args=args, run_after=run_after, created_at=at)
            for key, args, run_after in jobs
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    due = [key for key, _, run_after in jobs if run_after <= at]
    if due:
        transaction.on_commit(lambda: announce_keys(kind, due))


def announce_keys(kind: str, keys: Sequence[str]) -> None:
    """Tell the workers about the jobs of this kind and these keys."""
    announce(list(Job.objects.filter(kind=kind, key__in=keys).values_list("pk", flat=True)))


def announce(job_ids: Sequence[int]) -> None:
    """Say "look now" on the broker; a broker that is gone costs a minute, never the job."""
    if not current_app.conf.broker_url:
        return
    try:
        for job_id in job_ids:
            current_app.send_task("core.run_job", args=[job_id], retry=False)
    except Exception as error:  # whatever the transport raises, the tick will find the rows
        logger.warning("broker not reached, %s jobs wait for the tick: %s", len(job_ids), error)


def due_jobs(at: datetime) -> list[int]:
    """Ids of the jobs that may be claimed at this moment, oldest first."""
    is_free = Q(state=JobState.WAITING, run_after__lte=at)
    is_abandoned = Q(state=JobState.RUNNING, lease_until__lt=at)
    return list(
        Job.objects.filter(is_free | is_abandoned)
        .order_by("run_after", "pk")
        .values_list("pk", flat=True)[:500]
    )


def _claim(job_id: int, at: datetime) -> Job | None:
    """Take the job by compare-and-set; None when somebody else has it or it is not due."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        return None
    is_free = Q(state=JobState.WAITING, run_after__lte=at)
    is_abandoned = Q(state=JobState.RUNNING, lease_until__lt=at)
    taken = Job.objects.filter(is_free | is_abandoned, pk=job_id, attempt=job.attempt).update(
        state=JobState.RUNNING,
        attempt=F("attempt") + 1,
        failures=job.failures + (job.state == JobState.RUNNING),
        lease_until=at + LEASE,
        ran_at=at,
    )
    return Job.objects.get(pk=job_id) if taken else None


def _finish(job: Job, **values: Any) -> None:
    """Close the attempt, or find out that it is no longer ours."""
    updated = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING).update(
        lease_until=None, **values
    )
    if not updated:
        raise Overtaken


def run(job_id: int, *, at: datetime) -> JobState | None:
    """Claim the job and do it; the state it ends in, None when there was nothing to claim.

    The handler is given the moment at which the job fell due, not the moment at which a
    worker came by: three days late gives the same content.
    """
    job = _claim(job_id, at)
    if job is None:
        return None
    try:
        if job.is_cancelled or (job.drop_after is not None and at >= job.drop_after):
            _finish(job, state=JobState.DROPPED)
            return JobState.DROPPED
        if job.failures >= ATTEMPTS:
            # Every attempt so far ended with its worker: another one would too.
            _finish(job, state=JobState.FAILED, error="its worker was lost each time")
            return JobState.FAILED
        handler = import_string(tables.JOBS[job.kind])
        effect: Effect = handler(job.args, job.run_after, Progress(job.pk, job.attempt, at))
        with transaction.atomic():
            result = effect()
            _finish(job, state=JobState.DONE, result=result, error="")
        return JobState.DONE
    except Overtaken:
        logger.warning("job %s was overtaken by another attempt", job_id)
        return None
    except Cancelled:
        Job.objects.filter(pk=job_id, attempt=job.attempt).update(
            state=JobState.DROPPED, lease_until=None
        )
        return JobState.DROPPED
    except Later as later:
        Job.objects.filter(pk=job_id, attempt=job.attempt).update(
            state=JobState.WAITING, run_after=later.run_after, lease_until=None
        )
        return JobState.WAITING
    except Exception:
        return _fail(job, at)


def _fail(job: Job, at: datetime) -> JobState:
    """Note the fault and try again later, each time twice as late; give up after ATTEMPTS."""
    logger.exception("job %s (%s) failed at attempt %s", job.pk, job.kind, job.attempt)
    is_last = job.failures + 1 >= ATTEMPTS
    # Until the lease ends it counts as running, so that run_after stays the moment it fell due.
    state = JobState.FAILED if is_last else JobState.RUNNING
    Job.objects.filter(pk=job.pk, attempt=job.attempt).update(
        state=state,
        error=traceback.format_exc(limit=-3)[-2000:],
        lease_until=None if is_last else at + timedelta(seconds=15 * 2 ** (job.failures + 1)),
    )
    return state


def cancel(job_id: int, *, owner_id: int | None) -> bool:
    """Ask the owner's own job to stop; whether there was anything left to stop."""
    return bool(
        Job.objects.filter(
            pk=job_id, owner_id=owner_id, state__in=(JobState.WAITING, JobState.RUNNING)
        ).update(is_cancelled=True)
    )


def tick(at: datetime) -> None:
    """Make the job rows of the time since the last tick (safe to repeat, safe in two places).

    Each planner is given the window ``since < moment <= until``; a window never reaches back
    further than CATCH_UP.
    """
    mark, _ = TickMark.objects.get_or_create(pk=1, defaults={"upto": at - timedelta(minutes=1)})
    since = max(mark.upto, at - CATCH_UP)
    for path in tables.TICKERS:
        import_string(path)(since, at)
    TickMark.objects.filter(pk=1, upto__lt=at).update(upto=at)


def run_due(at: datetime) -> int:
    """Do everything that is due, also what it brings about; the number of jobs done."""
    done = 0
    while ids := [job_id for job_id in due_jobs(at) if run(job_id, at=at) is not None]:
        done += len(ids)
    return done
