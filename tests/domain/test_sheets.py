"""November's score sheets (K4): computed on 3 December, confirmed, signed, approved, locked.

The month's end by annex 2: frozen on 2 December at noon, computed on the 3rd at 8:30, objections
until the end of the 10th, locked at the end of the 11th.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import jobs
from core.actors import CLOCK
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow, Job
from duties.models import Notice
from duties.month_queries import month_end_of
from kpi.amending import what_if
from kpi.breakdown import inputs_of, plain
from kpi.computing import computed_sheets, counted_inputs, provisional, scheme_for
from kpi.metrics import CountedRow, metrics
from kpi.models import (
    Case,
    Indicator,
    Mark,
    Result,
    Scheme,
    ScoreSheet,
    SheetVersion,
    TargetVersion,
)
from kpi.operations.corrections import decide_correction, propose_correction
from kpi.operations.sheets import (
    approve_sheet,
    confirm_sheet,
    keep_sheets,
    lock_branch,
    supervise_sheet,
)
from kpi.scheme import parsed
from organization.models import Branch, Person, RoleGrant
from tests.cast import BEGIN, Cast, at
from tests.domain.month import renamed
from tests.domain.scores import (
    FROZEN,
    LOCKS,
    NOVEMBER,
    OBJECTIONS_UNTIL,
    SHEETS,
    computed,
    lines_of,
    month_of_work,
    reached,
    sheet_of,
    ticked,
    version_of,
)
from tests.domain.week import logged
from worklogs.models import ServiceLog, Summary

MORNING = at("2026-12-04 09:00:00")


def digests() -> dict[str, str]:
    """Digest of every sheet's newest version, by name."""
    return {
        version.sheet.manager.name: version.digest
        for version in SheetVersion.objects.select_related("sheet__manager").order_by("number")
    }


def confirmed(cast: Cast, who: str, *, moment: datetime = MORNING) -> ScoreSheet:
    """Somebody confirms the own sheet."""
    sheet = sheet_of(cast, who)
    return confirm_sheet(
        sheet_id=sheet.pk,
        expected_version=sheet.version,
        actor=cast.actor(who, on=moment),
        at=moment,
    )


def supervised(
    cast: Cast, who: str, *, by: str = "周建平", opinion: str = "", moment: datetime = MORNING
) -> ScoreSheet:
    """The supervisor signs somebody's sheet."""
    sheet = sheet_of(cast, who)
    return supervise_sheet(
        sheet_id=sheet.pk,
        opinion=opinion,
        expected_version=sheet.version,
        actor=cast.actor(by, on=moment),
        at=moment,
    )


def approved(cast: Cast, who: str, *, by: str = "赵国梁", moment: datetime = MORNING) -> ScoreSheet:
    """The general manager approves somebody's sheet."""
    sheet = sheet_of(cast, who)
    return approve_sheet(
        sheet_id=sheet.pk,
        opinion="同意",
        expected_version=sheet.version,
        actor=cast.actor(by, on=moment),
        at=moment,
    )


def test_the_moments_are_those_of_annex_2(cast: Cast) -> None:
    end = month_end_of(NOVEMBER)
    assert (end.frozen_at, end.sheets_at, end.objections_until, end.locks_at) == (
        FROZEN,
        SHEETS,
        OBJECTIONS_UNTIL,
        LOCKS,
    )


def test_a_line_is_measured_in_its_indicators_unit(cast: Cast) -> None:
    """One unit: the indicator's, in which targets and results are kept (T1), for ever."""
    month_of_work(cast)
    assert parsed(Scheme.objects.get().content).by_code["M2"].unit == "件"
    Indicator.objects.filter(code="M2").update(unit="单")
    assert [row.label for row in rows_of_metric(cast, "M2")] == ["完成 180 单", "目标 200 件"]
    so_far = provisional(cast["林晓岚"].pk, NOVEMBER, at("2026-11-27 12:00:00"))
    assert so_far is not None
    assert lines_in(so_far.content)["M2"]["unit"] == "单"
    computed()
    assert lines_of(version_of(cast, "林晓岚"))["M2"]["unit"] == "单"
    Indicator.objects.filter(code="M2").update(unit="套")
    asked = plain(what_if(sheet_of(cast, "林晓岚"), {"P4": {"mark": "90"}}))
    assert lines_in(asked)["M2"]["unit"] == "单"


