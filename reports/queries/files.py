"""The files of editions and the copies of them, as far as a reader sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast

from core.actors import Actor
from core.choices import JobState
from core.errors import NotFound
from core.models import Job, StoredFile
from core.periods import Month
from reports import faults
from reports.choices import BulletinState, EditionState
from reports.models import Bulletin, Edition, StampedCopy
from reports.queries.bulletins import bulletins_for

RENDER, STAMP, BUNDLE = "reports.render_edition", "reports.stamp_copy", "reports.zip_month"
_OPEN: Final = (JobState.WAITING, JobState.RUNNING)


def editions_for(actor: Actor) -> QuerySet[Edition]:
    """The editions of published bulletins that the actor may read."""
    return (
        Edition.objects.visible_to(actor)
        .filter(
            bulletin__in=bulletins_for(actor).filter(state=BulletinState.PUBLISHED).values("pk")
        )
        .select_related("bulletin", "branch", "pdf", "xlsx")
    )


def edition_seen(actor: Actor, edition_id: int) -> Edition:
    """One of them; NotFound otherwise."""
    found = editions_for(actor).filter(pk=edition_id).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class EditionFiles:
    """An edition and how its files stand: waiting, running, ready or failed, and then why."""

    edition: Edition
    state: str
    why: str

    @property
    def is_ready(self) -> bool:
        """Whether there is something to download."""
        return self.state == "ready"

    @property
    def is_at_work(self) -> bool:
        """Whether the worker still has to do with it."""
        return self.state in ("waiting", "running")


def with_states(editions: Sequence[Edition]) -> list[EditionFiles]:
    """The editions with the state of their files; one query more."""
    waiting = [one.pk for one in editions if one.state == EditionState.WAITING]
    jobs: dict[int, Job] = {}
    if waiting:
        for job in Job.objects.filter(kind=RENDER, args__edition__in=waiting).order_by("pk"):
            jobs[job.args["edition"]] = job
    return [_with_state(one, jobs) for one in editions]


def _with_state(edition: Edition, jobs: Mapping[int, Job]) -> EditionFiles:
    match edition.state:
        case EditionState.READY:
            return EditionFiles(edition, "ready", "")
        case EditionState.FAILED:
            return EditionFiles(edition, "failed", faults.why(edition))
    job = jobs.get(edition.pk)
    if job is not None and job.state not in _OPEN:
        return EditionFiles(edition, "failed", faults.why_lost())
    is_running = job is not None and job.state == JobState.RUNNING
    return EditionFiles(edition, "running" if is_running else "waiting", "")


@dataclass(frozen=True)
class BulletinFiles:
    """A published bulletin with its editions."""

    bulletin: Bulletin
    editions: tuple[EditionFiles, ...]


@dataclass(frozen=True)
class MonthFiles:
    """A month's published bulletins with the state of their files."""

    month: Month
    bulletins: tuple[BulletinFiles, ...]

    @property
    def editions(self) -> list[EditionFiles]:
        """All editions of the month."""
        return [one for bulletin in self.bulletins for one in bulletin.editions]

    @property
    def done(self) -> int:
        """How many the worker is through with."""
        return sum(1 for one in self.editions if not one.is_at_work)

    @property
    def failed(self) -> list[EditionFiles]:
        """Those that could not be made."""
        return [one for one in self.editions if one.state == "failed"]


def years_with_files(actor: Actor) -> list[int]:
    """The years of which the actor finds bulletins to download, newest first."""
    months = editions_for(actor).order_by().values_list("bulletin__month", flat=True).distinct()
    return sorted({int(month[:4]) for month in months}, reverse=True)


def months_of(actor: Actor, year: int) -> list[MonthFiles]:
    """A year's months with their bulletins and editions, newest first; three queries."""
    return _by_month(editions_for(actor).filter(bulletin__month__startswith=f"{year}-"))


def month_of(actor: Actor, month: Month) -> MonthFiles:
    """One month; NotFound where the actor finds nothing."""
    found = _by_month(editions_for(actor).filter(bulletin__month=month.key))
    if not found:
        raise NotFound
    return found[0]


