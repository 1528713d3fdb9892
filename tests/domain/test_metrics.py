"""What earns points in November 2026, counted for all managers at once and row by row (annex 5).

The month is frozen on Wednesday, 2 December at noon (its second working day).
"""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import pytest

from config import tables
from core.periods import Month, Week
from kpi.metrics import metrics
from kpi.models import Complaint
from kpi.operations import complaints
from kpi.roster import Post, posts_of, roster_of
from organization.models import RoleGrant
from tests.cast import Cast, at
from tests.domain.cases import complaint_received, of_employee
from tests.domain.scores import FROZEN, NOVEMBER, approved_case, issued, marked, reached
from tests.domain.week import entry, filed, logged
from worklogs.operations.logs import correct_log, withdraw_log

SUMMARIES: Final = "summaries.on_time"
LOGS, MARKS, CASES, RESULTS = "logs.in_time", "marks", "cases", "results"
COMPLAINTS: Final = "complaints.in_time"


def counted(cast: Cast, key: str, item: str, *, cut: datetime = FROZEN) -> dict[str, Any]:
    """What a metric gives for everybody, by name."""
    ids = {cast[name].pk: name for name in ("林晓岚", "陈嘉怡", "何俊峰", "吴志远")}
    found = metrics()[key].compute(NOVEMBER, list(ids), cut, [item])[item]
    return {ids[manager_id]: inputs for manager_id, inputs in found.items()}


def rows(cast: Cast, key: str, who: str, item: str, *, cut: datetime = FROZEN) -> list[Any]:
    """The rows counted for one, as (label, note, state, text, address)."""
    found = metrics()[key].rows(NOVEMBER, cast[who].pk, cut, item)
    return [(row.label, row.note, row.state, row.state_text, row.url) for row in found]


def of_months_weeks(cast: Cast) -> None:
    """林晓岚 files three of November's weeks on time, one late; 陈嘉怡 one; 何俊峰 none."""
    for number, moment in (
        (45, "2026-11-06 17:30:00"),
        (46, "2026-11-13 17:30:01"),
        (47, "2026-11-20 09:00:00"),
        (48, "2026-11-27 17:00:00"),
    ):
        filed(cast, "林晓岚", moment, week=Week(2026, number))
    filed(cast, "陈嘉怡", "2026-11-27 17:00:00", week=Week(2026, 48))


def test_summaries_count_on_time_of_the_weeks_owed(cast: Cast) -> None:
    of_months_weeks(cast)
    assert counted(cast, SUMMARIES, "P3c") == {
        "林晓岚": {"met": "3", "total": "4"},
        "陈嘉怡": {"met": "1", "total": "4"},
        "何俊峰": {"met": "0", "total": "4"},
        "吴志远": {"met": "0", "total": "4"},
    }
    me = cast["林晓岚"].pk
    assert rows(cast, SUMMARIES, "林晓岚", "P3c") == [
        (
            "第 45 周周报",
            "收到 11月6日（周五）17:30",
            "on_time",
            "按时",
            f"/weeks/2026-W45/of/{me}/",
        ),
        (
            "第 46 周周报",
            "收到 11月13日（周五）17:30",
            "late",
            "迟交 1 分",
            f"/weeks/2026-W46/of/{me}/",
        ),
        (
            "第 47 周周报",
            "收到 11月20日（周五）09:00",
            "on_time",
            "按时",
            f"/weeks/2026-W47/of/{me}/",
        ),
        (
            "第 48 周周报",
            "收到 11月27日（周五）17:00",
            "on_time",
            "按时",
            f"/weeks/2026-W48/of/{me}/",
        ),
    ]
    assert rows(cast, SUMMARIES, "陈嘉怡", "P3c")[0][:4] == (
        "第 45 周周报",
        "截止 11月6日（周五）17:30",
        "missing",
        "未交",
    )


