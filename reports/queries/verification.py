"""Whether a paper or file is genuine: asked by anybody, told without the bulletin's content."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from core.periods import Month
from reports.choices import BulletinState
from reports.codes import as_typed
from reports.copies import copy_number
from reports.models import Bulletin, Edition, StampedCopy


@dataclass(frozen=True)
class Genuine:
    """What is said of a published edition: never more than stands in the heading of its paper.

    ``supplements`` are the numbers of what was published in addition later. Of a file,
    ``copy_number`` is that of the download, "" for the archived original or a mere code.
    """

    document_number: str
    title: str
    month: Month
    place: str
    published_at: datetime
    digest: str
    code: str
    supplements: tuple[str, ...]
    copy_number: str = ""
    copied_at: datetime | None = None


def genuine_code(typed: str) -> Genuine | None:
    """What a code leads to; None for one that is unknown, however it is written."""
    edition = _editions().filter(code=as_typed(typed)).first()
    return None if edition is None else _genuine(edition)


def genuine_file(sha256: str) -> Genuine | None:
    """What a file with this digest is: an archived one, or a copy that was taken; None else."""
    edition = _editions().filter(Q(pdf__sha256=sha256) | Q(xlsx__sha256=sha256)).first()
    if edition is not None:
        return _genuine(edition)
    copy = (
        StampedCopy.objects.filter(file__sha256=sha256)
        .select_related("edition__bulletin", "edition__branch")
        .first()
    )
    return None if copy is None else _genuine(copy.edition, copy)


def _editions() -> QuerySet[Edition]:
    return Edition.objects.filter(bulletin__state=BulletinState.PUBLISHED).select_related(
        "bulletin", "branch"
    )


def _genuine(edition: Edition, copy: StampedCopy | None = None) -> Genuine:
    bulletin = edition.bulletin
    later = Bulletin.objects.filter(
        month=bulletin.month,
        supplement__gt=bulletin.supplement,
        state=BulletinState.PUBLISHED,
    ).order_by("supplement")
    if bulletin.published_at is None:
        raise ValueError(f"bulletin {bulletin.pk} is published without a moment")
    return Genuine(
        document_number=bulletin.document_number,
        title=bulletin.title,
        month=Month.parse(bulletin.month),
        place=edition.branch.name if edition.branch else "",
        published_at=bulletin.published_at,
        digest=edition.digest,
        code=edition.code,
        supplements=tuple(later.values_list("document_number", flat=True)),
        copy_number=copy_number(copy) if copy else "",
        copied_at=copy.asked_at if copy else None,
    )
