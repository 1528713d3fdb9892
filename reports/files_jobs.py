"""What the worker does for files: an edition's are made once; copies of them are stamped.

One edition is one job: where a branch's content cannot be set, its edition says so and why, and
all the others are made.
"""

import logging
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from core import files
from core.actors import CLOCK
from core.errors import Refused
from core.jobs import Cancelled, Effect, Overtaken, Progress
from core.models import StoredFile
from core.periods import local
from organization.queries import actor_of
from reports import faults
from reports.choices import EditionState
from reports.copies import PDF, TYPES, ZIP, copy_number, file_name
from reports.document import from_content
from reports.models import Edition, StampedCopy
from reports.papers import RECORD_LANGUAGE, Seal, bulletin_pdf, verification_url
from reports.stamps import stamped
from reports.workbooks import bulletin_workbook

logger = logging.getLogger(__name__)

ARCHIVE, COPY, BUNDLE = "bulletin", "bulletin-copy", "bulletin-zip"


# The archive


def render_edition(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Make and keep an edition's PDF and XLSX, once; or keep why that cannot be done."""
    edition = Edition.objects.select_related("bulletin", "branch").get(pk=args["edition"])
    if edition.state == EditionState.READY:
        return lambda: {"edition": edition.pk}
    try:
        pdf, xlsx = _rendered(edition, progress)
    except (Cancelled, Overtaken, OSError):
        # Stopped, or the disk: not the content's fault, tried again.
        raise
    except Exception as error:
        logger.exception("edition %s cannot be rendered", edition.pk)
        return _failing(edition, faults.kept(error))
    for content in (pdf, xlsx):
        files.keep_bytes(content)

    def write() -> dict[str, Any]:
        level = edition.bulletin.level
        kept = {
            kind: files.store(
                content=content,
                name=f"{file_name(edition)}.{kind}",
                content_type=TYPES[kind],
                kind=ARCHIVE,
                actor=CLOCK,
                at=at,
                branch_id=edition.branch_id,
                level=level,
            )
            for kind, content in (("pdf", pdf), ("xlsx", xlsx))
        }
        is_first = Edition.objects.filter(pk=edition.pk).exclude(state=EditionState.READY)
        if not is_first.update(state=EditionState.READY, error="", **kept):
            raise Overtaken
        return {"edition": edition.pk, **{kind: file.sha256 for kind, file in kept.items()}}

    return write


def _rendered(edition: Edition, progress: Progress) -> tuple[bytes, bytes]:
    document = from_content(edition.content)
    seal = Seal(edition.code, edition.digest, verification_url(edition.code))
    progress.report(0, 2)
    xlsx = bulletin_workbook(document, seal)
    progress.report(1, 2)
    return bulletin_pdf(document, seal), xlsx


def _failing(edition: Edition, error: str) -> Effect:
    def write() -> dict[str, Any]:
        Edition.objects.filter(pk=edition.pk).exclude(state=EditionState.READY).update(
            state=EditionState.FAILED, error=error
        )
        return {"edition": edition.pk, "failed": error}

    return write


# Copies


def stamp_copy(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Stamp the archived file for whoever asked for it; made once."""
    copy = _copies([args["copy"]])[0]
    if copy.file_id is not None:
        return lambda: {"copy": copy.pk}
    try:
        content = stamped(copy, files.content_of(_original(copy)))
    except Refused as refused:
        message = str(refused.message)
        return lambda: {"copy": copy.pk, "failed": message}
    sha256 = files.keep_bytes(content)

    def write() -> dict[str, Any]:
        _keep_copy(copy, sha256, len(content), at)
        return {"copy": copy.pk, "sha256": sha256}

    return write


def _copies(ids: Sequence[int]) -> list[StampedCopy]:
    found = StampedCopy.objects.filter(pk__in=ids).select_related(
        "person", "edition__bulletin", "edition__branch", "edition__pdf", "edition__xlsx"
    )
    return list(found.order_by("pk"))


def _original(copy: StampedCopy) -> StoredFile:
    file = copy.edition.pdf if copy.kind == PDF else copy.edition.xlsx
    if file is None:
        raise ValueError(f"edition {copy.edition_id} has no {copy.kind}")
    return file


def _keep_copy(copy: StampedCopy, sha256: str, size: int, at: datetime) -> None:
    """The row of a copy whose bytes are kept already."""
    file = StoredFile.objects.create(
        name=f"{file_name(copy.edition)}_{copy_number(copy)}.{copy.kind}",
        content_type=TYPES[copy.kind],
        size=size,
        sha256=sha256,
        kind=COPY,
        level=copy.edition.bulletin.level,
        branch_id=copy.edition.branch_id,
        owner_id=copy.person_id,
        owner_name=copy.person.name,
        stored_at=at,
    )
    StampedCopy.objects.filter(pk=copy.pk).update(file=file)


def zip_month(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Stamp a month's editions for one person and put them into one ZIP.

    A file that cannot be stamped is named in a list inside; the others are there.
    """
    copies = _copies(args["copies"])
    made: list[tuple[StampedCopy, str, int]] = []
    missing: list[str] = []
    with tempfile.TemporaryFile() as bundle:
        with zipfile.ZipFile(bundle, "w", zipfile.ZIP_STORED) as archive:
            for number, copy in enumerate(copies):
                progress.report(number, len(copies))
                try:
                    content = stamped(copy, files.content_of(_original(copy)))
                except (Refused, ValueError, OSError) as error:
                    logger.warning("copy %s cannot be stamped: %s", copy.pk, error)
                    missing.append(f"{file_name(copy.edition)}.{copy.kind}")
                    continue
                made.append((copy, files.keep_bytes(content), len(content)))
                archive.writestr(_entry_of(copy, at), content)
            if missing:
                archive.writestr(_entry(_list_name(), at), "\n".join(missing))
        bundle.seek(0)
        content = bundle.read()
    if not made:
        return lambda: {"failed": "、".join(missing)}
    files.keep_bytes(content)

    def write() -> dict[str, Any]:
        for copy, sha256, size in made:
            _keep_copy(copy, sha256, size, at)
        first = made[0][0]
        file = files.store(
            content=content,
            name=f"{args['month']}_{_bundle_name()}.zip",
            content_type=ZIP,
            kind=BUNDLE,
            actor=actor_of(first.person, at=first.asked_at),
            at=at,
            level=max(copy.edition.bulletin.level for copy, _sha256, _size in made),
        )
        return {"file": file.pk, "sha256": file.sha256, "files": len(made), "missing": missing}

    return write


def _entry_of(copy: StampedCopy, at: datetime) -> zipfile.ZipInfo:
    """A file of the ZIP, dated by its publication."""
    bulletin = copy.edition.bulletin
    number = bulletin.document_number or bulletin.month
    name = f"{number}/{file_name(copy.edition)}.{copy.kind}"
    return _entry(name, bulletin.published_at or at)


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, local(at).timetuple()[:6])


def _list_name() -> str:
    with override(RECORD_LANGUAGE):
        return _("没有收入的文件.txt")


def _bundle_name() -> str:
    with override(RECORD_LANGUAGE):
        return _("工作通报")
