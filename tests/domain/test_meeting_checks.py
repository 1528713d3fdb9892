"""Minutes and sign-in in the spot-check report and in the score (M2.3, M3.3, A3, K2.3).

城东分公司 owes in November five weekly meetings (2, 9, 16, 23, 30), a GM session and an analysis
meeting; its stand-ups need no minutes.
"""

import importlib
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inspections.checks import checks
from inspections.judged import Judged
from inspections.models import CheckItem
from kpi.metrics import metrics
from meetings.choices import MeetingState
from meetings.models import AttendeeChange, Meeting, MinutesVersion
from meetings.operations.occurrences import ensure_meetings
from meetings.queries.completeness import duties_of
from organization.models import Branch, Person, RoleGrant
from reports.models import SpotCheck
from tests.cast import BEGIN, NOON, Cast, at
from tests.domain.minuted import arranged
from tests.domain.month import NOVEMBER, renamed
from tests.domain.recorded import joined, minuted, sat, scanned, whole

pytestmark = pytest.mark.django_db
FROZEN = at("2026-12-02 12:00:00")
WEEKS = ("2026-W45", "2026-W46", "2026-W47", "2026-W48", "2026-W49")
WEEKLY = "每周例会 11月23日（周一）："
NO_SCANS = "没有扫描签字的签到表、会议纪要"
TALKED: Any = {
    "items": [
        {"kind": kind, "topic": kind, "conclusion": "有"}
        for kind in ("strategy", "development", "experience", "answer", "case")
    ],
    "actions": [],
}


def november(cast: Cast, *, but: tuple[str, ...] = ()) -> dict[str, Meeting]:
    """Every minuted meeting of the eastern branch with a whole record, but for those named."""
    made = {week: whole(cast, "weekly", week) for week in WEEKS if week not in but}
    for kind, chair in (("gm", "赵国梁"), ("analysis", "钱慧敏")):
        if kind not in but:
            made[kind] = whole(cast, kind, "2026-11", chair=chair, said=TALKED)
    return made


def judged(cast: Cast, cut: Any = FROZEN) -> Judged:
    found = checks()["meetings.records"].judge(NOVEMBER, [cast.east.pk], cut)
    return found[cast.east.pk]


def faults(cast: Cast, cut: Any = FROZEN) -> list[tuple[str, str]]:
    return [(fault.kind, fault.label) for fault in judged(cast, cut).faults]


def test_a_month_with_whole_records_has_no_fault(cast: Cast) -> None:
    november(cast)
    assert judged(cast) == Judged(7)


def test_a_meeting_that_was_not_held_is_missing_and_its_holders(cast: Cast) -> None:
    november(cast, but=("2026-W48", "gm"))
    assert sorted(faults(cast)) == [
        ("missing", "总经理沟通会 11月17日（周二）：没有召开"),
        ("missing", f"{WEEKLY}没有召开"),
    ]
    owing = {fault.facts["meeting"]: fault.person_id for fault in judged(cast).faults}
    assert owing == {"weekly": cast["周建平"].pk, "gm": cast["赵国梁"].pk}


def test_what_the_calendar_did_away_with_was_never_owed_what_a_person_cancelled_was(
    cast: Cast,
) -> None:
    november(cast, but=("2026-W47", "2026-W48"))
    weekly = Meeting.objects.filter(branch=cast.east, kind="weekly")
    weekly.filter(key="2026-W47").update(state=MeetingState.CANCELLED, is_by_hand=False)
    weekly.filter(key="2026-W48").update(state=MeetingState.CANCELLED, is_by_hand=True)
    assert judged(cast).checked == 6
    assert faults(cast) == [("missing", "每周例会 11月23日（周一）：取消了，没有召开")]


def test_a_record_that_is_not_whole_is_one_fault_however_much_it_lacks(cast: Cast) -> None:
    november(cast, but=("2026-W48",))
    meeting = sat(cast, "weekly", presence={"何俊峰": "absent", "陈嘉怡": "excused"})
    Meeting.objects.filter(pk=meeting.pk).update(opened_at=meeting.starts_at + timedelta(minutes=6))
    minuted(cast, meeting, at=at("2026-11-24 18:00:00"), is_approved=False)
    assert faults(cast) == [
        (
            "incomplete",
            f"{WEEKLY}晚开 6 分；1 人没有签到：何俊峰；纪要迟交 30 分；纪要没有批准；{NO_SCANS}",
        )
    ]
    assert judged(cast).faults[0].url == f"/meetings/{meeting.pk}/"


