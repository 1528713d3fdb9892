"""The heads are told in the morning of the day on which targets are due and not issued (T1)."""

from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from core import jobs
from core.formats import month_name
from core.periods import Month, instant, local_date
from core.queries import calendar
from duties.choices import NoticeKind
from duties.notices import notice_to
from duties.operations import notify_all
from kpi.queries.due import months_between, unissued
from kpi.targets_rules import targets_due_at
from organization.choices import HEADS, BranchKind
from organization.in_force import settings_through
from organization.models import Branch
from organization.queries import role_holders

JOB: Final = "kpi.remind_targets"


def plan_target_reminders(since: datetime, until: datetime) -> None:
    """One job for each day on which targets of some branch fall due, at the start of its work.

    Safe to repeat: the job's key is its moment. It is dropped when the deadline has passed.
    """
    first, last = local_date(since), local_date(until)
    days = calendar(first.year, last.year + 1)
    settings = settings_through(last)
    branches = list(Branch.objects.filter(kind=BranchKind.BRANCH))
    moments: dict[datetime, datetime] = {}
    for month in months_between(Month.containing(first).previous, Month.containing(last)):
        for branch in branches:
            own = settings.of(branch.pk, month.first)
            due_at = targets_due_at(month, days, own.targets_day, own.close_of_business)
            moment = instant(local_date(due_at), own.work_hours[0][0])
            if since < moment <= until:
                moments[moment] = due_at
    for moment, due_at in sorted(moments.items()):
        jobs.enqueue(kind=JOB, key=f"{moment:%Y-%m-%dT%H:%MZ}", at=moment, drop_after=due_at)


def remind_targets(args: dict[str, Any], at: datetime, progress: jobs.Progress) -> jobs.Effect:
    """Notices for the heads of the branches whose targets are due today and not issued."""
    today = local_date(at)
    owing = unissued(at, instant(today + timedelta(days=1), time.min))
    heads = role_holders(HEADS, today)
    notices = [
        notice_to(
            head,
            kind=NoticeKind.TARGET,
            group=f"targets:{branch.pk}:{month.key}",
            key=f"targets:{branch.pk}:{month.key}:due",
            title=partial(_title, month),
            url=reverse("targets", args=[month.key, branch.pk]),
            at=at,
        )
        for branch, month, _due_at in owing
        for head in heads.get(branch.pk, [])
    ]

    def write() -> dict[str, Any]:
        notify_all(notices)
        return {"notices": len(notices)}

    return write


def _title(month: Month) -> str:
    return _("%(month)s目标今天应下达，还没有下达") % {"month": month_name(month)}
