"""The week's clock: which jobs fall due on a Friday (W5, W6)."""

from datetime import datetime, timedelta

from core import jobs
from core.periods import local_date
from duties.models import DutyPeriod
from organization.in_force import settings_on
from organization.settings import BranchSettings
from worklogs import rules

# A reminder is at most a day before its deadline, a closing two minutes after it.
_AROUND = timedelta(days=1)


def plan_friday(since: datetime, until: datetime) -> None:
    """Reminders at quiet minutes before the deadline, the closing two minutes after it.

    One job covers all branches that share the moment: a fixed number of jobs and statements
    however many managers there are.
    """
    periods = list(
        DutyPeriod.objects.filter(
            kind="summary",
            deadline_at__gt=since - _AROUND,
            deadline_at__lte=until + _AROUND,
        )
    )
    days = sorted({local_date(period.deadline_at) for period in periods})
    settings = {day: settings_on(day, {period.branch_id for period in periods}) for day in days}
    reminders: dict[tuple[str, datetime], datetime] = {}
    closings: dict[tuple[str, datetime], datetime] = {}
    for period in periods:
        own = settings[local_date(period.deadline_at)][period.branch_id]
        _note_moments(period, own, since, until, reminders, closings)
    for (week, moment), deadline_at in sorted(reminders.items()):
        jobs.enqueue(
            kind="worklogs.remind",
            key=f"{week}:{moment.isoformat()}",
            args={"week": week, "moment": moment.isoformat()},
            at=moment,
            drop_after=deadline_at,
        )
    for (week, moment), deadline_at in sorted(closings.items()):
        jobs.enqueue(
            kind="worklogs.close_week",
            key=f"{week}:{moment.isoformat()}",
            args={"week": week, "deadline": deadline_at.isoformat()},
            at=moment,
        )


def _note_moments(
    period: DutyPeriod,
    settings: BranchSettings,
    since: datetime,
    until: datetime,
    reminders: dict[tuple[str, datetime], datetime],
    closings: dict[tuple[str, datetime], datetime],
) -> None:
    """Add the period's moments that lie in the window; the latest deadline ends a reminder."""
    for moment in rules.reminder_moments(period.deadline_at, settings):
        if since < moment <= until:
            key = (period.key, moment)
            reminders[key] = max(reminders.get(key, period.deadline_at), period.deadline_at)
    closing = rules.closing_at(period.deadline_at)
    if since < closing <= until:
        closings[(period.key, closing)] = period.deadline_at
