"""Who acts: a plain value with the roles in force at that moment, made once per request."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Actor:
    """A person (or the clock) at work.

    ``branches`` are the ids of the branches whose rows the actor may see, ``None`` for all.
    ``door`` says how the actor came in: page, api, shell or clock.
    """

    person_id: int | None
    name: str
    job_number: str
    branch_id: int | None
    roles: frozenset[str]
    branches: frozenset[int] | None
    address: str = ""
    request_id: str = ""
    door: str = "shell"

    def has_role(self, *roles: str) -> bool:
        """Whether one of the roles is in force."""
        return not self.roles.isdisjoint(roles)

    def sees_branch(self, branch_id: int | None) -> bool:
        """Whether rows of the branch are visible at all."""
        return self.branches is None or branch_id in self.branches

    def coming_by(self, door: str, *, address: str = "", request_id: str = "") -> "Actor":
        """The same actor with the trace of a request."""
        return replace(self, door=door, address=address, request_id=request_id)


# What happens by the clock alone; it may do what rules say is due and nothing a person decides.
CLOCK = Actor(None, "系统", "", None, frozenset({"clock"}), None, door="clock")