def test_a_week_counts_in_the_month_of_its_deadline(cast: Cast) -> None:
    # Week 40 of 2026 is due on Wednesday, 30 September, before the holiday; its Friday is in
    # October. Week 49 begins in November and is due in December.
    found = metrics()[SUMMARIES]
    ids = [cast["林晓岚"].pk]
    september = found.rows(Month(2026, 9), ids[0], at("2026-10-12 12:00:00"), "P3c")
    october = found.rows(Month(2026, 10), ids[0], at("2026-11-03 12:00:00"), "P3c")
    assert [row.label for row in september] == [f"第 {n} 周周报" for n in (36, 37, 38, 39, 40)]
    assert [row.label for row in october] == [f"第 {n} 周周报" for n in (41, 42, 43, 44)]
    assert [row[0] for row in rows(cast, SUMMARIES, "林晓岚", "P3c")] == [
        f"第 {n} 周周报" for n in (45, 46, 47, 48)
    ]


def test_during_the_month_only_what_has_fallen_due_or_come_is_counted(cast: Cast) -> None:
    of_months_weeks(cast)
    assert counted(cast, SUMMARIES, "P3c", cut=at("2026-11-27 16:59:59"))["林晓岚"] == {
        "met": "2",
        "total": "3",
    }
    assert counted(cast, SUMMARIES, "P3c", cut=at("2026-11-27 17:00:00")) == {
        "林晓岚": {"met": "3", "total": "4"},
        "陈嘉怡": {"met": "1", "total": "4"},
        "何俊峰": {"met": "0", "total": "3"},
        "吴志远": {"met": "0", "total": "3"},
    }
    assert counted(cast, SUMMARIES, "P3c", cut=at("2026-11-27 17:30:00"))["何俊峰"] == {
        "met": "0",
        "total": "4",
    }


def move(cast: Cast, who: str, on: date) -> None:
    """Somebody goes from 城东 to 城西."""
    RoleGrant.objects.filter(person=cast[who], role="manager").update(valid_to=on)
    RoleGrant.objects.create(person=cast[who], role="manager", branch=cast.west, valid_from=on)


def test_who_moves_in_mid_month_owes_each_week_once_and_is_scored_where_he_ends(
    cast: Cast,
) -> None:
    move(cast, "陈嘉怡", date(2026, 11, 16))
    assert counted(cast, SUMMARIES, "P3c")["陈嘉怡"] == {"met": "0", "total": "4"}
    me = cast["陈嘉怡"].pk
    assert posts_of(NOVEMBER, [me]) == [
        Post(me, cast.east.pk, date(2026, 11, 1), date(2026, 11, 15)),
        Post(me, cast.west.pk, date(2026, 11, 16), date(2026, 11, 30)),
    ]
    (member,) = roster_of(NOVEMBER, [me]).members
    assert (member.branch.name, member.present, member.working_days) == ("城西分公司", 21, 21)
    assert not member.is_new(NOVEMBER, roster_of(NOVEMBER, [me]).calendar)


def test_who_comes_or_leaves_owes_the_weeks_he_is_there(cast: Cast) -> None:
    RoleGrant.objects.filter(person=cast["何俊峰"]).update(valid_from=date(2026, 11, 9))
    cast["吴志远"].left_on = date(2026, 11, 20)
    cast["吴志远"].save()
    assert [row[0] for row in rows(cast, SUMMARIES, "何俊峰", "P3c")] == [
        f"第 {n} 周周报" for n in (46, 47, 48)
    ]
    assert [row[0] for row in rows(cast, SUMMARIES, "吴志远", "P3c")] == [
        f"第 {n} 周周报" for n in (45, 46)
    ]
    roster = roster_of(NOVEMBER)
    there = {member.name: (member.present, member.working_days) for member in roster.members}
    assert there == {"陈嘉怡": (21, 21), "何俊峰": (16, 21), "林晓岚": (21, 21), "吴志远": (14, 21)}


@pytest.mark.parametrize(
    ("since", "new_until"),
    [
        (date(2026, 10, 30), Month(2026, 11)),
        (date(2026, 11, 1), Month(2026, 11)),
        (date(2026, 11, 2), Month(2026, 11)),
        (date(2026, 11, 3), Month(2026, 12)),
    ],
)
def test_a_manager_is_new_up_to_the_first_full_month(
    cast: Cast, since: date, new_until: Month
) -> None:
    # 1 November 2026 is a Sunday: whoever comes on Monday has missed no working day.
    RoleGrant.objects.filter(person=cast["何俊峰"]).update(valid_from=since)
    for month in (NOVEMBER, NOVEMBER.next, NOVEMBER.next.next):
        roster = roster_of(month, [cast["何俊峰"].pk])
        (member,) = roster.members
        assert member.is_new(month, roster.calendar) is (month <= new_until)


