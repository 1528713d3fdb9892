"""What a Celery worker can be asked: run one job, or tick."""

from celery import shared_task

from core import clock, jobs


@shared_task(name="core.run_job")
def run_job(job_id: int) -> None:
    """Look at one job now."""
    jobs.run(job_id, at=clock.now())


@shared_task(name="core.tick")
def tick() -> None:
    """Make the rows that are due and announce every job that may be claimed."""
    at = clock.now()
    jobs.tick(at)
    jobs.announce(jobs.due_jobs(at))