def lines_in(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The lines of a content by code."""
    return {item["code"]: item for group in content["groups"] for item in group["items"]}


def rows_of_metric(cast: Cast, item: str) -> Sequence[CountedRow]:
    """What was counted for 林晓岚's results."""
    return metrics()["results"].rows(NOVEMBER, cast["林晓岚"].pk, SHEETS, item)


def test_every_managers_month_is_computed_at_once_line_by_line(cast: Cast) -> None:
    month_of_work(cast)
    computed()
    sheet, version = sheet_of(cast, "林晓岚"), version_of(cast, "林晓岚")
    assert (sheet.state, sheet.total, sheet.band, sheet.branch.name, sheet.cut_at) == (
        "computed",
        Decimal("91.88"),
        "excellent",
        "城东分公司",
        FROZEN,
    )
    content = version.content
    assert content["manager"] == {
        "id": cast["林晓岚"].pk,
        "job_number": "200004",
        "name": "林晓岚",
    }
    assert content["branch"] == {"id": cast.east.pk, "code": "CD", "name": "城东分公司"}
    assert [(group["code"], group["score"]) for group in content["groups"]] == [
        ("M", "36.00"),
        ("S", "19.00"),
        ("P", "33.88"),
        ("BD", "3.00"),
    ]
    lines = lines_of(version)
    assert {code: line["inputs"] for code, line in lines.items() if line["score"]} == {
        "M2": {"actual": "180.00", "target": "200"},
        "S1": {"actual": "88.00", "target": "90.0"},
        "P2b": {"met": "2", "total": "3"},
        "P2c": {"ratings": {"opening": "4.00"}},
        "P3c": {"met": "3", "total": "4"},
        "P4": {"mark": "88.00"},
        "P5a": {"mark": "92.00"},
        "P5b": {"ratings": {"wording": "5.00"}},
        "B1": {"cases": [{"option": "A", "points": "3.00", "label": "JF-1"}]},
        **{code: {"cases": []} for code in ("B2", "B3", "D1", "D2", "D3", "D4", "V")},
    }
    assert (lines["P1a"]["is_applicable"], lines["P1a"]["why_not"]) == (False, "no_source")
    assert (lines["M1"]["is_applicable"], lines["M1"]["why_not"]) == (False, "nothing")
    others = ScoreSheet.objects.exclude(manager=cast["林晓岚"])
    assert {(one.manager.name, one.total, one.band) for one in others} == {
        ("陈嘉怡", None, ""),
        ("何俊峰", None, ""),
        ("吴志远", None, ""),
    }
    assert version_of(cast, "陈嘉怡").content["why_not"] == "group_empty"
    row = AuditRow.objects.get(what="kpi.compute_sheets")
    assert (row.actor_name, row.after) == (CLOCK.name, {"sheets": 4})


def test_a_new_manager_is_shown_the_lines_and_not_rated(cast: Cast) -> None:
    month_of_work(cast)
    RoleGrant.objects.filter(person=cast["林晓岚"]).update(valid_from=at("2026-11-02 00:00:00"))
    computed()
    sheet = sheet_of(cast, "林晓岚")
    assert (sheet.total, sheet.band) == (None, "")
    content = version_of(cast, "林晓岚").content
    assert (content["is_rated"], content["why_not"]) == (False, "new_manager")
    assert lines_of(version_of(cast, "林晓岚"))["M2"]["score"] == "36.00"


@pytest.mark.parametrize("late", [SHEETS, at("2026-12-03 11:30:00"), at("2026-12-06 08:30:00")])
def test_computed_late_it_is_the_same_to_the_byte(cast: Cast, late: datetime) -> None:
    month_of_work(cast)
    scheme = scheme_for(NOVEMBER, SHEETS)
    assert scheme is not None
    expected = {one.member.name: one.digest for one in computed_sheets(scheme, NOVEMBER, FROZEN)}
    expected["林岚"] = expected.pop("林晓岚")
    # What is recorded after the freeze does not count, whenever the worker comes by.
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-30 10:00:00", recorded="2026-12-02 12:00:01")
    reached(cast, "陈嘉怡", "M2", "50", recorded_at=at("2026-12-02 12:00:01"))
    renamed(cast, "林晓岚", "林岚", "2026-12-02 12:00:01")
    computed(late=late)
    assert digests() == expected
    assert set(ScoreSheet.objects.values_list("computed_at", flat=True)) == {SHEETS}


def test_running_twice_changes_nothing(scored_november: Cast) -> None:
    before = (digests(), Notice.objects.count(), AuditRow.objects.count())
    job = Job.objects.get(kind="kpi.compute_sheets")
    job.state = "waiting"
    job.save()
    jobs.run_due(at("2026-12-03 09:00:00"))
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"sheets": 0, "wrong": 0})
    assert (digests(), Notice.objects.count(), AuditRow.objects.count()) == before


