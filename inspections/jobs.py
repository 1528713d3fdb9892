"""What the worker does for findings: carries the open ones over at a month's end."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db.models import F, Prefetch, Q
from django.urls import reverse
from django.utils.translation import ngettext

from core import audit
from core.actors import CLOCK
from core.jobs import Effect, Progress
from core.periods import Month, local_date
from duties.choices import NoticeKind
from duties.models import Notice
from duties.notices import notice_to
from duties.operations import notify_all
from inspections.choices import FindingState, StepKind
from inspections.models import Finding, FindingStep
from organization.choices import LEADERS
from organization.queries import role_holders

# The steps after which something is still to be put right.
_LEAVES_TO_RECTIFY: Final = (StepKind.CONFIRMED, StepKind.OVERRULED, StepKind.REOPENED)


def carry_findings(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Every finding that was open at the month's end gets the step, as of that moment.

    What is to be put right bears it as its state, unless the branch or the market department
    has moved on since; so a run that comes days late leaves the same.
    """
    month = Month.parse(args["month"])
    findings = _open_at(at)
    changed = [finding.pk for finding in findings if _is_to_rectify(finding, at)]
    notices = _notices(findings, month, at)

    def write() -> dict[str, Any]:
        FindingStep.objects.bulk_create(
            FindingStep(finding=finding, kind=StepKind.CARRIED, at=at) for finding in findings
        )
        moved = Finding.objects.filter(pk__in=changed, state=FindingState.CONFIRMED).update(
            state=FindingState.CARRIED, version=F("version") + 1, updated_at=progress.looked_at
        )
        notify_all(notices)
        if findings:
            audit.record(
                actor=CLOCK,
                at=at,
                what="inspections.carry_over",
                target_type="month",
                target_id=month.key,
                target_label=month.key,
                after={"findings": [finding.number for finding in findings]},
            )
        return {"carried": len(findings), "to_rectify": moved}

    return write


def _open_at(at: datetime) -> list[Finding]:
    """The findings that were open at the moment, each with its steps until now; two queries."""
    is_closed_later = Q(closed_at__isnull=True) | Q(closed_at__gt=at)
    steps = FindingStep.objects.exclude(kind=StepKind.CARRIED).order_by("at", "pk")
    return list(
        Finding.objects.filter(is_closed_later, raised_at__lt=at)
        .select_related("branch")
        .prefetch_related(Prefetch("steps", queryset=steps, to_attr="steps_taken"))
        .order_by("number")
    )


def _is_to_rectify(finding: Finding, at: datetime) -> bool:
    """Whether it was to be put right at the moment, and nothing was done to it since."""
    steps: Sequence[FindingStep] = finding.steps_taken  # type: ignore[attr-defined]
    last = steps[-1] if steps else None
    return last is not None and last.at < at and last.kind in _LEAVES_TO_RECTIFY


def _title(count: int) -> str:
    return ngettext("%(n)d 个问题转入下月", "%(n)d 个问题转入下月", count) % {"n": count}


def _notices(findings: Sequence[Finding], month: Month, at: datetime) -> list[Notice]:
    """To whoever leads a branch, how many of its findings go on."""
    numbers: dict[int, list[str]] = {}
    for finding in findings:
        numbers.setdefault(finding.branch_id, []).append(finding.number)
    leaders = role_holders(LEADERS, local_date(at)) if numbers else {}
    return [
        notice_to(
            person,
            kind=NoticeKind.FINDING,
            group=f"findings:{month.key}",
            key=f"carried:{month.key}:{branch_id}",
            title=partial(_title, len(own)),
            body="\n".join(own),
            url=f"{reverse('findings')}?state=unclosed",
            at=at,
        )
        for branch_id, own in sorted(numbers.items())
        for person in leaders.get(branch_id, [])
    ]
