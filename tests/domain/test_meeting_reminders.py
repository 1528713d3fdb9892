"""Reminders: the evening before and ten minutes before, one notice and one mail to each."""

from datetime import date, time

import pytest

from core import jobs
from core.models import Job, OutboxMessage
from core.periods import local
from duties.models import Notice
from meetings.models import Absence, Meeting
from meetings.operations.delegations import delegate_holding
from meetings.operations.occurrences import cancel_meeting, ensure_meetings, move_meeting
from meetings.schedule import plan_meeting_reminders
from organization.operations.settings import set_setting
from tests.cast import NOON, Cast, at

pytestmark = pytest.mark.django_db
EVENING = "2026-11-30 18:00:00"
SOON = "2026-12-01 08:20:00"


def tuesday(cast: Cast) -> Meeting:
    return Meeting.objects.get(kind="standup", key="2026-12-01", branch=cast.east)


def lay_out(cast: Cast) -> None:
    ensure_meetings(date(2026, 11, 30), date(2026, 12, 4), branches=[cast.east], at=NOON)


def planned(since: str, until: str) -> list[tuple[str, str]]:
    """The jobs of a window: kind, and when."""
    before = set(Job.objects.values_list("pk", flat=True))
    plan_meeting_reminders(at(since), at(until))
    found = Job.objects.exclude(pk__in=before).order_by("run_after", "kind")
    return [(job.kind, f"{local(job.run_after):%m-%d %H:%M}") for job in found]


def run(moment: str) -> None:
    plan_meeting_reminders(at("2026-11-30 12:00:00"), at(moment))
    jobs.run_due(at(moment))


def told() -> dict[str, list[str]]:
    """Who was reminded of what, in order."""
    found: dict[str, list[str]] = {}
    for notice in Notice.objects.filter(kind="reminder").order_by("created_at", "pk"):
        found.setdefault(notice.person.name, []).append(notice.title)
    return found


def test_each_meeting_has_two_moments_and_each_moment_one_job(cast: Cast) -> None:
    ensure_meetings(date(2026, 11, 30), date(2026, 12, 1), at=NOON)
    assert planned("2026-11-29 00:00:00", "2026-12-01 12:00:00") == [
        ("meetings.remind_evening", "11-29 18:00"),
        ("meetings.remind_soon", "11-30 08:20"),
        ("meetings.remind_evening", "11-30 18:00"),
        ("meetings.remind_soon", "12-01 08:20"),
    ]
    assert planned("2026-11-29 00:00:00", "2026-12-01 12:00:00") == []


@pytest.mark.parametrize(
    ("since", "until", "is_in"),
    [
        ("2026-11-30 17:59:59", "2026-11-30 18:00:00", True),
        ("2026-11-30 18:00:00", "2026-11-30 18:01:00", False),
        ("2026-11-30 17:58:00", "2026-11-30 17:59:59", False),
    ],
)
def test_a_moment_belongs_to_one_window(cast: Cast, since: str, until: str, is_in: bool) -> None:
    lay_out(cast)
    assert planned(since, until) == ([("meetings.remind_evening", "11-30 18:00")] if is_in else [])


def test_everybody_expected_and_the_holder_are_reminded_twice(cast: Cast) -> None:
    lay_out(cast)
    run(EVENING)
    run(SOON)
    run(SOON)
    words = ["12月1日（周二）08:30 每日晨会，会议室", "08:30 每日晨会就要开始，会议室"]
    assert told() == dict.fromkeys(("林晓岚", "陈嘉怡", "何俊峰", "周建平"), words)
    assert OutboxMessage.objects.filter(kind="meetings").count() == 8


