"""Short ways to meetings with everything that belongs to their record, for stories of checks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.canonical import digest
from core.models import StoredFile
from meetings.choices import MeetingState, MinutesState, ScanPart
from meetings.models import Meeting, Minutes, MinutesVersion, Scan
from meetings.queries.minutes import due_at
from tests.cast import Cast
from tests.domain.minuted import held

Content = Mapping[str, Sequence[Mapping[str, Any]]]
SAID: Content = {
    "items": [{"key": "a", "kind": "report", "topic": "各人工作", "conclusion": "按计划走"}],
    "actions": [{"key": "b", "content": "回访东方纺织", "owner": 1, "due_on": "2026-11-27"}],
}


def sat(cast: Cast, kind: str, key: str = "", **more: Any) -> Meeting:
    """Held to the minute; ``more`` is that of ``minuted.held``."""
    meeting = held(cast, kind, key, **more)
    Meeting.objects.filter(pk=meeting.pk).update(
        opened_at=meeting.starts_at, closed_at=meeting.ends_at
    )
    return Meeting.objects.select_related("branch").get(pk=meeting.pk)


def minuted(
    cast: Cast,
    meeting: Meeting,
    *,
    at: datetime | None = None,
    approved_at: datetime | None = None,
    is_approved: bool = True,
    said: Content = SAID,
) -> Minutes:
    """Its minutes, handed in when they were due and approved at once unless said otherwise."""
    due = due_at(meeting)
    assert due is not None
    received = at or due
    decided = (approved_at or received) if is_approved else None
    minutes = Minutes.objects.create(
        meeting=meeting,
        number=f"HY-{meeting.pk}",
        state=MinutesState.APPROVED if is_approved else MinutesState.SUBMITTED,
        due_at=due,
        received_at=received,
        submitted_at=received,
        submitted_by=cast["林晓岚"],
        updated_at=received,
    )
    MinutesVersion.objects.create(
        minutes=minutes,
        number=1,
        content=dict(said),
        sha256=digest(dict(said)),
        submitted_at=received,
        submitted_by=cast["林晓岚"],
        approved_at=decided,
        approved_by=cast["周建平"] if decided else None,
    )
    return minutes


def scanned(
    cast: Cast, meeting: Meeting, *, at: datetime, parts: Sequence[str] = tuple(ScanPart.values)
) -> list[Scan]:
    """Scans of its signed papers."""
    file = StoredFile.objects.create(
        name="签字件.pdf",
        content_type="application/pdf",
        size=1,
        sha256="0" * 64,
        kind="scan",
        stored_at=at,
    )
    return Scan.objects.bulk_create(
        Scan(meeting=meeting, part=part, file=file, added_at=at, added_by=cast["林晓岚"])
        for part in parts
    )


def whole(cast: Cast, kind: str, key: str = "", *, said: Content = SAID, **more: Any) -> Meeting:
    """Held, minuted, approved, scanned: nothing is missing."""
    meeting = sat(cast, kind, key, **more)
    minutes = minuted(cast, meeting, said=said)
    scanned(cast, meeting, at=minutes.received_at)
    return meeting


def joined(lead: Meeting, other: Meeting) -> None:
    """Another duty discharged in the same sitting (A1)."""
    Meeting.objects.filter(pk=other.pk).update(
        sitting=lead,
        on=lead.on,
        starts_at=lead.starts_at,
        ends_at=lead.ends_at,
        state=MeetingState.PLANNED,
    )