def _by_month(editions: QuerySet[Edition]) -> list[MonthFiles]:
    """The company's edition first, then the branches'; supplements after the bulletin."""
    rows = list(editions.order_by("-bulletin__month", "bulletin__supplement", "branch__code"))
    rows.sort(key=lambda one: one.branch_id is not None)
    months: dict[str, dict[int, list[EditionFiles]]] = {}
    bulletins: dict[int, Bulletin] = {}
    for one in with_states(rows):
        bulletin = one.edition.bulletin
        bulletins[bulletin.pk] = bulletin
        months.setdefault(bulletin.month, {}).setdefault(bulletin.pk, []).append(one)
    return [
        MonthFiles(
            Month.parse(key),
            tuple(
                BulletinFiles(bulletins[pk], tuple(of_bulletin[pk]))
                for pk in sorted(of_bulletin, key=lambda pk: bulletins[pk].supplement)
            ),
        )
        for key, of_bulletin in sorted(months.items(), reverse=True)
    ]


# Copies and bundles: everybody's own


def copies_for(actor: Actor) -> QuerySet[StampedCopy]:
    """The copies the actor has asked for and may still read, with the id of each one's job."""
    if actor.person_id is None:
        return StampedCopy.objects.none()
    job = Job.objects.filter(kind=STAMP, key=Cast(OuterRef("pk"), CharField()))
    return (
        StampedCopy.objects.filter(
            person_id=actor.person_id, edition__in=editions_for(actor).order_by().values("pk")
        )
        .select_related("edition__bulletin", "edition__branch", "file", "person")
        .annotate(job_pk=Subquery(job.values("pk")[:1]))
    )


def copy_seen(actor: Actor, copy_id: int) -> StampedCopy:
    """One of them; NotFound otherwise."""
    found = copies_for(actor).filter(pk=copy_id).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Work:
    """How far a job has come that makes a file: state, counts, and in words what went wrong."""

    state: str
    done: int
    total: int
    failed: str = ""


def job_of_copy(copy: StampedCopy) -> Job | None:
    """The job that stamps a copy of its own; None for one of a bundle."""
    return Job.objects.filter(kind=STAMP, key=str(copy.pk)).first()


def work_of_copy(copy: StampedCopy) -> Work:
    """How far a copy of its own is.

    The job is read before its file: one that ends in between has made it, and is not lost.
    """
    job = job_of_copy(copy)
    copy.refresh_from_db(fields=["file"])
    return work_of(job, is_made=copy.file_id is not None)


def work_of(job: Job | None, *, is_made: bool) -> Work:
    """The state of the work: ready, waiting, running or failed."""
    if is_made:
        return Work("ready", 1, 1)
    if job is None:
        return Work("failed", 0, 1, faults.why_lost())
    if job.state in _OPEN:
        is_running = job.state == JobState.RUNNING
        total = job.progress_total or 1
        return Work("running" if is_running else "waiting", job.progress_done, total)
    return Work("failed", 0, 1, str(job.result.get("failed") or "") or faults.why_lost())


def bundles_for(actor: Actor) -> QuerySet[Job]:
    """The jobs that make the actor's ZIPs."""
    if actor.person_id is None:
        return Job.objects.none()
    return Job.objects.filter(kind=BUNDLE, owner_id=actor.person_id)


def bundle_seen(actor: Actor, job_id: int) -> Job:
    """One of them, if all that is in it may still be read; NotFound otherwise."""
    found = bundles_for(actor).filter(pk=job_id).first()
    if found is None or not may_read_bundle(actor, found):
        raise NotFound
    return found


def may_read_bundle(actor: Actor, job: Job) -> bool:
    """Whether the actor may still read everything in a ZIP."""
    copies: list[int] = job.args["copies"]
    return copies_for(actor).filter(pk__in=copies).count() == len(copies)


def file_of_bundle(job: Job) -> StoredFile | None:
    """The ZIP, once it is made."""
    made: Any = job.result.get("file")
    return StoredFile.objects.filter(pk=made).first() if made else None