def test_whoever_is_renamed_after_the_cut_is_named_as_then(cast: Cast) -> None:
    november(cast, but=("2026-W47", "2026-W48"))
    meeting = sat(cast, "weekly", presence={"何俊峰": "absent", "陈嘉怡": "absent"})
    minuted(cast, meeting, said=TALKED)
    before = judged(cast)
    assert "2 人没有签到：陈嘉怡、何俊峰" in str(before)
    for who, name in (("何俊峰", "艾俊峰"), ("周建平", "周平")):
        renamed(cast, who, name, "2026-12-02 12:00:01")
        cast.east.refresh_from_db()
    assert judged(cast) == before


def never_ended(meeting: Meeting, closed: str = "", missing: str = "何俊峰") -> Meeting:
    """The same begun and not ended, or only then; somebody never signed."""
    state = MeetingState.HELD if closed else MeetingState.RUNNING
    Meeting.objects.filter(pk=meeting.pk).update(
        state=state, closed_at=at(closed) if closed else None
    )
    meeting.attendees.filter(person__name=missing).update(
        state="absent" if closed else "open", arrived_at=None
    )
    return Meeting.objects.select_related("branch").get(pk=meeting.pk)


def test_ended_months_late_it_lacks_what_it_lacked_before(cast: Cast) -> None:
    """The minutes are due by the meeting's day: an end after the fact mends nothing."""
    november(cast, but=("2026-W48",))
    meeting = never_ended(sat(cast, "weekly"))
    lacking = "1 人没有签到：何俊峰；纪要未交"
    assert faults(cast) == [("incomplete", f"{WEEKLY}开了没有结束；{lacking}")]
    never_ended(meeting, "2026-12-02 11:00:00")
    assert faults(cast) == [("incomplete", f"{WEEKLY}过了当天才结束，晚 9 天；{lacking}")]


@pytest.mark.parametrize(
    ("approved", "fault"),
    [
        ("2026-11-25 17:30:00", ""),
        ("2026-11-25 17:30:01", "纪要迟批 1 分"),
        ("2026-11-30 09:00:00", "纪要迟批 4 天"),
        ("2026-12-02 12:00:01", "纪要没有批准"),  # after the cut
    ],
)
def test_minutes_are_approved_in_time_by_the_next_working_day(
    cast: Cast, approved: str, fault: str
) -> None:
    """Submitted on Tuesday at 17:30; how many days the chair has is a setting, ours."""
    november(cast, but=("2026-W48",))
    meeting = sat(cast, "weekly")
    minutes = minuted(cast, meeting, approved_at=at(approved))
    scanned(cast, meeting, at=minutes.received_at)
    assert faults(cast) == ([("incomplete", f"{WEEKLY}{fault}")] if fault else [])


def test_a_correction_approved_at_once_does_not_hide_the_late_approval(cast: Cast) -> None:
    november(cast, but=("2026-W48",))
    meeting = sat(cast, "weekly")
    minutes = minuted(cast, meeting, approved_at=at("2026-11-30 09:00:00"))
    scanned(cast, meeting, at=minutes.received_at)
    version = minutes.versions.get()
    version.pk, version.number = None, 2
    version.submitted_at = version.approved_at = at("2026-12-01 09:00:00")
    version.save()
    assert faults(cast) == [("incomplete", f"{WEEKLY}纪要迟批 4 天")]


def test_two_duties_in_one_sitting_have_one_record(cast: Cast) -> None:
    november(cast, but=("2026-W48", "analysis"))
    lead = sat(cast, "weekly", chair="赵国梁")
    joined(lead, arranged(cast, "analysis"))
    minuted(cast, lead, said=TALKED)
    assert judged(cast).checked == 7
    assert faults(cast) == [
        ("incomplete", "每周例会＋分析会 11月23日（周一）：没有扫描签字的签到表、会议纪要")
    ]


def test_chaired_by_the_supervisor_only_it_counts_as_weekly_not_as_analysis(cast: Cast) -> None:
    november(cast, but=("2026-W48", "analysis"))
    lead = whole(cast, "weekly", said=TALKED)
    joined(lead, arranged(cast, "analysis"))
    assert faults(cast) == [("missing", "分析会 11月23日（周一）：不是应当主持的人主持，不算召开")]


@pytest.mark.parametrize(("seconds", "count"), [(-1, 3), (0, 4)])
def test_a_meeting_is_judged_from_the_moment_its_time_is_over(
    cast: Cast, seconds: int, count: int
) -> None:
    november(cast, but=("gm", "analysis"))
    Meeting.objects.filter(kind__in=("gm", "analysis")).delete()
    cut = at("2026-11-23 09:00:00") + timedelta(seconds=seconds)
    assert judged(cast, cut).checked == count


