"""Asking for files (B1): a copy with one's name on it, a month's copies in a ZIP, a second try."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, jobs
from core.actors import Actor
from core.choices import JobState
from core.errors import NotAllowed, NotFound, Refused
from core.formats import month_name
from core.models import Job
from core.periods import Month
from reports import permissions
from reports.choices import EditionState
from reports.copies import KINDS
from reports.models import Edition, StampedCopy
from reports.queries.files import (
    BUNDLE,
    RENDER,
    STAMP,
    bundles_for,
    edition_seen,
    month_of,
    with_states,
)


@transaction.atomic
def ask_for_copy(*, edition_id: int, kind: str, actor: Actor, at: datetime) -> StampedCopy:
    """Have the worker stamp an archived file for the actor; one that waits already is enough.

    Raises NotFound for an edition that is not seen, Refused while its files are not there.
    """
    edition = edition_seen(actor, edition_id)
    if kind not in KINDS:
        raise NotFound
    if edition.state != EditionState.READY:
        raise Refused(_("这一份的文件还没有生成。"))
    waiting = StampedCopy.objects.filter(
        edition=edition, kind=kind, person_id=actor.somebody, file=None
    ).first()
    if waiting is not None and _is_open(STAMP, str(waiting.pk)):
        return waiting
    copy = StampedCopy.objects.create(
        edition=edition, kind=kind, person_id=actor.somebody, asked_at=at
    )
    jobs.enqueue(
        kind=STAMP, key=str(copy.pk), args={"copy": copy.pk}, at=at, owner_id=actor.somebody
    )
    _trail(edition, "reports.ask_for_copy", actor, at, {"copy": copy.pk, "kind": kind})
    return copy


def _is_open(kind: str, key: str) -> bool:
    return Job.objects.filter(
        kind=kind, key=key, state__in=(JobState.WAITING, JobState.RUNNING)
    ).exists()


@transaction.atomic
def ask_for_month(*, month: Month, actor: Actor, at: datetime) -> Job:
    """Have the worker stamp all files of a month that the actor may read, in one ZIP.

    One that is at work already is enough. Raises NotFound for a month without bulletins, Refused
    while none of its files is there.
    """
    files = month_of(actor, month)
    ready = [one.edition for one in files.editions if one.is_ready]
    if not ready:
        raise Refused(_("这个月的文件还没有生成。"))
    at_work = bundles_for(actor).filter(
        args__month=month.key, state__in=(JobState.WAITING, JobState.RUNNING)
    )
    running = at_work.first()
    if running is not None:
        return running
    copies = StampedCopy.objects.bulk_create(
        [
            StampedCopy(edition=edition, kind=kind, person_id=actor.somebody, asked_at=at)
            for edition in ready
            for kind in KINDS
        ]
    )
    key = f"{actor.somebody}:{month.key}:{at.isoformat()}"
    jobs.enqueue(
        kind=BUNDLE,
        key=key,
        args={"month": month.key, "copies": [copy.pk for copy in copies]},
        at=at,
        owner_id=actor.somebody,
    )
    audit.record(
        actor=actor,
        at=at,
        what="reports.ask_for_month",
        target_type="bulletin",
        target_id=month.key,
        target_label=month_name(month),
        after={"files": len(copies)},
    )
    return Job.objects.get(kind=BUNDLE, key=key)


@transaction.atomic
def retry_edition(*, edition_id: int, actor: Actor, at: datetime) -> Edition:
    """Have the worker try again to make an edition's files, after what was in the way is mended."""
    edition = edition_seen(actor, edition_id)
    if not permissions.can_write(actor):
        raise NotAllowed(_("由市场部重试。"))
    if with_states([edition])[0].state != "failed":
        raise Refused(_("这一份没有失败，不用重试。"))
    Edition.objects.filter(pk=edition.pk).exclude(state=EditionState.READY).update(
        state=EditionState.WAITING, error=""
    )
    jobs.enqueue(
        kind=RENDER,
        key=f"{edition.pk}:{at.isoformat()}",
        args={"edition": edition.pk},
        at=at,
    )
    _trail(edition, "reports.retry_edition", actor, at, {"edition": edition.pk})
    return edition_seen(actor, edition_id)


def _trail(
    edition: Edition, what: str, actor: Actor, at: datetime, after: dict[str, object]
) -> None:
    place = edition.branch.name if edition.branch else _("全司版")
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="edition",
        target_id=edition.pk,
        target_label=f"{edition.bulletin.document_number} {place}",
        branch_id=edition.branch_id,
        after=after,
    )
