"""What each account manager looks after: group customers and personal key customers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate, count
from random import Random
from typing import Final

from core import bulk
from core.lunar import Birthday
from core.names import NameKeys, firm_keys, person_keys, search_text
from core.periods import instant
from core.sealing import blind, masked_phone, seal
from customers.choices import ContactRole, CustomerKind, CustomerState
from customers.models import Assignment, Contact, Customer, Tier, TierChange
from desk.demo.chance import chance, weighted
from desk.demo.names import POSTS, Firms, Phones, Somebody, address, somebody
from desk.demo.people import Crew, Member, Staff

# How many customers of each tier a manager has: the range, both ends included.
_HELD: Final = {
    "A": (1, 2),
    "B": (2, 4),
    "C": (4, 6),
    "diamond": (1, 3),
    "gold": (3, 5),
    "silver": (5, 8),
}
# How often a customer is served, and what it pays a month, yuan.
_WEIGHT: Final = {"A": 9, "B": 5, "C": 2, "diamond": 4, "gold": 2, "silver": 1}
_REVENUE: Final = {
    "A": (8_000, 60_000),
    "B": (1_500, 9_000),
    "C": (120, 1_800),
    "diamond": (300, 900),
    "gold": (150, 400),
    "silver": (60, 200),
}
_STATES: Final = {
    CustomerState.ACTIVE: 94,
    CustomerState.WARNED: 4,
    CustomerState.REGAINED: 1,
    CustomerState.LOST: 1,
}


@dataclass(frozen=True, slots=True)
class Served:
    """A customer as somebody who is served: how often, whom one speaks to."""

    pk: int
    name: str
    kind: str
    tier: str
    contacts: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The customers of one manager, with the running sum of how often each is served."""

    served: tuple[Served, ...]
    sums: tuple[int, ...]


