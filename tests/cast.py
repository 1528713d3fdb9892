"""The people of the stories: two branches and head office on Friday, 27 November 2026.

城东分公司 has managers 林晓岚, 陈嘉怡 and 何俊峰 under supervisor 周建平, GM 赵国梁 and deputy
钱慧敏; 城西分公司 has manager 吴志远 under supervisor 郑秋实. Head office has 韩静 (market
department), 孙岚 (group-customer office), 马骏 (system), 宋琪 (security), 许衡 (audit) and 沈默
(confidentiality).
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from core.actors import Actor
from core.names import firm_keys, person_keys, search_text
from core.periods import SHANGHAI
from core.sealing import blind, masked_phone, seal
from customers.models import Assignment, Contact, Customer, Tier, TierChange
from organization.models import Branch, Person, RoleGrant
from organization.queries import actor_of


def at(text: str) -> datetime:
    """A moment on Shanghai's clock: ``at("2026-11-27 17:29:59")``."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


FRIDAY: Final = date(2026, 11, 27)
DEADLINE: Final = at("2026-11-27 17:30:00")
NOON: Final = at("2026-11-27 12:00:00")
BEGIN: Final = date(2024, 1, 1)
PASSWORD: Final = "Jade-Bridge-27"  # not a secret: nobody outside the stories has it

# job number, name, branch code, role, post, reports to
_PEOPLE: Final = (
    ("200001", "赵国梁", "CD", "gm", "总经理", ""),
    ("200002", "钱慧敏", "CD", "deputy", "副总经理", "赵国梁"),
    ("200003", "周建平", "CD", "supervisor", "客户经理主管", "赵国梁"),
    ("200004", "林晓岚", "CD", "manager", "客户经理", "周建平"),
    ("200005", "陈嘉怡", "CD", "manager", "客户经理", "周建平"),
    ("200006", "何俊峰", "CD", "manager", "客户经理", "周建平"),
    ("300003", "郑秋实", "CX", "supervisor", "客户经理主管", ""),
    ("300004", "吴志远", "CX", "manager", "客户经理", "郑秋实"),
    ("100001", "韩静", "HQ", "market", "市场部主任", ""),
    ("100002", "孙岚", "HQ", "group_office", "集团客户室主管", ""),
    ("100003", "马骏", "HQ", "sysadmin", "系统管理员", ""),
    ("100004", "宋琪", "HQ", "secadmin", "安全管理员", ""),
    ("100005", "许衡", "HQ", "auditor", "审计员", ""),
    ("100006", "沈默", "HQ", "confidentiality", "保密员", ""),
)
# kind, code, name, manager, tier, contact, phone
_CUSTOMERS: Final = (
    ("group", "G0001", "东方纺织集团", "林晓岚", "A", "冯立新", "13800001207"),
    ("group", "G0002", "城东人民医院", "林晓岚", "B", "蒋文秀", "13800002216"),
    ("group", "G0003", "明珠酒店", "陈嘉怡", "C", "韩雪", "13800003225"),
    ("group", "G0004", "华立机械厂", "何俊峰", "B", "杨铁成", "13800004234"),
    ("group", "G0005", "西岭水泥", "吴志远", "A", "石磊", "13800005243"),
    ("person", "P0001", "黄建国", "林晓岚", "diamond", "黄建国", "13900001252"),
    ("person", "P0002", "刘美玲", "陈嘉怡", "gold", "刘美玲", "13900002261"),
    ("person", "P0003", "唐晓", "吴志远", "silver", "唐晓", "13900003270"),
)


@dataclass
class Cast:
    """Whoever appears, by name; ``east``, ``west`` and ``head`` are the branches."""

    head: Branch
    east: Branch
    west: Branch
    people: dict[str, Person] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def actor(self, name: str, *, on: datetime = NOON, door: str = "page") -> Actor:
        """The person as somebody who acts at that moment."""
        return actor_of(self.people[name], at=on).coming_by(door)

    def customer(self, name: str) -> Customer:
        """A customer by name."""
        return self.customers[name]