def test_a_former_manager_is_not_scored(cast: Cast) -> None:
    RoleGrant.objects.filter(person=cast["何俊峰"]).update(valid_to=date(2026, 11, 1))
    assert [member.name for member in roster_of(NOVEMBER).members] == ["陈嘉怡", "林晓岚", "吴志远"]


def test_logs_count_in_time_of_all(cast: Cast) -> None:
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-02 10:00:00")
    late = logged(
        cast, "林晓岚", "城东人民医院", "2026-11-03 10:00:00", recorded="2026-11-04 00:00:00"
    )
    just = logged(cast, "林晓岚", "黄建国", "2026-11-30 10:00:00", recorded="2026-11-30 23:59:59")
    logged(cast, "林晓岚", "东方纺织集团", "2026-10-31 10:00:00")
    logged(cast, "林晓岚", "东方纺织集团", "2026-12-01 10:00:00")
    gone = logged(cast, "林晓岚", "黄建国", "2026-11-09 10:00:00")
    withdraw_log(
        thread_id=gone.thread_id or 0,
        actor=cast.actor("林晓岚", on=at("2026-11-09 10:01:00")),
        at=at("2026-11-09 10:01:00"),
    )
    assert counted(cast, LOGS, "P2b") == {
        "林晓岚": {"met": "2", "total": "3"},
        "陈嘉怡": None,
        "何俊峰": None,
        "吴志远": None,
    }
    assert rows(cast, LOGS, "林晓岚", "P2b") == [
        (
            "11月3日（周二） 城东人民医院",
            "填写 11月4日（周三）00:00",
            "late",
            "补记",
            f"/logs/{late.thread_id}/",
        ),
        (
            "11月2日（周一） 东方纺织集团",
            "填写 11月2日（周一）10:00",
            "on_time",
            "当天",
            rows(cast, LOGS, "林晓岚", "P2b")[1][4],
        ),
        (
            "11月30日（周一） 黄建国",
            "填写 11月30日（周一）23:59",
            "on_time",
            "当天",
            f"/logs/{just.thread_id}/",
        ),
    ]


@pytest.mark.parametrize(
    ("recorded", "inputs"),
    [
        ("2026-12-02 11:59:59", {"met": "0", "total": "1"}),
        ("2026-12-02 12:00:00", {"met": "0", "total": "1"}),
        ("2026-12-02 12:00:01", None),
    ],
)
def test_a_log_counts_up_to_the_freeze(cast: Cast, recorded: str, inputs: Any) -> None:
    logged(cast, "陈嘉怡", "明珠酒店", "2026-11-27 10:00:00", recorded=recorded)
    assert counted(cast, LOGS, "P2b")["陈嘉怡"] == inputs


def test_a_log_corrected_after_the_freeze_counts_as_it_stood(cast: Cast) -> None:
    log = logged(cast, "陈嘉怡", "明珠酒店", "2026-11-27 10:00:00")
    later = at("2026-12-02 12:00:01")
    correct_log(
        thread_id=log.thread_id or 0,
        entry=entry(cast, "明珠酒店", "2026-10-30 10:00:00"),
        reason="日期写错",
        expected_number=1,
        actor=cast.actor("陈嘉怡", on=later),
        at=later,
    )
    assert counted(cast, LOGS, "P2b")["陈嘉怡"] == {"met": "1", "total": "1"}
    assert counted(cast, LOGS, "P2b", cut=later)["陈嘉怡"] is None


