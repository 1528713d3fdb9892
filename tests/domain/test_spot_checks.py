"""The month's spot-check reports (P3, B1): judged by the system, late or not the same."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import canonical, jobs
from core.models import AuditRow, Job
from core.periods import Month, Week
from duties.models import Notice
from duties.month_queries import month_end_of
from duties.operations import ensure_periods
from inspections import checks as installed
from inspections.judged import Judged
from inspections.models import CheckItem
from inspections.operations.items import set_check_item
from organization.models import Branch, Person, RoleGrant
from reports import spot_checks as report_makers
from reports.figures import month_figures
from reports.masking import Masking
from reports.models import SpotCheck
from reports.operations.spot_checks import remake_spot_checks
from reports.spot_check_queries import costs_of, service_quality
from reports.spot_checks import Content, spot_checks
from tests.cast import BEGIN, Cast, at
from tests.conftest import StoryClock
from tests.domain.month import NOVEMBER, WEEKS, file_all, make_november, renamed
from tests.domain.week import acting, entry, filed, logged, sent
from worklogs.models import ServiceLog, Summary
from worklogs.operations.logs import correct_log
from worklogs.operations.summaries import return_summary

pytestmark = pytest.mark.django_db
PROVISIONAL = at("2026-11-30 20:00:00")
FROZEN = at("2026-12-02 12:00:00")
EAST = ("林晓岚", "陈嘉怡", "何俊峰")


@pytest.fixture
def november(cast: Cast) -> Cast:
    return make_november(cast)


def run_until(moment: str) -> None:
    """The clock ticks once, and everything due is done."""
    jobs.tick(at(moment))
    jobs.run_due(at(moment))


def contents(phase: str = "provisional") -> dict[str, Content]:
    return {row.content["branch"]["code"]: row.content for row in kept(phase)}


def kept(phase: str = "provisional") -> list[SpotCheck]:
    return list(SpotCheck.objects.filter(phase=phase).order_by("branch__code"))


def digests(phase: str = "provisional") -> dict[str, str]:
    return {row.content["branch"]["code"]: row.digest for row in kept(phase)}


def item(content: Content, code: str) -> Content:
    return next(one for one in content["items"] if one["code"] == code)


def test_the_sheet_of_annex_3_8_is_data() -> None:
    rows = CheckItem.objects.order_by("rank")
    assert [(row.code, int(row.points)) for row in rows] == [
        ("data", 15),
        ("agree", 20),
        ("frequency", 15),
        ("birthday", 10),
        ("perception", 15),
        ("notice", 5),
        ("minutes", 15),
        ("punctual", 5),
    ]
    assert sum(row.points for row in rows) == 100


def test_the_month_ends_when_annex_2_says(cast: Cast) -> None:
    end = month_end_of(NOVEMBER)
    assert (end.provisional_at, end.frozen_at) == (PROVISIONAL, FROZEN)


def test_each_fault_takes_its_points_and_names_its_row(november: Cast) -> None:
    file_all(
        november,
        but=[("何俊峰", 47), ("何俊峰", 48)],
        late={("陈嘉怡", 46): "2026-11-13 17:30:01"},
    )
    run_until("2026-11-30 20:00:00")
    east = contents()["CD"]
    punctual = item(east, "punctual")
    assert (punctual["counted"], punctual["kept"], punctual["lost"]) == (12, "2.50", "2.50")
    assert [(one["kind"], one["label"], one["points"]) for one in punctual["faults"]] == [
        ("late", "陈嘉怡 第 46 周周报迟交 1 分 0 秒", "0.50"),
        ("missing", "何俊峰 第 47 周周报未交", "1.00"),
        ("missing", "何俊峰 第 48 周周报未交", "1.00"),
    ]
    assert punctual["faults"][1]["url"] == f"/weeks/2026-W47/of/{november['何俊峰'].pk}/"
    assert punctual["faults"][1]["person"] == november["何俊峰"].pk
    assert east["summaries"] == {"owed": 12, "done": 9, "late": 1, "missing": 2}
    assert contents()["CX"]["summaries"] == {"owed": 4, "done": 4, "late": 0, "missing": 0}


def test_without_a_source_an_item_is_not_checked_and_gives_nothing(november: Cast) -> None:
    file_all(november, but=[("何俊峰", 48)])
    run_until("2026-11-30 20:00:00")
    east = contents()["CD"]
    checked = {one["code"]: one["is_checked"] for one in east["items"]}
    assert checked == {
        "data": False,
        "agree": True,
        "frequency": False,
        "birthday": False,
        "perception": False,
        "notice": False,
        "minutes": False,
        "punctual": True,
    }
    assert (east["kept"], east["checked"], east["score"]) == ("24.00", "25.00", "96.00")
    assert (item(east, "data")["kept"], item(east, "data")["lost"]) == (None, None)


def test_declared_otherwise_than_counted_is_a_mismatch_with_both_figures(november: Cast) -> None:
    logged(november, "林晓岚", "东方纺织集团", "2026-11-24 10:00:00")
    declared = {"active": ("3", "还有两次没来得及记"), "calls": ("2", "同上，电话没有记")}
    filed(november, "林晓岚", "2026-11-27 17:00:00", declared=declared)
    run_until("2026-11-30 20:00:00")
    agree = item(contents()["CD"], "agree")
    assert [(one["kind"], one["label"]) for one in agree["faults"]] == [
        ("mismatch", "林晓岚 第 48 周周报主动服务申报 3，系统 1"),
        ("mismatch", "林晓岚 第 48 周周报电话与短信申报 2，系统 1"),
    ]
    assert (agree["counted"], agree["kept"], agree["lost"]) == (1, "16.00", "4.00")


def overdrawn(cast: Cast) -> Content:
    """Three of the branch miss all four weeks: twelve points of faults on an item of five."""
    file_all(cast, but=[(who, week.number) for who in EAST for week in WEEKS])
    run_until("2026-11-30 20:00:00")
    return item(contents()["CD"], "punctual")


def test_rows_add_up_to_what_the_item_loses(november: Cast) -> None:
    punctual = overdrawn(november)
    points = [one["points"] for one in punctual["faults"]]
    assert (punctual["lost"], punctual["kept"]) == ("5.00", "0.00")
    assert points == ["1.00"] * 5 + ["0.00"] * 7


def test_page_bulletin_and_api_read_the_same_points(
    november: Cast, browser_of: Callable[[Person], Client], clock: StoryClock
) -> None:
    overdrawn(november)
    clock.set("2026-12-01 09:00:00")
    client = browser_of(november["周建平"])
    page = client.get(f"/spot-checks/2026-11/{november.east.pk}/?phase=provisional")
    rows = page.content.decode().split('id="item-punctual"')[1].split("</ul>")[0]
    assert rows.count("−1") == 5
    where = rows.index("这一项的 5.00 分到这里扣完，以下不再扣分")
    assert (rows[:where].count("<li"), rows[where:].count("周报未交")) == (6, 7)
    run_until("2026-12-02 12:00:00")
    problems = month_figures(NOVEMBER, FROZEN)["problems"]
    assert [one["points"] for one in problems] == ["1.00"] * 5 + ["0.00"] * 7


def test_reports_of_before_are_read_by_what_they_really_cost() -> None:
    faults = [{"points": points} for points in ("2.00", "2.00", "2.00")]
    assert costs_of({"lost": "5.00", "faults": faults}) == [Decimal(2), Decimal(2), Decimal(1)]
    assert costs_of({"lost": None, "faults": []}) == []


def test_a_week_counts_in_the_month_of_its_deadline(november: Cast) -> None:
    october = Month(2026, 10)
    ensure_periods(Week(2026, 44), Week(2026, 44))  # Friday, 30 October
    found = {one.branch.code: one.content for one in spot_checks(october, FROZEN)}
    assert found["CX"]["summaries"] == {"owed": 1, "done": 0, "late": 0, "missing": 1}
    found = {one.branch.code: one.content for one in spot_checks(NOVEMBER, FROZEN)}
    assert found["CX"]["summaries"]["owed"] == 4
    # Week 49 ends on 4 December.
    december = {one.branch.code: one.content for one in spot_checks(Month(2026, 12), FROZEN)}
    assert december["CX"]["summaries"]["owed"] == 0


@pytest.mark.parametrize(("seconds", "owed"), [(0, 3), (1, 4)])
def test_a_week_is_judged_from_the_second_after_its_deadline(
    november: Cast, seconds: int, owed: int
) -> None:
    cut = at("2026-11-27 17:30:00") + timedelta(seconds=seconds)
    found = {one.branch.code: one.content for one in spot_checks(NOVEMBER, cut)}
    assert found["CX"]["summaries"]["owed"] == owed


def test_the_clock_makes_both_reports_once(november: Cast) -> None:
    file_all(november)
    run_until("2026-11-30 19:59:59")
    assert not SpotCheck.objects.exists()
    run_until("2026-11-30 20:00:00")
    assert sorted(digests()) == ["CD", "CX"]
    run_until("2026-12-02 11:59:59")
    assert not SpotCheck.objects.filter(phase="frozen").exists()
    run_until("2026-12-02 12:00:00")
    assert sorted(digests("frozen")) == ["CD", "CX"]
    run_until("2026-12-02 12:01:00")
    assert Job.objects.filter(kind="reports.spot_check").count() == 2
    assert {row.due_at for row in kept("frozen")} == {FROZEN}


def disturb(cast: Cast) -> None:
    """What happens after the cut: a late summary, one given back and filed again, a new log."""
    filed(cast, "何俊峰", "2026-12-02 15:00:00", week=WEEKS[3])
    summary = Summary.objects.get(manager=cast["林晓岚"], week=WEEKS[3].key)
    return_summary(
        summary_id=summary.pk,
        remarks={"text:needs": "写具体"},
        expected_version=summary.version,
        actor=acting(cast, "周建平", at("2026-12-02 15:10:00")),
        at=at("2026-12-02 15:10:00"),
    )
    filed(
        cast,
        "林晓岚",
        "2026-12-02 15:20:00",
        week=WEEKS[3],
        version=1,
        declared={"active": ("9", "补上漏记的几次")},
    )
    logged(cast, "陈嘉怡", "明珠酒店", "2026-11-26 10:00:00", recorded="2026-12-02 15:30:00")
    correct_log(
        thread_id=ServiceLog.objects.get(manager=cast["林晓岚"]).thread_id or 0,
        entry=entry(cast, "东方纺织集团", "2026-11-25 10:00:00"),
        expected_number=1,
        reason="日期记错了",
        actor=acting(cast, "林晓岚", at("2026-12-02 15:35:00")),
        at=at("2026-12-02 15:35:00"),
    )
    sent(cast, "2026-12-02 15:40:00", week=WEEKS[3])
    # By its new name 何俊峰 would stand before all others, too.
    renamed(cast, "何俊峰", "艾俊峰", "2026-12-02 15:45:00")


@pytest.mark.parametrize(
    "late", ["2026-12-02 12:00:00", "2026-12-02 15:59:00", "2026-12-05 12:00:00"]
)
def test_made_late_it_is_the_same(november: Cast, late: str) -> None:
    logged(november, "林晓岚", "东方纺织集团", "2026-11-24 10:00:00")
    file_all(november, but=[("何俊峰", 48), ("陈嘉怡", 47), ("林晓岚", 47), ("何俊峰", 47)])
    expected = {
        one.branch.code: one.digest for one in spot_checks(NOVEMBER, FROZEN, phase="frozen")
    }
    if at(late) > FROZEN:
        disturb(november)
    run_until(late)
    assert digests("frozen") == expected
    assert contents("frozen")["CD"]["summaries"]["missing"] == 4


def test_a_bulletin_names_managers_as_the_reports_do(november: Cast) -> None:
    """So that whoever is renamed after the freeze is still masked in other branches' editions."""
    file_all(november, but=[("何俊峰", 48)])
    renamed(november, "何俊峰", "艾俊峰", "2026-12-02 15:45:00")
    figures = month_figures(NOVEMBER, at("2026-12-05 09:00:00"))
    pk = november["何俊峰"].pk
    assert figures["people"][str(pk)] == {
        "job_number": "200006",
        "name": "何俊峰",
        "also": "艾俊峰",
        "branch": november.east.pk,
    }
    masking = Masking(figures["people"])
    assert masking.shown("何俊峰、艾俊峰", None) == "工号200006、工号200006"


