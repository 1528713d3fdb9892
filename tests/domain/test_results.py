"""Results: typed as a grid, imported, computed; checked by another; progress and forecast."""

import json
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from core.drafts import draft_of
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow
from core.workbooks import open_table
from kpi.models import Indicator, Result
from kpi.operations import results as operations
from kpi.operations.results import check_results
from kpi.queries.indicators import open_indicators
from kpi.queries.results import (
    grid_version,
    manager_progress,
    result_grid,
    results_at,
    unchecked_at,
)
from kpi.queries.target_company import company_lines
from kpi.target_workbooks import results_workbook
from organization.models import Branch, Person
from tests.cast import Cast, at, make_cast
from tests.conftest import StoryClock
from tests.domain.targets import (
    MONTH,
    D,
    given_work,
    imported,
    issued,
    line,
    recorded,
    required,
    written,
)
from tests.domain.test_two_at_once import first_past

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]
CHECKED = at("2026-12-16 10:00:00")


def checked(cast: Cast, who: str = "韩静", version: int | None = None) -> int:
    return check_results(
        branch_id=cast.east.pk,
        month=MONTH,
        expected_version=grid_version(cast.east.pk, MONTH) if version is None else version,
        actor=cast.actor(who, on=CHECKED),
        at=CHECKED,
    )


def values(cast: Cast, cut: str = "2026-12-31 23:00:00") -> dict[tuple[str, str], Decimal]:
    names = {one.pk: name for name, one in cast.people.items()}
    ids = [cast[name].pk for name in ("林晓岚", "陈嘉怡", "何俊峰")]
    return {
        (names[manager], code): one.value
        for (manager, code), one in results_at(MONTH, ids, at(cut)).items()
    }


def test_results_are_typed_with_source_recorder_and_moment(cast: Cast) -> None:
    recorded(cast, {("林晓岚", "M2"): "43", ("陈嘉怡", "M2"): "12"})
    row = Result.objects.get(manager=cast["林晓岚"])
    assert (row.value, row.source, row.recorded_by, row.recorded_at, row.checked_at) == (
        D(43),
        "typed",
        cast["周建平"],
        at("2026-12-15 16:00:00"),
        None,
    )
    trail = AuditRow.objects.get(what="kpi.record_results")
    assert trail.after == {"林晓岚 M2": "43", "陈嘉怡 M2": "12"}


def test_a_change_supersedes_and_what_held_at_a_cut_is_told(cast: Cast) -> None:
    recorded(cast, {("林晓岚", "M2"): "43"})
    recorded(cast, {("林晓岚", "M2"): "44"}, moment="2026-12-20 10:00:00")
    recorded(cast, {("林晓岚", "M2"): None}, moment="2026-12-22 10:00:00")
    told = [
        values(cast, cut).get(("林晓岚", "M2"))
        for cut in (
            "2026-12-15 15:59:59",
            "2026-12-15 16:00:00",
            "2026-12-19 23:59:59",
            "2026-12-20 10:00:00",
            "2026-12-22 10:00:00",
        )
    ]
    assert told == [None, D(43), D(43), D(44), None]
    assert Result.objects.count() == 2


def test_the_version_rises_with_every_change(cast: Cast) -> None:
    versions = [
        recorded(cast, {("林晓岚", "M2"): "1"}),
        recorded(cast, {("林晓岚", "M2"): "1"}),
        recorded(cast, {("林晓岚", "M2"): "2"}),
        recorded(cast, {("林晓岚", "M2"): None}),
        recorded(cast, {("林晓岚", "M2"): "2"}),
    ]
    assert versions == [1, 1, 3, 4, 5]


def test_a_stale_grid_gives_what_stands(cast: Cast) -> None:
    recorded(cast, {("林晓岚", "M2"): "43"})
    with pytest.raises(Stale) as stale:
        recorded(cast, {("陈嘉怡", "M2"): "12"}, version=0)
    assert stale.value.current == {
        "version": 1,
        "cells": {f"cell:{cast['林晓岚'].pk}:M2": "43.00"},
    }