@dataclass
class _Register:
    """Rows of four tables as they are drawn."""

    seed: int
    before: date
    tiers: dict[str, int]
    customers: list[tuple[object, ...]] = field(default_factory=list)
    contacts: list[tuple[object, ...]] = field(default_factory=list)
    assignments: list[tuple[object, ...]] = field(default_factory=list)
    tier_changes: list[tuple[object, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids = count(1)
        self.contact_ids = count(1)
        self.phones = Phones(self.seed + 1)

    def write(self) -> None:
        """Load what was drawn and begin anew."""
        for model, columns, rows in (
            (Customer, _CUSTOMER_COLUMNS, self.customers),
            (Contact, _CONTACT_COLUMNS, self.contacts),
            (Assignment, ("customer", "manager", *_FROM), self.assignments),
            (TierChange, ("customer", "tier", *_FROM), self.tier_changes),
        ):
            bulk.load(model, columns, rows)
            rows.clear()


_FROM: Final = ("valid_from", "valid_to", "reason", "recorded_at")
_CUSTOMER_COLUMNS: Final = (
    "id",
    "kind",
    "code",
    "name",
    "branch",
    "tier",
    "manager",
    "manager_since",
    "state",
    "industry",
    "address",
    "contract_ends_on",
    "monthly_revenue",
    "has_consented",
    "search_text",
    "sort_key",
    "added_on",
    "updated_at",
)
_CONTACT_COLUMNS: Final = (
    "id",
    "customer",
    "role",
    "name",
    "gender",
    "post",
    "phone_sealed",
    "phone_blind",
    "phone_masked",
    "phone_tail",
    "birthday_sealed",
    "birthday_blind",
    "birth_month_day",
    "is_lunar",
)
# Rows are written when so many customers have been drawn.
_AT_ONCE: Final = 20_000


def make_portfolios(staff: Staff, *, seed: int, before: date) -> dict[int, Portfolio]:
    """Write every manager's customers; what each is served by manager id."""
    register = _Register(seed, before, dict(Tier.objects.values_list("code", "pk")))
    found: dict[int, Portfolio] = {}
    for crew in staff.crews:
        firms = Firms(crew.place, chance(seed, "firms", crew.code))
        for manager in crew.managers:
            rng = chance(seed, "portfolio", manager.job_number)
            served = tuple(_drawn(register, crew, manager, firms, rng))
            sums = tuple(accumulate(_WEIGHT[one.tier] for one in served))
            found[manager.pk] = Portfolio(served, sums)
        if len(register.customers) >= _AT_ONCE:
            register.write()
    register.write()
    return found


def _drawn(
    register: _Register, crew: Crew, manager: Member, firms: Firms, rng: Random
) -> Iterator[Served]:
    """The manager's customers; those that are lost stand in the file and are served no more."""
    for tier, (fewest, most) in _HELD.items():
        for _one in range(rng.randint(fewest, most)):
            served, state = _one_customer(register, crew, manager, tier, firms, rng)
            if state != CustomerState.LOST:
                yield served


def _one_customer(
    register: _Register, crew: Crew, manager: Member, tier: str, firms: Firms, rng: Random
) -> tuple[Served, str]:
    pk = next(register.ids)
    is_group = len(tier) == 1
    people = [somebody(rng)]
    if is_group:
        firm = firms.draw(tier)
        name, industry = firm.name, firm.industry
        people += [somebody(rng) for _more in range(rng.choice((1, 1, 2)))]
        keys = firm_keys(name)
        code = f"JT{pk:06d}"
    else:
        name, industry = people[0].name, ""
        keys = person_keys(name)
        code = f"GR{pk:06d}"
    kind = CustomerKind.GROUP if is_group else CustomerKind.PERSON
    contacts = _contacts(register, pk, is_group, people, rng)
    state = weighted(rng, _STATES)
    since, added_on = _history(register, crew, manager, pk, tier, rng)
    lowest, highest = _REVENUE[tier]
    revenue = Decimal(round(rng.uniform(lowest, highest) * 100)) / 100
    register.customers.append(
        (
            pk,
            kind,
            code,
            name,
            crew.branch_id,
            register.tiers[tier],
            manager.pk,
            since,
            state,
            industry,
            address(crew.place, rng),
            register.before + timedelta(days=rng.randint(-40, 900)) if is_group else None,
            revenue,
            None if is_group else rng.random() < 0.9,
            _found_by(name, keys, code, [tail for _pk, _who, tail in contacts]),
            keys.sort_key[:160],
            added_on,
            _on(since),
        )
    )
    return (
        Served(pk, name, kind, tier, tuple((who, words) for who, words, _tail in contacts)),
        state,
    )


def _found_by(name: str, keys: NameKeys, code: str, tails: list[str]) -> str:
    return search_text(name, keys, code, *tails)


def _contacts(
    register: _Register, customer_id: int, is_group: bool, people: list[Somebody], rng: Random
) -> list[tuple[int, str, str]]:
    """Write down the contacts: id, how to address them, phone tail. Names within one customer
    are kept apart, as the table wants them."""
    roles = [ContactRole.KEY_PERSON, ContactRole.CONTACT, ContactRole.CLERK]
    found = []
    for order, who in enumerate(people):
        role = roles[order] if is_group else ContactRole.SELF
        post = rng.choice(POSTS[role]) if is_group else ""
        phone = register.phones.draw()
        has_birthday = role in (ContactRole.KEY_PERSON, ContactRole.SELF) or rng.random() < 0.3
        birthday = _birthday(rng) if has_birthday else None
        text = birthday.text if birthday else ""
        pk = next(register.contact_ids)
        register.contacts.append(
            (
                pk,
                customer_id,
                role,
                who.name,
                who.gender,
                post,
                seal(phone),
                blind(phone),
                masked_phone(phone),
                phone[-4:],
                seal(text),
                blind(text),
                birthday.month_day if birthday else "",
                birthday is not None and birthday.is_lunar,
            )
        )
        found.append((pk, who.addressed(post), phone[-4:]))
    return found


def _birthday(rng: Random) -> Birthday:
    """One in eight is kept by the lunar calendar; one in three without the year."""
    year = None if rng.random() < 1 / 3 else rng.randint(1955, 1998)
    return Birthday(rng.randint(1, 12), rng.randint(1, 28), year, is_lunar=rng.random() < 1 / 8)


def _history(
    register: _Register, crew: Crew, manager: Member, pk: int, tier: str, rng: Random
) -> tuple[date, date]:
    """Who has looked after the customer and in which tier it has been; since when, from when."""
    is_new = manager.joined_on > register.before
    span = 0 if is_new else (register.before - manager.joined_on).days
    since = manager.joined_on + timedelta(days=int(span * rng.random()))
    added_on = since
    others = [one for one in crew.managers if one.pk != manager.pk and one.joined_on < since]
    if others and (is_new or rng.random() < 0.08):
        before = rng.choice(others)
        added_on = before.joined_on + timedelta(
            days=int((since - before.joined_on).days * rng.random())
        )
        register.assignments.append((pk, before.pk, added_on, since, "", _on(added_on)))
    reason = "岗位调整" if added_on < since else ""
    register.assignments.append((pk, manager.pk, since, None, reason, _on(since)))
    promoted_on = since + timedelta(days=(register.before - since).days // 2)
    below = {"A": "B", "B": "C", "diamond": "gold", "gold": "silver"}.get(tier)
    began_on, why = added_on, ""
    if below and promoted_on > added_on and rng.random() < 0.06:
        row = (pk, register.tiers[below], added_on, promoted_on, "", _on(added_on))
        register.tier_changes.append(row)
        began_on, why = promoted_on, "按年度收入升级"
    register.tier_changes.append((pk, register.tiers[tier], began_on, None, why, _on(began_on)))
    return since, added_on


def _on(day: date) -> datetime:
    return instant(day, time(9, 0))
