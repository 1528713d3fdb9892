"""A worker that was gone from Thursday to Monday leaves what one that was there leaves.

From one snapshot of Thursday 17:00 two copies go on: one is ticked minute by minute, the other
once on Monday with ``manage.py tick --at``. Then every table is compared row by row, but for the
reminders, which are dropped once past their deadline, and for what tells of the way and not of
the outcome: ids, which follow the order of writing; ``ran_at`` of a job and ``tried_at`` of an
address. The latter says when a mail was really handed over: a mail of Monday that claimed to
have gone on Friday would be no proof of anything.

All 3,841 minutes would take minutes. Ticked are every minute of Friday 16:00 to 18:30 and of
Monday from 08:00 on, every full and half hour, and every minute that any row names, with those
before and after. A tick plans for all the time since the one before, so that a minute left out
hides nothing: it only makes what is due in it some minutes late.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import DateTimeField, ForeignKey, Model

from core import jobs
from core.choices import JobState
from core.models import Job, OutboxMessage, OutboxRecipient
from duties import operations, schedule
from duties.models import DutyPeriod, Notice
from duties.notices import notice_to
from meetings.models import Meeting
from tests.cast import Cast, at, make_cast
from tests.domain.databases import own_database
from tests.domain.week import WEEK, filed, logged, sent
from worklogs import jobs as week_jobs

THURSDAY = at("2026-11-26 17:00:00")
MONDAY = at("2026-11-30 09:00:00")
REMINDERS = (
    *("reminder", "meetings"),  # of the notices, and of the letters
    *("worklogs.remind", "meetings.remind_evening", "meetings.remind_soon"),
)
# When somebody came by, and not what was brought about.
CAME_BY = {("job", "ran_at"), ("outboxrecipient", "tried_at")}

Rows = dict[str, list[dict[str, Any]]]


WRITTEN = (("林晓岚", "东方纺织集团"), ("陈嘉怡", "明珠酒店"), ("何俊峰", "华立机械厂"))


def thursday() -> None:
    """Three have written logs and one has filed; last week's roll-up was just sent.

    Its workbook and mail, and a notice of 16:59, are still to be seen to when the worker goes.
    """
    cast: Cast = make_cast()
    operations.ensure_periods(WEEK.previous, WEEK)
    for who, customer in WRITTEN:
        logged(cast, who, customer, "2026-11-26 10:00:00", needs="增加一条专线")
    filed(cast, "林晓岚", "2026-11-26 16:30:00")
    jobs.tick(at("2026-11-26 16:57:00"))
    jobs.run_due(at("2026-11-26 16:57:00"))
    sent(cast, "2026-11-26 16:58:00", week=WEEK.previous)
    told = notice_to(
        cast["陈嘉怡"],
        kind="returned",
        group="summary:2026-W47",
        key="returned:1",
        title=lambda: "第 47 周周报被退回",
        url="/",
        at=at("2026-11-26 16:59:00"),
    )
    operations.notify_all([told])


def minutes(begin: datetime, end: datetime, step: int = 1) -> set[datetime]:
    """Every minute, or every so many, from one moment to another."""
    count = (end - begin) // timedelta(minutes=step)
    return {begin + n * timedelta(minutes=step) for n in range(count + 1)}


def told_minutes() -> set[datetime]:
    """Every minute in which something of the rows there are begins, falls due or ends, and its
    two neighbours."""
    found: set[datetime] = set()
    for model in ours():
        for field in model._meta.concrete_fields:
            if isinstance(field, DateTimeField):
                found |= set(model._base_manager.values_list(field.attname, flat=True))
    told = {one.replace(second=0, microsecond=0) for one in found - {None}}
    return {one + timedelta(minutes=n) for one in told for n in (-1, 0, 1)}


def tick_minutes(looked_at: set[datetime]) -> None:
    """A worker that is there: it comes by in each of these minutes of the time away."""
    for moment in sorted(one for one in looked_at if THURSDAY <= one <= MONDAY):
        tick_at(moment.isoformat())


def tick_at(moment: str) -> None:
    """The command, as cron or somebody at the shell gives it."""
    call_command("tick", "--at", moment, stdout=StringIO())


def once_on_monday() -> None:
    tick_at("2026-11-30T09:00")


def is_reminder(row: Model) -> bool:
    """Whether the row is a reminder, its letter, or the work for either."""
    if isinstance(row, OutboxRecipient):
        return is_reminder(row.message)
    if isinstance(row, Job) and row.kind == "core.deliver":
        return is_reminder(OutboxMessage.objects.get(pk=row.args["message"]))
    return str(getattr(row, "kind", "")) in REMINDERS


def named(row: Model) -> Any:
    """A row that others point at, by what does not depend on the order of writing."""
    if isinstance(row, OutboxMessage):
        return row.message_id
    return row.pk


def content_of(row: Model) -> dict[str, Any]:
    """All values of a row but its id, references by what they point at."""
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.primary_key or (row._meta.model_name, field.name) in CAME_BY:
            continue
        if isinstance(field, ForeignKey) and field.value_from_object(row) is not None:
            values[field.name] = named(getattr(row, field.name))
        else:
            values[field.name] = field.value_from_object(row)
    if isinstance(row, Job) and row.kind == "core.deliver":
        message = OutboxMessage.objects.get(pk=row.args["message"])
        values |= {"key": "", "args": message.message_id}
    return values


def ours() -> list[type[Model]]:
    """Every table of ours."""
    return [model for model in apps.get_models() if model._meta.managed]


def all_rows() -> Rows:
    """Every table of ours as it stands, reminders left out, in an order of its own."""
    return {
        model._meta.db_table: sorted(
            (content_of(row) for row in model._base_manager.all() if not is_reminder(row)),
            key=repr,
        )
        for model in ours()
    }


@pytest.fixture
def snapshot(own: str) -> str:
    """The name of the database as it stands on Thursday at 17:00."""
    thursday()
    return str(connection.settings_dict["NAME"])


def ran(snapshot: str, run: Callable[[], None]) -> Rows:
    with own_database(snapshot):
        run()
        return all_rows()


def differences(one: Rows, other: Rows) -> dict[str, tuple[list[Any], list[Any]]]:
    """Per table, the rows that only one of the two has."""
    return {
        table: ([row for row in one[table] if row not in other[table]],
                [row for row in other[table] if row not in one[table]])
        for table in one
        if one[table] != other[table]
    }  # fmt: skip


@pytest.mark.slow
def test_a_late_tick_leaves_what_a_tick_a_minute_leaves(snapshot: str) -> None:
    with own_database(snapshot):
        once_on_monday()
        monday, looked_at = all_rows(), told_minutes()
    looked_at |= minutes(THURSDAY, MONDAY, step=30)
    looked_at |= minutes(at("2026-11-27 16:00:00"), at("2026-11-27 18:30:00"))
    looked_at |= minutes(at("2026-11-30 08:00:00"), MONDAY)
    assert len(looked_at) > 300
    on_time = ran(snapshot, lambda: tick_minutes(looked_at))
    assert differences(on_time, monday) == {}
    kinds = {row["kind"] for row in monday["core_job"]}
    assert {"worklogs.close_week", "worklogs.post_rollup", "duties.mail_digests",
            "core.deliver", "core.seal_audit"} <= kinds  # fmt: skip
    assert {row["state"] for row in monday["core_job"]} == {JobState.DONE}
    assert {row["kind"] for row in monday["duties_notice"]} >= {"missing", "returned"}
    assert len(monday["core_outboxmessage"]) >= 3
    assert {row["key"] for row in monday["duties_dutyperiod"]} >= {"2026-W50", "2026-W51"}


def test_the_reminders_are_what_a_late_tick_leaves_out(snapshot: str) -> None:
    with own_database(snapshot):
        once_on_monday()
        assert not Notice.objects.filter(kind="reminder").exists()
        states = set(Job.objects.filter(kind="worklogs.remind").values_list("state", flat=True))
        assert states == {JobState.DROPPED}
    with own_database(snapshot):
        tick_at("2026-11-27T09:40")
        assert Notice.objects.filter(kind="reminder").count() == 3
        assert OutboxMessage.objects.filter(kind="reminder").count() == 3


def test_control_planning_by_the_time_of_the_tick_is_found_out(
    snapshot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison bites: a closing that takes Monday's time for Friday's."""
    original = week_jobs.close_week

    def by_looking_at_the_clock(args: dict[str, Any], at: datetime, progress: Any) -> Any:
        return original(args, progress.looked_at, progress)

    def on_friday_evening() -> None:
        tick_at("2026-11-27T17:32")
        once_on_monday()

    monkeypatch.setattr(week_jobs, "close_week", by_looking_at_the_clock)
    found = differences(ran(snapshot, on_friday_evening), ran(snapshot, once_on_monday))
    assert "duties_notice" in found


def test_control_a_planner_that_forgets_the_past_is_found_out(
    snapshot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_this_week(since: datetime, until: datetime) -> None:
        operations.ensure_periods(WEEK.next, WEEK.next)

    on_time = ran(snapshot, once_on_monday)
    monkeypatch.setattr(schedule, "plan_periods", only_this_week)
    found = differences(on_time, ran(snapshot, once_on_monday))
    # Meetings follow the periods.
    assert set(found) == {DutyPeriod._meta.db_table, Meeting._meta.db_table}
