"""The people of a day by job number and name, read once for a whole file of references."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from organization.models import Person, RoleGrant


@dataclass(frozen=True, slots=True)
class Member:
    """A person as a file refers to one; ``posts`` are the (role, branch) pairs in force."""

    pk: int
    job_number: str
    name: str
    branch_id: int
    is_in_post: bool
    posts: frozenset[tuple[str, int]]

    def branch_as(self, role: str) -> int | None:
        """The branch in which the role is held, the own one first; None when it is not held."""
        branches = [branch_id for held, branch_id in self.posts if held == role]
        return min(branches, key=lambda each: (each != self.branch_id, each), default=None)


class AmbiguousNumberError(LookupError):
    """A job number without its leading zeros that fits several people."""


class Roster:
    """Members by job number; a spreadsheet that ate leading zeros is understood."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.by_number: dict[str, Member] = {}
        self._by_bare: dict[str, list[Member]] = {}
        self._by_name: dict[str, list[Member]] = {}
        for member in members:
            self.by_number[member.job_number] = member
            self._by_bare.setdefault(member.job_number.lstrip("0"), []).append(member)
            self._by_name.setdefault(member.name, []).append(member)

    def find(self, number: str) -> Member | None:
        """Whoever has the number, as it stands or with zeros in front; None for nobody.

        AmbiguousNumberError when it stands for several people.
        """
        if number in self.by_number:
            return self.by_number[number]
        found = self._by_bare.get(number.lstrip("0"), []) if number.isdecimal() else []
        longer = [member for member in found if len(member.job_number) > len(number)]
        if len(longer) > 1:
            raise AmbiguousNumberError(number)
        return longer[0] if longer else None

    def named(self, name: str, role: str) -> list[Member]:
        """Those in post who bear the name and hold the role."""
        found = self._by_name.get(name, [])
        return [each for each in found if each.is_in_post and each.branch_as(role) is not None]


def read_roster(on: date) -> Roster:
    """Everybody ever employed, with the roles in force on the day; two queries."""
    posts: dict[int, set[tuple[str, int]]] = {}
    for person_id, role, branch_id in RoleGrant.objects.in_force_on(on).values_list(
        "person_id", "role", "branch_id"
    ):
        posts.setdefault(person_id, set()).add((role, branch_id))
    rows = Person.objects.order_by().values_list(
        "pk", "job_number", "name", "branch_id", "joined_on", "left_on"
    )
    return Roster(
        Member(
            pk,
            number,
            name,
            branch_id,
            (joined_on is None or joined_on <= on) and (left_on is None or left_on > on),
            frozenset(posts.get(pk, ())),
        )
        for pk, number, name, branch_id, joined_on, left_on in rows
    )
