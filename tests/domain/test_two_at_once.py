"""Two who do the same at the same instant: one does it, the other is told so (never a fault)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core.calendar import DayMark
from core.errors import Refused, Stale
from core.models import AuditRow, CalendarYear, WorkDay
from core.unique import unless_taken
from duties import operations as duties
from meetings.operations import combining
from organization.models import Branch, Person, RoleGrant
from organization.operations import branches, people, roles
from tests.cast import FRIDAY, NOON, Cast, at, make_cast
from tests.domain.meetings_at import meetings_made, the

YEAR = 2027
DAY = DayMark(date(YEAR, 1, 1), False, "元旦")


def grant(cast: Cast, **more: Any) -> RoleGrant:
    """宋琪 makes 陈嘉怡 deputy of the eastern branch from today on."""
    given: dict[str, Any] = {
        "person_id": cast["陈嘉怡"].pk,
        "role": "deputy",
        "branch_id": cast.east.pk,
        "valid_from": FRIDAY,
        "actor": cast.actor("宋琪"),
        "at": NOON,
    }
    return roles.grant_role(**{**given, **more})


def appoint(cast: Cast) -> RoleGrant:
    """周建平 names 林晓岚 as acting supervisor for today."""
    return roles.appoint_acting(
        person_id=cast["林晓岚"].pk,
        branch_id=cast.east.pk,
        first=FRIDAY,
        last=FRIDAY,
        actor=cast.actor("周建平"),
        at=NOON,
    )


def add_person(cast: Cast) -> Person:
    """马骏 enters a newcomer."""
    return people.add_person(
        job_number="200009",
        name="新来的",
        branch_id=cast.east.pk,
        actor=cast.actor("马骏"),
        at=NOON,
    )


def add_branch(cast: Cast) -> Branch:
    """马骏 opens a branch."""
    return branches.add_branch(code="CB", name="城北分公司", actor=cast.actor("马骏"), at=NOON)


def rename_branch(cast: Cast, branch: Branch) -> Branch:
    """马骏 gives a branch another name."""
    return branches.change_branch(
        branch_id=branch.pk,
        changes={"name": "新城分公司"},
        expected_version=1,
        actor=cast.actor("马骏"),
        at=NOON,
    )


def load_year(cast: Cast) -> object:
    """马骏 loads next year's days."""
    return duties.load_year(
        year=YEAR,
        days=[DAY],
        source="公告",
        expected_version=0,
        actor=cast.actor("马骏"),
        at=NOON,
    )


def first_past(check: Callable[..., Any], rival: Callable[[], object]) -> Callable[..., Any]:
    """The check, and a rival who writes right after it has passed for the first time."""
    turns = iter([rival])

    def checked(*args: Any, **kwargs: Any) -> Any:
        found = check(*args, **kwargs)
        next(turns, lambda: None)()
        return found

    return checked


def test_a_role_that_somebody_grants_meanwhile_is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rival() -> None:
        RoleGrant.objects.create(
            person=cast["陈嘉怡"], role="deputy", branch=cast.east, valid_from=FRIDAY
        )

    monkeypatch.setattr(roles, "_faults", first_past(roles._faults, rival))
    with pytest.raises(Refused, match="这段时间已经有这个角色。"):
        grant(cast)
    assert not AuditRow.objects.exists()


def test_an_appointment_that_somebody_makes_meanwhile_is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rival() -> None:
        RoleGrant.objects.create(
            person=cast["林晓岚"], role="supervisor", branch=cast.east, valid_from=FRIDAY
        )

    monkeypatch.setattr(roles, "_acting_faults", first_past(roles._acting_faults, rival))
    with pytest.raises(Refused, match="这段时间已经是主管或代理主管。"):
        appoint(cast)


def test_a_job_number_that_somebody_takes_meanwhile_is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rival() -> None:
        Person.objects.create(job_number="200009", name="先来的", branch=cast.west)

    monkeypatch.setattr(people, "_check", first_past(people._check, rival))
    with pytest.raises(Refused) as raised:
        add_person(cast)
    assert [(one.field, one.message) for one in raised.value.problems] == [
        ("job_number", "这个工号已有人在用。")
    ]


def test_a_name_that_another_branch_takes_meanwhile_is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rival() -> None:
        Branch.objects.create(code="XC", name="新城分公司")

    monkeypatch.setattr(branches, "_check", first_past(branches._check, rival))
    with pytest.raises(Refused) as raised:
        rename_branch(cast, cast.west)
    assert [(one.field, one.message) for one in raised.value.problems] == [
        ("name", "这个名称已有机构在用。")
    ]
    cast.west.refresh_from_db()
    assert cast.west.name == "城西分公司"


def test_a_branch_that_somebody_opens_meanwhile_is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rival() -> None:
        Branch.objects.create(code="CB", name="城北支局")

    monkeypatch.setattr(branches, "_check", first_past(branches._check, rival))
    with pytest.raises(Refused, match="这个编码已有机构在用。"):
        add_branch(cast)


