"""The only writer of duty periods, working days and notices."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from config import tables
from core import audit
from core.actors import Actor
from core.calendar import DayMark
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import CalendarYear, WorkDay
from core.outbox import Letter, post_all
from core.periods import Period, Week, instant, parse_period
from core.unique import unless_taken
from duties import queries
from duties.models import DutyPeriod, Notice
from duties.permissions import can_edit_calendar
from duties.queries import day_text
from organization.models import Branch

WEEKS_AHEAD = 2
BY_HAND = "by-hand"
NAME_AT_MOST = 40


# Duty periods: made ahead by the clock, and on demand by whoever needs one. What follows has
# no actor: nobody decides it, the rules do.


def ensure(
    *, kind: str, branch: Branch, period: Period, at: datetime | None = None
) -> DutyPeriod | None:
    """The row of one duty, made if it is not there yet; None where the period brings none."""
    rows = DutyPeriod.objects.filter(kind=kind, branch=branch, key=period.key)
    if (row := rows.first()) is not None:
        return row
    weeks = Week.containing(period.first), Week.containing(period.last)
    ensure_periods(*weeks, branches=[branch], at=at)
    return rows.first()


def ensure_periods(
    first: Week,
    last: Week,
    *,
    branches: Sequence[Branch] | None = None,
    at: datetime | None = None,
    since: datetime | None = None,
) -> int:
    """Make the missing periods that touch these weeks, of the given branches or all; how many.

    Six statements, however many branches. Rows that stand are left alone: an edit moves them
    (``redate_periods``), the passing of time does not. They bear the moment ``at`` at which
    somebody needed them, else the one at which the clock makes them, whenever it runs: the
    Monday WEEKS_AHEAD weeks before, and not before its window's ``since``; what had fallen due
    by then is not made any more.
    """
    periods = queries.periods_of(first.monday, last.sunday)
    if branches is None:
        branches = list(Branch.objects.all())
    rows = queries.rows_of(periods).filter(branch__in=branches)
    standing = set(rows.values_list("kind", "branch_id", "key"))
    wanted = [
        (kind, branch.pk, period)
        for branch in branches
        for kind, period in periods
        if (kind, branch.pk, period.key) not in standing and queries.owes_in(branch, period)
    ]
    if not wanted:
        return 0
    table = queries.timetable(
        min(period.first for _kind, period in periods), max(p.last for _kind, p in periods)
    )
    made = [
        DutyPeriod(
            kind=kind,
            branch_id=branch_id,
            key=period.key,
            opens_at=times.opens_at,
            deadline_at=times.deadline_at,
            updated_at=at or _planned_at(period, since),
        )
        for kind, branch_id, period in wanted
        if (times := table.times(kind, branch_id, period)) is not None
        and (since is None or times.deadline_at > since)
    ]
    DutyPeriod.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _planned_at(period: Period, since: datetime | None) -> datetime:
    week = Week.containing(period.first)
    monday = instant(week.plus(-WEEKS_AHEAD).monday, time.min)
    return max(monday, since) if since else monday


@transaction.atomic
def redate_periods(*, at: datetime, branch_ids: Collection[int] | None = None) -> int:
    """Move the periods whose times follow from what was just edited; how many were moved.

    Only those whose deadline is still to come, before and after the move: what has passed
    stays as people knew it. A period that the edit does away with (a week off, a branch closed)
    is removed. What stands on them follows (config.tables.PERIOD_FOLLOWERS). Call it in the
    transaction of the edit; a fixed number of statements.
    """
    coming = DutyPeriod.objects.filter(deadline_at__gt=at).select_related("branch")
    if branch_ids is not None:
        coming = coming.filter(branch_id__in=branch_ids)
    rows = list(coming)
    if not rows:
        return 0
    spans = [parse_period(row.key) for row in rows]
    table = queries.timetable(min(one.first for one in spans), max(one.last for one in spans))
    moved, gone = [], []
    for row, period in zip(rows, spans, strict=True):
        times = table.times(row.kind, row.branch_id, period)
        if times is None or not queries.owes_in(row.branch, period):
            gone.append(row)
        elif times.deadline_at > at and (times.opens_at, times.deadline_at) != (
            row.opens_at,
            row.deadline_at,
        ):
            row.opens_at, row.deadline_at = times.opens_at, times.deadline_at
            row.updated_at = at
            moved.append(row)
    DutyPeriod.objects.bulk_update(moved, ["opens_at", "deadline_at", "updated_at"], batch_size=200)
    DutyPeriod.objects.filter(pk__in=[row.pk for row in gone]).delete()
    for path in tables.PERIOD_FOLLOWERS:
        import_string(path)(moved, gone, at)
    return len(moved) + len(gone)


# Working days


@transaction.atomic
def mark_day(
    *,
    on: date,
    is_workday: bool,
    name: str,
    why: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> WorkDay:
    """Say of one day that it is worked, or off (annex 7); future deadlines follow.

    ``expected_version`` is the version of the day's year, 0 for a year that is not loaded.
    """
    _guard_year(on.year, expected_version, actor)
    name = name.strip()
    if len(name) > NAME_AT_MOST:
        raise Refused(_("名称最多 %(n)s 个字。") % {"n": NAME_AT_MOST}, field="name")
    before = WorkDay.objects.filter(on=on).first()
    day, _made = WorkDay.objects.update_or_create(
        on=on,
        defaults={"is_workday": is_workday, "name": name, "source": BY_HAND, "changed_at": at},
    )
    redate_periods(at=at)
    _record_day(on, "calendar.mark_day", before, day, why=why, actor=actor, at=at)
    return day


@transaction.atomic
def clear_day(*, on: date, why: str, expected_version: int, actor: Actor, at: datetime) -> None:
    """Take a day's mark away: Monday to Friday is worked again, a weekend is off."""
    _guard_year(on.year, expected_version, actor)
    before = WorkDay.objects.filter(on=on).first()
    if before is None:
        raise Refused(_("这一天没有标记。"), field="on")
    WorkDay.objects.filter(pk=before.pk).delete()
    redate_periods(at=at)
    _record_day(on, "calendar.clear_day", before, None, why=why, actor=actor, at=at)