def test_three_hours_late_and_three_days_late_give_the_same_rows(november: Cast) -> None:
    file_all(november, but=[("何俊峰", 48)])
    run_until("2026-11-30 23:00:00")
    early = digests()
    SpotCheck.objects.all().delete()
    Job.objects.filter(kind="reports.spot_check").update(
        state="waiting", attempt=0, run_after=PROVISIONAL
    )
    filed(november, "何俊峰", "2026-12-01 09:00:00", week=WEEKS[3])
    jobs.run_due(at("2026-12-03 20:00:00"))
    assert digests() == early


def test_late_entries_until_the_freeze_count_in_the_frozen_report(november: Cast) -> None:
    file_all(november, but=[("何俊峰", 48)])
    run_until("2026-11-30 20:00:00")
    filed(november, "何俊峰", "2026-12-01 09:00:00", week=WEEKS[3])
    run_until("2026-12-02 12:00:00")
    kinds = {
        phase: [one["kind"] for one in item(contents(phase)["CD"], "punctual")["faults"]]
        for phase in ("provisional", "frozen")
    }
    assert kinds == {"provisional": ["missing"], "frozen": ["late"]}


def test_rank_and_change_from_the_month_before(november: Cast) -> None:
    for branch, rank, score in ((november.east, 1, "100"), (november.west, 2, "90.50")):
        SpotCheck.objects.create(
            month="2026-10",
            branch=branch,
            phase="frozen",
            content={"failed": "", "grade": "good"},
            digest="x",
            kept=Decimal(25),
            checked=Decimal(25),
            score=Decimal(score),
            rank=rank,
            due_at=at("2026-11-03 12:00:00"),
        )
    file_all(november, but=[("何俊峰", 48)])
    run_until("2026-12-02 12:00:00")
    quality = service_quality(NOVEMBER)
    east, west = quality[november.east.pk], quality[november.west.pk]
    assert (east.rank, east.previous_rank, east.previous_score) == (2, 1, Decimal("100.00"))
    assert (west.rank, west.previous_rank, west.previous_score) == (1, 2, Decimal("90.50"))
    assert (east.score, east.grade, west.score) == (Decimal("96.00"), "good", Decimal("100.00"))
    assert (east.kept, east.checked, east.phase) == (Decimal(24), Decimal(25), "frozen")


