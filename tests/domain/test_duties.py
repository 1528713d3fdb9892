"""Duty periods: made ahead and on demand, by annex 7, moved with settings; the shell's list."""

import json
from datetime import date, datetime, time
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.periods import Week, instant, local
from customers.models import Customer
from duties import operations, schedule
from duties.models import DutyPeriod
from duties.queries import periods_due
from organization.models import Branch, BranchSetting, Person
from organization.operations.branches import close_branch
from organization.operations.settings import set_setting
from tests.cast import Cast, at

W48 = Week(2026, 48)
WEEKLY = ("summary", "rollup")  # the duties of the week's close; meetings have stories of their own


def rows() -> set[tuple[str, str, str, datetime, datetime]]:
    return set(
        DutyPeriod.objects.values_list("kind", "branch__code", "key", "opens_at", "deadline_at")
    )


def shell(*arguments: str) -> list[dict[str, str]]:
    out = StringIO()
    call_command("duties", *arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


# week from, summary due at 17:30, roll-up due at 18:00 with a lag of one week
ANNEX_7 = [
    ("2025-12-29", "2025-12-31", "2026-01-09"),
    ("2026-02-09", "2026-02-13", "2026-02-27"),
    ("2026-02-16", None, None),
    ("2026-02-23", "2026-02-27", "2026-03-06"),
    ("2026-04-06", "2026-04-10", "2026-04-17"),
    ("2026-04-27", "2026-04-30", "2026-05-08"),
    ("2026-05-04", "2026-05-08", "2026-05-15"),
    ("2026-06-15", "2026-06-18", "2026-06-26"),
    ("2026-09-14", "2026-09-18", "2026-09-24"),
    ("2026-09-21", "2026-09-24", "2026-09-30"),
    ("2026-09-28", "2026-09-30", "2026-10-09"),
    ("2026-10-05", "2026-10-09", "2026-10-16"),
]


@pytest.mark.parametrize(("monday", "summary", "rollup"), ANNEX_7)
def test_annex_7_of_2026_as_rows(
    cast: Cast, monday: str, summary: str | None, rollup: str | None
) -> None:
    week = Week.containing(date.fromisoformat(monday))
    operations.ensure_periods(week, week)
    found = {
        row.kind: f"{local(row.deadline_at):%Y-%m-%d %H:%M:%S}"
        for row in DutyPeriod.objects.filter(branch=cast.east, kind__in=WEEKLY)
    }
    if summary is None:
        assert found == {}
    else:
        assert found == {"summary": f"{summary} 17:30:00", "rollup": f"{rollup} 18:00:00"}


def test_week_53_has_its_duties_and_the_roll_up_of_week_1_follows(cast: Cast) -> None:
    operations.ensure_periods(Week(2026, 53), Week(2027, 1))
    assert [
        (row.kind, row.key, f"{local(row.deadline_at):%Y-%m-%d %H:%M}")
        for row in DutyPeriod.objects.filter(branch=cast.west, kind__in=WEEKLY)
    ] == [
        ("summary", "2026-W53", "2027-01-01 17:30"),
        ("summary", "2027-W01", "2027-01-08 17:30"),
        ("rollup", "2026-W53", "2027-01-08 18:00"),
        ("rollup", "2027-W01", "2027-01-15 18:00"),
    ]


def test_a_period_asked_for_twice_is_one_row(cast: Cast) -> None:
    first = operations.ensure(kind="summary", branch=cast.east, period=W48)
    again = operations.ensure(kind="summary", branch=cast.east, period=W48)
    assert first is not None
    assert first == again
    assert (first.opens_at, first.deadline_at) == (
        instant(date(2026, 11, 23), time.min),
        instant(date(2026, 11, 27), time(17, 30)),
    )
    assert operations.ensure(kind="summary", branch=cast.east, period=Week(2026, 8)) is None
    assert operations.ensure(kind="summary", branch=cast.head, period=W48) is None


def test_periods_cost_the_same_for_two_branches_and_sixty(cast: Cast) -> None:
    def cost(week: Week) -> int:
        with CaptureQueriesContext(connection) as queries:
            operations.ensure_periods(week, week.next.next)
        return len(queries)

    two = cost(W48)
    Branch.objects.bulk_create([Branch(code=f"B{n:03d}", name=f"第{n}分公司") for n in range(58)])
    sixty = cost(W48.plus(10))
    assert DutyPeriod.objects.filter(key=W48.plus(10).key).count() == 180
    # SQLite takes 166 rows a statement, PostgreSQL all at once.
    made = DutyPeriod.objects.filter(branch__code__startswith="B").count()
    assert two == 6
    assert sixty <= (6 if connection.vendor == "postgresql" else 6 + made // 166)


def test_a_tick_late_by_days_makes_the_rows_of_a_tick_a_minute(cast: Cast) -> None:
    schedule.plan_periods(at("2026-11-26 17:00:00"), at("2026-11-30 09:00:00"))
    late = rows()
    DutyPeriod.objects.all().delete()
    moments = [at("2026-11-26 17:00:00"), at("2026-11-28 12:00:00"), at("2026-11-30 09:00:00")]
    for since, until in pairwise(moments):
        schedule.plan_periods(since, until)
        schedule.plan_periods(since, until)
    assert rows() == late
    assert {key for kind, _, key, _, _ in late if kind in WEEKLY} == {
        "2026-W48",
        "2026-W49",
        "2026-W50",
        "2026-W51",
    }
    # What had begun and ended before the window is nobody's fault.
    assert min(key for kind, _, key, _, _ in late if kind == "standup") == "2026-11-27"
    assert {key for kind, _, key, _, _ in late if kind == "analysis"} == {"2026-12"}


def test_a_closed_branch_owes_nothing_from_the_week_it_closes_in(cast: Cast) -> None:
    Branch.objects.filter(pk=cast.west.pk).update(closed_on=date(2026, 11, 27))
    operations.ensure_periods(Week(2026, 47), W48)
    assert [
        key for kind, branch, key, _, _ in sorted(rows()) if (branch, kind) == ("CX", "summary")
    ] == ["2026-W47"]
    assert max(
        key for kind, branch, key, _, _ in rows() if (branch, kind) == ("CX", "standup")
    ) == ("2026-11-26")


def set_hour(key: str, value: object, valid_from: date, branch: Branch | None = None) -> None:
    BranchSetting.objects.create(
        branch=branch, key=key, value=value, valid_from=valid_from, set_at=at("2026-11-25 09:00:00")
    )


def test_a_branch_setting_moves_what_is_still_to_come(cast: Cast) -> None:
    operations.ensure_periods(Week(2026, 47), Week(2026, 49))
    set_hour("close_of_business", "17:00", date(2026, 12, 1), cast.east)
    set_hour("summary_due", "16:00", date(2026, 11, 1), cast.east)
    moved = operations.redate_periods(at=at("2026-11-27 10:00:00"), branch_ids=[cast.east.pk])
    found = {
        (row.kind, row.key): f"{local(row.deadline_at):%m-%d %H:%M}"
        for row in DutyPeriod.objects.filter(branch=cast.east, kind__in=WEEKLY)
    }
    assert found == {
        ("summary", "2026-W47"): "11-20 17:30",  # has passed
        ("summary", "2026-W48"): "11-27 16:00",
        ("summary", "2026-W49"): "12-04 16:00",
        ("rollup", "2026-W47"): "11-27 18:00",  # the earlier close holds from December on
        ("rollup", "2026-W48"): "12-04 17:00",  # due by the end of that Friday's work
        ("rollup", "2026-W49"): "12-11 17:00",
    }
    assert moved == 5  # the first roll-up opens earlier, too
    west = DutyPeriod.objects.filter(branch=cast.west, kind__in=WEEKLY)
    assert {f"{local(row.deadline_at):%H:%M}" for row in west} == {"17:30", "18:00"}


def test_a_roll_up_without_lag_is_due_on_its_own_friday(cast: Cast) -> None:
    set_hour("rollup_lag_weeks", 0, date(2026, 1, 1))
    period = operations.ensure(kind="rollup", branch=cast.east, period=W48)
    assert period is not None
    assert local(period.opens_at) == at("2026-11-27 17:30:00")
    assert local(period.deadline_at) == at("2026-11-27 18:00:00")


def test_the_shell_lists_the_span_by_deadline_branch_and_kind(cast: Cast) -> None:
    lines = shell("--from", "2026-11-27", "--to", "2026-12-04")
    meetings = [one for one in lines if one["kind"] not in WEEKLY and one["branch"] == "CD"]
    assert [
        (one["kind"], one["period"], one["opens_at"][:16], one["deadline_at"][11:16])
        for one in meetings
    ] == [
        ("standup", "2026-11-27", "2026-11-27T08:30", "08:50"),
        ("weekly", "2026-W49", "2026-11-30T08:30", "09:00"),
        ("standup", "2026-12-01", "2026-12-01T08:30", "08:50"),
        ("standup", "2026-12-02", "2026-12-02T08:30", "08:50"),
        ("standup", "2026-12-03", "2026-12-03T08:30", "08:50"),
        ("standup", "2026-12-04", "2026-12-04T08:30", "08:50"),
    ]
    lines = [one for one in lines if one["kind"] in WEEKLY]
    assert [(one["deadline_at"], one["branch"], one["kind"], one["period"]) for one in lines] == [
        ("2026-11-27T17:30:00+08:00", "CD", "summary", "2026-W48"),
        ("2026-11-27T17:30:00+08:00", "CX", "summary", "2026-W48"),
        ("2026-11-27T18:00:00+08:00", "CD", "rollup", "2026-W47"),
        ("2026-11-27T18:00:00+08:00", "CX", "rollup", "2026-W47"),
        ("2026-12-04T17:30:00+08:00", "CD", "summary", "2026-W49"),
        ("2026-12-04T17:30:00+08:00", "CX", "summary", "2026-W49"),
        ("2026-12-04T18:00:00+08:00", "CD", "rollup", "2026-W48"),
        ("2026-12-04T18:00:00+08:00", "CX", "rollup", "2026-W48"),
    ]
    assert list(lines[0]) == ["kind", "branch", "period", "opens_at", "deadline_at"]
    assert lines[0]["opens_at"] == "2026-11-23T00:00:00+08:00"
    assert not DutyPeriod.objects.exists()  # asking makes nothing


def test_the_shell_says_what_stands_and_not_what_the_rule_would_say_now(cast: Cast) -> None:
    operations.ensure_periods(W48, W48)
    set_hour("summary_due", "12:00", date(2026, 1, 1))
    lines = shell("--from", "2026-11-27", "--to", "2026-12-04", "--branch", "城东分公司")
    assert [
        (one["kind"], one["period"], one["deadline_at"][:16])
        for one in lines
        if one["kind"] == "summary"
    ] == [("summary", "2026-W48", "2026-11-27T17:30"), ("summary", "2026-W49", "2026-12-04T12:00")]


def test_the_shell_refuses_a_branch_it_does_not_know(cast: Cast) -> None:
    with pytest.raises(CommandError):
        shell("--from", "2026-11-27", "--to", "2026-12-04", "--branch", "ZZ")
    with pytest.raises(CommandError):
        shell("--from", "2026-12-04", "--to", "2026-11-27")


def test_two_branches_and_sixty_years_of_span_cost_the_same(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as short:
        periods_due(date(2026, 11, 27), date(2026, 11, 27), [cast.east])
    with CaptureQueriesContext(connection) as long:
        periods_due(date(2026, 1, 1), date(2026, 12, 31), [cast.east, cast.west])
    assert len(short) == len(long) == 4


def test_a_setting_moves_deadlines_in_its_own_transaction(cast: Cast) -> None:
    operations.ensure_periods(W48, W48)
    moment = at("2026-11-27 10:00:00")
    set_setting(
        branch_id=cast.east.pk,
        key="summary_due",
        value="16:00",
        valid_from=date(2026, 11, 27),
        actor=cast.actor("马骏", on=moment),
        at=moment,
    )
    found = {
        row.branch.code: f"{local(row.deadline_at):%H:%M}"
        for row in DutyPeriod.objects.filter(kind="summary").select_related("branch")
    }
    assert found == {"CD": "16:00", "CX": "17:30"}


def test_a_branch_that_closes_loses_what_is_still_to_come(cast: Cast) -> None:
    operations.ensure_periods(Week(2026, 47), Week(2026, 49))
    moment = at("2026-11-27 10:00:00")
    Person.objects.filter(branch=cast.west).update(left_on=date(2026, 11, 27))
    Customer.objects.filter(branch=cast.west).update(branch=cast.east, manager=cast["林晓岚"])
    close_branch(
        branch_id=cast.west.pk,
        on=date(2026, 11, 28),
        why="并入城东",
        expected_version=1,
        actor=cast.actor("马骏", on=moment),
        at=moment,
    )
    periods = DutyPeriod.objects.filter(branch=cast.west).values_list("kind", "key")
    assert max(key for kind, key in periods if kind == "standup") == "2026-11-27"
    assert sorted(one for one in periods if one[0] in WEEKLY) == [
        ("rollup", "2026-W47"),
        ("rollup", "2026-W48"),  # the week in which it still stood
        ("summary", "2026-W47"),
        ("summary", "2026-W48"),
    ]
