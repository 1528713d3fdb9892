"""The company's targets of a month: every branch's, and how far all of them are together."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count

from core.calendar import Calendar
from core.periods import Month, local_date
from core.queries import calendar
from kpi.models import Acknowledgement, Indicator, Requirement, TargetVersion
from kpi.queries.indicators import open_indicators
from kpi.queries.results import Days, Progress, Reached, progress_of, results_at
from kpi.queries.targets import managers_in, versions_at
from kpi.roster import posts_of
from kpi.targets_rules import joined, targets_due_at
from organization.in_force import SettingsHistory, settings_through
from organization.models import Branch


@dataclass(frozen=True)
class BranchLine:
    """A branch in the company's table; its target is what it issued, else what is required."""

    branch: Branch
    version: TargetVersion | None
    is_late: bool
    acknowledged: int
    progress: tuple[Progress, ...]

    @property
    def is_issued(self) -> bool:
        """Whether the branch has issued its targets."""
        return self.version is not None

    @property
    def is_overdue(self) -> bool:
        """Whether it should have by now and has not."""
        return self.is_late and not self.is_issued

    @property
    def managers(self) -> int:
        """How many have to acknowledge."""
        return len(managers_in(self.version.content)) if self.version else 0


@dataclass(frozen=True)
class Company:
    """All branches, those that have not issued first, and the company's own progress."""

    indicators: tuple[Indicator, ...]
    branches: tuple[BranchLine, ...]
    progress: tuple[Progress, ...]


def company_lines(month: Month, at: datetime) -> Company:
    """Every branch's targets and progress at a moment; a fixed number of queries."""
    branches = list(Branch.objects.open_on(month.first))
    versions = versions_at(month, at)
    indicators = tuple(open_indicators())
    posts = posts_of(month)
    reached = results_at(month, {post.manager_id for post in posts}, at)
    ids: dict[int, set[int]] = {}
    for post in posts:
        ids.setdefault(post.branch_id, set()).add(post.manager_id)
    required: dict[tuple[int, str], Decimal] = {
        (branch_id, code): value
        for branch_id, code, value in Requirement.objects.filter(month=month.key).values_list(
            "branch_id", "indicator__code", "value"
        )
        if value is not None
    }
    acknowledged = dict(
        Acknowledgement.objects.filter(issued__in=versions.values())
        .order_by()
        .values_list("issued__sheet__branch_id")
        .annotate(n=Count("pk"))
    )
    known = calendar(month.year, month.next.year)
    settings = settings_through(month.last)
    days = Days(month, known)
    lines = [
        BranchLine(
            branch=branch,
            version=versions.get(branch.pk),
            is_late=at > _due_at(branch, month, known, settings),
            acknowledged=acknowledged.get(branch.pk, 0),
            progress=_progress(
                branch,
                versions.get(branch.pk),
                ids.get(branch.pk, set()),
                indicators,
                reached,
                required,
                days,
                at,
            ),
        )
        for branch in branches
    ]
    lines.sort(key=lambda line: (line.is_issued, line.branch.code))
    return Company(indicators, tuple(lines), _company(indicators, lines, reached, days, at))


def _due_at(branch: Branch, month: Month, days: Calendar, settings: SettingsHistory) -> datetime:
    own = settings.of(branch.pk, month.first)
    return targets_due_at(month, days, own.targets_day, own.close_of_business)


def _progress(
    branch: Branch,
    version: TargetVersion | None,
    manager_ids: Collection[int],
    indicators: Collection[Indicator],
    reached: Mapping[tuple[int, str], Reached],
    required: Mapping[tuple[int, str], Decimal],
    days: Days,
    at: datetime,
) -> tuple[Progress, ...]:
    """A branch's progress against what it issued, else against what the company requires."""
    issued = (
        {line["code"]: Decimal(line["value"]) for line in version.content["lines"]}
        if version
        else {}
    )
    return tuple(
        progress_of(
            each,
            issued.get(each.code, required.get((branch.pk, each.code))),
            [reached[one, each.code] for one in manager_ids if (one, each.code) in reached],
            days,
            local_date(at),
        )
        for each in indicators
    )


def _company(
    indicators: Collection[Indicator],
    lines: Collection[BranchLine],
    reached: Mapping[tuple[int, str], Reached],
    days: Days,
    at: datetime,
) -> tuple[Progress, ...]:
    """The branches' targets together, and all results."""
    found = []
    for place, indicator in enumerate(indicators):
        targets = [
            target for line in lines if (target := line.progress[place].pace.target) is not None
        ]
        own = [one for (_manager, code), one in reached.items() if code == indicator.code]
        found.append(
            progress_of(
                indicator,
                joined(targets, indicator.adding, indicator.places),
                own,
                days,
                local_date(at),
            )
        )
    return tuple(found)
