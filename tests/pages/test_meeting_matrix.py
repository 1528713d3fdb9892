"""Branches × duties of a month, who was at its meetings, and the marks of contents, on pages.

It is Friday, 27 November 2026, noon. 城东分公司 met as it should but on Thursday and today.
"""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow
from duties.operations import ensure_periods
from inspections.checks import checks
from inspections.content_queries import contents_for, marking_of
from inspections.duty_matrix import DutyMatrix, duty_matrix
from inspections.duty_table import cell_text
from inspections.models import ContentMark
from inspections.operations.contents import mark_contents
from meetings.models import Meeting
from meetings.operations.occurrences import ensure_meetings
from meetings.queries.attendance import attendance_of
from organization.models import Person
from tests.cast import NOON, Cast, at
from tests.conftest import StoryClock
from tests.domain.minuted import arranged
from tests.domain.month import NOVEMBER, WEEKS
from tests.domain.recorded import joined, minuted, sat, scanned, whole
from tests.domain.test_meeting_checks import TALKED, many_branches
from tests.domain.week import filed, sent

Browser = Callable[[Person], Client]
STANDUPS = [date(2026, 11, day) for day in (3, 4, 5, 6, 10, 11, 12, 13, 17, 18, 19, 20, 24, 25)]


@pytest.fixture
def november(cast: Cast, clock: StoryClock) -> Cast:
    """The eastern branch met; its week 46 came late, its week 47 of 何俊峰 not at all."""
    ensure_periods(WEEKS[0], WEEKS[-1])
    ensure_meetings(date(2026, 11, 1), date(2026, 11, 30), at=NOON)
    for on in STANDUPS:
        sat(cast, "standup", f"{on}")
    for key in ("2026-W45", "2026-W46", "2026-W47"):
        whole(cast, "weekly", key)
    for week in WEEKS[:3]:
        for who in ("林晓岚", "陈嘉怡", "何俊峰"):
            if (who, week.number) == ("何俊峰", 47):
                continue
            hour = "17:45:00" if (who, week.number) == ("陈嘉怡", 46) else "17:00:00"
            filed(cast, who, f"{week.friday} {hour}", week=week)
    return cast


def matrix_of(cast: Cast, when: Any = NOON) -> DutyMatrix:
    return duty_matrix(NOVEMBER, when, [cast.east, cast.west])


def line_of(cast: Cast, when: Any = NOON) -> dict[str, str]:
    """The eastern branch's cells as text."""
    (line,) = [line for line in matrix_of(cast, when).lines if line.branch == cast.east]
    return {kind: cell_text(cell) for kind, cell in line.cells.items()}


def test_each_duty_says_what_was_done_of_what_was_due(november: Cast) -> None:
    whole(november, "gm", "2026-11", chair="赵国梁", said=TALKED)
    meeting = sat(november, "weekly")
    minutes = minuted(november, meeting, at=at("2026-11-24 17:31:00"))
    scanned(november, meeting, at=minutes.received_at)
    assert line_of(november) == {
        "standup": "14/16 缺 2",
        "weekly": "3/4 迟 1",
        "gm": "1/1",
        "analysis": "0/1 缺 1",
        "summary": "7/9 缺 1 迟 1",
        "rollup": "0/3 缺 3",
    }


def test_a_record_that_lacks_something_else_is_not_whole(november: Cast) -> None:
    sat(november, "weekly")
    assert line_of(november)["weekly"] == "3/4 不齐 1"
    (line,) = [line for line in matrix_of(november).lines if line.branch == november.east]
    assert [(one.kind, one.text) for one in line.cells["weekly"].deviations] == [
        ("incomplete", "每周例会 11月23日（周一）：纪要未交")
    ]


def test_two_duties_in_one_sitting_are_both_done_and_its_record_counts_once(
    november: Cast,
) -> None:
    lead = sat(november, "weekly", chair="赵国梁")
    joined(lead, arranged(november, "analysis"))
    found = line_of(november)
    assert (found["weekly"], found["analysis"]) == ("3/4 不齐 1", "1/1")


