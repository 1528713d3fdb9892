"""Head office and branches with everybody in them (annex 1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from typing import Final, NamedTuple

from core import bulk
from core.names import firm_keys, person_keys, search_text
from core.sealing import blind, masked_phone, seal
from desk.demo.chance import chance
from desk.demo.names import Phones, Somebody, address, places, somebody
from organization.choices import BranchKind, Role
from organization.models import Branch, Person, RoleGrant

HEAD_CODE: Final = "B000"
HEAD_NAME: Final = "公司本部"


class Place(NamedTuple):
    """A post: whom it is given to, as what; ``known`` is a name that is always the same."""

    role: str
    post: str
    known: Somebody | None = None


_HEAD: Final = (
    Place(Role.MARKET, "市场部主任", Somebody("韩静", "f")),
    Place(Role.GROUP_OFFICE, "集团客户室主管", Somebody("孙岚", "f")),
    Place(Role.SYSADMIN, "系统管理员", Somebody("马骏", "m")),
    Place(Role.SECADMIN, "安全管理员", Somebody("宋琪", "f")),
    Place(Role.AUDITOR, "审计员", Somebody("许衡", "m")),
    Place(Role.CONFIDENTIALITY, "保密员", Somebody("沈默", "m")),
    Place(Role.MARKET, "市场部专员"),
    Place(Role.GROUP_OFFICE, "集团客户室专员"),
)
_LEADERS: Final = (
    Place(Role.GM, "总经理"),
    Place(Role.DEPUTY, "副总经理"),
    Place(Role.SUPERVISOR, "客户经理主管"),
)
_MANAGER: Final = Place(Role.MANAGER, "客户经理")
# Whoever is known by name in the first branches, in the order of the posts.
_KNOWN: Final = (
    (
        Somebody("赵国梁", "m"),
        Somebody("钱慧敏", "f"),
        Somebody("周建平", "m"),
        Somebody("林晓岚", "f"),
        Somebody("陈嘉怡", "f"),
        Somebody("何俊峰", "m"),
    ),
    (
        Somebody("冯立群", "m"),
        Somebody("蒋文静", "f"),
        Somebody("郑秋实", "m"),
        Somebody("吴志远", "m"),
    ),
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the company, with what the making of work needs to know."""

    pk: int
    job_number: str
    name: str
    joined_on: date


@dataclass(frozen=True, slots=True)
class Crew:
    """A branch and its people."""

    branch_id: int
    code: str
    place: str
    gm: Member
    deputy: Member
    supervisor: Member
    managers: tuple[Member, ...]

    def on(self, day: date) -> "Crew":
        """The crew without whoever joins later."""
        there = tuple(manager for manager in self.managers if manager.joined_on <= day)
        return self if len(there) == len(self.managers) else replace(self, managers=there)


@dataclass(frozen=True)
class Staff:
    """Everybody: head office by role, and the branches' crews."""

    head: dict[str, list[Member]]
    crews: tuple[Crew, ...]


