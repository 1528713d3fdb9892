"""An invented company is what people would have made of it, and the same every time."""

from collections.abc import Callable
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, Model
from django.test.utils import CaptureQueriesContext

from core import bulk, canonical
from core.models import Draft
from core.periods import Week
from core.sealing import open_sealed
from customers.models import Assignment, Contact, Customer, Tier, TierChange
from desk.demo.company import Made, Scale, make_company
from desk.demo.players import Players, play
from desk.demo.story import week_events
from duties.models import DutyPeriod
from organization.models import Branch, Person, RoleGrant
from tests.cast import at
from worklogs import contents, figures
from worklogs.models import (
    Consolidation,
    Reminder,
    RollUp,
    RollUpVersion,
    ServiceLog,
    Summary,
    SummaryReturn,
    SummaryVersion,
)

pytestmark = pytest.mark.django_db

THURSDAY = at("2026-11-26 16:00:00")
# Big enough for somebody who is late, one who never files, and a summary given back.
SMALL = Scale(branches=2, managers=12, weeks=2, seed=4, at=THURSDAY)
OWN = (
    *(Branch, Person, RoleGrant, Customer, Contact, Assignment, TierChange, DutyPeriod),
    *(ServiceLog, Summary, SummaryVersion, SummaryReturn, Reminder, Draft),
    *(RollUp, RollUpVersion, Consolidation),
)
WEEKLY = (Summary, SummaryVersion, SummaryReturn, Reminder, Draft, RollUp, RollUpVersion)


def silent(_line: str) -> None:
    """Nobody listens."""


def rows_of(model: type[Model], *without: str) -> list[tuple[Any, ...]]:
    """All rows in plain values, sealed text opened; ids are left out where asked."""
    fields = [one.attname for one in model._meta.concrete_fields if one.attname not in without]
    rows = model._default_manager.order_by().values_list(*fields)
    return sorted(
        [
            tuple(
                open_sealed(value) if name.endswith("_sealed") else value
                for name, value in zip(fields, row, strict=True)
            )
            for row in rows
        ],
        key=repr,
    )


def undone(make: Callable[[], Any]) -> Any:
    """What the making gives, with the database as it was before."""
    with transaction.atomic():
        given = make()
        transaction.set_rollback(True)
    return given


@pytest.fixture
def company() -> Made:
    """Two branches, two closed weeks, half of a third."""
    return make_company(SMALL, say=silent)


def test_a_load_counts_its_rows_fills_in_defaults_and_lets_the_ids_go_on() -> None:
    rows = [(10 * n, f"T{n}", "group", f"等级 {n}", f"Tier {n}", n) for n in range(1, 4)]
    Tier.objects.all().delete()

    loaded = bulk.load(Tier, ("id", "code", "kind", "name_zh", "name_en", "rank"), rows)

    assert loaded == 3
    assert list(Tier.objects.values_list("pk", "code", "aliases")) == [
        (10, "T1", []),
        (20, "T2", []),
        (30, "T3", []),
    ]
    assert Tier.objects.create(code="T4", kind="group", rank=4).pk == 31


def test_a_load_of_nothing_writes_nothing() -> None:
    assert bulk.load(Draft, ("owner_id", "key", "saved_at"), []) == 0


def test_a_load_knows_its_columns() -> None:
    with pytest.raises(FieldDoesNotExist):
        bulk.load(Tier, ("colour",), [("red",)])


def test_the_same_seed_makes_the_same_rows() -> None:
    def made() -> dict[str, list[tuple[Any, ...]]]:
        make_company(SMALL, say=silent)
        # Ids that a sequence gave go on after a rollback; what points at rows is compared.
        return {model.__name__: rows_of(model, "id") for model in OWN}

    first, second = undone(made), undone(made)

    assert all(first.values())
    assert first == second


def test_ten_times_the_people_are_written_by_the_same_statements() -> None:
    def statements(managers: int) -> int:
        scale = Scale(branches=2, managers=managers, weeks=1, seed=4, at=THURSDAY)
        with CaptureQueriesContext(connection) as captured:
            make_company(scale, say=silent)
        assert ServiceLog.objects.count() > 20 * managers
        return len(captured)

    assert undone(lambda: statements(40)) == undone(lambda: statements(4))


def test_head_office_and_every_branch_are_staffed(company: Made) -> None:
    roles = dict(RoleGrant.objects.order_by().values_list("role").annotate(n=Count("pk")))

    assert roles == {
        "market": 2,
        "group_office": 2,
        "sysadmin": 1,
        "secadmin": 1,
        "auditor": 1,
        "confidentiality": 1,
        "gm": 2,
        "deputy": 2,
        "supervisor": 2,
        "manager": 24,
    }
    assert list(Branch.objects.values_list("code", "name")) == [
        ("B000", "公司本部"),
        ("B001", "城东分公司"),
        ("B002", "城西分公司"),
    ]
    east = Person.objects.filter(branch__code="B001").order_by("job_number")
    names = ["赵国梁", "钱慧敏", "周建平", "林晓岚", "陈嘉怡", "何俊峰"]
    assert [person.name for person in east[:6]] == names
    assert east[3].reports_to == east[2]
    assert east[2].reports_to == east[0]
    assert not any(person.has_usable_password() for person in east)


