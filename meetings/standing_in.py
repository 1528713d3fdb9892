"""Delegations end with what makes them impossible (M1.3): part of the step that does it.

Naming a delegate and taking it back are ``operations.delegations``.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from core.actors import Actor
from meetings.models import Delegation, Meeting
from meetings.notices import people_of, tell_arranged
from meetings.queries.occurrences import delegation_of
from meetings.steps import changed, record_step


def end_impossible(meeting: Meeting, *, why: str, actor: Actor, at: datetime) -> Meeting:
    """End the delegation of a meeting that its delegate cannot hold any more, as it now stands:
    on another day, or for duties that cannot be handed to him.

    ``why`` says what made it impossible; he and whoever belongs to the meeting are told.
    """
    given = Delegation.objects.filter(meeting=meeting, ended_at__isnull=True).first()
    if given is None or (meeting.sitting_id is None and delegation_of(meeting) is not None):
        return meeting
    delegate = given.delegate
    meeting = changed(meeting, meeting.version, at)
    end_standing(meeting, at)
    tell_arranged(
        meeting,
        lambda name, when: (
            _("%(when)s的%(meeting)s不再由%(delegate)s主持")
            % {"meeting": name, "when": when, "delegate": delegate.name}
        ),
        why,
        actor,
        at,
        people={person.pk: person for person in (*people_of(meeting), delegate)}.values(),
    )
    record_step("end_delegation", meeting, named(given), named(None), actor, at, why)
    return meeting


def end_standing(meeting: Meeting, at: datetime) -> None:
    """End what was handed on of a meeting, if anything was."""
    Delegation.objects.filter(meeting=meeting, ended_at__isnull=True).update(ended_at=at)


def named(standing: Delegation | None) -> dict[str, str]:
    """Who is delegated, for the trail."""
    return {"delegate": standing.delegate.name if standing else ""}