def test_what_is_not_due_yet_is_neither_missing_nor_done(november: Cast) -> None:
    Meeting.objects.filter(branch=november.east, kind="gm", key="2026-11").update(
        on=date(2026, 11, 30),
        starts_at=at("2026-11-30 15:00:00"),
        ends_at=at("2026-11-30 16:00:00"),
    )
    assert line_of(november)["gm"] == "0/1 未到期"
    assert line_of(november, at("2026-11-30 15:59:59"))["gm"] == "0/1 未到期"
    assert line_of(november, at("2026-11-30 16:00:00"))["gm"] == "0/1 缺 1"


def test_a_frozen_month_stays_as_it_was(november: Cast) -> None:
    frozen = at("2026-12-02 12:00:00")
    then = matrix_of(november, frozen)
    filed(november, "何俊峰", "2026-12-02 12:00:01", week=WEEKS[2])
    sent(november, "2026-12-02 12:00:02", week=WEEKS[2])
    later = matrix_of(november, at("2026-12-08 09:00:00"))
    assert (later.lines, later.cut_at, later.is_frozen) == (then.lines, frozen, True)
    assert not matrix_of(november, frozen - timedelta(seconds=1)).is_frozen


def test_those_with_most_missing_come_first(november: Cast) -> None:
    found = matrix_of(november)
    assert [line.branch.code for line in found.lines] == ["CX", "CD"]
    counts = found.counts
    assert counts["missing"] == sum(line.missing for line in found.lines)
    assert counts["late"] == 1


def test_fifty_branches_take_as_many_queries_as_one(november: Cast) -> None:
    others = many_branches(november, 50)
    with CaptureQueriesContext(connection) as one:
        duty_matrix(NOVEMBER, NOON, [november.east])
    with CaptureQueriesContext(connection) as many:
        found = duty_matrix(NOVEMBER, NOON, [november.east, *others])
    assert len(many) == len(one)
    assert len(found.lines) == 51


def test_the_page_names_what_is_missing_and_leads_to_it(
    november: Cast, browser_of: Browser
) -> None:
    browser = browser_of(november["韩静"])
    answer = browser.get("/duty-matrix/")
    assert answer.context["headline"].startswith("2026年11月：2 家分公司，")
    east = november.east.pk
    panel = browser.get(f"/duty-matrix/2026-11/?of={east}&duty=standup", HTTP_HX_TARGET="panel")
    html = panel.content.decode()
    assert "每日晨会 11月26日（周四）：没有召开" in html
    missed = Meeting.objects.get(branch=november.east, kind="standup", key="2026-11-26")
    assert f'href="/meetings/{missed.pk}/"' in html
    assert browser.get(f"/duty-matrix/2026-11/?of={east}&duty=x").status_code == 404
    assert browser.get("/duty-matrix/2026-12/").status_code == 404
    english = browser.get("/duty-matrix/", headers={"accept-language": "en"})
    assert english.status_code == 200


def test_a_finding_from_the_matrix_knows_what_deviates(november: Cast, browser_of: Browser) -> None:
    browser = browser_of(november["韩静"])
    east = november.east.pk
    panel = browser.get(f"/duty-matrix/2026-11/?of={east}&duty=weekly")
    new = f"/findings/new/?branch={east}&month=2026-11&duty=weekly"
    assert new.replace("&", "&amp;") in panel.content.decode()
    begun = browser.get(new).context["form"].initial
    assert {key: begun[key] for key in ("title", "facts", "clause", "item")} == {
        "title": "2026年11月例会：1 处没有做到",
        "facts": "每周例会 11月23日（周一）：没有召开",
        "clause": "M2",
        "item": "minutes",
    }
    whole_branch = browser.get(f"/findings/new/?branch={east}&month=2026-11").context["form"]
    assert whole_branch.initial["title"].startswith("2026年11月履职：")
    assert "title" not in browser.get(f"/findings/new/?branch={east}").context["form"].initial
    for wrong in ("month=2026-12", "month=x", "month=2026-11&duty=x"):
        assert browser.get(f"/findings/new/?branch={east}&{wrong}").status_code == 404


def test_the_filters_leave_what_they_name(november: Cast, browser_of: Browser) -> None:
    browser = browser_of(november["韩静"])
    shown = browser.get("/duty-matrix/2026-11/?only=late").context["table"].rows
    assert [str(row.head) for row in shown] == ["城东分公司"]
    assert len(browser.get("/duty-matrix/2026-11/?view=deviating").context["table"].rows) == 2


