"""The supervisor's board and the company's week (P0, P2.2): what deviates stands first."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Refused
from duties.operations import ensure_periods
from tests.cast import Cast, at
from tests.domain.week import WEEK, acting, filed, logged
from worklogs.operations.reminders import remind
from worklogs.operations.summaries import return_summary
from worklogs.queries import board, company_week, due_items

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(cast: Cast) -> Cast:
    """Friday 17:46: 林晓岚 filed, 陈嘉怡 late and given back, 何俊峰 not at all."""
    ensure_periods(WEEK, WEEK)
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-23 10:00:00")
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-25 10:00:00")
    logged(cast, "何俊峰", "华立机械厂", "2026-11-24 10:00:00")
    filed(cast, "林晓岚", "2026-11-27 17:14:26", declared={"active": ("3", "漏记一次")})
    version = filed(cast, "陈嘉怡", "2026-11-27 17:38:20")
    moment = at("2026-11-27 17:44:00")
    return_summary(
        summary_id=version.summary_id,
        remarks={"text:help": "找谁"},
        expected_version=1,
        actor=acting(cast, "周建平", moment),
        at=moment,
    )
    remind(
        branch_id=cast.east.pk,
        week=WEEK,
        manager_ids=[cast["何俊峰"].pk],
        actor=acting(cast, "周建平", moment),
        at=moment,
    )
    return cast


def test_the_board_says_who_did_what(week: Cast) -> None:
    found = board(week.east, WEEK, at("2026-11-27 17:46:00"))
    assert [(row.manager.name, row.standing) for row in found.rows] == [
        ("何俊峰", "missing"),
        ("陈嘉怡", "returned"),
        ("林晓岚", "on_time"),
    ]
    assert found.counts == {"missing": 1, "returned": 1, "late": 0, "on_time": 1, "not_due": 0}
    he, chen, lin = found.rows
    assert (he.services, he.by_day, he.reminded_at, he.may_be_reminded) == (
        1,
        (0, 1, 0, 0, 0, 0, 0),
        at("2026-11-27 17:44:00"),
        False,
    )
    assert (chen.minutes_late, chen.returned_fields) == (9, ("text:help",))
    assert (lin.differing, lin.parts_written, lin.by_day) == (1, 8, (1, 0, 1, 0, 0, 0, 0))


def test_before_the_deadline_nobody_is_missing(week: Cast) -> None:
    found = board(week.east, WEEK, at("2026-11-27 17:30:00"))
    assert found.counts["not_due"] == 1
    assert found.missing == ()


def test_the_company_sees_all_branches(week: Cast) -> None:
    rows = company_week(WEEK, at("2026-11-27 17:46:00"))
    assert [
        (row.branch.name, row.owing, row.on_time, row.late, row.returned, row.missing)
        for row in rows
    ] == [("城东分公司", 3, 1, 0, 1, 1), ("城西分公司", 1, 0, 0, 0, 1)]


def test_a_board_costs_the_same_for_three_and_for_more(week: Cast) -> None:
    moment = at("2026-11-27 17:46:00")
    with CaptureQueriesContext(connection) as three:
        board(week.east, WEEK, moment)
    with CaptureQueriesContext(connection) as one:
        board(week.west, WEEK, moment)
    assert abs(len(three) - len(one)) <= 1


def test_what_is_due_is_asked_and_never_stored(week: Cast) -> None:
    people = [week[name].pk for name in ("林晓岚", "陈嘉怡", "何俊峰")]
    first, last = at("2026-11-27 00:00:00"), at("2026-11-27 23:59:59")
    items = due_items(people, first, last)
    assert sorted(item.person_id for item in items) == sorted(people[1:])
    assert {item.due_at for item in items} == {at("2026-11-27 17:30:00")}


def test_the_button_reminds_managers_of_a_week_that_has_begun(week: Cast) -> None:
    moment = at("2026-11-27 17:50:00")
    for who, of in (("赵国梁", WEEK), ("周建平", WEEK), ("陈嘉怡", WEEK.next)):
        with pytest.raises(Refused):
            remind(
                branch_id=week.east.pk,
                week=of,
                manager_ids=[week[who].pk],
                actor=acting(week, "周建平", moment),
                at=moment,
            )
