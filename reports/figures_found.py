"""Findings as they stood at a moment: those of the month, those before it and what became of them.

A finding's state and day move on; what they were at the moment is told by the trail: the first
later step says what was before it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from core.models import AuditRow
from core.periods import Month, local_date
from inspections.choices import FINDING_OPEN, FindingState
from inspections.models import Finding
from inspections.queries import TO_RECTIFY
from reports.masking import Masking


@dataclass(frozen=True)
class FindingThen:
    """A finding as it stood at a moment; ``is_new`` when it is one of the month itself."""

    finding: Finding
    state: str
    due_on: date
    is_overdue: bool
    is_new: bool

    def as_json(self, masking: Masking) -> dict[str, Any]:
        """The finding as figures hold it."""
        one = self.finding
        return {
            "id": one.pk,
            "number": one.number,
            "month": one.month,
            "branch": one.branch_id,
            "item": one.item,
            "owner": one.owner_id,
            "title": masking.marked(one.title),
            "due_on": self.due_on.isoformat(),
            "state": self.state,
            "is_overdue": self.is_overdue,
            "is_new": self.is_new,
            "is_closed": self.state not in FINDING_OPEN,
            "url": reverse("finding", args=[one.pk]),
        }


def findings_at(month: Month, cut: datetime) -> list[FindingThen]:
    """The month's findings, the month's before, and what was still open of older ones.

    What was dropped upon an objection is left out; three queries.
    """
    standing = Q(closed_at__isnull=True) | Q(closed_at__gt=cut)
    rows = list(
        Finding.objects.filter(raised_at__lte=cut)
        .filter(
            Q(month__in=(month.key, month.previous.key))
            | Q(month__lt=month.previous.key) & standing
        )
        .select_related("owner", "branch")
        .order_by("branch__code", "raised_at", "pk")
    )
    then = _then([row.pk for row in rows], cut)
    found = []
    for row in rows:
        before = then.get(row.pk, {})
        state = before.get("state", row.state)
        due_on = date.fromisoformat(before["due_on"]) if "due_on" in before else row.due_on
        if state == FindingState.DROPPED:
            continue
        is_overdue = (state in TO_RECTIFY and due_on < local_date(cut)) or (
            state == FindingState.OPEN and row.respond_by < cut
        )
        found.append(FindingThen(row, state, due_on, is_overdue, row.month == month.key))
    return found


def _then(finding_ids: Collection[int], cut: datetime) -> dict[int, dict[str, str]]:
    """What each finding was before the first change after the moment; one query."""
    rows = AuditRow.objects.filter(
        target_type="finding", target_id__in=[str(one) for one in finding_ids], at__gt=cut
    ).order_by("id")
    found: dict[int, dict[str, str]] = {}
    for target, before in rows.values_list("target_id", "before"):
        known = found.setdefault(int(target), {})
        for key in ("state", "due_on"):
            if key in before:
                known.setdefault(key, before[key])
    return found