def test_what_happened_after_the_cut_changes_nothing(cast: Cast) -> None:
    made = november(cast)
    weekly = made["2026-W49"]  # on Monday 30, its minutes are due on 1 December at 17:30
    before = checks()["meetings.records"].judge(NOVEMBER, [cast.east.pk], FROZEN)
    late = FROZEN + timedelta(seconds=1)
    attendee = weekly.attendees.get(person=cast["何俊峰"])
    AttendeeChange.objects.create(
        attendee=attendee, before="present", after="absent", why="核对", at=late, by=cast["周建平"]
    )
    weekly.attendees.filter(pk=attendee.pk).update(state="absent")
    weekly.scans.update(removed_at=late)
    version = MinutesVersion.objects.get(minutes__meeting=weekly)
    version.pk, version.number, version.submitted_at, version.approved_at = None, 2, late, late
    version.content = {"items": [], "actions": []}
    version.save()
    assert checks()["meetings.records"].judge(NOVEMBER, [cast.east.pk], FROZEN) == before
    assert faults(cast, late) == [
        (
            "incomplete",
            f"每周例会 11月30日（周一）：1 人没有签到：何俊峰；纪要没有议题；{NO_SCANS}",
        )
    ]


def test_minutes_that_are_not_due_at_the_cut_are_not_missed(cast: Cast) -> None:
    november(cast, but=("2026-W49",))
    sat(cast, "weekly", "2026-W49")
    assert faults(cast, at("2026-12-01 17:30:00")) == []
    assert faults(cast, at("2026-12-01 17:30:01")) == [
        ("incomplete", "每周例会 11月30日（周一）：纪要未交")
    ]


def many_branches(cast: Cast, count: int) -> list[Branch]:
    """So many branches like the eastern one, each with its supervisor and a manager."""
    made = Branch.objects.bulk_create(
        Branch(code=f"B{n:02}", name=f"第{n}分公司", kind="branch", opened_on=BEGIN)
        for n in range(count)
    )
    people = Person.objects.bulk_create(
        Person(
            job_number=f"{branch.code}{role}",
            name=f"{branch.name}{role}",
            branch=branch,
            joined_on=BEGIN,
            password="!",
        )
        for branch in made
        for role in ("supervisor", "manager")
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(person=person, role=person.job_number[3:], branch=person.branch, valid_from=BEGIN)
        for person in people
    )
    ensure_meetings(date(2026, 11, 1), date(2026, 11, 30), branches=made, at=NOON)
    return made


def test_fifty_branches_are_judged_in_as_many_queries_as_one(cast: Cast) -> None:
    november(cast)
    others = [branch.pk for branch in many_branches(cast, 50)]
    with CaptureQueriesContext(connection) as one:
        checks()["meetings.records"].judge(NOVEMBER, [cast.east.pk], FROZEN)
    with CaptureQueriesContext(connection) as many:
        found = checks()["meetings.records"].judge(NOVEMBER, [cast.east.pk, *others], FROZEN)
    assert len(many) == len(one)
    assert len(found) == 51
    assert len(duties_of(NOVEMBER, others, FROZEN)) == 50 * (5 + 16 + 2)


# The item of annex 3.8


def _migration() -> Any:
    return importlib.import_module("inspections.migrations.0004_meetings_judged")


def _item(**values: Any) -> CheckItem:
    begin = {"names": {"zh-hans": "会议纪要与签到"}, "points": 15, "taking": "per_fault"}
    faults = {"missing": "3", "incomplete": "1"}
    return CheckItem.objects.create(
        **{"code": "minutes", "faults": faults, "judged_by": "meetings.minutes", **begin, **values}
    )


def _rows() -> list[tuple[str, str, dict[str, str]]]:
    rows = CheckItem.objects.filter(code="minutes").order_by("valid_from")
    return [(row.valid_from, row.judged_by, row.faults) for row in rows]


WITH_CONTENT = {"content": "1", "missing": "3", "incomplete": "1"}


def test_in_a_new_company_the_item_is_judged_from_the_beginning() -> None:
    assert _rows() == [("2000-01", "meetings.records", WITH_CONTENT)]


def test_it_is_judged_from_the_first_month_that_is_not_frozen(cast: Cast) -> None:
    CheckItem.objects.filter(code="minutes").delete()
    _item(valid_from="2000-01")
    _item(valid_from="2026-12", points=20)
    for month, phase in (
        ("2026-09", "frozen"),
        ("2026-10", "frozen"),
        ("2026-11", "provisional"),
    ):
        SpotCheck.objects.create(
            month=month,
            branch=cast.west,
            phase=phase,
            content={},
            digest="x",
            kept=0,
            checked=0,
            due_at=NOON,
        )
    _migration().judge_meetings(apps, None)
    shipped = {"missing": "3", "incomplete": "1"}
    assert _rows() == [
        ("2000-01", "meetings.minutes", shipped),
        ("2026-11", "meetings.records", WITH_CONTENT),
        ("2026-12", "meetings.records", WITH_CONTENT),
    ]
    _migration().judge_meetings(apps, None)
    assert len(_rows()) == 3