@transaction.atomic
def load_year(
    *,
    year: int,
    days: Sequence[DayMark],
    source: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> dict[str, int]:
    """Take over a year's published days; future deadlines follow. The counts of what changed.

    ``days`` are those of one notice, which may reach into the neighbouring years. Days of this
    year that an earlier file named and this one does not are plain again; days marked by hand
    stay unless the file names them.
    """
    if not days:
        raise Refused(_("%(year)s 年的放假安排尚未公布，文件里没有日期。") % {"year": year})
    if not any(day.on.year == year for day in days):
        raise Refused(_("文件里没有 %(year)s 年的日期。") % {"year": year})
    _guard_year(year, expected_version, actor)
    if expected_version == 0:
        with unless_taken(lambda: _guard_year(year, expected_version, actor)):
            CalendarYear.objects.create(year=year, source=source, loaded_at=at)
    else:
        CalendarYear.objects.filter(year=year).update(source=source, loaded_at=at)
    named = {day.on: day for day in days}
    standing = {row.on: row for row in WorkDay.objects.filter(on__year__in=_years(days, year))}
    changed = [
        day
        for on, day in named.items()
        if on not in standing or _facts(standing[on]) != (day.is_workday, day.name)
    ]
    dropped = [
        row
        for on, row in standing.items()
        if on.year == year and on not in named and row.source != BY_HAND
    ]
    gone = [row.pk for row in dropped] + [standing[d.on].pk for d in changed if d.on in standing]
    WorkDay.objects.filter(pk__in=gone).delete()
    WorkDay.objects.bulk_create(
        [
            WorkDay(
                on=day.on,
                is_workday=day.is_workday,
                name=day.name[:NAME_AT_MOST],
                source=source,
                changed_at=at,
            )
            for day in changed
        ],
        # A day may be marked by hand meanwhile, in a year that has no version yet.
        update_conflicts=True,
        unique_fields=["on"],
        update_fields=["is_workday", "name", "source", "changed_at"],
    )
    redate_periods(at=at)
    audit.record(
        actor=actor,
        at=at,
        what="calendar.load_year",
        target_type="calendar_year",
        target_id=year,
        target_label=str(year),
        before={str(row.on): day_text(row) for row in standing.values()},
        after={
            **{str(row.on): day_text(row) for row in standing.values() if row.pk not in gone},
            **{str(day.on): day_text(day) for day in changed},
        },
        why=source,
    )
    new = sum(day.on not in standing for day in changed)
    return {
        "new": new,
        "changed": len(changed) - new,
        "removed": len(dropped),
        "unchanged": len(named) - len(changed),
    }


def _years(days: Sequence[DayMark], year: int) -> set[int]:
    return {day.on.year for day in days} | {year}


def _facts(day: WorkDay | DayMark) -> tuple[bool, str]:
    return day.is_workday, day.name


def _guard_year(year: int, expected_version: int, actor: Actor) -> None:
    """Refuse whoever may not, and whoever has seen another state of the year."""
    if not can_edit_calendar(actor):
        raise NotAllowed
    rows = CalendarYear.objects.filter(year=year)
    if expected_version == 0:
        is_current = not rows.exists()
    else:
        is_current = bool(rows.filter(version=expected_version).update(version=F("version") + 1))
    if not is_current:
        raise Stale(queries.calendar_state(year))


def _record_day(
    on: date,
    what: str,
    before: WorkDay | None,
    after: WorkDay | None,
    *,
    why: str,
    actor: Actor,
    at: datetime,
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="workday",
        target_id=on,
        target_label=str(on),
        before={"day": day_text(before)} if before else {},
        after={"day": day_text(after)} if after else {},
        why=why.strip(),
    )


# Notices


def notify_all(notices: Sequence[Notice]) -> None:
    """Write many notices at once; one that the person already has (same key) is left out.

    Each is complete: written in every language, with the moment it tells of.
    """
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=500)


