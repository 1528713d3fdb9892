"""Who is scored for a month: every account manager who held the post during it (K4).

A manager who moved is scored once, by the branch where he stood last. Fixed number of queries,
however many managers.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest

from django.db.models import Min, Q

from core.calendar import Calendar
from core.periods import Month
from core.queries import calendar
from organization.choices import Role
from organization.former_names import NamesThen, names_at
from organization.models import Branch, RoleGrant


@dataclass(frozen=True)
class Member:
    """A manager of a month: who, of which branch, and how long he was there.

    He and the branch bear the names of the moment asked for, ``name_now`` is his of today.
    ``present`` of the ``working_days`` of the month lie in the post; ``since`` is the first day he
    ever held it.
    """

    manager_id: int
    job_number: str
    name: str
    sort_key: str
    branch: Branch
    branch_name: str
    name_now: str
    since: date
    present: int
    working_days: int

    def is_new(self, month: Month, calendar_of_days: Calendar) -> bool:
        """Whether this is his first full month, or a part of one before it (annex 5: period)."""
        return month <= first_full_month(self.since, calendar_of_days)


def first_full_month(since: date, days: Calendar) -> Month:
    """The first month of which no working day lies before ``since``."""
    begun = Month.containing(since)
    return begun.next if days.working_days(begun.first, since - timedelta(days=1)) else begun


@dataclass(frozen=True)
class Post:
    """A stretch of days in which somebody was an account manager of one branch."""

    manager_id: int
    branch_id: int
    first: date
    last: date


def posts_of(month: Month, manager_ids: Collection[int] | None = None) -> list[Post]:
    """The posts of account managers in the month, clipped to it, in order; one query.

    Of two posts of one person on a day, the one given last counts (as for weekly summaries).
    """
    return _clipped(_grants(month, manager_ids), month)


def _grants(month: Month, manager_ids: Collection[int] | None) -> list[RoleGrant]:
    grants = (
        RoleGrant.objects.filter(role=Role.MANAGER, valid_from__lte=month.last)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=month.first))
        .select_related("person", "branch")
        .order_by("person_id", "valid_from", "pk")
    )
    if manager_ids is not None:
        grants = grants.filter(person_id__in=manager_ids)
    return list(grants)


def _clipped(grants: list[RoleGrant], month: Month) -> list[Post]:
    """Posts within the month; a later grant ends the one before it."""
    posts = []
    for grant, following in zip_longest(grants, grants[1:]):
        person = grant.person
        first = max(month.first, grant.valid_from, person.joined_on or month.first)
        last = month.last
        for end in (grant.valid_to, person.left_on):
            if end is not None:
                last = min(last, end - timedelta(days=1))
        if following is not None and following.person_id == grant.person_id:
            last = min(last, following.valid_from - timedelta(days=1))
        if first <= last:
            posts.append(Post(grant.person_id, grant.branch_id, first, last))
    return posts


@dataclass(frozen=True)
class Roster:
    """Everybody who is scored for a month, by branch and name."""

    month: Month
    calendar: Calendar
    members: tuple[Member, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """The managers' ids."""
        return tuple(member.manager_id for member in self.members)

    @property
    def by_id(self) -> Mapping[int, Member]:
        """The members by the manager's id."""
        return {member.manager_id: member for member in self.members}


def roster_of(
    month: Month, manager_ids: Collection[int] | None = None, *, named_at: datetime | None = None
) -> Roster:
    """The account managers of a month, all or these; three queries.

    ``named_at``: as people and branches were called at a moment, and not now; one query more.
    """
    names = NamesThen({}, {}) if named_at is None else names_at(named_at)
    grants = _grants(month, manager_ids)
    days = calendar(month.first.year - 1, month.last.year)
    posts: dict[int, list[Post]] = {}
    for post in _clipped(grants, month):
        posts.setdefault(post.manager_id, []).append(post)
    people = {grant.person_id: grant.person for grant in grants}
    branches = {grant.branch_id: grant.branch for grant in grants}
    since: dict[int, date] = dict(
        RoleGrant.objects.filter(role=Role.MANAGER, person_id__in=list(posts))
        .order_by()
        .values_list("person_id")
        .annotate(since=Min("valid_from"))
    )
    working_days = days.working_days(month.first, month.last)
    members = [
        Member(
            manager_id=manager_id,
            job_number=people[manager_id].job_number,
            name=names.of(people[manager_id]).name,
            sort_key=names.of(people[manager_id]).sort_key,
            branch=branches[held[-1].branch_id],
            branch_name=names.of_branch(branches[held[-1].branch_id]),
            name_now=people[manager_id].name,
            since=max(since[manager_id], people[manager_id].joined_on or date.min),
            present=sum(any(post.first <= on <= post.last for post in held) for on in working_days),
            working_days=len(working_days),
        )
        for manager_id, held in posts.items()
    ]
    members.sort(key=lambda one: (one.branch.code, one.sort_key, one.manager_id))
    return Roster(month, days, tuple(members))
