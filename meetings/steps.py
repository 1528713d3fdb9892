"""What every step of a meeting shares: the thing itself, its version, its row in the trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.periods import local
from meetings.choices import MeetingKind, MeetingState
from meetings.models import Meeting
from meetings.permissions import can_arrange, can_delegate
from meetings.queries.occurrences import meeting_for

REASON_AT_MOST: Final = 200
HEADS_AT_MOST: Final = 999


def as_plain(meeting: Meeting) -> dict[str, Any]:
    """A meeting as a writer who came too late sees it."""
    return {
        "version": meeting.version,
        "state": meeting.state,
        "starts_at": meeting.starts_at.isoformat(),
        "ends_at": meeting.ends_at.isoformat(),
    }


def take_turns(*meeting_ids: int) -> None:
    """Hold these meetings' rows until the transaction ends, taken in one order by everybody:
    whoever changes several waits for another instead of each for the other."""
    rows = Meeting.objects.filter(pk__in=meeting_ids).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk"))


def sitting_ids(meeting_id: int) -> list[int]:
    """The meetings that are held together with this one, whichever of them leads."""
    found = Meeting.objects.filter(Q(joined=meeting_id) | Q(sitting=meeting_id))
    return list(found.values_list("pk", flat=True))


def changed(meeting: Meeting, expected_version: int, at: datetime, **values: Any) -> Meeting:
    """Change it by compare-and-set; Stale when somebody did something meanwhile."""
    updated = Meeting.objects.filter(
        pk=meeting.pk, version=expected_version, state=meeting.state
    ).update(version=F("version") + 1, updated_at=at, **values)
    again = Meeting.objects.select_related("branch", "sitting").get(pk=meeting.pk)
    if not updated:
        raise Stale(as_plain(again))
    return again


def needed_reason(text: str) -> str:
    """The reason without blanks around it; refused where there is none or too much of it."""
    text = text.strip()
    if not text:
        raise Refused(_("写一句原因。"), field="reason")
    if len(text) > REASON_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": REASON_AT_MOST}, field="reason")
    return text


def to_arrange(actor: Actor, meeting_id: int) -> Meeting:
    """The meeting, for whoever arranges it; NotFound, NotAllowed."""
    meeting = meeting_for(actor, meeting_id)
    if not can_arrange(actor, meeting):
        raise NotAllowed(_("由召集人或分公司总经理安排。"))
    return meeting


def to_delegate(actor: Actor, meeting_id: int) -> Meeting:
    """The meeting, for whoever names its holder (M1.3); NotFound, NotAllowed."""
    meeting = meeting_for(actor, meeting_id)
    if not can_delegate(actor, meeting):
        raise NotAllowed(_("由主持人或分公司总经理委托。"))
    return meeting


def check_ahead(meeting: Meeting, at: datetime) -> None:
    """Refuse what is no longer, or not yet again, a meeting that is to come."""
    if meeting.state != MeetingState.PLANNED or meeting.room_at is not None:
        raise Refused(_("只有还没有召开的会议才能这样安排。"))
    if at >= meeting.starts_at:
        raise Refused(_("已到开会时间，不能再改安排。"))


def check_own(meeting: Meeting) -> None:
    """Refuse a meeting that is held together with another: that one is arranged."""
    if meeting.sitting is not None:
        kind = MeetingKind(meeting.sitting.kind).label
        raise Refused(_("已与%(kind)s合并召开，请先分开，或安排%(kind)s。") % {"kind": kind})


def label_of(meeting: Meeting) -> str:
    """A meeting in words for the trail: 城东分公司 每日晨会 2026-11-27."""
    with override("zh-hans"):
        return f"{meeting.branch.name} {MeetingKind(meeting.kind).label} {meeting.key}"


def arranged(meeting: Meeting) -> dict[str, Any]:
    """What the trail compares of an arrangement."""
    return {
        "state": meeting.state,
        "starts_at": f"{local(meeting.starts_at):%Y-%m-%d %H:%M}",
        "reason": meeting.reason,
        "sitting": label_of(meeting.sitting) if meeting.sitting else "",
    }


def record_step(
    what: str,
    meeting: Meeting,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    why: str = "",
) -> None:
    """One row in the trail (core.audit)."""
    audit.record(
        actor=actor,
        at=at,
        what=f"meetings.{what}",
        target_type="meeting",
        target_id=meeting.pk,
        target_label=label_of(meeting),
        branch_id=meeting.branch_id,
        before=before,
        after=after,
        why=why,
    )
