"""What people and branches were called at a moment: late or not, a cut names them the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.names import person_keys
from organization.models import Branch, FormerName, Person


@dataclass(frozen=True)
class Called:
    """A person's name at a moment, and what it is sorted by."""

    name: str
    sort_key: str


@dataclass(frozen=True)
class NamesThen:
    """The names that were given up after a moment, by id; everybody else is called as now."""

    people: Mapping[int, Called]
    branches: Mapping[int, str]

    def of(self, person: Person) -> Called:
        """What a person was called then."""
        return self.called(person.pk, Called(person.name, person.sort_key))

    def called(self, person_id: int, now: Called) -> Called:
        """The same of whom only id and present name are known."""
        return self.people.get(person_id, now)

    def of_branch(self, branch: Branch) -> str:
        """What a branch was called then."""
        return self.branches.get(branch.pk, branch.name)


def names_at(moment: datetime) -> NamesThen:
    """What everybody was called at a moment; one query, for few are renamed."""
    people: dict[int, Called] = {}
    branches: dict[int, str] = {}
    for former in FormerName.objects.filter(until__gt=moment).order_by("until", "pk"):
        if former.person_id is not None:
            called = Called(former.name, person_keys(former.name).sort_key)
            people.setdefault(former.person_id, called)
        elif former.branch_id is not None:
            branches.setdefault(former.branch_id, former.name)
    return NamesThen(people, branches)