def test_the_manager_is_told_that_the_sheet_is_there(cast: Cast) -> None:
    computed()
    notice = Notice.objects.get(person=cast["林晓岚"])
    assert (notice.title, notice.url, notice.created_at) == (
        "2026年11月考核表已出，请在 12月11日（周五）00:00 前确认或申诉",
        f"/scores/2026-11/{cast['林晓岚'].pk}/",
        SHEETS,
    )


def test_an_item_whose_inputs_do_not_fit_does_not_apply_and_the_market_is_told(
    cast: Cast,
) -> None:
    month_of_work(cast)
    Mark.objects.filter(item="P4").update(value=Decimal(101))
    computed()
    lines = lines_of(version_of(cast, "林晓岚"))
    assert (lines["P4"]["is_applicable"], lines["P5a"]["is_applicable"]) == (False, True)
    assert Job.objects.get(kind="kpi.compute_sheets").result == {"sheets": 4, "wrong": 1}
    notice = Notice.objects.get(person=cast["韩静"])
    assert (notice.title, notice.body) == (
        "2026年11月考核表有 1 行数据不合方案，未计分",
        "200004 林晓岚 P4",
    )


def crowd(cast: Cast, count: int) -> None:
    """So many more managers in 城西, each with a result and a mark."""
    people = Person.objects.bulk_create(
        [
            Person(job_number=f"7{n:05d}", name=f"经理{n}", branch=cast.west, joined_on=BEGIN)
            for n in range(count)
        ]
    )
    RoleGrant.objects.bulk_create(
        [
            RoleGrant(person=one, role="manager", branch=cast.west, valid_from=BEGIN)
            for one in people
        ]
    )
    sales, moment = Indicator.objects.get(code="M2"), at("2026-12-01 10:00:00")
    given = {"month": NOVEMBER.key, "branch": cast.west, "recorded_at": moment}
    by = {"recorded_by": cast["韩静"], "value": Decimal(80)}
    Result.objects.bulk_create(
        [Result(indicator=sales, manager=one, source="typed", **given, **by) for one in people]
    )
    Mark.objects.bulk_create(
        [Mark(manager=one, item="P4", kind="exam", **given, **by) for one in people]
    )


def statements_of_computing() -> int:
    """How many statements computing and keeping the month's sheets costs."""
    with CaptureQueriesContext(connection) as seen:
        scheme = scheme_for(NOVEMBER, SHEETS)
        assert scheme is not None
        made = list(computed_sheets(scheme, NOVEMBER, FROZEN))
        keep_sheets(month=NOVEMBER, scheme=scheme, computed=made, cut=FROZEN, at=SHEETS)
    return len(seen)


def statements_with(cast: Cast, more: int) -> tuple[int, int]:
    """The same for the cast alone, and with so many more managers; each is scored."""
    alone = statements_of_computing()
    SheetVersion.objects.all().delete()
    ScoreSheet.objects.all().delete()
    Notice.objects.all().delete()
    crowd(cast, more)
    together = statements_of_computing()
    assert ScoreSheet.objects.count() == 4 + more
    assert SheetVersion.objects.count() == 4 + more
    return alone, together


def test_thirty_managers_cost_the_statements_of_four(cast: Cast) -> None:
    alone, together = statements_with(cast, 26)
    assert together == alone < 60


@pytest.mark.pg
def test_four_thousand_managers_cost_the_statements_of_four(cast: Cast) -> None:
    alone, together = statements_with(cast, 3_996)
    assert together == alone


