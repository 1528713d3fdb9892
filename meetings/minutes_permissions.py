"""Who writes minutes, approves them, closes what they decided, files the signed paper."""

from core.actors import Actor
from meetings.minutes_rules import may_read_minutes
from meetings.models import Action, Attendee, Meeting
from organization.choices import HEADS, LEADERS


def can_record(actor: Actor, lead: Meeting) -> bool:
    """Whether the minutes are the actor's to write: the recorder's, never the chair's."""
    return actor.person_id is not None and actor.person_id == lead.recorder_id


def can_read_minutes(actor: Actor, lead: Meeting, level: int) -> bool:
    """Whether the actor, who sees the meeting, reads minutes of this level (C2, annex 9.1)."""
    if may_read_minutes(level, was_expected=False, leads_or_inspects=_follows(actor, lead)):
        return True
    person_id = actor.person_id
    is_expected = person_id is not None and (
        person_id in (lead.chair_id, lead.recorder_id)
        or Attendee.objects.filter(meeting=lead, person_id=person_id).exists()
    )
    return may_read_minutes(level, was_expected=is_expected, leads_or_inspects=False)


def _follows(actor: Actor, lead: Meeting) -> bool:
    return actor.reads_all or lead.branch_id in actor.led_branches


def can_take_minutes(actor: Actor, lead: Meeting) -> bool:
    """Whose the paper is: recorder and chair take even secret minutes out as a file; others as
    their level lets them (annex 9.1)."""
    return actor.person_id is not None and actor.person_id in (lead.recorder_id, lead.chair_id)


def can_name_recorder(actor: Actor, lead: Meeting) -> bool:
    """Who names the recorder of a meeting that was held: whoever held it, and who leads."""
    return actor.is_at(lead.branch_id, *LEADERS) or (
        actor.person_id is not None and actor.person_id == lead.chair_id
    )


def can_approve_minutes(actor: Actor, lead: Meeting, *, is_chair_gone: bool) -> bool:
    """Who approves or returns minutes: the chair, never the recorder (annex 3.5).

    Where the chair holds no post in the branch any more, one of its heads.
    """
    if actor.person_id is None or actor.person_id == lead.recorder_id:
        return False
    return actor.person_id == lead.chair_id or (
        is_chair_gone and actor.is_at(lead.branch_id, *HEADS)
    )


def can_close_action(actor: Actor, action: Action) -> bool:
    """Who says that an action is done, or not after all: its owner, and who leads the branch.

    Helpers do it with the owner, who answers for it.
    """
    return action.owner_id == actor.person_id or actor.is_at(action.branch_id, *LEADERS)


def can_drop_action(actor: Actor, action: Action) -> bool:
    """Who takes an action back: who leads the branch."""
    return actor.is_at(action.branch_id, *LEADERS)


def can_add_scan(actor: Actor, lead: Meeting) -> bool:
    """Who files the signed paper: recorder and chair, and who leads the branch."""
    return actor.is_at(lead.branch_id, *LEADERS) or (
        actor.person_id is not None and actor.person_id in (lead.recorder_id, lead.chair_id)
    )