def test_the_workbook_holds_the_page_and_is_written_down(
    november: Cast, browser_of: Browser
) -> None:
    answer = browser_of(november["韩静"]).get("/duty-matrix/2026-11/workbook/")
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    (east,) = [row for row in cells if row[0] == "城东分公司"]
    assert east[1:3] == ["14/16 缺 2", "3/4 缺 1"]
    assert AuditRow.objects.filter(what__startswith="confidentiality.").count() == 1


# Who was there


def test_attendance_counts_a_sitting_once_and_leaves_excuses_out_of_the_rate(
    november: Cast,
) -> None:
    away = {"何俊峰": "excused", "陈嘉怡": "absent", "林晓岚": "late"}
    sat(november, "weekly", presence=away)
    arranged(november, "analysis")
    found = {
        one.person.name: (one.expected, one.came, one.rate)
        for one in attendance_of(november.east, NOVEMBER, NOON)
    }
    assert found == {
        "陈嘉怡": (18, 17, "94%"),
        "林晓岚": (18, 18, "100%"),
        "何俊峰": (18, 17, "100%"),
    }
    assert attendance_of(november.west, NOVEMBER, NOON) == []


def test_a_manager_sees_himself_a_supervisor_everybody(november: Cast, browser_of: Browser) -> None:
    sat(november, "weekly", presence={"陈嘉怡": "absent"})
    here = f"/meetings/attendance/2026-11/{november.east.pk}/"
    names = [
        [str(row.head) for row in browser_of(november[who]).get(here).context["table"].rows]
        for who in ("周建平", "林晓岚", "韩静")
    ]
    assert names == [["陈嘉怡", "何俊峰", "林晓岚"], ["林晓岚"], ["陈嘉怡", "何俊峰", "林晓岚"]]
    assert browser_of(november["吴志远"]).get(here).status_code == 404
    other = november["陈嘉怡"].pk
    assert browser_of(november["林晓岚"]).get(f"{here}?of={other}").status_code == 404
    panel = browser_of(november["周建平"]).get(f"{here}?of={other}", HTTP_HX_TARGET="panel")
    assert "11月23日（周一） 每周例会" in panel.content.decode()
    assert panel.context["headline"] == "1 次缺席"


def test_the_attendance_workbook_holds_what_the_reader_sees(
    november: Cast, browser_of: Browser
) -> None:
    here = f"/meetings/attendance/2026-11/{november.east.pk}/workbook/"
    answer = browser_of(november["林晓岚"]).get(here)
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0]
    names = {row[0].value for row in sheet.iter_rows()}
    assert "林晓岚" in names
    assert "陈嘉怡" not in names


# Content (M3.3, A3)


def marked(cast: Cast, meeting: Meeting, who: str = "韩静", when: Any = NOON, **more: Any) -> Any:
    version = more.pop("version", None)
    actor = cast.actor(who, on=when)
    if version is None:
        version = marking_of(actor, meeting.pk, when).version
    return mark_contents(
        meeting_id=meeting.pk, expected_version=version, actor=actor, at=when, **more
    )


def test_each_kind_below_three_costs_a_point(november: Cast) -> None:
    meeting = whole(november, "gm", "2026-11", chair="赵国梁", said=TALKED)
    marks = {"strategy": 2, "development": 3, "experience": 0, "answer": 5}
    marked(november, meeting, marks=marks, notes={"strategy": "只念了文件"})
    found = checks()["meetings.records"].judge(NOVEMBER, [november.east.pk], NOON)
    poor = [fault for fault in found[november.east.pk].faults if fault.kind == "content"]
    assert [fault.label for fault in poor] == [
        "总经理沟通会 11月17日（周二）：战略宣贯内容 2 分",
        "总经理沟通会 11月17日（周二）：经验交流内容 0 分",
    ]
    assert {fault.url for fault in poor} == {f"/meetings/{meeting.pk}/"}