def test_every_customer_has_the_manager_and_tier_that_are_in_force(company: Made) -> None:
    on = THURSDAY.date()
    held = dict(Assignment.objects.in_force_on(on).values_list("customer", "manager"))
    tiers = dict(TierChange.objects.in_force_on(on).values_list("customer", "tier"))

    assert held == dict(Customer.objects.values_list("pk", "manager"))
    assert tiers == dict(Customer.objects.values_list("pk", "tier"))
    contact = Contact.objects.first()
    assert contact is not None
    assert open_sealed(contact.phone_sealed).endswith(contact.phone_tail)


def test_every_version_holds_the_figures_that_its_own_moment_counts(company: Made) -> None:
    versions = list(SummaryVersion.objects.select_related("summary"))

    for version in versions:
        summary = version.summary
        week, manager = Week.parse(summary.week), summary.manager_id
        cut = (summary.deadline_at, version.submitted_at)
        counted = figures.counted([manager], week, *cut)[manager]
        assert {key: int(one["value"]) for key, one in version.figures.items()} == counted
        assert version.log_count == figures.week_logs([manager], week, *cut).count()
    assert len(versions) > 40


def test_the_weeks_hold_all_that_can_become_of_a_summary(company: Made) -> None:
    versions = SummaryVersion.objects.all()

    assert Summary.objects.filter(minutes_late__gt=0).exists()
    assert Summary.objects.count() < 2 * 24
    assert SummaryReturn.objects.exists()
    assert versions.filter(number=2).exists()
    assert any(version.nothing for version in versions)
    assert any(
        one["value"] != one["declared"] and one["reason"]
        for version in versions
        for one in version.figures.values()
    )
    assert Draft.objects.filter(key="summary:2026-W48").exists()
    assert ServiceLog.objects.filter(number=2).exists()
    assert not ServiceLog.objects.filter(recorded_at__gt=THURSDAY).exists()


def test_a_rollup_is_what_its_sending_would_freeze(company: Made) -> None:
    sent = list(RollUpVersion.objects.select_related("rollup__branch"))

    for version in sent:
        rollup = version.rollup
        content = contents.rollup_content(
            rollup.branch,
            Week.parse(rollup.week),
            comment=version.content["comment"],
            left_out=rollup.left_out,
            cut=version.sent_at,
        )
        assert version.content == content
        assert version.digest == canonical.digest({**content, "cut_at": None})
    assert {version.rollup.week for version in sent} == {"2026-W46", "2026-W47"}


def test_the_company_week_is_what_its_issue_would_freeze(company: Made) -> None:
    issue = Consolidation.objects.get()

    assert issue.week == "2026-W46"
    assert issue.content == contents.consolidation_content(
        Week.parse(issue.week), comment=issue.comment, cut=issue.issued_at
    )
    assert issue.digest == canonical.digest({**issue.content, "cut_at": None})


def test_rows_made_at_once_equal_what_the_operations_write() -> None:
    def at_once() -> dict[str, list[tuple[Any, ...]]]:
        make_company(SMALL, say=silent)
        return weekly()

    def played() -> dict[str, list[tuple[Any, ...]]]:
        made = make_company(SMALL, say=silent, played=SMALL.weeks)
        play(week_events(made, Players(), at=THURSDAY), at=THURSDAY)
        return weekly()

    def weekly() -> dict[str, list[tuple[Any, ...]]]:
        ids = ("id", "summary_id", "version_id", "rollup_id")
        return {model.__name__: rows_of(model, *ids) for model in WEEKLY}

    rows = undone(at_once)

    assert all(rows.values())
    assert undone(played) == rows


def test_without_weeks_there_are_people_and_customers_only() -> None:
    until = date(2026, 11, 26)
    call_command("make_company", branches=1, managers=2, weeks=0, until=until, stdout=StringIO())

    assert Person.objects.count() == 8 + 5
    assert Customer.objects.exists()
    assert not ServiceLog.objects.exists()
    assert not Summary.objects.exists()


def test_a_database_with_a_branch_is_left_alone(cast: object) -> None:
    with pytest.raises(CommandError):
        call_command("make_company", branches=1, managers=1, weeks=1)
    with pytest.raises(CommandError):
        call_command("load_demo")
    call_command("load_demo", if_empty=True)

    assert Branch.objects.count() == 3