def notify_and_mail(notices: Sequence[Notice], letters: Sequence[Letter], *, at: datetime) -> None:
    """Write notices that cannot wait for a digest (a reminder before its deadline), with their
    letters (``duties.letters.letters_for``); the digests leave them out."""
    for notice in notices:
        notice.mailed_at = at
    notify_all(notices)
    post_all(letters, at=at)


@transaction.atomic
def mark_read(*, notice_id: int, actor: Actor, at: datetime) -> Notice:
    """Note that the receiver has seen a notice."""
    notice = _own(actor).filter(pk=notice_id).first()
    if notice is None:
        raise NotFound
    _read(Notice.objects.filter(pk=notice_id), notice.title, actor, at)
    notice.refresh_from_db()
    return notice


def notice_answered(*, person_id: int, key: str, at: datetime) -> None:
    """A notice whose receiver has done what it asks for is read; part of that act's audit row."""
    unread = Notice.objects.filter(person_id=person_id, key=key, read_at__isnull=True)
    unread.update(read_at=at, updated_at=at)


@transaction.atomic
def mark_group_read(*, group: str, actor: Actor, at: datetime) -> int:
    """Note that the receiver has seen a group of notices; how many were unread."""
    own = _own(actor).filter(group=group)
    newest = own.first()
    if newest is None:
        raise NotFound
    return _read(own, newest.title, actor, at)


@transaction.atomic
def mark_all_read(*, actor: Actor, at: datetime) -> int:
    """Note that the receiver has seen everything; how many were unread."""
    return _read(_own(actor), _("全部通知"), actor, at)


def _own(actor: Actor) -> QuerySet[Notice]:
    """The actor's notices; the clock has none."""
    if actor.person_id is None:
        return Notice.objects.none()
    return Notice.objects.filter(person_id=actor.person_id)


def _read(notices: QuerySet[Notice], label: str, actor: Actor, at: datetime) -> int:
    read = notices.filter(read_at__isnull=True).update(read_at=at, updated_at=at)
    audit.record(
        actor=actor,
        at=at,
        what="notice.read",
        target_type="notice",
        target_id=actor.person_id,
        target_label=label,
        branch_id=actor.branch_id,
        before={"unread": read},
        after={"unread": 0},
    )
    return read
