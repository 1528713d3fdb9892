"""The trail: one row an operation, its code, the chain that a job seals, what breaks it."""

from datetime import UTC, timedelta

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from core import audit, guards, jobs
from core.actors import CLOCK
from core.choices import JobState
from core.models import AuditRow, AuditSeal, Job
from tests.cast import NOON, Cast, at

pytestmark = pytest.mark.django_db


def recorded(cast: Cast, who: str, when: str, **more: object) -> AuditRow:
    moment = at(when)
    values: dict[str, object] = {
        "what": "customers.change",
        "target_type": "customer",
        "target_id": 7,
        "target_label": "东方纺织集团",
        "branch_id": cast.east.pk,
        "before": {"phone": "138****1207", "tier": "A"},
        "after": {"phone": "138****1299", "tier": "A"},
        **more,
    }
    return audit.record(actor=cast.actor(who, on=moment), at=moment, **values)  # type: ignore[arg-type]


def seal(when: str) -> JobState | None:
    moment = at(when)
    audit.plan_sealing(moment - timedelta(hours=1), moment)
    return jobs.run(Job.objects.get(kind="core.seal_audit", run_after=moment).pk, at=moment)


def tamper(row: AuditRow, **values: object) -> None:
    """What only the owner of the database can do."""
    guards.remove()
    AuditRow.objects.filter(pk=row.pk).update(**values)
    guards.install()


def test_a_row_says_who_when_where_what_and_only_what_changed(cast: Cast) -> None:
    actor = cast.actor("周建平").coming_by("page", address="192.0.2.7", request_id="r-12345678")
    row = audit.record(
        actor=actor,
        at=NOON,
        what="worklogs.return_summary",
        target_type="summary",
        target_id=3,
        target_label="林晓岚 2026-W48",
        branch_id=cast.east.pk,
        before={"state": "submitted", "version": 1},
        after={"state": "returned", "version": 1},
        why="结论太短",
    )
    row.refresh_from_db()
    assert (row.actor_name, row.actor_roles, row.door) == ("周建平", "supervisor", "page")
    assert (row.address, row.request_id, row.at) == ("192.0.2.7", "r-12345678", NOON)
    assert (row.before, row.after) == ({"state": "submitted"}, {"state": "returned"})
    assert row.why == "结论太短"
    assert audit.forged_rows(AuditRow.objects.all()) == []


def test_what_the_clock_does_is_the_clocks(cast: Cast) -> None:
    row = audit.record(actor=CLOCK, at=NOON, what="x", target_type="week", target_id="2026-W48")
    assert (row.actor_id, row.door) == (None, "clock")


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_trail_cannot_be_rewritten(cast: Cast, act: str) -> None:
    recorded(cast, "周建平", "2026-11-27 09:00:00")
    rows = AuditRow.objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(why="") if act == "update" else rows.delete()
    assert rows.count() == 1


@pytest.mark.parametrize(
    "values",
    [{"actor_name": "林晓岚"}, {"after": {"phone": "138****0000"}}, {"why": ""}, {"at": NOON}],
)
def test_a_row_that_was_changed_after_all_is_found(cast: Cast, values: dict[str, object]) -> None:
    row = recorded(cast, "周建平", "2026-11-27 09:00:00", why="客户来电")
    other = recorded(cast, "林晓岚", "2026-11-27 09:05:00")
    tamper(row, **values)
    assert audit.forged_rows(AuditRow.objects.all()) == [row.pk]
    assert audit.forged_rows([other]) == []


def test_the_job_seals_the_hours_rows_into_one_chain(cast: Cast) -> None:
    first = [recorded(cast, "周建平", f"2026-11-27 09:{n:02d}:00") for n in range(3)]
    assert seal("2026-11-27 10:00:00") == JobState.DONE
    later = recorded(cast, "林晓岚", "2026-11-27 10:30:00")
    recorded(cast, "林晓岚", "2026-11-27 11:00:00")  # at the hour itself: still open
    assert seal("2026-11-27 11:00:00") == JobState.DONE
    assert seal("2026-11-27 12:00:00") == JobState.DONE
    assert seal("2026-11-27 13:00:00") == JobState.DONE  # nothing happened
    seals = list(AuditSeal.objects.values_list("first_id", "last_id", "rows"))
    assert seals[:2] == [(first[0].pk, first[2].pk, 3), (later.pk, later.pk, 1)]
    assert len(seals) == 3
    chain = list(AuditSeal.objects.values_list("previous", "digest"))
    assert [previous for previous, _ in chain] == ["", chain[0][1], chain[1][1]]
    assert audit.broken_seals() == []


def test_a_row_taken_out_or_forged_breaks_its_seal(cast: Cast) -> None:
    rows = [recorded(cast, "周建平", f"2026-11-27 09:{n:02d}:00") for n in range(3)]
    seal("2026-11-27 10:00:00")
    recorded(cast, "林晓岚", "2026-11-27 10:30:00")
    seal("2026-11-27 11:00:00")
    first, second = AuditSeal.objects.all()
    tamper(rows[1], mac="0" * 64)
    assert audit.broken_seals() == [first.pk]
    guards.remove()
    AuditRow.objects.filter(pk=rows[1].pk).delete()
    AuditSeal.objects.filter(pk=first.pk).delete()
    guards.install()
    assert audit.broken_seals() == [second.pk]


def test_sealing_is_planned_on_the_hour_whenever_the_clock_comes(cast: Cast) -> None:
    for since, until in (("09:59:59", "10:00:00"), ("09:30:00", "12:59:59")):
        window = (at(f"2026-11-27 {moment}").astimezone(UTC) for moment in (since, until))
        audit.plan_sealing(*window)
    keys = list(Job.objects.order_by("key").values_list("key", flat=True))
    assert keys == ["2026-11-27T02", "2026-11-27T03", "2026-11-27T04"]
