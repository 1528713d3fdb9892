"""One sitting for two duties (A1): meetings held together, and apart again."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import Refused
from core.periods import local_date
from meetings.choices import MeetingKind
from meetings.models import Meeting
from meetings.notices import tell_arranged
from meetings.operations.absences import keep_notices
from meetings.operations.occurrences import check_time, follow_arrangement, is_as_ruled
from meetings.queries.duty_times import times_by_rule
from meetings.queries.occurrences import is_in_period, kinds_of
from meetings.rules import may_be_combined, sitting_ends_at
from meetings.standing_in import end_impossible
from meetings.steps import (
    arranged,
    changed,
    check_ahead,
    check_own,
    record_step,
    sitting_ids,
    take_turns,
    to_arrange,
)
from organization.in_force import settings_of


@transaction.atomic
def combine_meetings(
    *, lead_id: int, joined_id: int, expected_version: int, actor: Actor, at: datetime
) -> Meeting:
    """Hold ``joined`` together with ``lead``, from the lead's hour, as one sitting (A1).

    It lasts as long as the longest of them. Which kinds may be is the rule's and the branch's
    settings' to say; the lead's day must lie in the period of both. Whoever was delegated and
    cannot hold both any more is told so. ``expected_version`` is the lead's.
    """
    take_turns(lead_id, joined_id)
    lead = to_arrange(actor, lead_id)
    joined = to_arrange(actor, joined_id)
    for one in (lead, joined):
        check_own(one)
        check_ahead(one, at)
    if joined.pk == lead.pk or joined.branch_id != lead.branch_id:
        raise Refused(_("请选同一家分公司的另一场会议。"), field="joined")
    if joined.joined.exists():
        raise Refused(_("那场会议已经合并了别的会议，请先分开。"), field="joined")
    kinds = (*kinds_of(lead), joined.kind)
    if not may_be_combined(kinds, settings_of(lead.branch_id, lead.on)):
        names = "、".join(str(MeetingKind(kind).label) for kind in kinds)
        raise Refused(_("%(kinds)s不能合并召开。") % {"kinds": names}, field="joined")
    if not is_in_period(lead.on, joined):
        raise Refused(_("两场会议不在同一周、同一月里。"), field="joined")
    before, days = arranged(joined), {joined.on, lead.on}
    told = {"is_by_hand": True, "sequence": F("sequence") + 1}
    lengths = [one.ends_at - one.starts_at for one in (lead, joined)]
    ends_at = sitting_ends_at(lead.starts_at, lengths)
    if ends_at != lead.ends_at:
        check_time(lead, lead.starts_at, ends_at, at, joining=joined, field="joined")
    lead = changed(lead, expected_version, at, ends_at=ends_at, **told)
    lead.joined.update(ends_at=ends_at, version=F("version") + 1, updated_at=at)
    joined = changed(
        joined,
        joined.version,
        at,
        sitting=lead,
        sitting_since=at,
        on=lead.on,
        starts_at=lead.starts_at,
        ends_at=lead.ends_at,
        place=lead.place,
        reason="",
        **told,
    )
    tell_arranged(
        lead,
        lambda name, when: _("%(meeting)s合并在 %(when)s 召开") % {"meeting": name, "when": when},
        "",
        actor,
        at,
    )
    record_step("combine_meetings", joined, before, arranged(joined), actor, at)
    follow_arrangement(lead, days, at)
    end_impossible(joined, why="", actor=actor, at=at)
    return end_impossible(lead, why="", actor=actor, at=at)


@transaction.atomic
def separate_meetings(
    *, joined_id: int, expected_version: int, actor: Actor, at: datetime
) -> Meeting:
    """Hold a meeting on its own again, when its rule says; refused once that is over.

    Notices given to the sitting meanwhile are for both. ``expected_version`` is its own.
    """
    take_turns(joined_id, *sitting_ids(joined_id))
    joined = to_arrange(actor, joined_id)
    lead = joined.sitting
    if lead is None:
        raise Refused(_("这场会议没有合并召开。"))
    check_ahead(joined, at)
    check_ahead(lead, at)
    times = times_by_rule(joined)
    if times is None or times.opens_at <= at:
        raise Refused(_("它原定的时间已经过了，不能再分开。"))
    before, days = arranged(joined), {lead.on, local_date(times.opens_at)}
    told = {"sequence": F("sequence") + 1}
    keep_notices(joined, at)
    joined = changed(
        joined,
        expected_version,
        at,
        sitting=None,
        sitting_since=None,
        on=local_date(times.opens_at),
        starts_at=times.opens_at,
        ends_at=times.deadline_at,
        is_by_hand=False,
        **told,
    )
    rest = list(Meeting.objects.filter(sitting=lead))
    lead.ends_at = sitting_ends_at(lead.starts_at, [_length(one) for one in (lead, *rest)])
    Meeting.objects.filter(sitting=lead).update(
        ends_at=lead.ends_at, version=F("version") + 1, updated_at=at
    )
    is_by_hand = bool(rest) or not is_as_ruled(lead)
    lead = changed(lead, lead.version, at, ends_at=lead.ends_at, is_by_hand=is_by_hand, **told)
    tell_arranged(
        joined,
        lambda name, when: _("%(meeting)s单独在 %(when)s 召开") % {"meeting": name, "when": when},
        "",
        actor,
        at,
    )
    record_step("separate_meetings", joined, before, arranged(joined), actor, at)
    follow_arrangement(joined, days, at)
    end_impossible(lead, why="", actor=actor, at=at)
    return joined


def _length(meeting: Meeting) -> timedelta:
    """How long a meeting lasts on its own: by the rule, or as it stands where none owes it."""
    times = times_by_rule(meeting)
    if times is None:
        return meeting.ends_at - meeting.starts_at
    return times.deadline_at - times.opens_at
