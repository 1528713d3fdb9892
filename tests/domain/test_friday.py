"""Friday by the clock (W5): reminders at quiet minutes, the closing two minutes after the cut."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core import bulk, jobs
from core.models import Job
from customers.models import Customer, Tier
from desk.demo.people import Staff, make_staff
from duties.models import Notice
from duties.operations import ensure_periods
from organization.models import Person, RoleGrant
from tests.cast import BEGIN, Cast, at
from tests.domain.week import WEEK, filed
from worklogs.figures import counted
from worklogs.jobs import close_week
from worklogs.models import ServiceLog

pytestmark = pytest.mark.django_db


@pytest.fixture
def friday(cast: Cast) -> Cast:
    """Thursday 17:00: the periods stand, the clock has ticked until now."""
    ensure_periods(WEEK, WEEK)
    jobs.tick(at("2026-11-26 17:00:00"))
    Job.objects.all().delete()
    return cast


def run_until(moment: str) -> None:
    """The clock ticks once, and everything due is done."""
    jobs.tick(at(moment))
    jobs.run_due(at(moment))


def reminders() -> list[tuple[str, str]]:
    return list(
        Notice.objects.filter(kind="reminder")
        .order_by("created_at", "person__job_number")
        .values_list("person__name", "title")
    )


def test_whoever_has_not_filed_is_reminded_at_quiet_minutes(friday: Cast) -> None:
    run_until("2026-11-27 09:39:59")
    assert reminders() == []
    run_until("2026-11-27 09:40:00")
    title = "第 48 周周报还没有交，17:30 截止"
    everybody = ["林晓岚", "陈嘉怡", "何俊峰", "吴志远"]
    assert reminders() == [(name, title) for name in everybody]
    filed(friday, "林晓岚", "2026-11-27 16:00:00")
    run_until("2026-11-27 17:07:00")
    assert [name for name, _ in reminders()][-3:] == ["陈嘉怡", "何俊峰", "吴志远"]
    run_until("2026-11-27 17:30:00")
    assert len(reminders()) == 4 + 4 + 3  # 09:40, 15:10 (before the filing is known), 17:07


def test_a_late_clock_drops_reminders_and_keeps_the_closing(friday: Cast) -> None:
    run_until("2026-11-30 09:00:00")
    assert reminders() == []
    states = dict(Job.objects.filter(kind__startswith="worklogs").values_list("key", "state"))
    assert sorted(states.values()) == ["done", "dropped", "dropped", "dropped"]


def test_the_week_closes_by_the_clock(friday: Cast) -> None:
    filed(friday, "林晓岚", "2026-11-27 17:30:00")
    filed(friday, "陈嘉怡", "2026-11-27 17:31:00")
    run_until("2026-11-27 17:31:59")
    assert not Notice.objects.filter(kind="missing").exists()
    run_until("2026-11-27 17:32:00")
    assert list(
        Notice.objects.filter(kind="missing")
        .order_by("person__job_number")
        .values_list("person__name", "title", "body")
    ) == [
        ("韩静", "第 48 周周报已截止，2 家分公司共 3 人未交", "城东分公司 2\n城西分公司 1"),
        ("孙岚", "第 48 周周报已截止，2 家分公司共 3 人未交", "城东分公司 2\n城西分公司 1"),
        ("周建平", "第 48 周周报已截止，2 人未交", "陈嘉怡、何俊峰"),
        ("郑秋实", "第 48 周周报已截止，1 人未交", "吴志远"),
    ]


def test_a_notice_is_in_the_receivers_language(friday: Cast) -> None:
    Person.objects.filter(name="周建平").update(language="en")
    run_until("2026-11-27 17:32:00")
    title = Notice.objects.get(kind="missing", person=friday["周建平"]).title
    assert title == "Week 48 is closed: 3 summaries missing"


def _statements(moment: str) -> int:
    deadline = at("2026-11-27 17:30:00").isoformat()
    with CaptureQueriesContext(connection) as captured:
        close_week(
            {"week": WEEK.key, "deadline": deadline},
            at(moment),
            jobs.Progress(0, 0, at(moment)),
        )()
    return len(captured)


def test_the_closing_costs_the_same_for_four_managers_and_for_two_hundred(
    friday: Cast,
) -> None:
    few = _statements("2026-11-27 17:32:00")
    Notice.objects.all().delete()
    people = Person.objects.bulk_create(
        Person(
            job_number=f"29{n:04d}",
            name=f"员工{n}",
            branch=friday.east,
            joined_on=BEGIN,
            sort_key=f"{n:04d}",
        )
        for n in range(200)
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(person=person, role="manager", branch=friday.east, valid_from=BEGIN)
        for person in people
    )
    assert _statements("2026-11-27 17:32:00") == few
    assert "员工199" in Notice.objects.get(person=friday["周建平"]).body


def _called_by_all(staff: Staff) -> None:
    """Every manager has called the one customer of the branch."""
    tier = Tier.objects.filter(kind="group").first()
    called = at("2026-11-25 10:00:00")
    due = at("2026-11-26 12:00:00")
    columns = (
        *("manager", "recorded_by", "branch", "customer", "tier_code", "occurred_at"),
        *("occurred_on", "initiator", "channel", "category", "content", "due_at", "is_late"),
        *("recorded_at", "updated_at"),
    )
    customers = Customer.objects.bulk_create(
        Customer(branch_id=crew.branch_id, kind="group", name=f"客户{crew.code}", code=crew.code,
                 tier=tier, added_on=BEGIN, updated_at=called)
        for crew in staff.crews
    )  # fmt: skip
    bulk.load(
        ServiceLog,
        columns,
        (
            (one.pk, one.pk, crew.branch_id, customer.pk, "A", called, called.date(), "active",
             "phone", "routine", "电话回访。", due, False, called, called)
            for crew, customer in zip(staff.crews, customers, strict=True)
            for one in crew.managers
        ),
    )  # fmt: skip


def _company_closes(branches: int) -> tuple[int, int]:
    """The statements of closing the week and of counting it, of a company of 20 a branch."""
    with transaction.atomic():
        staff = make_staff(branches=branches, managers=20, seed=1, before=BEGIN)
        ensure_periods(WEEK, WEEK)
        managers = [one.pk for crew in staff.crews for one in crew.managers]
        assert len(managers) == 20 * branches
        _called_by_all(staff)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as the server does by itself soon after such a load
        closing = _statements("2026-11-27 17:32:00")
        missing = Notice.objects.filter(kind="missing")
        office = missing.filter(title__contains=f"{branches} 家分公司共 {len(managers)} 人未交")
        assert missing.count() - office.count() == branches
        assert office.exists()
        cut = at("2026-11-27 17:30:00")
        with CaptureQueriesContext(connection) as captured:
            found = counted(managers, WEEK, cut, cut)
        assert {one["calls"] for one in found.values()} == {1}
        transaction.set_rollback(True)
    return closing, len(captured)


@pytest.mark.pg
def test_the_week_of_four_thousand_closes_in_as_many_statements_as_that_of_forty() -> None:
    assert _company_closes(200) == _company_closes(2)
