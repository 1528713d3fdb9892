"""Occurrences as they stand: who is expected, who holds them, what one sitting discharges."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q, QuerySet

from core.actors import Actor
from core.errors import NotFound
from core.periods import parse_period
from meetings.choices import MeetingState
from meetings.models import Delegation, Meeting
from meetings.rules import attending_roles, delegate_roles, holding_roles, may_be_combined
from organization.in_force import SettingsHistory, settings_of, settings_through
from organization.models import Person, RoleGrant
from organization.queries import is_in_post
from organization.settings import BranchSettings


def meetings_for(actor: Actor) -> QuerySet[Meeting]:
    """Meetings as far as somebody sees them, with branch, sitting, what is joined and delegated."""
    return with_sittings(Meeting.objects.visible_to(actor))


def with_sittings(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """The meetings with all that ``sitting_of``, ``kinds_of`` and ``Posts`` look at."""
    return meetings.select_related("branch", "sitting").prefetch_related(
        "joined",
        "delegations__delegate",
        "sitting__joined",
        "sitting__delegations__delegate",
    )


def meeting_for(actor: Actor, meeting_id: int) -> Meeting:
    """The meeting as its reader sees it; NotFound for whom it does not exist."""
    meeting = meetings_for(actor).filter(pk=meeting_id).first()
    if meeting is None:
        raise NotFound
    return meeting


def sitting_of(meeting: Meeting) -> Meeting:
    """The meeting that is really held: itself, or the one with which it is held together (A1)."""
    return meeting.sitting or meeting


def kinds_of(meeting: Meeting) -> tuple[str, ...]:
    """The kinds of duties that the meeting's sitting discharges, its own first (A1)."""
    lead = sitting_of(meeting)
    joined = sorted(lead.joined.all(), key=lambda one: one.pk)
    return (lead.kind, *(one.kind for one in joined))


def delegation_given(meeting: Meeting) -> Delegation | None:
    """What was handed on of the meeting's sitting and not taken back, whether it still counts."""
    given = sitting_of(meeting).delegations.all()
    return next((one for one in given if one.ended_at is None), None)


def delegation_of(meeting: Meeting) -> Delegation | None:
    """The delegation of the meeting's sitting that counts (M1.3)."""
    return posts_for([meeting]).delegation(meeting) if delegation_given(meeting) else None


def delegate_of(meeting: Meeting) -> Person | None:
    """Who is delegated to hold the meeting's sitting; then nobody else may (M1.3).

    He counts while he can hold it; whoever reads many asks ``Posts.delegate``.
    """
    standing = delegation_of(meeting)
    return standing.delegate if standing else None


@dataclass(frozen=True)
class Posts:
    """Who held which role in a branch, and a branch's settings, over the days of some meetings."""

    settings: SettingsHistory
    grants: Mapping[int, list[RoleGrant]]
    _settings: dict[tuple[int, date], BranchSettings] = field(default_factory=dict)

    def settings_on(self, branch_id: int, on: date) -> BranchSettings:
        """The settings of a branch on a day."""
        key = branch_id, on
        if key not in self._settings:
            self._settings[key] = self.settings.of(branch_id, on)
        return self._settings[key]

    def people(self, branch_id: int, on: date, roles: Collection[str]) -> list[Person]:
        """People in post who held one of the roles in the branch on the day, by name."""
        found = {
            grant.person_id: grant.person
            for grant in self.grants.get(branch_id, ())
            if grant.role in roles
            and grant.valid_from <= on
            and (grant.valid_to is None or on < grant.valid_to)
            and is_in_post(grant.person, on)
        }
        return list(found.values())

    def expected(self, meeting: Meeting) -> list[Person]:
        """Who must attend the meeting's sitting: the roles of all its kinds, on its day."""
        lead = sitting_of(meeting)
        own = self.settings_on(lead.branch_id, lead.on)
        roles = {role for kind in kinds_of(lead) for role in attending_roles(kind, own)}
        return self.people(lead.branch_id, lead.on, roles)

    def holders(self, meeting: Meeting) -> list[Person]:
        """Of whom one must hold the meeting's sitting (annex 2), acting ones included."""
        lead = sitting_of(meeting)
        return self.holding(lead.branch_id, lead.on, kinds_of(lead))

    def holding(self, branch_id: int, on: date, kinds: Collection[str]) -> list[Person]:
        """Of whom one must hold a sitting that discharges these kinds on the day."""
        own = self.settings_on(branch_id, on)
        return self.people(branch_id, on, holding_roles(kinds, own))

    def delegable(self, branch_id: int, on: date, kinds: Collection[str]) -> list[Person]:
        """To whom a sitting that discharges these kinds can be handed on the day (M1.3)."""
        own = self.settings_on(branch_id, on)
        return self.people(branch_id, on, delegate_roles(kinds, own))

    def delegation(self, meeting: Meeting) -> Delegation | None:
        """The delegation of the meeting's sitting, while its delegate can hold it (M1.3): in post
        on its day, and of those to whom all that it discharges can be handed."""
        standing = delegation_given(meeting)
        if standing is None:
            return None
        lead = sitting_of(meeting)
        able = self.delegable(lead.branch_id, lead.on, kinds_of(lead))
        return standing if standing.delegate_id in {one.pk for one in able} else None

    def delegate(self, meeting: Meeting) -> Person | None:
        """Who is delegated to hold the meeting's sitting."""
        standing = self.delegation(meeting)
        return standing.delegate if standing else None

    def owing(self, meeting: Meeting) -> list[Person]:
        """Whose it is when the meeting is not held: the delegate's, else the holders' (M1.3)."""
        delegate = self.delegate(meeting)
        return [delegate] if delegate else self.holders(meeting)