def test_the_manager_confirms_once(scored_november: Cast) -> None:
    cast = scored_november
    sheet = confirmed(cast, "林晓岚")
    assert (sheet.state, sheet.confirmed_at, sheet.version) == ("confirmed", MORNING, 2)
    with pytest.raises(Refused, match="已确认过"):
        confirmed(cast, "林晓岚")
    sheet = sheet_of(cast, "陈嘉怡")
    for who, error in (("周建平", NotAllowed), ("何俊峰", NotFound), ("吴志远", NotFound)):
        with pytest.raises(error):
            confirm_sheet(sheet_id=sheet.pk, expected_version=1, actor=cast.actor(who), at=MORNING)
    with pytest.raises(Stale) as stale:
        confirm_sheet(sheet_id=sheet.pk, expected_version=9, actor=cast.actor("陈嘉怡"), at=MORNING)
    assert stale.value.current == {"version": 1, "state": "computed", "total": None, "newest": 1}


def test_supervisor_and_general_manager_sign_in_turn(scored_november: Cast) -> None:
    cast = scored_november
    confirmed(cast, "林晓岚")
    with pytest.raises(Refused, match="等主管审过"):
        approved(cast, "林晓岚")
    sheet = supervised(cast, "林晓岚", opinion="数据属实")
    assert (sheet.state, sheet.supervised_by_id, sheet.supervisor_opinion) == (
        "supervised",
        cast["周建平"].pk,
        "数据属实",
    )
    assert Notice.objects.filter(person=cast["赵国梁"], key=f"supervised:{sheet.pk}").exists()
    with pytest.raises(Refused, match="主管已审过"):
        supervised(cast, "林晓岚")
    sheet = approved(cast, "林晓岚")
    assert (sheet.state, sheet.approved_by_id, sheet.head_opinion) == (
        "approved",
        cast["赵国梁"].pk,
        "同意",
    )
    assert sheet.total == Decimal("91.88")
    assert list(
        AuditRow.objects.filter(what__startswith="kpi.", actor_id__isnull=False)
        .order_by("pk")
        .values_list("what", "actor_name")
    ) == [
        ("kpi.confirm_sheet", "林晓岚"),
        ("kpi.supervise_sheet", "周建平"),
        ("kpi.approve_sheet", "赵国梁"),
    ]


def test_nobody_signs_the_own_sheet_or_signs_twice(cast: Cast) -> None:
    """周建平 looks after customers himself and is deputy too (annex 11.11)."""
    for role in ("manager", "deputy"):
        RoleGrant.objects.create(
            person=cast["周建平"], role=role, branch=cast.east, valid_from=BEGIN
        )
    computed()
    confirmed(cast, "周建平")
    with pytest.raises(NotAllowed):
        supervised(cast, "周建平")
    with pytest.raises(NotAllowed):
        approved(cast, "周建平", by="周建平")
    # There is no other supervisor: the general manager does not wait for one.
    assert approved(cast, "周建平").state == "approved"
    confirmed(cast, "林晓岚")
    supervised(cast, "林晓岚")
    with pytest.raises(NotAllowed):
        approved(cast, "林晓岚", by="周建平")
    assert approved(cast, "林晓岚", by="钱慧敏").state == "approved"


@pytest.mark.parametrize("who", ["林晓岚", "郑秋实", "韩静", "赵国梁"])
def test_only_the_branchs_supervisor_signs(cast: Cast, who: str) -> None:
    computed()
    confirmed(cast, "陈嘉怡")
    error = NotFound if who in ("林晓岚", "郑秋实") else NotAllowed
    with pytest.raises(error):
        supervised(cast, "陈嘉怡", by=who)


@pytest.mark.parametrize(
    ("moment", "is_let"),
    [
        ("2026-12-10 23:59:59", False),
        ("2026-12-11 00:00:00", True),
        ("2026-12-11 00:00:01", True),
    ],
)
def test_who_never_answers_is_waited_for_until_the_objections_end(
    cast: Cast, moment: str, is_let: bool
) -> None:
    computed()
    if is_let:
        assert supervised(cast, "陈嘉怡", moment=at(moment)).state == "supervised"
        return
    with pytest.raises(Refused, match="还没有确认"):
        supervised(cast, "陈嘉怡", moment=at(moment))


def test_of_two_who_sign_at_once_the_second_is_told(cast: Cast) -> None:
    computed()
    confirmed(cast, "陈嘉怡")
    seen = sheet_of(cast, "陈嘉怡").version
    supervised(cast, "陈嘉怡")
    with pytest.raises(Stale) as stale:
        supervise_sheet(
            sheet_id=sheet_of(cast, "陈嘉怡").pk,
            opinion="",
            expected_version=seen,
            actor=cast.actor("周建平"),
            at=MORNING,
        )
    assert stale.value.current["state"] == "supervised"


