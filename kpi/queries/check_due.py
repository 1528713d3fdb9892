"""What the market department's second person checks and approves: results, schemes (annex 11.11).

``config.tables.DUE_SOURCES`` names ``due_items``; nothing of it is ever stored.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import month_name
from core.periods import Month, local_date
from duties.month_queries import month_ends
from duties.rules import DueItem
from kpi.choices import SchemeState
from kpi.models import Result, Scheme
from kpi.queries.decision_due import step_times
from organization.choices import Role
from organization.in_force import COMPANY
from organization.models import RoleGrant


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """Results to check by the freeze and schemes to approve, with a deadline in the span.

    Eight queries, however many people, results and schemes.
    """
    held = RoleGrant.objects.in_force_on(local_date(at or last)).filter(
        person_id__in=person_ids, role=Role.MARKET
    )
    people = sorted(set(held.values_list("person_id", flat=True)))
    if not people:
        return []
    items = [*_results(people, first, last), *_schemes(people, first, last)]
    return [item for item in items if first <= item.due_at <= last]


def _results(people: Collection[int], first: datetime, last: datetime) -> Iterator[DueItem]:
    """Results that nobody has checked, one item a branch and month; not to who recorded them.

    What is not checked by the freeze counts as it is, with a mark on the sheet.
    """
    ends = {month.key: end for month, end in month_ends(first, last)}
    rows = (
        Result.objects.standing()
        .filter(month__in=ends, checked_at__isnull=True)
        .order_by("month", "branch__code")
        .values_list("month", "branch_id", "branch__name", "recorded_by_id")
        .annotate(n=Count("pk"))
    )
    found: dict[tuple[int, str, int, str], int] = {}
    for month, branch_id, branch_name, recorded_by, count in rows:
        for person_id in people:
            if person_id != recorded_by:
                key = (person_id, month, branch_id, branch_name)
                found[key] = found.get(key, 0) + count
    for (person_id, month, branch_id, branch_name), count in found.items():
        title = ngettext("复核结果 %(n)d 个", "复核结果 %(n)d 个", count)
        yield DueItem(
            person_id=person_id,
            kind="result",
            title=title % {"n": count},
            context=f"{branch_name} {month_name(Month.parse(month))}",
            due_at=ends[month].frozen_at,
            url=f"{reverse('results', args=[month])}?branch={branch_id}",
            ends=True,
            waits=True,
        )


def _schemes(people: Collection[int], first: datetime, last: datetime) -> Iterator[DueItem]:
    """See kpi.permissions.can_approve_scheme."""
    waiting = list(Scheme.objects.filter(state=SchemeState.PROPOSED).order_by("number"))
    if not waiting:
        return
    times = step_times(first, last)
    for scheme in waiting:
        for person_id in people:
            if person_id == scheme.drafted_by_id or scheme.proposed_at is None:
                continue
            yield DueItem(
                person_id=person_id,
                kind="scheme",
                title=_("批准考核方案第 %(n)d 版") % {"n": scheme.number},
                context=scheme.name,
                due_at=times.due_at(COMPANY, scheme.proposed_at),
                url=reverse("scheme", args=[scheme.number]),
                waits=True,
            )