def test_a_later_mark_leaves_what_stood_before_to_the_reports_of_before(november: Cast) -> None:
    meeting = whole(november, "gm", "2026-11", chair="赵国梁", said=TALKED)
    marked(november, meeting, marks={"strategy": 1})
    later = NOON + timedelta(hours=1)
    marked(november, meeting, when=later, marks={"strategy": 4})
    judge = checks()["meetings.records"].judge

    def poor(cut: Any) -> int:
        faults = judge(NOVEMBER, [november.east.pk], cut)[november.east.pk].faults
        return sum(fault.kind == "content" for fault in faults)

    assert (poor(NOON), poor(later - timedelta(seconds=1)), poor(later)) == (1, 1, 0)
    assert list(ContentMark.objects.order_by("pk").values_list("mark", "replaced_at")) == [
        (1, later),
        (4, None),
    ]
    trail = AuditRow.objects.filter(what="inspections.mark_contents").order_by("id").last()
    assert trail is not None
    assert (trail.before, trail.after) == (
        {"content_marks": "战略宣贯 1"},
        {"content_marks": "战略宣贯 4"},
    )


def test_who_marks_what(november: Cast) -> None:
    weekly = Meeting.objects.get(branch=november.east, key="2026-W47")
    meeting = whole(november, "gm", "2026-11", chair="赵国梁", said=TALKED)
    with pytest.raises(NotAllowed):
        marked(november, meeting, who="赵国梁", marks={"strategy": 4})
    with pytest.raises(NotAllowed):
        marked(november, meeting, who="孙岚", marks={"strategy": 4})
    with pytest.raises(NotFound):
        marked(november, meeting, who="吴志远", marks={"strategy": 4})
    with pytest.raises(Refused, match="不评内容"):
        marked(november, weekly, marks={"report": 4})
    with pytest.raises(Refused, match="不评这一项"):
        marked(november, meeting, marks={"case": 4})
    for mark in (-1, 6):
        with pytest.raises(Refused, match="0 到 5"):
            marked(november, meeting, marks={"strategy": mark})
    for mark in (0, 5):
        marked(november, meeting, marks={"strategy": mark})
    with pytest.raises(Refused, match="没有改动"):
        marked(november, meeting, marks={"strategy": 5})
    with pytest.raises(Stale):
        marked(november, meeting, version=1, marks={"strategy": 3})


def test_without_minutes_nothing_is_marked(november: Cast) -> None:
    meeting = sat(november, "gm", "2026-11", chair="赵国梁")
    with pytest.raises(Refused, match="还没有纪要"):
        marked(november, meeting, marks={"strategy": 4})


def test_the_list_says_what_waits_and_the_page_marks_it(
    november: Cast, browser_of: Browser
) -> None:
    meeting = whole(november, "gm", "2026-11", chair="赵国梁", said=TALKED)
    browser = browser_of(november["韩静"])
    assert browser.get("/meeting-contents/").context["headline"] == "1 场会议待评内容"
    here = f"/meeting-contents/meeting/{meeting.pk}/"
    page = browser.get(here)
    assert [topic.label for topic in page.context["topics"]] == [
        "战略宣贯",
        "动态分析",
        "经验交流",
        "答疑",
    ]
    marks = dict.fromkeys(("strategy", "development", "experience", "answer"), "4")
    answer = browser.post(f"{here}mark/", {"version": "0", **marks})
    assert (answer.status_code, answer["Location"]) == (302, here)
    assert browser.get("/meeting-contents/").context["headline"] == "没有待评的会议内容"
    assert contents_for(november.actor("韩静"), NOVEMBER, NOON)[0].is_marked
    stale = browser.post(f"{here}mark/", {"version": "0", **marks, "answer": "2"})
    assert stale.status_code == 409
    wrong = browser.post(f"{here}mark/", {"version": "4", "answer": "7"})
    assert wrong.status_code == 422
    assert browser_of(november["林晓岚"]).get(here).context["form"] is None


def test_a_months_contents_take_a_fixed_number_of_queries(november: Cast) -> None:
    actor = november.actor("韩静")
    with CaptureQueriesContext(connection) as one:
        contents_for(actor, NOVEMBER, NOON)
    many_branches(november, 50)
    with CaptureQueriesContext(connection) as many:
        contents_for(actor, NOVEMBER, NOON)
    assert len(many) == len(one)