def test_marks_are_those_that_stood_at_the_freeze(cast: Cast) -> None:
    marked(cast, "林晓岚", "P2c", "4", question="opening", superseded_at=FROZEN)
    marked(cast, "林晓岚", "P2c", "5", question="opening", recorded_at=FROZEN)
    marked(
        cast,
        "林晓岚",
        "P2c",
        "3.5",
        question="wording",
        superseded_at=at("2026-12-02 12:00:01"),
    )
    marked(cast, "陈嘉怡", "P2c", "2", question="opening", recorded_at=at("2026-12-02 12:00:01"))
    marked(cast, "陈嘉怡", "P4", "88", basis="11月业务知识考试")
    assert counted(cast, MARKS, "P2c") == {
        "林晓岚": {"ratings": {"opening": "5.00", "wording": "3.50"}},
        "陈嘉怡": None,
        "何俊峰": None,
        "吴志远": None,
    }
    assert counted(cast, MARKS, "P4")["陈嘉怡"] == {"mark": "88.00"}
    assert rows(cast, MARKS, "陈嘉怡", "P4") == [
        (
            "11月业务知识考试",
            "韩静 11月25日（周三）10:00 打分",
            "done",
            "88 分",
            f"/marks/2026-11/of/{cast['陈嘉怡'].pk}/#P4",
        )
    ]


def test_ratings_bear_the_names_of_their_questions_in_the_schemes_order(cast: Cast) -> None:
    marked(cast, "林晓岚", "P2c", "3", question="wording", basis="11月20日监听")
    marked(cast, "林晓岚", "P2c", "5", question="opening")
    marked(cast, "林晓岚", "P2c", "4", question="gone")
    given = "周建平 11月25日（周三）10:00 打分"
    assert [row[:2] for row in rows(cast, MARKS, "林晓岚", "P2c")] == [
        ("开场与身份说明", given),
        ("口径准确", f"{given}，11月20日监听"),
        ("gone", given),
    ]


def test_cases_count_once_they_are_approved_by_the_freeze(cast: Cast) -> None:
    one = approved_case(cast, "林晓岚", "JF-1", "3")
    approved_case(cast, "林晓岚", "JF-2", "3", decided_at=at("2026-12-02 12:00:01"))
    approved_case(cast, "林晓岚", "JF-3", "3", state="rejected")
    approved_case(cast, "林晓岚", "JF-4", "3", month="2026-10")
    approved_case(cast, "林晓岚", "JF-5", "3", item="B2")
    approved_case(cast, "陈嘉怡", "JF-6", "0", item="V", is_veto=True)
    assert counted(cast, CASES, "B1") == {
        "林晓岚": {"cases": [{"option": "A", "points": "3.00", "label": "JF-1"}]},
        "陈嘉怡": {"cases": []},
        "何俊峰": {"cases": []},
        "吴志远": {"cases": []},
    }
    assert counted(cast, CASES, "V")["陈嘉怡"] == {
        "cases": [{"option": "A", "points": "0.00", "label": "JF-6", "is_veto": True}]
    }
    assert rows(cast, CASES, "林晓岚", "B1") == [
        ("JF-1", "认定 12月2日（周三）12:00", "done", "+3.00 分", f"/cases/{one.pk}/")
    ]


def test_results_stand_against_the_targets_issued_by_the_freeze(cast: Cast) -> None:
    issued(cast, {"M2": {"林晓岚": "200.00", "陈嘉怡": "150.00"}})
    issued(cast, {"M2": {"林晓岚": "190"}}, issued_at=FROZEN)
    issued(cast, {"M2": {"林晓岚": "1.00"}}, issued_at=at("2026-12-02 12:00:01"))
    reached(cast, "林晓岚", "M2", "100.00", superseded_at=FROZEN)
    reached(
        cast, "林晓岚", "M2", "182.00", recorded_at=FROZEN, superseded_at=at("2026-12-03 09:00:00")
    )
    reached(cast, "林晓岚", "M2", "999.00", recorded_at=at("2026-12-03 09:00:00"))
    reached(cast, "何俊峰", "M2", "80.00")
    assert counted(cast, RESULTS, "M2") == {
        "林晓岚": {"actual": "182.00", "target": "190"},
        "陈嘉怡": None,
        "何俊峰": {"actual": "80.00"},
        "吴志远": None,
    }
    unit = reached(cast, "吴志远", "M2", "1").indicator.unit
    assert rows(cast, RESULTS, "林晓岚", "M2") == [
        (
            f"完成 182 {unit}",
            "录入 韩静 12月2日（周三）12:00",
            "check",
            "未核对",
            f"/targets/2026-11/of/{cast['林晓岚'].pk}/",
        ),
        (
            f"目标 190 {unit}",
            "赵国梁 12月2日（周三）12:00 下达",
            "received",
            "第 2 版",
            f"/targets/2026-11/{cast.east.pk}/",
        ),
    ]


