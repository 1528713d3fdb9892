"""Reads over duty periods and notices; what a rule says where no row stands yet."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.module_loading import import_string

from config import tables
from core.calendar import Calendar, DayMark
from core.models import CalendarYear, WorkDay
from core.periods import Period, Week, local_date, periods_between
from core.queries import calendar
from duties.models import DutyPeriod, Notice
from duties.rules import DutyKind, DutyTimes, owing_day, settings_day
from organization.choices import BranchKind
from organization.in_force import SettingsHistory, settings_through
from organization.models import Branch

# A duty of a week falls due at most so many weeks later: the lag, and a long holiday after it.
FURTHEST_WEEKS = 6


@cache
def duty_kinds() -> Mapping[str, DutyKind]:
    """The installed kinds of duties, by key."""
    return {key: import_string(path) for key, path in tables.DUTY_KINDS.items()}


def periods_of(
    first: date, last: date, kinds: Collection[str] | None = None
) -> list[tuple[str, Period]]:
    """The duties' kinds, all or some, with the periods of their span that touch these days."""
    return [
        (kind, period)
        for kind, duty in duty_kinds().items()
        if kinds is None or kind in kinds
        for period in periods_between(duty.span, first, last)
    ]


# The kind of a duty, the branch, the key of the period.
PeriodKey = tuple[str, int, str]


@dataclass(frozen=True)
class Timetable:
    """All that decides when duties of some days fall due: working days, settings by date of
    effect, and what people arranged (config.tables.PERIOD_TIMES)."""

    calendar: Calendar
    settings: SettingsHistory
    first: date
    last: date
    _arranged: dict[str, Mapping[PeriodKey, DutyTimes | None]] = field(default_factory=dict)

    def times(self, kind: str, branch_id: int, period: Period) -> DutyTimes | None:
        """When a period's duty opens and falls due in a branch, as arranged, else as the rule has
        it; None where there is none."""
        key = (kind, branch_id, period.key)
        arranged = self._arranged_of(kind)
        return arranged[key] if key in arranged else self.ruled(kind, branch_id, period)

    def _arranged_of(self, kind: str) -> Mapping[PeriodKey, DutyTimes | None]:
        path = tables.PERIOD_TIMES.get(kind)
        if path is None:
            return {}
        if path not in self._arranged:
            self._arranged[path] = import_string(path)(self, self.first, self.last)
        return self._arranged[path]

    def ruled(self, kind: str, branch_id: int, period: Period) -> DutyTimes | None:
        """The same by the rule alone.

        It opens by the settings of the period itself (``settings_day``), and falls due at the
        hour in force on the day on which it falls due: a roll-up is due by the end of that
        day's work (W6). What begins and ends on one day, a meeting, goes by that day's hours.
        """
        duty = duty_kinds()[kind]
        own = self.settings.of(branch_id, settings_day(period))
        planned = duty.times(period, self.calendar, own)
        if planned is None:
            return None
        due_on = local_date(planned.deadline_at)
        then = duty.times(period, self.calendar, self.settings.of(branch_id, due_on))
        if then is None or local_date(then.deadline_at) != due_on:
            return planned
        if local_date(planned.opens_at) == due_on == local_date(then.opens_at):
            return then
        return DutyTimes(planned.opens_at, max(then.deadline_at, planned.opens_at))


def timetable(first: date, last: date) -> Timetable:
    """The timetable for the duties of these days; two queries, however many branches, and one
    more where something of them can be arranged."""
    end = last + timedelta(weeks=FURTHEST_WEEKS)
    return Timetable(calendar(first.year, end.year), settings_through(end), first, last)


def periods_of_week(
    kind: str, week: Week, branch_ids: Collection[int] | None = None
) -> dict[int, DutyPeriod]:
    """The rows of one kind and week by branch, of the given branches or all; one query."""
    rows = DutyPeriod.objects.filter(kind=kind, key=week.key)
    if branch_ids is not None:
        rows = rows.filter(branch_id__in=branch_ids)
    return {row.branch_id: row for row in rows}


@dataclass(frozen=True)
class PeriodLine:
    """A duty period as it stands (a row) or as the rule has it (no row yet)."""

    kind: str
    branch: Branch
    period: Period
    times: DutyTimes

    @property
    def week(self) -> Week:
        """The week of a weekly duty; of another, the one in which its period ends."""
        return Week.containing(self.period.last)


def periods_due(
    first: date, last: date, branches: Sequence[Branch], kinds: Collection[str] | None = None
) -> list[PeriodLine]:
    """Periods whose deadline's local day lies in the span, by deadline, branch and kind.

    A row wins over the rule: an edit of the calendar does not move what has passed. A fixed
    number of queries, however long the span.
    """
    begin = Week.containing(first).plus(-FURTHEST_WEEKS).monday
    end = Week.containing(last).next.sunday
    periods = periods_of(begin, end, kinds)
    table = timetable(begin, end)
    rows = {
        (row.kind, row.branch_id, row.key): DutyTimes(row.opens_at, row.deadline_at)
        for row in rows_of(periods).filter(branch__in=branches)
    }
    lines = []
    for branch in branches:
        for kind, period in periods:
            times = rows.get((kind, branch.pk, period.key))
            if times is None and owes_in(branch, period):
                times = table.times(kind, branch.pk, period)
            if times and first <= local_date(times.deadline_at) <= last:
                lines.append(PeriodLine(kind, branch, period, times))
    return sorted(lines, key=lambda one: (one.times.deadline_at, one.branch.code, one.kind))