def test_wrong_cells_are_named_and_none_is_written(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        recorded(
            cast,
            {("林晓岚", "M2"): "1.5", ("陈嘉怡", "M2"): "3", ("吴志远", "M2"): "3"},
        )
    assert [problem.field for problem in refused.value.problems] == [
        f"cell:{cast['林晓岚'].pk}:M2",
        f"cell:{cast['吴志远'].pk}:M2",
    ]
    assert not Result.objects.exists()


def test_a_result_may_be_below_zero(cast: Cast) -> None:
    recorded(cast, {("林晓岚", "M1"): "-3.20"})
    assert values(cast) == {("林晓岚", "M1"): D("-3.20")}


@pytest.mark.parametrize(
    ("who", "error"), [("林晓岚", NotFound), ("孙岚", NotAllowed), ("郑秋实", NotFound)]
)
def test_who_does_not_record(cast: Cast, who: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        recorded(cast, {("林晓岚", "M2"): "43"}, who=who)


def test_somebody_else_of_the_market_department_checks(cast: Cast) -> None:
    recorded(cast, {("林晓岚", "M2"): "43"})
    recorded(cast, {("陈嘉怡", "M2"): "12"}, who="韩静")
    assert checked(cast) == 1
    row = Result.objects.get(manager=cast["林晓岚"])
    assert (row.checked_by, row.checked_at) == (cast["韩静"], CHECKED)
    assert Result.objects.get(manager=cast["陈嘉怡"]).checked_at is None
    with pytest.raises(Refused) as refused:
        checked(cast)
    assert refused.value.message == "剩下的都是您自己录入的，要由别人复核。"
    with pytest.raises(NotAllowed):
        checked(cast, who="周建平")


def test_nothing_is_checked_that_was_not_seen(cast: Cast) -> None:
    recorded(cast, {("林晓岚", "M2"): "43"})
    with pytest.raises(Stale):
        checked(cast, version=0)


def test_a_changed_result_is_unchecked_again(cast: Cast) -> None:
    recorded(cast, {("林晓岚", "M2"): "43"})
    checked(cast)
    recorded(cast, {("林晓岚", "M2"): "44"}, moment="2026-12-17 09:00:00")
    assert Result.objects.standing().get().checked_at is None


def test_results_are_imported_a_column_for_each_indicator(cast: Cast) -> None:
    text = (
        "工号,姓名,集团收入,集团产品销售完成（件）,客户满意度\n"
        "200004,林晓岚,182.40,43,87.5\n"
        "200005,陈嘉怡,,12,\n"
        "300004,吴志远,1,1,90\n"
        "200006,何俊风,1,1,90\n"
        "200006,何俊峰,很多,1.5,90\n"
        "999999,无名,1,1,90\n"
    )
    plan = imported(cast, "results", text.encode("gbk"), who="周建平", filename="结果.csv")
    assert [plan.counts[key] for key in ("new", "changed", "unchanged", "wrong")] == [2, 0, 0, 4]
    assert plan.reasons == {
        4: "工号：这位不是本分公司当月的客户经理。",
        5: "姓名：工号 200006 是 何俊峰，表里写的是 何俊风，请核对",
        6: "集团收入：应填数字，如 190.00；集团产品销售：应填整数；"
        "工号：第 5 行已有同一工号，以前者为准；请改正或删去本行",
        7: "工号：没有工号 999999，请核对花名册",
    }
    assert values(cast) == {
        ("林晓岚", "M1"): D("182.40"),
        ("林晓岚", "M2"): D(43),
        ("林晓岚", "S1"): D("87.5"),
        ("陈嘉怡", "M2"): D(12),
    }
    row = Result.objects.get(manager=cast["陈嘉怡"])
    assert (row.source, row.origin, row.recorded_by) == ("imported", "结果.csv", cast["周建平"])
    again = imported(cast, "results", text.encode("gbk"), who="周建平")
    assert (again.counts["unchanged"], Result.objects.count()) == (2, 4)
    newer = text.replace("182.40,43", "182.40,45")
    moved = imported(
        cast, "results", newer.encode("gbk"), who="周建平", moment="2026-12-16 09:00:00"
    )
    assert [each.before for row in moved.having("changed") for each in row.differences] == ["43"]
    assert Result.objects.standing().count() == 4


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_workbook_goes_back_in_unchanged(cast: Cast, language: str) -> None:
    recorded(cast, {("林晓岚", "M1"): "182.40", ("林晓岚", "M2"): "43", ("何俊峰", "M4"): "97.5"})
    with override(language):
        made = results_workbook(result_grid(cast.east, MONTH, at("2026-12-16 09:00:00")))
    heads = [str(cell) for cell in open_table(made.content, "结果.xlsx").sheets[0].rows[0]]
    # Units are said as the reader says them, and the import knows the heading all the same.
    assert ("集团产品销售（件）" in heads, "Group products sold（items）" in heads) == (
        language == "zh-hans",
        language == "en",
    )
    plan = imported(cast, "results", made.content, filename="结果.xlsx")
    assert [plan.counts[key] for key in ("new", "changed", "unchanged", "wrong")] == [0, 0, 2, 1]


def test_what_is_typed_goes_before_what_is_computed(cast: Cast) -> None:
    text = "账期,集团编码,应收,实收,欠费\n202612,G0001,20000,20000,0\n"
    imported(cast, "billing", text.encode("gbk"))
    assert values(cast) == {("林晓岚", "M1"): D("2.00")}
    recorded(cast, {("林晓岚", "M1"): "2.50"}, moment="2026-12-16 09:00:00")
    assert values(cast) == {("林晓岚", "M1"): D("2.50")}


# Progress


def months_targets(cast: Cast) -> None:
    required(cast, M1="90.00")
    written(cast, {"M1": line("90.00"), "M4": line("98.00")})
    given_work(cast, "林晓岚")
    issued(cast)


def test_a_managers_progress_against_the_working_days_gone(cast: Cast) -> None:
    months_targets(cast)
    recorded(cast, {("林晓岚", "M1"): "12.00", ("林晓岚", "M4"): "99.00"})
    told = manager_progress(MONTH, cast["林晓岚"].pk, at("2026-12-18 09:00:00"), open_indicators())
    assert [(one.indicator.code, one.pace.target, one.pace.done) for one in told] == [
        ("M1", D("30.00"), D("40.0")),
        ("M4", D("98.00"), D("101.0")),
    ]
    # 11 of 23 working days were gone by the 15th, the results' day; 14 are by the 18th.
    assert (told[0].pace.gone, told[0].pace.is_behind) == (D("47.8"), True)
    assert (told[0].pace.forecast, told[0].pace.method) == (D("25.09"), "linear")
    assert (told[1].pace.forecast, told[1].pace.is_behind) == (D("99.00"), False)


def test_the_company_shows_who_has_not_issued_first(cast: Cast) -> None:
    months_targets(cast)
    recorded(cast, {("林晓岚", "M1"): "12.00", ("陈嘉怡", "M1"): "18.00"})
    company = company_lines(MONTH, at("2026-12-18 09:00:00"))
    assert [(one.branch.name, one.is_issued, one.is_overdue) for one in company.branches] == [
        ("城西分公司", False, True),
        ("城东分公司", True, False),
    ]
    east = company.branches[1].progress[0].pace
    assert (east.actual, east.target) == (D("30.00"), D("90.00"))
    assert (company.progress[0].pace.actual, company.progress[0].pace.target) == (
        D("30.00"),
        D("90.00"),
    )
    early = company_lines(MONTH, at("2026-12-03 18:00:00"))
    assert [one.is_overdue for one in early.branches] == [False, False]


# The page


@pytest.fixture
def month(cast: Cast, clock: StoryClock) -> Cast:
    """The middle of December: targets issued, nothing recorded."""
    months_targets(cast)
    clock.set("2026-12-15 16:00:00")
    return cast


def save(client: Client, cast: Cast, version: int, **fields: str) -> tuple[int, dict[str, Any]]:
    answer = client.patch(
        f"/results/2026-12/write/?branch={cast.east.pk}",
        json.dumps({"version": str(version), "fields": fields}),
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    return answer.status_code, answer.json()


def test_cells_are_saved_as_they_are_typed_and_wrong_ones_are_kept(
    month: Cast, browser_of: Browser
) -> None:
    boss = browser_of(month["周建平"])
    good, bad = f"cell:{month['林晓岚'].pk}:M2", f"cell:{month['陈嘉怡'].pk}:M2"
    status, told = save(boss, month, 0, **{good: "1,043", bad: "四十"})
    assert (status, told["version"], told["right"]) == (200, "1", [good])
    assert told["errors"] == {bad: "陈嘉怡 集团产品销售：应填数字，如 190.00"}
    page = boss.get(f"/results/2026-12/?branch={month.east.pk}").content.decode()
    assert 'value="1043"' in page
    assert 'value="四十"' in page
    assert "陈嘉怡 集团产品销售：应填数字，如 190.00" in page
    status, told = save(boss, month, 1, **{bad: "40"})
    assert (status, told["errors"], told["version"]) == (200, {}, "2")
    assert draft_of(month["周建平"].pk, f"results:2026-12:{month.east.pk}") is None
    status, told = save(boss, month, 1, **{bad: "41"})
    assert (status, told["current"]["version"]) == (409, "2")
    assert told["current"]["fields"][bad] == "40.00"


def test_the_form_without_scripts_does_the_same(month: Cast, browser_of: Browser) -> None:
    boss = browser_of(month["周建平"])
    good, bad = f"cell:{month['林晓岚'].pk}:M2", f"cell:{month['陈嘉怡'].pk}:M2"
    url = f"/results/2026-12/write/?branch={month.east.pk}"
    answer = boss.post(url, {"version": "0", good: "43", bad: "x"}, follow=True)
    page = answer.content.decode()
    assert (answer.status_code, 'value="x"' in page, 'value="43"' in page) == (200, True, True)
    stale = boss.post(url, {"version": "0", good: "44"})
    assert stale.status_code == 409
    assert 'value="44"' in stale.content.decode()


def test_the_page_says_what_is_lacking_then_who_checks(month: Cast, browser_of: Browser) -> None:
    boss, market = browser_of(month["周建平"]), browser_of(month["韩静"])
    url = f"/results/2026-12/?branch={month.east.pk}"
    assert "2026年12月结果：还差 6 个" in boss.get(url).content.decode()
    for code, number in (("M1", "30"), ("M4", "98")):
        recorded(month, {(name, code): number for name in ("林晓岚", "陈嘉怡", "何俊峰")})
    page = market.get(url).content.decode()
    assert "2026年12月结果：6 个待复核" in page
    assert "复核 6 个" in page
    answer = market.post(
        f"/results/2026-12/check/?branch={month.east.pk}", {"version": "6"}, follow=True
    )
    assert "2026年12月结果都复核过了" in answer.content.decode()
    assert "周建平 12-15，韩静复核" in answer.content.decode()
    assert "复核 6 个" not in boss.get(url).content.decode()


def test_after_the_freeze_the_page_says_that_it_counts_no_more(
    month: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    clock.set("2027-01-04 12:00:01")
    page = browser_of(month["周建平"]).get(f"/results/2026-12/?branch={month.east.pk}")
    assert "已冻结：之后录入的不计入这个月的得分" in page.content.decode()


def test_the_workbook_of_the_page(month: Cast, browser_of: Browser) -> None:
    recorded(month, {("林晓岚", "M2"): "43"})
    answer = browser_of(month["周建平"]).get(f"/results/2026-12/workbook/?branch={month.east.pk}")
    book = open_table(answer.content, "x.xlsx")
    assert ("200004", "林晓岚", None, 43, None, None, None, None) in [
        tuple(row) for row in book.sheets[0].rows
    ]


def test_as_many_statements_for_fifty_results(month: Cast, browser_of: Browser) -> None:
    boss = browser_of(month["周建平"])
    url = f"/results/2026-12/?branch={month.east.pk}"
    boss.get(url)
    counted = []
    for codes in (("M2",), ("M1", "M2", "M3", "M4", "M5", "S1")):
        recorded(
            month, {(name, code): "1" for name in ("林晓岚", "陈嘉怡", "何俊峰") for code in codes}
        )
        with CaptureQueriesContext(connection) as told:
            assert boss.get(url).status_code == 200
        counted.append(len(told))
    assert counted[0] == counted[1]


def test_the_company_costs_the_same_for_any_number_of_branches(month: Cast) -> None:
    counted = []
    for number in (0, 20):
        Branch.objects.bulk_create(
            [Branch(code=f"B{one}", name=f"第{one}分公司", kind="branch") for one in range(number)]
        )
        with CaptureQueriesContext(connection) as told:
            assert len(company_lines(MONTH, at("2026-12-18 09:00:00")).branches) == 2 + number
        counted.append(len(told))
    assert counted[0] == counted[1]


def test_what_is_written_while_results_are_checked_is_not_checked_unseen(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """周建平 changes a number right after 韩静's version was compared: the check is stale."""
    recorded(cast, {("林晓岚", "M2"): "43", ("陈嘉怡", "M2"): "12"})

    def rival() -> None:
        Result.objects.filter(manager=cast["林晓岚"]).update(superseded_at=CHECKED)
        Result.objects.create(
            indicator=Indicator.objects.get(code="M2"),
            manager=cast["林晓岚"],
            branch=cast.east,
            month=MONTH.key,
            value=D(99),
            source="typed",
            recorded_at=CHECKED,
            recorded_by=cast["周建平"],
        )

    version = grid_version(cast.east.pk, MONTH)
    monkeypatch.setattr(operations, "grid_version", first_past(grid_version, rival))
    with pytest.raises(Stale):
        checked(cast, version=version)
    assert not Result.objects.filter(checked_at__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_connections_the_later_writing_stays_unchecked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another connection adds a result during a check; only what was seen is checked."""
    cast = make_cast()
    recorded(cast, {("林晓岚", "M2"): "43"})
    version = grid_version(cast.east.pk, MONTH)

    def write() -> None:
        try:
            recorded(cast, {("陈嘉怡", "M2"): "12"})
        finally:
            connection.close()

    writer = threading.Thread(target=write)

    def rival() -> None:
        writer.start()
        # Where a lock keeps the writer out until the check is over, nobody waits for him.
        writer.join(timeout=1)

    monkeypatch.setattr(operations, "grid_version", first_past(grid_version, rival))
    assert checked(cast, version=version) == 1
    writer.join()
    assert dict(Result.objects.values_list("manager__name", "checked_by__name")) == {
        "林晓岚": "韩静",
        "陈嘉怡": None,
    }


def test_a_result_is_judged_by_the_days_gone_when_it_was_reached(cast: Cast) -> None:
    """Half of it on the 15th is ahead of 47.8 %, though 60.9 % are gone on the 18th."""
    months_targets(cast)
    recorded(cast, {("林晓岚", "M1"): "15.00"})
    told = manager_progress(MONTH, cast["林晓岚"].pk, at("2026-12-18 09:00:00"), open_indicators())
    assert (told[0].pace.done, told[0].pace.gone, told[0].pace.is_behind) == (
        D("50.0"),
        D("47.8"),
        False,
    )


def test_what_nobody_had_checked_by_the_cut_is_told(cast: Cast) -> None:
    recorded(cast, {("林晓岚", "M2"): "43", ("陈嘉怡", "M2"): "12"})
    checked(cast)
    recorded(cast, {("陈嘉怡", "M2"): "13"}, moment="2026-12-17 09:00:00")
    people = [cast["林晓岚"].pk, cast["陈嘉怡"].pk]
    before = at("2026-12-16 09:59:59")
    assert unchecked_at(MONTH, people, before) == {one: frozenset({"M2"}) for one in people}
    assert unchecked_at(MONTH, people, CHECKED) == {}
    assert unchecked_at(MONTH, people, at("2026-12-17 09:00:00")) == {people[1]: frozenset({"M2"})}