def test_what_the_system_computes_counts_until_somebody_records_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tables.RESULT_SOURCES, "bills.due", f"{__name__}.computed_revenue")
    assert counted(cast, RESULTS, "M1")["林晓岚"] == {"actual": "100.5"}
    assert rows(cast, RESULTS, "林晓岚", "M1")[0][:2] == ("完成 100.50 万元", "系统计算")
    reached(cast, "林晓岚", "M1", "182.40")
    assert counted(cast, RESULTS, "M1")["林晓岚"] == {"actual": "182.40"}


def computed_revenue(
    month: Month, manager_ids: Collection[int], cut: datetime
) -> dict[int, Decimal]:
    """A source that knows 100.5 of everybody."""
    return dict.fromkeys(manager_ids, Decimal("100.5"))


def test_who_moved_answers_for_both_branches_targets(cast: Cast) -> None:
    move(cast, "陈嘉怡", date(2026, 11, 16))
    issued(cast, {"M1": {"陈嘉怡": "60.00"}, "S1": {"陈嘉怡": "85.00"}})
    issued(cast, {"M1": {"陈嘉怡": "40.00"}, "S1": {"陈嘉怡": "90.00"}}, branch=cast.west)
    assert counted(cast, RESULTS, "M1")["陈嘉怡"] == {"target": "100.00"}
    assert counted(cast, RESULTS, "S1")["陈嘉怡"] == {"target": "90.00"}


@pytest.mark.parametrize("key", [SUMMARIES, LOGS, MARKS, CASES, RESULTS, COMPLAINTS])
def test_more_managers_cost_no_more_statements(
    cast: Cast, key: str, django_assert_num_queries: Any
) -> None:
    of_months_weeks(cast)
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-02 10:00:00")
    marked(cast, "陈嘉怡", "P4", "88")
    expected = {SUMMARIES: 6, LOGS: 1, MARKS: 1, CASES: 1, RESULTS: 4, COMPLAINTS: 1}[key]
    for names in (("林晓岚",), ("林晓岚", "陈嘉怡", "何俊峰", "吴志远")):
        ids = [cast[name].pk for name in names]
        with django_assert_num_queries(expected):
            metrics()[key].compute(NOVEMBER, ids, FROZEN, ["P4", "P5a"])


DUE = at("2026-11-26 18:00:00")


def complained(cast: Cast, who: str = "林晓岚", **more: Any) -> Complaint:
    """A customer's complaint received on Monday, to be answered by Thursday at 18:00."""
    return complaint_received(cast, who, moment=at("2026-11-23 10:00:00"), **more)


def answered(cast: Cast, complaint: Complaint, moment: datetime) -> Complaint:
    """The supervisor answers it."""
    return complaints.answer_complaint(
        complaint_id=complaint.pk,
        answer="已上门道歉。",
        expected_version=complaint.version,
        actor=cast.actor("周建平", on=moment),
        at=moment,
    )


@pytest.mark.parametrize(
    ("moment", "met", "state"),
    [
        ("2026-11-26 17:59:59", "1", "on_time"),
        ("2026-11-26 18:00:00", "1", "on_time"),
        ("2026-11-26 18:00:01", "0", "late"),
    ],
)
def test_a_complaint_is_answered_in_time_up_to_its_deadline(
    cast: Cast, moment: str, met: str, state: str
) -> None:
    complaint = answered(cast, complained(cast), at(moment))
    assert complaint.answer_due_at == DUE
    assert counted(cast, COMPLAINTS, "S2") == {
        "林晓岚": {"met": met, "total": "1"},
        "陈嘉怡": None,
        "何俊峰": None,
        "吴志远": None,
    }
    clock = moment[11:16]
    words = {"on_time": "按时", "late": "迟答复"}
    assert rows(cast, COMPLAINTS, "林晓岚", "S2") == [
        (
            complaint.number,
            f"应于 11月26日（周四）18:00 前答复，11月26日（周四）{clock} 答复",
            state,
            words[state],
            f"/complaints/{complaint.pk}/",
        )
    ]