def rows_of(periods: Sequence[tuple[str, Period]]) -> QuerySet[DutyPeriod]:
    """The rows that stand for these kinds and periods; keys of one kind sort as their days."""
    spans: dict[str, list[str]] = defaultdict(list)
    for kind, period in periods:
        spans[kind].append(period.key)
    wanted = Q(pk__in=())
    for kind, keys in spans.items():
        wanted |= Q(kind=kind, key__gte=min(keys), key__lte=max(keys))
    return DutyPeriod.objects.filter(wanted)


def owes_in(branch: Branch, period: Period) -> bool:
    """Whether the branch owes anything for the period: it is one, open, on its owing day."""
    if branch.kind != BranchKind.BRANCH:
        return False
    on = owing_day(period)
    has_opened = branch.opened_on is None or branch.opened_on <= on
    return has_opened and (branch.closed_on is None or branch.closed_on > on)


# Notices


@dataclass(frozen=True)
class NoticeGroup:
    """Notices that belong together: how many are unread, and the newest of these.

    Where all are read, ``newest`` is the newest of all.
    """

    group: str
    newest: Notice
    unread: int


def unread_count(person_id: int) -> int:
    """How many notices somebody has not read."""
    return Notice.objects.filter(person_id=person_id, read_at__isnull=True).count()


def notice_groups(person_id: int, *, is_unread_only: bool = False) -> list[NoticeGroup]:
    """A person's notices as groups, newest group first, at most 100; two queries."""
    own = Notice.objects.filter(person_id=person_id)
    found = (
        own.order_by()
        .values("group")
        .annotate(
            newest=Coalesce(Max("pk", filter=Q(read_at__isnull=True)), Max("pk")),
            latest=Max("created_at"),
            unread=Count("pk", filter=Q(read_at__isnull=True)),
        )
        .order_by("-latest", "-newest")
    )
    if is_unread_only:
        found = found.filter(unread__gt=0)
    groups = list(found[:100])
    newest = own.in_bulk([group["newest"] for group in groups])
    return [
        NoticeGroup(group["group"], newest[group["newest"]], group["unread"]) for group in groups
    ]


def notices_in(person_id: int, group: str) -> list[Notice]:
    """The notices of one group, newest first."""
    return list(Notice.objects.filter(person_id=person_id, group=group)[:200])


def unmailed(at: datetime, branch_ids: Iterable[int]) -> list[Notice]:
    """Notices that were neither read nor mailed by ``at``, of people with an address, by person.

    Only of the last weeks: what is older is no news, and is still there to be read.
    """
    return list(
        Notice.objects.filter(
            created_at__lte=at,
            created_at__gt=at - timedelta(weeks=4),
            mailed_at__isnull=True,
            read_at__isnull=True,
            person__branch__in=list(branch_ids),
        )
        .exclude(person__email="")
        .filter(Q(person__left_on__isnull=True) | Q(person__left_on__gt=local_date(at)))
        .select_related("person")
        .order_by("person_id", "created_at", "pk")
    )


# The calendar as administrators see it


def calendar_years() -> dict[int, CalendarYear]:
    """The years that are loaded."""
    return {row.year: row for row in CalendarYear.objects.order_by("year")}


def years_wanting(at: datetime) -> list[int]:
    """Years that should be loaded by now and are not: this one, and the next from November on.

    A year's days are published in the late autumn before it.
    """
    today = local_date(at)
    wanted = [today.year] + ([today.year + 1] if today.month >= 11 else [])
    known = set(CalendarYear.objects.filter(year__in=wanted).values_list("year", flat=True))
    return [year for year in wanted if year not in known]


def future_periods(at: datetime) -> list[DutyPeriod]:
    """Rows whose deadline has not come yet."""
    return list(DutyPeriod.objects.filter(deadline_at__gt=at))


def day_text(day: WorkDay | DayMark) -> str:
    """A marked day in words: 休 春节, 班 国庆节."""
    return f"{'班' if day.is_workday else '休'} {day.name}".strip()


def calendar_state(year: int) -> dict[str, Any]:
    """A year as it stands, for whoever came too late: version, source and its marked days."""
    row = CalendarYear.objects.filter(year=year).first()
    return {
        "year": year,
        "version": row.version if row else 0,
        "source": row.source if row else "",
        "days": {
            str(day.on): day_text(day)
            for day in WorkDay.objects.filter(on__year=year).order_by("on")
        },
    }
