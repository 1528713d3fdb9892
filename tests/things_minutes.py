"""For the rights matrix: minutes to write, to decide and approved, their actions and scans."""

from datetime import time, timedelta
from typing import Any, Final

from core import files
from core.models import StoredFile
from core.periods import Week, instant
from meetings.models import Action, Meeting, Minutes, MinutesVersion, Scan
from organization.models import Branch, Person
from tests.cast import NOON, Cast

TO_WRITE, TO_DECIDE, APPROVED = "2026-W46", "2026-W45", "2026-W44"
# Who chairs and who records in each branch.
_HELD: Final = (("周建平", "林晓岚"), ("郑秋实", "吴志远"))


def make_minutes(cast: Cast) -> None:
    """Of each branch three weekly meetings that were held; each manager owes an action."""
    for chair, recorder in _HELD:
        made = {
            key: _meeting(cast[chair].branch, key, cast[chair], cast[recorder])
            for key in (TO_WRITE, TO_DECIDE, APPROVED)
        }
        _minutes(made[TO_DECIDE], cast[recorder])
        _minutes(made[APPROVED], cast[recorder], cast[chair])
        Scan.objects.create(
            meeting=made[APPROVED],
            part="sign_in",
            file=_file(cast[recorder], "scan"),
            added_at=NOON,
            added_by=cast[recorder],
        )
    for name in ("林晓岚", "陈嘉怡", "吴志远"):
        owner = cast[name]
        Action.objects.create(
            meeting=minuted(owner.branch, APPROVED),
            key=owner.job_number,
            branch=owner.branch,
            content="x",
            owner=owner,
            due_on=NOON.date(),
            file=_file(owner, "action"),
            updated_at=NOON,
        )


def minuted(branch: Any, key: str) -> Meeting:
    """The branch's weekly meeting of that week."""
    return Meeting.objects.get(branch=branch, kind="weekly", key=key)


def scan_of(branch: Any) -> tuple[int, int]:
    """Meeting and scan of the signed sheet."""
    scan = Scan.objects.get(meeting__branch=branch)
    return scan.meeting_id, scan.pk


def _meeting(branch: Branch, key: str, chair: Person, recorder: Person) -> Meeting:
    on = Week.parse(key).monday
    begins = instant(on, time(8, 30))
    return Meeting.objects.create(
        kind="weekly",
        branch=branch,
        key=key,
        planned_on=on,
        on=on,
        starts_at=begins,
        ends_at=begins + timedelta(minutes=30),
        state="held",
        chair=chair,
        recorder=recorder,
        room_at=begins,
        opened_at=begins,
        closed_at=begins + timedelta(minutes=30),
        updated_at=NOON,
    )


def _minutes(meeting: Meeting, recorder: Person, chair: Person | None = None) -> None:
    """Submitted, or, by its chair, approved."""
    decided_at = NOON if chair else None
    minutes = Minutes.objects.create(
        meeting=meeting,
        number=f"HY-{meeting.branch.code}-{meeting.key}",
        state="approved" if chair else "submitted",
        due_at=NOON,
        received_at=NOON,
        submitted_at=NOON,
        submitted_by=recorder,
        decided_at=decided_at,
        decided_by=chair,
        updated_at=NOON,
    )
    item = {"key": "i1", "kind": "report", "topic": "x", "speaker": "", "discussion": ""}
    MinutesVersion.objects.create(
        minutes=minutes,
        number=1,
        content={
            "level": 2,
            "items": [{**item, "conclusion": "x", "document": None, "contribution": None}],
            "actions": [],
            "attendance": [],
        },
        sha256="0" * 64,
        submitted_at=NOON,
        submitted_by=recorder,
        approved_at=decided_at,
        approved_by=chair,
    )


def _file(owner: Person, kind: str) -> StoredFile:
    return StoredFile.objects.create(
        name=f"{kind}.pdf",
        content_type="application/pdf",
        size=6,
        sha256=files.keep_bytes(f"{kind}{owner.job_number}".encode()),
        kind=kind,
        branch_id=owner.branch_id,
        owner_id=owner.pk,
        stored_at=NOON,
    )
