"""Who somebody is at a moment, and reads over people and branches."""

from collections.abc import Iterable
from datetime import date, datetime

from core.actors import Actor
from core.periods import local_date
from organization.choices import CROSS_BRANCH
from organization.models import Person, RoleGrant


def is_in_post(person: Person, on: date) -> bool:
    """Whether the person has come and not left by this day; ``left_on`` is the first day off."""
    has_come = person.joined_on is None or person.joined_on <= on
    return has_come and (person.left_on is None or on < person.left_on)


def actor_of(person: Person, *, at: datetime) -> Actor:
    """The person as somebody who acts, with the roles in force on the local date of ``at``.

    Somebody who is not in post has no role and sees no branch. One query.
    """
    on = local_date(at)
    grants: list[RoleGrant] = []
    if is_in_post(person, on):
        grants = list(RoleGrant.objects.in_force_on(on).filter(person=person))
    roles = frozenset(grant.role for grant in grants)
    branches = {grant.branch_id for grant in grants}
    if grants:
        branches.add(person.branch_id)
    return Actor(
        person_id=person.pk,
        name=person.name,
        job_number=person.job_number,
        branch_id=person.branch_id,
        roles=roles,
        branches=None if roles.intersection(CROSS_BRANCH) else frozenset(branches),
        posts=frozenset((grant.role, grant.branch_id) for grant in grants),
    )


def holders_of(roles: Iterable[str], on: date, branch_id: int | None = None) -> list[Person]:
    """People in post who hold one of the roles on this day, of one branch or of all, by name."""
    grants = RoleGrant.objects.in_force_on(on).filter(role__in=list(roles))
    if branch_id is not None:
        grants = grants.filter(branch_id=branch_id)
    return list(Person.objects.in_post_on(on).filter(pk__in=grants.values("person_id")))


def role_holders(roles: Iterable[str], on: date) -> dict[int, list[Person]]:
    """The same for every branch at once: branch id → people, in one query."""
    grants = (
        RoleGrant.objects.in_force_on(on)
        .filter(role__in=list(roles), person__in=Person.objects.in_post_on(on))
        .select_related("person")
        .order_by("person__sort_key", "person_id")
    )
    found: dict[int, dict[int, Person]] = {}
    for grant in grants:
        found.setdefault(grant.branch_id, {})[grant.person_id] = grant.person
    return {branch_id: list(people.values()) for branch_id, people in found.items()}
