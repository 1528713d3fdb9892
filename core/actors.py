"""Who acts: a plain value with the roles in force at that moment, made once per request."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from core.errors import NotAllowed

_LEADERS = ("supervisor", "gm", "deputy")
_ADMINISTRATORS = ("sysadmin", "secadmin")
_CROSS_BRANCH = ("market", "group_office", "clock")


@dataclass(frozen=True)
class Actor:
    """A person (or the clock) at work.

    ``branches`` are the ids of the branches the actor belongs to or leads, ``None`` for those
    whose work is all branches (never for administrators and auditors); ``posts`` says which
    role counts in which branch. ``door`` says how the actor came in: page, api, shell or clock.
    """

    person_id: int | None
    name: str
    job_number: str
    branch_id: int | None
    roles: frozenset[str]
    branches: frozenset[int] | None
    posts: frozenset[tuple[str, int]] = frozenset()
    address: str = ""
    request_id: str = ""
    door: str = "shell"

    def has_role(self, *roles: str) -> bool:
        """Whether one of the roles is in force."""
        return not self.roles.isdisjoint(roles)

    @property
    def somebody(self) -> int:
        """The person's id, where only a person can act; NotAllowed for the clock."""
        if self.person_id is None:
            raise NotAllowed
        return self.person_id

    def is_at(self, branch_id: int | None, *roles: str) -> bool:
        """Whether one of the roles is held in this branch (an acting one counts)."""
        return any((role, branch_id) in self.posts for role in roles)

    @property
    def led_branches(self) -> frozenset[int]:
        """Branches whose managers' work the actor reads: as supervisor or head (P0).

        Of the market department's token narrowed to some branches, these.
        """
        led = frozenset(branch for role, branch in self.posts if role in _LEADERS)
        if self.branches is None or not self.has_role(*_CROSS_BRANCH):
            return led
        return led | self.branches

    @property
    def reads_all(self) -> bool:
        """Whether customers and records of every branch are readable (annex 11.12)."""
        return self.branches is None and self.has_role(*_CROSS_BRANCH)

    def narrowed_to(self, branch_ids: frozenset[int]) -> "Actor":
        """The same actor for these branches only, without an administrator's roles.

        What is neither seen nor held there falls away; it may be that nothing is left.
        """
        posts = frozenset(
            (role, branch)
            for role, branch in self.posts
            if role not in _ADMINISTRATORS and (branch in branch_ids or role in _CROSS_BRANCH)
        )
        return replace(
            self,
            posts=posts,
            roles=frozenset(role for role, _ in posts),
            branches=branch_ids if self.branches is None else self.branches & branch_ids,
        )

    def sees_branch(self, branch_id: int | None) -> bool:
        """Whether rows of the branch are visible at all."""
        return self.branches is None or branch_id in self.branches

    def coming_by(self, door: str, *, address: str = "", request_id: str = "") -> "Actor":
        """The same actor with the trace of a request."""
        return replace(self, door=door, address=address, request_id=request_id)


class Acting(TypedDict):
    """The keywords of every operation on a thing with a state: who acts when, on which version."""

    expected_version: int
    actor: Actor
    at: datetime


# What happens by the clock alone; it may do what rules say is due and nothing a person decides.
CLOCK = Actor(None, "系统", "", None, frozenset({"clock"}), None, door="clock")