def test_equal_scores_share_a_rank(november: Cast) -> None:
    file_all(november)
    run_until("2026-11-30 20:00:00")
    assert {row.rank for row in kept()} == {1}


def test_a_branch_of_which_nothing_could_be_checked_has_no_score(cast: Cast) -> None:
    report = spot_checks(NOVEMBER, FROZEN)[0]
    assert (report.score, report.rank, report.content["checked"]) == (None, None, "0.00")
    assert report.content["grade"] == ""


def poison(cast: Cast) -> None:
    """A version of west's whose figures nobody can read."""
    version = Summary.objects.get(manager=cast["吴志远"], week=WEEKS[1].key).versions.get()
    version.figures = {"active": None}
    version.save(update_fields=["figures"])


def test_one_poisoned_branch_stops_no_other_and_says_why(november: Cast) -> None:
    file_all(november)
    poison(november)
    run_until("2026-11-30 20:00:00")
    found = contents()
    assert found["CD"]["score"] == "100.00"
    assert found["CX"]["failed"].startswith("weeks.agree: TypeError: ")
    assert (found["CX"]["score"], found["CX"]["items"], found["CX"]["rank"]) == (None, [], None)
    job = Job.objects.get(kind="reports.spot_check")
    assert (job.state, job.result["made"]) == ("done", 1)
    assert list(job.result["failed"]) == ["CX"]
    title = Notice.objects.get(person=november["韩静"], group="spot-check:2026-11").title
    assert title == "11 月抽查（暂计）：1 家没有做成，看原因"


