"""Notices of absence that wait for a word (M1.2): they came too late, and count only if accepted.

``config.tables.DUE_SOURCES`` names ``due_items``; nothing of it is ever stored.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from core.periods import local_date
from duties.rules import DueItem
from meetings.choices import AbsenceState
from meetings.models import Absence
from meetings.words import sitting_name
from organization.choices import HEADS, Role
from organization.models import RoleGrant


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """What these people have to decide, by the time the meeting begins; four queries.

    The supervisor decides about managers, a head about supervisors.
    """
    waiting = list(
        Absence.objects.filter(
            state=AbsenceState.GIVEN,
            is_in_time=False,
            meeting__starts_at__gte=first,
            meeting__starts_at__lte=last,
        )
        .select_related("meeting__sitting", "person")
        .prefetch_related("meeting__joined", "meeting__sitting__joined")
        .order_by("meeting__starts_at", "pk")
    )
    if not waiting:
        return []
    holders: dict[tuple[int, str], set[int]] = defaultdict(set)
    grants = RoleGrant.objects.in_force_on(local_date(at or last)).filter(
        role__in=(Role.SUPERVISOR, *HEADS),
        branch_id__in={one.meeting.branch_id for one in waiting},
    )
    for grant in grants:
        holders[grant.branch_id, grant.role].add(grant.person_id)
    return [
        DueItem(
            person_id=person_id,
            kind="absence",
            title=_("批%(name)s的假：%(meeting)s")
            % {"name": one.person.name, "meeting": sitting_name(one.meeting)},
            context=one.reason,
            due_at=one.meeting.starts_at,
            url=reverse("absences"),
            waits=True,
        )
        for one in waiting
        for person_id in sorted(_deciding(one, holders) & set(person_ids))
    ]


def _deciding(absence: Absence, holders: dict[tuple[int, str], set[int]]) -> set[int]:
    branch_id = absence.meeting.branch_id
    supervisors = holders[branch_id, Role.SUPERVISOR]
    if absence.person_id not in supervisors:
        return supervisors
    return set().union(*(holders[branch_id, role] for role in HEADS)) - {absence.person_id}