def test_two_meetings_of_a_day_are_one_reminder(cast: Cast) -> None:
    ensure_meetings(date(2026, 12, 16), date(2026, 12, 16), branches=[cast.east], at=NOON)
    plan_meeting_reminders(at("2026-12-15 17:00:00"), at("2026-12-15 18:00:00"))
    jobs.run_due(at("2026-12-15 18:00:00"))
    notice = Notice.objects.get(person=cast["林晓岚"])
    assert notice.title == "12月16日（周三）有 2 场会议，第一场 08:30 开始"
    assert notice.body == "08:30 每日晨会 会议室\n15:00 总经理沟通会 会议室"
    assert OutboxMessage.objects.filter(recipients__person_id=cast["林晓岚"].pk).count() == 1


@pytest.mark.parametrize(
    ("is_in_time", "state", "is_reminded"),
    [(True, "given", False), (True, "refused", True), (False, "given", True)],
)
def test_who_is_excused_is_left_in_peace(
    cast: Cast, is_in_time: bool, state: str, is_reminded: bool
) -> None:
    lay_out(cast)
    Absence.objects.create(
        meeting=tuesday(cast), person=cast["林晓岚"], reason="x", given_at=NOON,
        is_in_time=is_in_time, state=state, updated_at=NOON,
    )  # fmt: skip
    run(EVENING)
    assert ("林晓岚" in told()) is is_reminded


def test_nobody_is_reminded_whom_the_joined_meeting_excuses(cast: Cast) -> None:
    lay_out(cast)
    weekly = Meeting.objects.get(kind="weekly", key="2026-W49", branch=cast.east)
    analysis = Meeting.objects.get(kind="analysis", key="2026-11", branch=cast.east)
    Meeting.objects.filter(pk=analysis.pk).update(sitting=weekly, on=weekly.on)
    Absence.objects.create(
        meeting=analysis, person=cast["林晓岚"], reason="看病", given_at=NOON,
        is_in_time=True, updated_at=NOON,
    )  # fmt: skip
    plan_meeting_reminders(at("2026-11-29 12:00:00"), at("2026-11-29 18:00:00"))
    jobs.run_due(at("2026-11-29 18:00:00"))
    assert "陈嘉怡" in told()
    assert "林晓岚" not in told()


def test_the_delegate_is_reminded_in_the_supervisors_place(cast: Cast) -> None:
    lay_out(cast)
    delegate_holding(
        meeting_id=tuesday(cast).pk, delegate_id=cast["钱慧敏"].pk, reason="去省公司",
        expected_version=1, actor=cast.actor("周建平"), at=NOON,
    )  # fmt: skip
    run(EVENING)
    assert set(told()) == {"林晓岚", "陈嘉怡", "何俊峰", "钱慧敏"}


def test_nobody_is_reminded_of_what_is_cancelled_meanwhile(cast: Cast) -> None:
    lay_out(cast)
    plan_meeting_reminders(at("2026-11-30 17:00:00"), at(EVENING))
    cancel_meeting(
        meeting_id=tuesday(cast).pk, reason="x", expected_version=1,
        actor=cast.actor("周建平"), at=at("2026-11-30 17:30:00"),
    )  # fmt: skip
    jobs.run_due(at(EVENING))
    assert told() == {}


def test_what_is_moved_is_reminded_of_at_its_new_time(cast: Cast) -> None:
    lay_out(cast)
    move_meeting(
        meeting_id=tuesday(cast).pk, on=date(2026, 12, 1), start=time(10, 0), reason="x",
        expected_version=1, actor=cast.actor("周建平"), at=NOON,
    )  # fmt: skip
    run(SOON)
    assert [title for titles in told().values() for title in titles if "就要" in title] == []
    run("2026-12-01 09:50:00")
    assert told()["林晓岚"][-1] == "10:00 每日晨会就要开始，会议室"


def test_the_evening_is_the_branchs_own(cast: Cast) -> None:
    lay_out(cast)
    set_setting(
        branch_id=cast.east.pk, key="meeting_evening", value="20:15",
        valid_from=date(2026, 11, 30), actor=cast.actor("马骏"), at=NOON,
    )  # fmt: skip
    assert planned("2026-11-30 12:00:00", "2026-11-30 23:00:00") == [
        ("meetings.remind_evening", "11-30 20:15")
    ]
