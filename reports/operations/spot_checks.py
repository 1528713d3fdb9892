"""Spot-check reports made again: only where one could not be made (P3)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, jobs
from core.actors import Actor
from core.errors import NotAllowed, Refused
from core.periods import Month
from duties.month_queries import month_end_of
from organization.choices import Role
from reports.choices import Phase
from reports.models import SpotCheck


def can_remake(actor: Actor) -> bool:
    """The market department, for all branches at once."""
    return actor.has_role(Role.MARKET) and actor.reads_all


@transaction.atomic
def remake_spot_checks(*, month: Month, phase: str, actor: Actor, at: datetime) -> None:
    """Have a month's reports of a phase made again, as of the moment they were due.

    Refused where all of them stand, for those are never changed, and before they are due.
    """
    if not can_remake(actor):
        raise NotAllowed(_("抽查报告由市场部要求重做。"))
    if phase not in Phase.values:
        raise Refused(_("没有这种报告。"), field="phase")
    end = month_end_of(month)
    due_at = end.frozen_at if phase == Phase.FROZEN else end.provisional_at
    if at < due_at:
        raise Refused(_("还没有到出报告的时刻。"), field="phase")
    standing = SpotCheck.objects.filter(month=month.key, phase=phase)
    if standing.exists() and not standing.exclude(content__failed="").exists():
        raise Refused(_("报告都已做成，不再重做。"), field="phase")
    jobs.enqueue(
        kind="reports.spot_check",
        key=f"{month.key}:{phase}:{at.isoformat()}",
        args={"month": month.key, "phase": str(phase), "due_at": due_at.isoformat()},
        at=at,
        owner_id=actor.person_id,
    )
    audit.record(
        actor=actor,
        at=at,
        what="reports.remake_spot_checks",
        target_type="month",
        target_id=month.key,
        target_label=f"{month.key} {phase}",
        after={"phase": str(phase)},
    )
