"""Secret minutes (C2): read by a named group, raised at once, lowered by approval (annexes 9)."""

import pytest

from core.errors import NotAllowed
from core.evidence import Evidence
from meetings.choices import ActionState
from meetings.minutes_rules import ActionLine, Item
from meetings.models import Action, Attendee, Meeting, Minutes, MinutesVersion
from meetings.operations.minutes import correct_minutes, return_minutes
from meetings.operations.scans import attach_scan
from meetings.queries.actions import Asked, find_actions
from meetings.queries.agendas import agenda_for
from meetings.queries.minutes import version_for, written_of
from meetings.queries.scans import scan_for
from meetings.views.room_agenda import agenda_parts
from tests.cast import NOON, Cast, at
from tests.domain.minuted import arranged, held
from tests.domain.test_meeting_actions import PDF
from tests.domain.test_minutes import LATER, approved, entry, submitted

SECRET, INTERNAL = 3, 2


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    """Monday's weekly meeting; 何俊峰 was not expected at it."""
    found = held(cast, "weekly")
    Attendee.objects.filter(meeting=found, person=cast["何俊峰"]).delete()
    return found


def level(meeting: Meeting) -> int:
    return Meeting.objects.get(pk=meeting.pk).level


def corrected(cast: Cast, meeting: Meeting, to: int, why: str = "内容已公开") -> MinutesVersion:
    return correct_minutes(
        meeting_id=meeting.pk,
        entry=entry(cast, level=to),
        why=why,
        expected_version=0,
        actor=cast.actor("林晓岚", on=LATER),
        at=LATER,
    )


def may_read(cast: Cast, meeting: Meeting, who: str) -> bool:
    return written_of(cast.actor(who, on=NOON), meeting.pk, NOON).is_readable


def test_a_named_group_reads_them(cast: Cast, meeting: Meeting) -> None:
    submitted(cast, meeting, entry(cast, level=SECRET))
    readers = ("林晓岚", "周建平", "陈嘉怡", "赵国梁", "韩静")
    assert [who for who in readers if not may_read(cast, meeting, who)] == []
    assert not may_read(cast, meeting, "何俊峰")
    found = written_of(cast.actor("何俊峰", on=NOON), meeting.pk, NOON)
    assert (found.shown, found.latest is None) == (None, False)
    with pytest.raises(NotAllowed):
        version_for(cast.actor("何俊峰", on=NOON), meeting.pk, 1)


def test_ordinary_minutes_are_the_branchs(cast: Cast, meeting: Meeting) -> None:
    submitted(cast, meeting)
    assert may_read(cast, meeting, "何俊峰")


def test_a_level_is_raised_at_the_submission_with_what_is_filed(
    cast: Cast, meeting: Meeting
) -> None:
    scan = attach_scan(
        meeting_id=meeting.pk,
        part="sign_in",
        evidence=Evidence("签到表.pdf", PDF),
        actor=cast.actor("林晓岚", on=NOON),
        at=NOON,
    )
    submitted(cast, meeting, entry(cast, level=SECRET))
    scan.file.refresh_from_db()
    assert (level(meeting), scan.file.level) == (SECRET, SECRET)
    assert scan_for(cast.actor("陈嘉怡", on=NOON), meeting.pk, scan.pk) == scan
    with pytest.raises(NotAllowed):
        scan_for(cast.actor("何俊峰", on=NOON), meeting.pk, scan.pk)


def test_a_level_is_lowered_by_the_approval_alone(cast: Cast, meeting: Meeting) -> None:
    submitted(cast, meeting, entry(cast, level=SECRET))
    approved(cast, meeting)
    corrected(cast, meeting, INTERNAL)
    assert (level(meeting), may_read(cast, meeting, "何俊峰")) == (SECRET, False)
    approved(cast, meeting, "2026-11-23 11:30:00")
    assert (level(meeting), may_read(cast, meeting, "何俊峰")) == (INTERNAL, True)
    outsider = cast.actor("何俊峰", on=NOON)
    assert version_for(outsider, meeting.pk, 2).content["level"] == INTERNAL
    with pytest.raises(NotAllowed):
        version_for(outsider, meeting.pk, 1)


def test_what_was_given_back_keeps_the_level_it_had(cast: Cast, meeting: Meeting) -> None:
    submitted(cast, meeting, entry(cast, level=SECRET))
    return_minutes(
        meeting_id=meeting.pk,
        opinion="写内部就行",
        expected_version=Minutes.objects.get().version,
        actor=cast.actor("周建平", on=LATER),
        at=LATER,
    )
    submitted(cast, meeting, moment="2026-11-23 11:10:00", version=1)
    assert level(meeting) == SECRET
    approved(cast, meeting, "2026-11-23 11:30:00")
    assert level(meeting) == INTERNAL


def test_what_they_decided_is_for_the_group_and_whom_it_was_given_to(
    cast: Cast, meeting: Meeting
) -> None:
    Attendee.objects.filter(meeting=meeting, person=cast["陈嘉怡"]).delete()
    items = (Item("i1", "priority", "标的", conclusion="底价不外传"),)
    actions = (
        ActionLine("a1", "谈判底稿", cast["陈嘉怡"].pk, "2026-11-30"),
        ActionLine("a2", "补充协议", cast["林晓岚"].pk, "2026-11-27"),
    )
    submitted(cast, meeting, entry(cast, level=SECRET, items=items, actions=actions))
    approved(cast, meeting)
    coming = arranged(cast, "standup", "2026-11-25")

    def seen(who: str) -> tuple[list[str], list[str], list[str]]:
        actor = cast.actor(who, on=NOON)
        listed = find_actions(actor, Asked(state=ActionState.OPEN), NOON)
        agenda = agenda_for(actor, coming, at("2026-11-25 08:00:00"))
        return (
            sorted(one.content for one in listed),
            sorted(one.content for one in agenda.actions),
            [one.text for one in agenda.priorities],
        )

    both = ["补充协议", "谈判底稿"]
    assert seen("周建平") == (both, both, ["底价不外传"])
    assert seen("林晓岚") == (both, both, ["底价不外传"])
    assert seen("陈嘉怡") == (["谈判底稿"], ["谈判底稿"], [])
    assert seen("何俊峰") == ([], [], [])
    assert Action.objects.count() == 2
    # On the wall of the room, which everybody reads, stands the level alone.
    now = at("2026-11-25 08:00:00")
    agenda = agenda_for(cast.actor("周建平", on=NOON), coming, now)
    said = [point.what for part in agenda_parts(agenda, now, in_room=True) for point in part.points]
    assert said == ["普通商密事项"] * 3