def all_approved(cast: Cast) -> None:
    """Every sheet of 城东 confirmed, signed and approved."""
    for who in ("林晓岚", "陈嘉怡", "何俊峰"):
        confirmed(cast, who)
        supervised(cast, who)
        approved(cast, who)


def test_a_branch_is_locked_by_hand_once_all_is_approved(scored_november: Cast) -> None:
    cast = scored_november
    gm = cast.actor("赵国梁")
    with pytest.raises(Refused, match="还有 3 张"):
        lock_branch(
            month=NOVEMBER, branch_id=cast.east.pk, expected_version=0, actor=gm, at=MORNING
        )
    all_approved(cast)
    for who, error in (("周建平", NotAllowed), ("韩静", NotAllowed), ("吴志远", NotFound)):
        with pytest.raises(error):
            lock_branch(
                month=NOVEMBER,
                branch_id=cast.east.pk,
                expected_version=3,
                actor=cast.actor(who),
                at=MORNING,
            )
    with pytest.raises(Stale):
        lock_branch(
            month=NOVEMBER, branch_id=cast.east.pk, expected_version=2, actor=gm, at=MORNING
        )
    assert (
        lock_branch(
            month=NOVEMBER, branch_id=cast.east.pk, expected_version=3, actor=gm, at=MORNING
        )
        == 3
    )
    assert {
        (one.manager.name, one.state, one.locked_at)
        for one in ScoreSheet.objects.select_related("manager")
    } == {
        ("林晓岚", "locked", MORNING),
        ("陈嘉怡", "locked", MORNING),
        ("何俊峰", "locked", MORNING),
        ("吴志远", "computed", None),
    }


def test_the_timetable_locks_what_is_left_wherever_it_stands(cast: Cast) -> None:
    computed()
    confirmed(cast, "林晓岚")
    ticked(at("2026-12-12 09:00:00"))
    assert set(ScoreSheet.objects.values_list("state", "locked_at")) == {("locked", LOCKS)}
    assert Job.objects.get(kind="kpi.lock_sheets").result == {"locked": 4}


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-12-11 23:59:59", True),
        ("2026-12-12 00:00:00", False),
        ("2026-12-12 00:00:01", False),
    ],
)
def test_a_month_closes_by_the_clock_and_not_by_the_job(
    cast: Cast, moment: str, is_open: bool
) -> None:
    computed()
    if is_open:
        assert confirmed(cast, "林晓岚", moment=at(moment)).state == "confirmed"
        return
    with pytest.raises(Refused, match="已锁定"):
        confirmed(cast, "林晓岚", moment=at(moment))


def test_a_locked_sheet_shows_the_same_points_for_ever(scored_november: Cast) -> None:
    """Whatever becomes of the rows it was counted from (annex 11.13)."""
    cast = scored_november
    ticked(at("2026-12-12 09:00:00"))
    before = version_of(cast, "林晓岚")
    ServiceLog.objects.update(is_late=True)
    Summary.objects.update(minutes_late=99)
    Mark.objects.update(value=Decimal(0))
    Result.objects.update(value=Decimal(1))
    Case.objects.update(points=Decimal(1), state="rejected")
    TargetVersion.objects.all().delete()
    RoleGrant.objects.filter(role="manager").update(branch=cast.west)
    Branch.objects.filter(pk=cast.east.pk).update(name="改名分公司")
    scheme = scheme_for(NOVEMBER, SHEETS)
    assert scheme is not None
    changed = {**scheme.content, "items": scheme.content["items"][:1]}
    type(scheme).objects.filter(pk=scheme.pk).update(content=changed)
    job = Job.objects.get(kind="kpi.compute_sheets")
    job.state = "waiting"
    job.save()
    jobs.run_due(at("2026-12-14 09:00:00"))
    after = version_of(cast, "林晓岚")
    assert (after.number, after.content, after.digest) == (1, before.content, before.digest)
    assert sheet_of(cast, "林晓岚").total == Decimal("91.88")


LATER = at("2026-12-14 10:00:00")


def proposed(cast: Cast, who: str, *, by: str, inputs: dict[str, Any] | None = None) -> Any:
    """Somebody proposes that 林晓岚's exam was another mark."""
    sheet = sheet_of(cast, who)
    return propose_correction(
        sheet_id=sheet.pk,
        item="P4",
        inputs=inputs or {"mark": "98"},
        why="考卷漏判一题",
        expected_version=sheet.version,
        actor=cast.actor(by, on=LATER),
        at=LATER,
    )


