"""For whom score sheets wait: whether somebody signs first, the number beside the way there."""

from datetime import datetime

from django.db.models import Q

from core.actors import Actor
from core.periods import local_date
from kpi.choices import CorrectionState, ObjectionState, SheetState
from kpi.models import Correction, Objection, ScoreSheet
from organization.choices import HEADS, Role
from organization.queries import holders_of


def has_other_supervisor(sheet: ScoreSheet, at: datetime, *besides: int | None) -> bool:
    """Whether the branch has a supervisor other than the manager (and ``besides``)."""
    left_out = {sheet.manager_id, *besides}
    supervisors = holders_of([Role.SUPERVISOR], local_date(at), sheet.branch_id)
    return any(person.pk not in left_out for person in supervisors)


def waiting_count(actor: Actor) -> int:
    """Own sheets to confirm; objections to answer and sheets to sign; corrections to decide.

    Nothing about oneself but the own confirmation; three queries at most.
    """
    if actor.person_id is None:
        return 0
    supervised = [branch for role, branch in actor.posts if role == Role.SUPERVISOR]
    headed = [branch for role, branch in actor.posts if role in HEADS]
    mine = Q(manager_id=actor.person_id)
    to_do = mine & Q(confirmed_at__isnull=True, locked_at__isnull=True)
    if supervised:
        to_do |= Q(branch_id__in=supervised, state=SheetState.CONFIRMED) & ~mine
    if headed:
        to_do |= Q(branch_id__in=headed, state=SheetState.SUPERVISED) & ~mine
    count = ScoreSheet.objects.filter(to_do).order_by().count()
    if supervised or headed:
        count += (
            Objection.objects.filter(
                Q(state=ObjectionState.OPEN, sheet__branch_id__in=supervised)
                | Q(state=ObjectionState.REVIEWED, sheet__branch_id__in=headed)
            )
            .exclude(sheet__manager_id=actor.person_id)
            .exclude(reviewed_by_id=actor.person_id)
            .count()
        )
    is_market = actor.has_role(Role.MARKET) and actor.reads_all
    if headed or is_market:
        proposed = Correction.objects.filter(state=CorrectionState.PROPOSED)
        if not is_market:
            proposed = proposed.filter(sheet__branch_id__in=headed)
        count += (
            proposed.exclude(sheet__manager_id=actor.person_id)
            .exclude(proposed_by_id=actor.person_id)
            .count()
        )
    return count