def test_what_the_company_has_set_otherwise_stays() -> None:
    CheckItem.objects.filter(code="minutes").delete()
    _item(valid_from="2000-01", judged_by="")
    _migration().judge_meetings(apps, None)
    assert [row[1] for row in _rows()] == [""]


# The score (P3d)


def attended(cast: Cast, cut: Any = FROZEN) -> dict[str, Any]:
    ids = {cast[name].pk: name for name in ("林晓岚", "陈嘉怡", "何俊峰", "吴志远")}
    found = metrics()["meetings.attended"].compute(NOVEMBER, list(ids), cut, ["P3d"])["P3d"]
    return {ids[pk]: inputs for pk, inputs in found.items()}


def test_absences_and_latenesses_count_excuses_and_trips_do_not(cast: Cast) -> None:
    sat(cast, "weekly", "2026-W47", presence={"陈嘉怡": "absent", "何俊峰": "excused"})
    sat(cast, "weekly", "2026-W48", presence={"陈嘉怡": "absent", "何俊峰": "trip"})
    sat(cast, "standup", presence={"陈嘉怡": "late", "林晓岚": "late"})
    assert attended(cast) == {
        "林晓岚": {"cases": [{"option": "late", "count": "1"}]},
        "陈嘉怡": {"cases": [{"option": "absent", "count": "2"}, {"option": "late", "count": "1"}]},
        "何俊峰": {"cases": []},
        "吴志远": None,
    }


def test_the_rows_lead_to_the_meetings_what_cost_points_first(cast: Cast) -> None:
    first = sat(cast, "weekly", "2026-W47")
    second = sat(cast, "standup", presence={"林晓岚": "absent"})
    found = metrics()["meetings.attended"].rows(NOVEMBER, cast["林晓岚"].pk, FROZEN, "P3d")
    assert [(row.label, row.note, row.state_text, row.url) for row in found] == [
        ("11月24日（周二） 每日晨会", "", "缺席", f"/meetings/{second.pk}/"),
        ("11月16日（周一） 每周例会", "签到 08:31", "已到", f"/meetings/{first.pk}/"),
    ]


def test_a_meeting_that_was_not_held_and_one_after_the_cut_cost_nobody(cast: Cast) -> None:
    arranged(cast, "weekly", "2026-W47")
    sat(cast, "weekly", "2026-W48", presence={"林晓岚": "absent"})
    assert attended(cast, at("2026-11-23 08:59:59"))["林晓岚"] is None
    assert attended(cast, at("2026-11-23 09:00:00"))["林晓岚"] == {
        "cases": [{"option": "absent", "count": "1"}]
    }


@pytest.mark.parametrize(
    ("cut", "inputs"),
    [
        ("2026-11-23 23:59:59", None),
        ("2026-11-24 00:00:00", {"cases": [{"option": "absent", "count": "1"}]}),
    ],
)
def test_who_has_not_signed_by_the_end_of_the_day_was_absent_though_nobody_ended_it(
    cast: Cast, cut: str, inputs: dict[str, Any] | None
) -> None:
    meeting = never_ended(sat(cast, "weekly"), missing="林晓岚")
    assert attended(cast, at(cut))["林晓岚"] == inputs
    never_ended(meeting, "2026-12-01 09:00:00", missing="林晓岚")
    assert attended(cast, at(cut))["林晓岚"] == inputs


def test_an_absence_accepted_after_the_cut_still_counts_as_it_stood(cast: Cast) -> None:
    meeting = sat(cast, "weekly", presence={"林晓岚": "excused"})
    AttendeeChange.objects.create(
        attendee=meeting.attendees.get(person=cast["林晓岚"]),
        before="absent",
        after="excused",
        why="急诊",
        at=FROZEN + timedelta(seconds=1),
        by=cast["周建平"],
    )
    assert attended(cast)["林晓岚"] == {"cases": [{"option": "absent", "count": "1"}]}
    assert attended(cast, FROZEN + timedelta(seconds=1))["林晓岚"] == {"cases": []}


def test_the_next_meeting_is_what_staying_away_would_cost(cast: Cast) -> None:
    sat(cast, "weekly", "2026-W48", presence={"林晓岚": "late"})
    arranged(cast, "weekly")
    found = metrics()["meetings.attended"].open_duties
    assert found is not None
    (duty,) = found(NOVEMBER, cast["林晓岚"].pk, at("2026-11-27 12:00:00"), ["P3d"])
    assert (duty.label, duty.due_at) == ("11月30日（周一） 每周例会", at("2026-11-30 08:30:00"))
    late = {"option": "late", "count": "1"}
    assert duty.inputs == {"cases": [late]}
    assert duty.otherwise == {"cases": [{"option": "absent", "count": "1"}, late]}
    assert found(NOVEMBER, cast["林晓岚"].pk, at("2026-11-30 08:30:00"), ["P3d"]) == []
