"""The weeks of a month by branch: who owed a summary, and what had come in by a cut.

A week counts in the month of its deadline (annex 2). Everything is read as it stood at the
cut, so that a judgement made later is the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from django.db.models import Q

from core.periods import Month, instant, local_date
from duties.models import DutyPeriod
from organization.choices import Role
from organization.former_names import Called, names_at
from organization.models import Person, RoleGrant
from worklogs.models import Summary, SummaryQuerySet

# More managers than this are not named in a statement: databases limit its values.
_NAMED_AT_MOST: Final = 500


@dataclass(frozen=True)
class Owed:
    """A summary that a manager owed a branch: whose, of which week, by when.

    ``called`` is the manager's name as it was at the cut.
    """

    branch_id: int
    person: Person
    called: Called
    week: str
    deadline_at: datetime


def month_span(month: Month) -> tuple[datetime, datetime]:
    """The first moment of the month, and the first after it."""
    return instant(month.first, time.min), instant(month.next.first, time.min)


def periods_closed(
    kind: str, month: Month, branch_ids: Collection[int], cut: datetime
) -> list[DutyPeriod]:
    """The branches' duty periods whose deadline lies in the month and before the cut."""
    begin, end = month_span(month)
    return list(
        DutyPeriod.objects.filter(
            kind=kind,
            branch_id__in=branch_ids,
            deadline_at__gte=begin,
            deadline_at__lt=min(end, cut),
        ).order_by("deadline_at", "branch_id")
    )


@dataclass(frozen=True)
class Posts:
    """Account managers' posts: who stood where on which day; the post given last counts."""

    grants: tuple[RoleGrant, ...]

    def on(self, day: date) -> list[tuple[Person, int]]:
        """Everybody in post on the day, with the branch's id."""
        held: dict[int, RoleGrant] = {}
        for grant in self.grants:
            if _holds(grant, day):
                held[grant.person_id] = grant
        return [(grant.person, grant.branch_id) for grant in held.values()]


def _holds(grant: RoleGrant, day: date) -> bool:
    person = grant.person
    return (
        grant.valid_from <= day
        and (grant.valid_to is None or day < grant.valid_to)
        and (person.joined_on is None or person.joined_on <= day)
        and (person.left_on is None or day < person.left_on)
    )


def posts_within(branch_ids: Collection[int], first: date, last: date) -> Posts:
    """The posts that touch the span, of all who ever held one here, oldest first; one query."""
    held = RoleGrant.objects.filter(role=Role.MANAGER)
    here = held.filter(branch_id__in=branch_ids)
    grants = (
        held.filter(person__in=here.values("person_id"), valid_from__lte=last)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=first))
        .select_related("person")
        .order_by("valid_from", "pk")
    )
    return Posts(tuple(grants))


def owed_in(month: Month, branch_ids: Collection[int], cut: datetime) -> list[Owed]:
    """Every summary owed for the month's weeks whose deadline has passed by the cut.

    In the order of deadline, branch and name; three queries, however many branches and managers.
    """
    periods = periods_closed("summary", month, branch_ids, cut)
    if not periods:
        return []
    first, last = (local_date(period.deadline_at) for period in (periods[0], periods[-1]))
    posts, names = posts_within(branch_ids, first, last), names_at(cut)
    by_day: dict[date, dict[int, list[Person]]] = {}
    for day in {local_date(period.deadline_at) for period in periods}:
        by_branch: dict[int, list[Person]] = defaultdict(list)
        for person, branch_id in posts.on(day):
            by_branch[branch_id].append(person)
        by_day[day] = by_branch
    return [
        Owed(period.branch_id, person, names.of(person), period.key, period.deadline_at)
        for period in periods
        for person in sorted(
            by_day[local_date(period.deadline_at)].get(period.branch_id, ()),
            key=lambda one: (names.of(one).sort_key, one.pk),
        )
    ]


def wanted_in(owed: Iterable[Owed]) -> set[tuple[int, str]]:
    """Manager and week of each."""
    return {(one.person.pk, one.week) for one in owed}


def summaries_of(wanted: Collection[tuple[int, str]]) -> SummaryQuerySet:
    """The summaries of these weeks, of about these managers: of all where they are many."""
    found = Summary.objects.filter(week__in={week for _person, week in wanted})
    managers = {person for person, _week in wanted}
    return found.filter(manager_id__in=managers) if len(managers) <= _NAMED_AT_MOST else found


def received(owed: Iterable[Owed], cut: datetime) -> dict[tuple[int, str], Summary]:
    """The summaries that had been received by the cut, by manager and week; one query."""
    wanted = wanted_in(owed)
    found = summaries_of(wanted).filter(received_at__lte=cut)
    return {
        key: summary
        for summary in found.only("manager_id", "week", "received_at", "minutes_late")
        if (key := (summary.manager_id, summary.week)) in wanted
    }