@dataclass
class _Register:
    """Rows of people and grants as they are drawn, and whom they are about."""

    seed: int
    before: date
    people: list[tuple[object, ...]] = field(default_factory=list)
    grants: list[tuple[object, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ids = count(1)
        self._phones = Phones(self.seed)
        self._rng = chance(self.seed, "people")

    def enter(
        self,
        number: int,
        place: Place,
        branch_id: int,
        above: Member | None,
        opened_on: date,
        joined_on: date | None = None,
    ) -> Member:
        """Draw one person and write down the row and the grant."""
        rng = self._rng
        drawn = somebody(rng)
        who = place.known or drawn
        days = (self.before - opened_on).days
        drawn_on = opened_on + timedelta(days=int(days * rng.random() ** 0.5))
        joined_on = joined_on or drawn_on
        phone = self._phones.draw()
        member = Member(next(self._ids), f"{number:06d}", who.name, joined_on)
        keys = person_keys(who.name)
        self.people.append(
            (
                member.pk,
                member.job_number,
                who.name,
                who.gender,
                branch_id,
                place.post,
                above.pk if above else None,
                f"{member.job_number}@example.com",
                seal(phone),
                blind(phone),
                masked_phone(phone),
                phone[-4:],
                joined_on,
                search_text(who.name, keys, member.job_number, phone[-4:], limit=240),
                keys.sort_key,
            )
        )
        self.grants.append((member.pk, place.role, branch_id, joined_on))
        return member


_PERSON_COLUMNS: Final = (
    "id",
    "job_number",
    "name",
    "gender",
    "branch",
    "post",
    "reports_to",
    "email",
    "phone_sealed",
    "phone_blind",
    "phone_masked",
    "phone_tail",
    "joined_on",
    "search_text",
    "sort_key",
    "password",
)
# No password fits this: whoever shall sign in is given one.
_UNUSABLE: Final = "!"


def make_staff(
    *,
    branches: int,
    managers: int,
    seed: int,
    before: date,
    newcomer: tuple[int, date] | None = None,
) -> Staff:
    """Write head office, the branches and all people; everybody had joined by ``before``, but
    for the ``newcomer``: the last manager of a branch, by its place, and the first day."""
    rng = chance(seed, "branches")
    names = places(branches)
    opened = [date(rng.randint(1998, 2012), rng.randint(1, 12), 1) for _name in names]
    bulk.load(Branch, _BRANCH_COLUMNS, _branch_rows(names, opened, seed))
    register = _Register(seed, before)
    head: dict[str, list[Member]] = {}
    for number, place in enumerate(_HEAD, start=100001):
        member = register.enter(number, place, 1, None, date(1998, 5, 1))
        head.setdefault(place.role, []).append(member)
    numbers = count(200001)
    crews = tuple(
        _enter_crew(
            register,
            index,
            name,
            numbers,
            managers,
            opened[index],
            newcomer[1] if newcomer and newcomer[0] == index else None,
        )
        for index, name in enumerate(names)
    )
    bulk.load(Person, _PERSON_COLUMNS, ((*row, _UNUSABLE) for row in register.people))
    bulk.load(RoleGrant, ("person", "role", "branch", "valid_from"), register.grants)
    return Staff(head, crews)


_BRANCH_COLUMNS: Final = (
    "id",
    "code",
    "name",
    "kind",
    "address",
    "phone",
    "opened_on",
    "sort_key",
)


def _branch_rows(
    names: Sequence[str], opened: Sequence[date], seed: int
) -> Iterator[tuple[object, ...]]:
    rng = chance(seed, "addresses")
    yield (
        1,
        HEAD_CODE,
        HEAD_NAME,
        BranchKind.HEAD,
        address("中心", rng),
        "0512-65000000",
        date(1998, 5, 1),
        firm_keys(HEAD_NAME).sort_key,
    )
    for index, (place, opened_on) in enumerate(zip(names, opened, strict=True), start=1):
        name = f"{place}分公司"
        yield (
            index + 1,
            f"B{index:03d}",
            name,
            BranchKind.BRANCH,
            address(place, rng),
            f"0512-65{index:04d}00",
            opened_on,
            firm_keys(name).sort_key,
        )


def _enter_crew(
    register: _Register,
    index: int,
    place: str,
    numbers: Iterator[int],
    managers: int,
    opened_on: date,
    newcomer_on: date | None,
) -> Crew:
    """A branch's people: everybody reports to the supervisor, he and the deputy to the GM."""
    branch_id = index + 2
    known = _KNOWN[index] if index < len(_KNOWN) else ()
    posts = (*_LEADERS, *[_MANAGER] * managers)
    entered: list[Member] = []
    for order, post in enumerate(posts):
        above = (None, 0, 0)[order] if order < len(_LEADERS) else 2
        entered.append(
            register.enter(
                next(numbers),
                post._replace(known=known[order] if order < len(known) else None),
                branch_id,
                None if above is None else entered[above],
                opened_on,
                newcomer_on if order == len(posts) - 1 else None,
            )
        )
    gm, deputy, supervisor, *rest = entered
    return Crew(branch_id, f"B{index + 1:03d}", place, gm, deputy, supervisor, tuple(rest))