def decided(cast: Cast, correction: Any, *, by: str, is_approved: bool = True) -> Any:
    """A second person decides on it."""
    return decide_correction(
        correction_id=correction.pk,
        is_approved=is_approved,
        decision="已核对考卷",
        expected_version=ScoreSheet.objects.get(pk=correction.sheet_id).version,
        actor=cast.actor(by, on=LATER),
        at=LATER,
    )


def test_after_the_lock_only_a_correction_by_two_persons(scored_november: Cast) -> None:
    cast = scored_november
    with pytest.raises(Refused, match="还没有锁定"):
        propose_correction(
            sheet_id=sheet_of(cast, "林晓岚").pk,
            item="P4",
            inputs={"mark": "98"},
            why="考卷漏判一题",
            expected_version=1,
            actor=cast.actor("周建平"),
            at=MORNING,
        )
    ticked(at("2026-12-12 09:00:00"))
    with pytest.raises(NotAllowed):
        proposed(cast, "林晓岚", by="林晓岚")
    correction = proposed(cast, "林晓岚", by="赵国梁")
    with pytest.raises(Refused, match="已有一条更正"):
        proposed(cast, "林晓岚", by="周建平")
    assert {one.person.name for one in Notice.objects.filter(key__startswith="correction:")} == {
        "钱慧敏",
        "韩静",
    }
    for who in ("赵国梁", "周建平"):
        with pytest.raises(NotAllowed):
            decided(cast, correction, by=who)
    assert decided(cast, correction, by="韩静").state == "approved"
    sheet, version = sheet_of(cast, "林晓岚"), version_of(cast, "林晓岚")
    # The exam weighs 12 of the 40 that are left of the process: 98 instead of 88 is 1.20 more.
    assert (sheet.state, sheet.total, sheet.newest) == ("locked", Decimal("93.08"), 2)
    assert (version.kind, version.why, version.made_by_id, version.approved_by_id) == (
        "correction",
        "考卷漏判一题",
        cast["赵国梁"].pk,
        cast["韩静"].pk,
    )
    assert lines_of(version)["P4"]["adjusted"] == {
        "why": "考卷漏判一题",
        "by": "赵国梁",
        "at": "2026-12-14T02:00:00+00:00",
    }
    first = sheet.versions.get(number=1)
    assert (first.content["total"], lines_of(first)["P4"]["inputs"]) == (
        "91.88",
        {"mark": "88.00"},
    )


def test_a_correction_that_is_not_approved_changes_nothing(scored_november: Cast) -> None:
    cast = scored_november
    ticked(at("2026-12-12 09:00:00"))
    correction = decided(cast, proposed(cast, "林晓岚", by="韩静"), by="赵国梁", is_approved=False)
    sheet = sheet_of(cast, "林晓岚")
    assert (correction.state, sheet.total, sheet.newest) == ("rejected", Decimal("91.88"), 1)
    with pytest.raises(Refused, match="已复核过"):
        decided(cast, correction, by="钱慧敏")


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"mark": "101"}, "100"),
        ({"mark": "高"}, "高"),
        ({"met": "1"}, "met"),
        ({}, "正确的数"),
    ],
)
def test_a_correction_bears_inputs_that_the_formula_can_take(
    scored_november: Cast, inputs: dict[str, Any], message: str
) -> None:
    cast = scored_november
    ticked(at("2026-12-12 09:00:00"))
    sheet = sheet_of(cast, "林晓岚")
    with pytest.raises(Refused, match=message):
        propose_correction(
            sheet_id=sheet.pk,
            item="P4",
            inputs=inputs,
            why="考卷漏判一题",
            expected_version=sheet.version,
            actor=cast.actor("赵国梁", on=LATER),
            at=LATER,
        )


def test_the_inputs_of_a_month_are_those_the_sheet_keeps(scored_november: Cast) -> None:
    cast = scored_november
    scheme = scheme_for(NOVEMBER, SHEETS)
    assert scheme is not None
    me = cast["林晓岚"].pk
    counted = counted_inputs(parsed(scheme.content), NOVEMBER, [me], FROZEN)[me]
    assert inputs_of(version_of(cast, "林晓岚").content) == counted