def test_a_year_that_somebody_loads_meanwhile_is_stale(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rival() -> None:
        CalendarYear.objects.create(year=YEAR, source="先到的公告", loaded_at=NOON)

    monkeypatch.setattr(duties, "_guard_year", first_past(duties._guard_year, rival))
    with pytest.raises(Stale):
        load_year(cast)


def test_a_day_that_somebody_marks_while_the_year_is_loaded_is_the_notices(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rival() -> None:
        WorkDay.objects.create(
            on=DAY.on, is_workday=True, source="by-hand", changed_at=at("2026-11-27 11:59:59")
        )

    real = WorkDay.objects.bulk_create

    def late(*args: Any, **kwargs: Any) -> Any:
        rival()
        return real(*args, **kwargs)

    monkeypatch.setattr(WorkDay.objects, "bulk_create", late)
    load_year(cast)
    day = WorkDay.objects.get(on=DAY.on)
    assert (day.is_workday, day.source) == (False, "公告")


def test_a_role_taken_back_before_it_began_can_be_granted_again(cast: Cast) -> None:
    first = grant(cast)
    roles.end_role(grant_id=first.pk, on=FRIDAY, actor=cast.actor("宋琪"), at=NOON)
    again = grant(cast, why="还是他")
    assert again.valid_to is None
    held = RoleGrant.objects.filter(person=cast["陈嘉怡"], role="deputy")
    assert [(one.valid_from, one.valid_to, one.why) for one in held] == [(FRIDAY, None, "还是他")]
    assert [row.what for row in AuditRow.objects.order_by("pk")] == [
        "organization.grant_role",
        "organization.end_role",
        "organization.grant_role",
    ]


def test_an_acting_supervisor_taken_back_can_be_named_again(cast: Cast) -> None:
    first = appoint(cast)
    roles.end_acting(grant_id=first.pk, actor=cast.actor("周建平"), at=NOON)
    assert appoint(cast).is_acting
    assert RoleGrant.objects.filter(person=cast["林晓岚"], is_acting=True).count() == 1


def test_other_faults_of_integrity_are_not_taken_for_a_rival(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), unless_taken(lambda: None):
        RoleGrant.objects.create(
            person=cast["陈嘉怡"],
            role="deputy",
            branch=cast.east,
            valid_from=FRIDAY,
            valid_to=date(2026, 11, 26),
        )


def test_where_nothing_is_found_the_refusal_says_that_somebody_was_first(cast: Cast) -> None:
    with pytest.raises(Refused, match="刚才有人先保存了同样的内容"), unless_taken(lambda: None):
        Branch.objects.create(code="CX", name="另一个")


# Truly at once


def both(task: Callable[[], object]) -> list[Exception]:
    """Run the task in two threads; what was raised."""
    failures: list[Exception] = []

    def run() -> None:
        try:
            task()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _turn in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def both_look_first(monkeypatch: pytest.MonkeyPatch, module: Any, check: str) -> None:
    """After the check each waits for the other, or a second where a lock keeps the other out."""
    meeting = threading.Barrier(2)
    real = getattr(module, check)

    def checked(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=1)
        return found

    monkeypatch.setattr(module, check, checked)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("module", "check", "task", "sentence"),
    [
        (roles, "_faults", grant, "这段时间已经有这个角色。"),
        (roles, "_acting_faults", appoint, "这段时间已经是主管或代理主管。"),
        (people, "_check", add_person, "这个工号已有人在用。"),
        (branches, "_check", add_branch, "这个编码已有机构在用。"),
    ],
)
def test_of_two_at_once_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, module: Any, check: str, task: Any, sentence: str
) -> None:
    cast = make_cast()
    both_look_first(monkeypatch, module, check)
    failures = both(lambda: task(cast))
    assert [(type(one), str(one)) for one in failures] == [(Refused, sentence)]
    assert AuditRow.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_roles_that_one_person_may_not_have_are_not_granted_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No constraint sees this one: what is granted to one person comes in turn."""
    cast = make_cast()
    wanted = iter(["sysadmin", "auditor"])
    both_look_first(monkeypatch, roles, "_faults")
    failures = both(
        lambda: grant(cast, person_id=cast["韩静"].pk, role=next(wanted), branch_id=cast.head.pk)
    )
    assert [str(one) for one in failures] == ["系统管理员、安全管理员、审计员不能由一人兼任。"]
    held = RoleGrant.objects.filter(person=cast["韩静"], role__in=["sysadmin", "auditor"])
    assert held.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_combine_two_meetings_each_the_other_way_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast = make_cast()
    meetings_made(cast)
    weekly, analysis = the(cast, "weekly", "2026-W52"), the(cast, "analysis", "2026-12")
    pairs = iter([(weekly, analysis), (analysis, weekly)])
    both_look_first(monkeypatch, combining, "changed")

    def combine() -> None:
        lead, joined = next(pairs)
        combining.combine_meetings(
            lead_id=lead.pk,
            joined_id=joined.pk,
            expected_version=lead.version,
            actor=cast.actor("赵国梁"),
            at=NOON,
        )

    assert [type(one) for one in both(combine)] == [Refused]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_load_a_year_at_once_one_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()
    CalendarYear.objects.filter(year=YEAR).delete()
    both_look_first(monkeypatch, duties, "_guard_year")
    assert [type(one) for one in both(lambda: load_year(cast))] == [Stale]
