"""What the clock makes ahead of time: duty periods, and the mailing of digests.

Each planner is told a window and writes what falls into it, whenever it is called: a tick
that comes days late writes the same rows as one a minute.
"""

from collections import defaultdict
from datetime import datetime

from django.db.models import Q

from core import jobs
from core.periods import Week, instant, local_date
from core.queries import calendar
from duties.operations import WEEKS_AHEAD, ensure_periods
from organization.in_force import settings_through
from organization.models import Branch


def plan_periods(since: datetime, until: datetime) -> None:
    """The periods of the window's weeks and of the next two, of every branch."""
    first = Week.containing(local_date(since))
    ensure_periods(first, Week.containing(local_date(until)).plus(WEEKS_AHEAD), since=since)


def plan_digests(since: datetime, until: datetime) -> None:
    """A digest at each of a branch's quiet minutes on working days; one job a moment."""
    first, last = local_date(since), local_date(until)
    branches = list(
        Branch.objects.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=first)).order_by("pk")
    )
    days = calendar(first.year, last.year).working_days(first, last)
    history = settings_through(last)
    moments: dict[datetime, list[int]] = defaultdict(list)
    for on in days:
        for branch in branches:
            if branch.closed_on is not None and branch.closed_on <= on:
                continue
            for quiet in history.of(branch.pk, on).digest_times:
                moment = instant(on, quiet)
                if since < moment <= until:
                    moments[moment].append(branch.pk)
    for moment, branch_ids in sorted(moments.items()):
        jobs.enqueue(
            kind="duties.mail_digests",
            key=f"{moment:%Y-%m-%dT%H:%MZ}",
            args={"branches": branch_ids},
            at=moment,
        )
