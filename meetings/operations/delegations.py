"""Who cannot come names in advance who holds the meeting in his place (M1.3)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import Refused
from meetings.models import Delegation, Meeting
from meetings.notices import tell_arranged
from meetings.queries.occurrences import delegation_of, possible_delegates
from meetings.standing_in import end_standing, named
from meetings.steps import changed, check_ahead, check_own, needed_reason, record_step, to_delegate


@transaction.atomic
def delegate_holding(
    *,
    meeting_id: int,
    delegate_id: int,
    reason: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Meeting:
    """Name who holds the meeting, before it begins; from then on nobody else may (M1.3).

    An earlier delegation ends with it.
    """
    meeting = _to_delegate(actor, meeting_id, at)
    reason = needed_reason(reason)
    delegate = next((one for one in possible_delegates(meeting) if one.pk == delegate_id), None)
    if delegate is None:
        raise Refused(_("请选那天在岗、可以主持这场会议的人。"), field="delegate")
    if delegate.pk == actor.person_id:
        raise Refused(_("不用委托给自己。"), field="delegate")
    before = named(delegation_of(meeting))
    meeting = changed(meeting, expected_version, at)
    end_standing(meeting, at)
    standing = Delegation.objects.create(
        meeting=meeting,
        delegate=delegate,
        given_by_id=actor.somebody,
        given_at=at,
        reason=reason,
    )
    tell_arranged(
        meeting,
        lambda name, when: (
            _("%(when)s的%(meeting)s由%(delegate)s主持")
            % {"meeting": name, "when": when, "delegate": delegate.name}
        ),
        reason,
        actor,
        at,
    )
    record_step("delegate_holding", meeting, before, named(standing), actor, at, reason)
    return meeting


@transaction.atomic
def end_delegation(
    *, meeting_id: int, expected_version: int, actor: Actor, at: datetime
) -> Meeting:
    """Take it back, before the meeting begins: whoever calls it may hold it again."""
    meeting = _to_delegate(actor, meeting_id, at)
    standing = delegation_of(meeting)
    if standing is None:
        raise Refused(_("这场会议没有委托别人主持。"))
    meeting = changed(meeting, expected_version, at)
    end_standing(meeting, at)
    delegate = standing.delegate
    tell_arranged(
        meeting,
        lambda name, when: (
            _("%(when)s的%(meeting)s不再由%(delegate)s主持")
            % {"meeting": name, "when": when, "delegate": delegate.name}
        ),
        "",
        actor,
        at,
    )
    record_step("end_delegation", meeting, named(standing), named(None), actor, at)
    return meeting


def _to_delegate(actor: Actor, meeting_id: int, at: datetime) -> Meeting:
    meeting = to_delegate(actor, meeting_id)
    check_own(meeting)
    check_ahead(meeting, at)
    return meeting
