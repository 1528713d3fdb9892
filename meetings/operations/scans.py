"""Scans of the signed papers, filed by the number in their QR code (annex 3.5)."""

from datetime import datetime
from pathlib import PurePath
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.evidence import Evidence, store_evidence
from meetings.choices import MeetingState, ScanPart
from meetings.minutes_permissions import can_add_scan
from meetings.models import Meeting, Scan
from meetings.queries.minutes import sitting_for
from meetings.steps import record_step

# A scan is a picture or a PDF.
ENDINGS: Final = (".pdf", ".jpg", ".jpeg", ".png", ".webp")


@transaction.atomic
def attach_scan(
    *, meeting_id: int, part: str, evidence: Evidence | None, actor: Actor, at: datetime
) -> Scan:
    """File the scan of a meeting's signed sign-in sheet or minutes; it bears their level."""
    lead = _to_file(actor, meeting_id)
    if lead.state != MeetingState.HELD:
        raise Refused(_("会议还没有结束，没有可归档的签字件。"))
    if part not in ScanPart.values:
        raise Refused(_("选一下是哪一份：签到表还是会议纪要。"), field="part")
    if evidence is not None and PurePath(evidence.name).suffix.lower() not in ENDINGS:
        raise Refused(_("扫描件是图片或 PDF。"), field="file")
    file = store_evidence(
        evidence, kind="scan", branch_id=lead.branch_id, actor=actor, at=at, level=lead.level
    )
    if file is None:
        raise Refused(_("请选扫描件或拍照。"), field="file")
    scan = Scan.objects.create(
        meeting=lead, part=part, file=file, added_at=at, added_by_id=actor.somebody
    )
    record_step(
        "attach_scan", lead, {}, {"kind": scan.get_part_display(), "files": file.name}, actor, at
    )
    return scan


@transaction.atomic
def remove_scan(*, meeting_id: int, scan_id: int, actor: Actor, at: datetime) -> Scan:
    """Take out a scan that was filed by mistake; file and trail stay."""
    lead = _to_file(actor, meeting_id)
    scan = Scan.objects.select_related("file").filter(pk=scan_id, meeting=lead).first()
    if scan is None:
        raise NotFound
    updated = Scan.objects.filter(pk=scan.pk, removed_at__isnull=True).update(removed_at=at)
    scan.refresh_from_db()
    if updated:
        record_step(
            "remove_scan",
            lead,
            {"kind": scan.get_part_display(), "files": scan.file.name},
            {},
            actor,
            at,
        )
    return scan


def _to_file(actor: Actor, meeting_id: int) -> Meeting:
    lead = sitting_for(actor, meeting_id)
    if not can_add_scan(actor, lead):
        raise NotAllowed(_("签字件由记录人、主持人或分公司负责人归档。"))
    return lead