def test_a_complaint_without_an_answer_counts_once_its_deadline_is_over(cast: Cast) -> None:
    complaint = complained(cast)
    assert counted(cast, COMPLAINTS, "S2", cut=DUE)["林晓岚"] is None
    after = at("2026-11-26 18:00:01")
    missed = {"met": "0", "total": "1"}
    assert counted(cast, COMPLAINTS, "S2", cut=after)["林晓岚"] == missed
    answered(cast, complaint, at("2026-12-02 12:00:01"))
    assert counted(cast, COMPLAINTS, "S2")["林晓岚"] == missed
    assert rows(cast, COMPLAINTS, "林晓岚", "S2") == [
        (
            complaint.number,
            "应于 11月26日（周四）18:00 前答复",
            "missing",
            "未答复",
            f"/complaints/{complaint.pk}/",
        )
    ]


def test_a_complaint_counts_in_the_month_of_its_deadline(cast: Cast) -> None:
    """The last second of November is November's, the first of December is not."""
    early, late = complained(cast), complained(cast)
    for complaint, due in ((early, "2026-11-30 23:59:59"), (late, "2026-12-01 00:00:00")):
        Complaint.objects.filter(pk=complaint.pk).update(answer_due_at=at(due))
    assert [row[0] for row in rows(cast, COMPLAINTS, "林晓岚", "S2")] == [early.number]


def test_complaints_of_employees_and_those_taken_back_do_not_count(cast: Cast) -> None:
    monday, tuesday = at("2026-11-23 10:00:00"), at("2026-11-24 10:00:00")
    of_employee(cast, moment=monday)
    complaint = complained(cast)
    complaints.withdraw_complaint(
        complaint_id=complaint.pk,
        why="客户撤回",
        expected_version=complaint.version,
        actor=cast.actor("周建平", on=tuesday),
        at=tuesday,
    )
    assert counted(cast, COMPLAINTS, "S2")["林晓岚"] is None
    Complaint.objects.filter(pk=complaint.pk).update(decided_at=at("2026-12-02 12:00:01"))
    assert counted(cast, COMPLAINTS, "S2")["林晓岚"] == {"met": "0", "total": "1"}


def test_what_is_entered_after_the_freeze_does_not_count(cast: Cast) -> None:
    complaint = complained(cast)
    Complaint.objects.filter(pk=complaint.pk).update(raised_at=at("2026-12-02 12:00:01"))
    assert counted(cast, COMPLAINTS, "S2")["林晓岚"] is None


def test_whom_a_complaint_is_about_sees_the_row_and_not_its_page(cast: Cast) -> None:
    complaint = complained(cast)
    (row,) = metrics()[COMPLAINTS].rows(NOVEMBER, cast["林晓岚"].pk, FROZEN, "S2")
    url = f"/complaints/{complaint.pk}/"
    people = ("林晓岚", "周建平", "赵国梁", "韩静")
    assert {who: row.seen_by(cast.actor(who)).url for who in people} == {
        "林晓岚": "",
        "周建平": url,
        "赵国梁": url,
        "韩静": url,
    }


def test_what_is_open_says_what_doing_it_makes(cast: Cast) -> None:
    filed(cast, "林晓岚", "2026-11-06 17:30:00", week=Week(2026, 45))
    me, now = cast["林晓岚"].pk, at("2026-11-11 09:00:00")
    (summary,) = metrics()[SUMMARIES].open_duties(NOVEMBER, me, now, ["P3c"])  # type: ignore[misc]
    assert (summary.label, summary.url) == ("第 46 周周报", "/weeks/2026-W46/")
    assert (summary.inputs, summary.otherwise) == (
        {"met": "2", "total": "2"},
        {"met": "1", "total": "2"},
    )
    (log,) = metrics()[LOGS].open_duties(NOVEMBER, me, now, ["P2b"])  # type: ignore[misc]
    assert (log.label, log.url, log.due_at) == (
        "今天的服务日志",
        "/logs/new/",
        at("2026-11-12 00:00:00"),
    )
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-11 08:00:00", recorded="2026-11-11 08:30:00")
    assert metrics()[LOGS].open_duties(NOVEMBER, me, now, ["P2b"]) == []  # type: ignore[misc]
    sunday = at("2026-11-15 09:00:00")
    assert metrics()[LOGS].open_duties(NOVEMBER, me, sunday, ["P2b"]) == []  # type: ignore[misc]