def posts_for(meetings: Iterable[Meeting]) -> Posts:
    """What decides who belongs to these meetings; two queries, however many."""
    leads = [sitting_of(meeting) for meeting in meetings]
    if not leads:
        return Posts(SettingsHistory(()), {})
    first, last = min(lead.on for lead in leads), max(lead.on for lead in leads)
    return posts_between(first, last, {lead.branch_id for lead in leads})


def posts_between(first: date, last: date, branch_ids: Collection[int]) -> Posts:
    """The same for every meeting of these days and branches."""
    rows = (
        RoleGrant.objects.filter(branch_id__in=branch_ids, valid_from__lte=last)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=first))
        .select_related("person")
        .order_by("person__sort_key", "person_id", "pk")
    )
    grants: dict[int, list[RoleGrant]] = defaultdict(list)
    for grant in rows:
        grants[grant.branch_id].append(grant)
    return Posts(settings_through(last), grants)


def expected_people(meeting: Meeting) -> list[Person]:
    """Who must attend the meeting's sitting on its day, by name (M1, M2, M3, A1)."""
    return posts_for([meeting]).expected(meeting)


def holders_of_meeting(meeting: Meeting) -> set[int]:
    """The people of whom one must hold the meeting's sitting on its day (annex 2).

    Where somebody is delegated he alone may: ``rules.may_hold`` takes both.
    """
    return {person.pk for person in posts_for([meeting]).holders(meeting)}


def possible_delegates(meeting: Meeting) -> list[Person]:
    """Who can be delegated: of the branch on the meeting's day; to a head's meeting only heads."""
    lead = sitting_of(meeting)
    return posts_for([lead]).delegable(lead.branch_id, lead.on, kinds_of(lead))


def partners_of(meeting: Meeting, at: datetime) -> list[Meeting]:
    """The meetings to come that may be held together with it, at its time (A1)."""
    coming = with_sittings(
        Meeting.objects.leading().filter(
            branch_id=meeting.branch_id, state=MeetingState.PLANNED, starts_at__gt=at
        )
    ).exclude(pk=meeting.pk)
    own = settings_of(meeting.branch_id, meeting.on)
    kinds = kinds_of(meeting)
    return [
        other
        for other in coming.filter(joined__isnull=True, room_at__isnull=True)
        if may_be_combined((*kinds, other.kind), own) and is_in_period(meeting.on, other)
    ]


def is_in_period(on: date, meeting: Meeting) -> bool:
    """Whether a day lies in the day, week or month for which the meeting is owed."""
    period = parse_period(meeting.key)
    return period.first <= on <= period.last


def who_owes(meeting: Meeting) -> list[Person]:
    """Whose it is when the meeting is not held, never the managers' (M1.3, annex 11.5)."""
    return posts_for([meeting]).owing(meeting)


def standing(meeting: Meeting, at: datetime) -> str:
    """How the meeting stands: "planned", "running", "held", "not_held", "cancelled", "joined".

    "joined" is held together with another, whose standing is that of the sitting; "not_held" is
    planned, and its time is over.
    """
    if meeting.sitting_id is not None:
        return "joined"
    if meeting.state == MeetingState.PLANNED and at >= meeting.ends_at:
        return "not_held"
    return meeting.state