def test_what_breaks_while_one_report_is_put_together_stops_no_other(
    november: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_all(november)
    real = report_makers._made

    def breaking(branch: Branch, *more: Any) -> Any:
        if branch.code == "CX":
            raise ZeroDivisionError("nothing to divide by")
        return real(branch, *more)

    monkeypatch.setattr(report_makers, "_made", breaking)
    run_until("2026-11-30 20:00:00")
    assert contents()["CD"]["failed"] == ""
    assert contents()["CX"]["failed"] == "report: ZeroDivisionError: nothing to divide by"


def test_the_mended_branch_is_made_again_as_of_the_due_moment(november: Cast) -> None:
    file_all(november, but=[("何俊峰", 48)])
    poison(november)
    run_until("2026-11-30 20:00:00")
    version = Summary.objects.get(manager=november["吴志远"], week=WEEKS[1].key).versions.get()
    version.figures = {}
    version.save(update_fields=["figures"])
    market = acting(november, "韩静", at("2026-12-01 10:00:00"))
    remake_spot_checks(
        month=NOVEMBER, phase="provisional", actor=market, at=at("2026-12-01 10:00:00")
    )
    jobs.run_due(at("2026-12-01 10:00:00"))
    found = contents()
    assert (found["CX"]["failed"], found["CX"]["rank"], found["CD"]["rank"]) == ("", 1, 2)
    assert found["CX"]["cut_at"] == "2026-11-30T12:00:00+00:00"
    assert AuditRow.objects.filter(what="reports.remake_spot_checks").count() == 1


def test_the_digest_is_that_of_the_content(november: Cast) -> None:
    file_all(november)
    run_until("2026-11-30 20:00:00")
    for row in kept():
        assert row.digest == canonical.digest(row.content)


def test_leaders_and_the_market_department_are_told(november: Cast) -> None:
    file_all(november, but=[("何俊峰", 48)])
    run_until("2026-11-30 20:00:00")
    told = Notice.objects.filter(group="spot-check:2026-11").order_by("person__job_number")
    assert list(told.values_list("person__name", "title")) == [
        ("韩静", "11 月抽查（暂计）已出：2 家分公司"),
        ("赵国梁", "11 月抽查（暂计）：96.00 分，第 2 名"),
        ("钱慧敏", "11 月抽查（暂计）：96.00 分，第 2 名"),
        ("周建平", "11 月抽查（暂计）：96.00 分，第 2 名"),
        ("郑秋实", "11 月抽查（暂计）：100.00 分，第 1 名"),
    ]


def test_a_changed_sheet_holds_from_its_month_on(november: Cast) -> None:
    file_all(november, but=[("何俊峰", 48)])
    moment = at("2026-12-01 09:00:00")
    set_check_item(
        code="punctual",
        valid_from=Month(2027, 1),
        names={"zh-hans": "周报及时"},
        points=Decimal(10),
        taking="per_fault",
        faults={"missing": Decimal(3)},
        clause="W5",
        rank=8,
        judged_by="summaries.punctuality",
        actor=acting(november, "韩静", moment),
        at=moment,
    )
    run_until("2026-12-02 12:00:00")
    assert item(contents("frozen")["CD"], "punctual")["points"] == "5.00"
    later = spot_checks(Month(2027, 1), at("2027-02-02 12:00:00"))[0].content
    assert item(later, "punctual")["points"] == "10.00"


# Size


def _statements() -> int:
    with CaptureQueriesContext(connection) as captured:
        assert not any(one.failed for one in spot_checks(NOVEMBER, FROZEN))
    return len(captured)


def test_forty_branches_cost_as_many_statements_as_two(november: Cast) -> None:
    file_all(november)
    few = _statements()
    branches = Branch.objects.bulk_create(
        Branch(code=f"X{n:02d}", name=f"第{n}分公司", opened_on=BEGIN) for n in range(38)
    )
    people = Person.objects.bulk_create(
        Person(job_number=f"{n:06d}", name=f"经理{n}", branch=branches[n % 38], joined_on=BEGIN)
        for n in range(760)
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(person=person, role="manager", branch=person.branch, valid_from=BEGIN)
        for person in people
    )
    ensure_periods(WEEKS[0], WEEKS[-1])
    assert _statements() == few
    assert sum(one.content["summaries"]["owed"] for one in spot_checks(NOVEMBER, FROZEN)) == 3056


def test_a_moved_manager_counts_where_he_stands_on_the_deadlines_day(november: Cast) -> None:
    RoleGrant.objects.filter(person=november["何俊峰"]).update(valid_to=date(2026, 11, 16))
    RoleGrant.objects.create(
        person=november["何俊峰"],
        role="manager",
        branch=november.west,
        valid_from=date(2026, 11, 16),
    )
    found = {one.branch.code: one.content for one in spot_checks(NOVEMBER, FROZEN)}
    assert {code: one["summaries"]["owed"] for code, one in found.items()} == {"CD": 10, "CX": 6}


def test_a_check_that_says_nothing_of_a_branch_leaves_it_unchecked(
    november: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(month: Month, ids: Collection[int], cut: datetime) -> Mapping[int, Judged]:
        return {november.west.pk: Judged(30, kept_share=Decimal("0.9"))}

    known = {"coverage.frequency": installed.Check("coverage.frequency", "频次", judge)}
    monkeypatch.setattr(report_makers, "checks", lambda: known)
    found = {one.branch.code: one.content for one in spot_checks(NOVEMBER, FROZEN)}
    assert item(found["CX"], "frequency")["kept"] == "13.50"
    assert item(found["CX"], "frequency")["share"] == "90.0"
    assert item(found["CD"], "frequency")["is_checked"] is False
