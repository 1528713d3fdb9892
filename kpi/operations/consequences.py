"""What bands suggest (annex 5): proposed after the lock, decided by a person, never by itself."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.actors import CLOCK, Actor
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.periods import Month, local_date
from duties.operations import notify_all
from kpi import permissions, sheet_notices
from kpi.choices import ConsequenceState
from kpi.history import Suggested
from kpi.models import Consequence
from kpi.operations.steps import sentence_in
from organization.choices import HEADS
from organization.queries import role_holders


@transaction.atomic
def keep_proposals(*, month: Month, suggested: Sequence[Suggested], at: datetime) -> int:
    """Keep a month's proposals for the heads to decide on; those that stand are left alone."""
    known = set(
        Consequence.objects.filter(month=month.key).order_by().values_list("manager_id", "kind")
    )
    new = Consequence.objects.bulk_create(
        [
            Consequence(
                manager_id=one.manager_id,
                branch_id=one.branch_id,
                month=month.key,
                kind=one.kind,
                grounds=[list(pair) for pair in one.grounds],
                proposed_at=at,
            )
            for one in suggested
            if (one.manager_id, one.kind) not in known
        ],
        ignore_conflicts=True,
    )
    by_branch: dict[int, list[Consequence]] = {}
    for row in new:
        by_branch.setdefault(row.branch_id, []).append(row)
    heads = role_holders(HEADS, local_date(at))
    notify_all(
        [
            notice
            for branch_id, rows in by_branch.items()
            for notice in sheet_notices.consequences_proposed(
                heads.get(branch_id, []), month, rows, at=at
            )
        ]
    )
    if new:
        audit.record(
            actor=CLOCK,
            at=at,
            what="kpi.propose_consequences",
            target_type="score_month",
            target_id=month.key,
            target_label=month.key,
            after={"proposals": len(new)},
        )
    return len(new)


@transaction.atomic
def decide_consequence(
    *, consequence_id: int, is_accepted: bool, decision: str, actor: Actor, at: datetime
) -> Consequence:
    """A head of the branch takes a proposal up, or not, and says why (annex 5)."""
    found = (
        Consequence.objects.visible_to(actor)
        .select_related("manager", "branch")
        .filter(pk=consequence_id)
        .first()
    )
    if found is None:
        raise NotFound
    if not permissions.can_decide_consequence(actor, found):
        raise NotAllowed(_("考核建议由本分公司总经理决定，自己的除外。"))
    if found.state != ConsequenceState.OPEN:
        raise Refused(_("这条建议已决定过。"))
    decision = sentence_in(decision, field="decision", missing=_("写明决定的理由。"))
    state = ConsequenceState.ACCEPTED if is_accepted else ConsequenceState.DISMISSED
    updated = Consequence.objects.filter(pk=found.pk, state=ConsequenceState.OPEN).update(
        state=state, decided_at=at, decided_by=actor.somebody, decision=decision
    )
    found.refresh_from_db()
    if not updated:
        raise Stale({"state": found.state})
    audit.record(
        actor=actor,
        at=at,
        what="kpi.decide_consequence",
        target_type="consequence",
        target_id=found.pk,
        target_label=f"{found.manager.name} {found.month}",
        branch_id=found.branch_id,
        before={"state": ConsequenceState.OPEN.value},
        after={"state": str(found.state), "kind": found.kind},
        why=decision,
    )
    return found
