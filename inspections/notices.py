"""Who is told of a finding's step, and in which words."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.urls import reverse

from core.periods import local_date
from duties.choices import NoticeKind
from duties.models import Notice
from duties.notices import notice_to
from inspections.models import Finding
from organization.choices import LEADERS, Role
from organization.models import Person
from organization.queries import holders_of


def to_branch(finding: Finding, at: datetime) -> list[Person]:
    """Whoever leads the branch, and who has to put it right."""
    leaders = holders_of(LEADERS, local_date(at), finding.branch_id)
    return [*leaders, *([finding.owner] if finding.owner not in leaders else [])]


def to_market(finding: Finding, at: datetime) -> list[Person]:
    """Whoever raised it while in the market department, else all of the department."""
    market = holders_of([Role.MARKET], local_date(at))
    return [person for person in market if person.pk == finding.raised_by_id] or market


def notices_of(
    finding: Finding,
    people: Iterable[Person],
    *,
    step: str,
    title: Callable[[], str],
    body: str,
    at: datetime,
    besides: int | None = None,
) -> list[Notice]:
    """A notice to each, but to ``besides``, who did it."""
    return [
        notice_to(
            person,
            kind=NoticeKind.FINDING,
            group=f"finding:{finding.pk}",
            key=f"finding:{finding.pk}:{finding.version}:{step}",
            title=title,
            body=body,
            url=reverse("finding", args=[finding.pk]),
            at=at,
        )
        for person in people
        if person.pk != besides
    ]