def make_cast() -> Cast:
    """Everybody with roles, and a few customers with contacts: ten statements."""
    head, east, west = _make_branches()
    cast = Cast(head, east, west)
    _make_people(cast)
    _make_customers(cast)
    return cast


def make_people() -> Cast:
    """Everybody with roles, without customers."""
    head, east, west = _make_branches()
    cast = Cast(head, east, west)
    _make_people(cast)
    return cast


def _make_branches() -> list[Branch]:
    names = (
        ("HQ", "公司本部", "head"),
        ("CD", "城东分公司", "branch"),
        ("CX", "城西分公司", "branch"),
    )
    return Branch.objects.bulk_create(
        [
            Branch(
                code=code, name=name, kind=kind, opened_on=BEGIN, sort_key=firm_keys(name).sort_key
            )
            for code, name, kind in names
        ]
    )


def _make_people(cast: Cast) -> None:
    branches = {branch.code: branch for branch in (cast.head, cast.east, cast.west)}
    made = [
        Person(
            job_number=number,
            name=name,
            branch=branches[code],
            post=post,
            email=f"{number}@example.com",
            joined_on=BEGIN,
            must_change_password=False,
            password_set_at=at("2026-11-02 09:00:00"),
            password="!",
            search_text=search_text(name, person_keys(name), number, limit=240),
            sort_key=person_keys(name).sort_key,
        )
        for number, name, code, _role, post, _above in _PEOPLE
    ]
    cast.people = {person.name: person for person in Person.objects.bulk_create(made)}
    for _number, name, _code, _role, _post, above in _PEOPLE:
        if above:
            cast[name].reports_to = cast[above]
    Person.objects.bulk_update(cast.people.values(), ["reports_to"])
    RoleGrant.objects.bulk_create(
        [
            RoleGrant(person=cast[name], role=role, branch=branches[code], valid_from=BEGIN)
            for _number, name, code, role, _post, _above in _PEOPLE
        ]
    )


def _make_customers(cast: Cast) -> None:
    tiers = {tier.code: tier for tier in Tier.objects.all()}
    recorded_at = at("2025-01-02 09:00:00")
    since = date(2025, 1, 1)
    made = []
    for kind, code, name, manager, tier, _contact, phone in _CUSTOMERS:
        keys = person_keys(name) if kind == "person" else firm_keys(name)
        made.append(
            Customer(
                kind=kind,
                code=code,
                name=name,
                branch=cast[manager].branch,
                tier=tiers[tier],
                manager=cast[manager],
                manager_since=since,
                monthly_revenue=Decimal("1200.00"),
                has_consented=True if kind == "person" else None,
                search_text=search_text(name, keys, code, phone[-4:]),
                sort_key=keys.sort_key,
                added_on=since,
                updated_at=recorded_at,
            )
        )
    cast.customers = {one.name: one for one in Customer.objects.bulk_create(made)}
    Contact.objects.bulk_create(
        [
            Contact(
                customer=cast.customer(name),
                role="key" if kind == "group" else "self",
                name=contact,
                phone_sealed=seal(phone),
                phone_blind=blind(phone),
                phone_masked=masked_phone(phone),
                phone_tail=phone[-4:],
            )
            for kind, _code, name, _manager, _tier, contact, phone in _CUSTOMERS
        ]
    )
    Assignment.objects.bulk_create(
        [
            Assignment(
                customer=cast.customer(name),
                manager=cast[manager],
                valid_from=since,
                recorded_at=recorded_at,
            )
            for _kind, _code, name, manager, *_more in _CUSTOMERS
        ]
    )
    TierChange.objects.bulk_create(
        [
            TierChange(customer=one, tier=one.tier, valid_from=since, recorded_at=recorded_at)
            for one in cast.customers.values()
        ]
    )
