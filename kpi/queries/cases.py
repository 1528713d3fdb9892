"""Reads over cases: which the actor sees, under which scheme and in which month they count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from core.actors import Actor
from core.errors import NotFound
from core.lists import matching
from core.parts import Hit
from core.periods import Month, local_date
from duties.month_queries import month_end_of
from kpi import case_rules as rules
from kpi.case_rules import Kind
from kpi.choices import CASE_OPEN, CASE_UNSETTLED, CaseState
from kpi.computing import scheme_for
from kpi.labels import label_set_of, name_of
from kpi.models import Case, Complaint
from kpi.permissions import can_decide_case, can_review_case, can_state
from kpi.scheme import Item, SchemeContent, parsed
from organization.choices import Role
from organization.models import Person, RoleGrant
from organization.queries import holders_of

STANDING: Final = (*CASE_UNSETTLED, CaseState.APPROVED)
# How far back a month can still be open: its inputs freeze in the month after it.
_MONTHS_BACK: Final = 3
# In what a case is looked for by words.
_FOUND_BY: Final = (
    "number__icontains",
    "manager__search_text__contains",
    "customer__search_text__contains",
)


def cases_for(actor: Actor) -> QuerySet[Case]:
    """The cases the actor may see, with what showing them needs."""
    found: QuerySet[Case] = Case.objects.visible_to(actor)
    return found.select_related("manager", "branch", "customer", "raised_by")


def case_for(actor: Actor, case_id: int) -> Case:
    """One case; NotFound where there is none for this actor."""
    found = (
        cases_for(actor)
        .select_related("reviewed_by", "decided_by", "complaint")
        .filter(pk=case_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


# The month and the scheme


def is_frozen(month: Month, at: datetime) -> bool:
    """Whether what is decided now no longer counts in this month (annex 2: WD2 12:00)."""
    return at > month_end_of(month).frozen_at


def open_month(happened: Month, at: datetime) -> Month:
    """The month a case of that month counts in when it is decided now."""
    earliest = Month.containing(local_date(at)).plus(-_MONTHS_BACK)
    return rules.counting_month(max(happened, earliest), lambda month: is_frozen(month, at))


def scheme_of_month(month: Month, at: datetime) -> SchemeContent | None:
    """The scheme in force in a month; None before the first."""
    scheme = scheme_for(month, at)
    return parsed(scheme.content) if scheme else None


def items_of(content: SchemeContent) -> list[Item]:
    """What cases are filed under, in the scheme's order."""
    return [item for item in content.items if rules.is_case_item(item)]


@dataclass(frozen=True)
class Names:
    """What items and options are called, in the reader's language; codes where they are gone."""

    items: Mapping[str, str]
    options: Mapping[tuple[str, str], str]

    def item(self, code: str) -> str:
        """An item's name."""
        return self.items.get(code, code)

    def option(self, item: str, code: str) -> str:
        """An option's name."""
        return self.options.get((item, code), code)


def names_in(content: SchemeContent | None, label_set: str) -> Names:
    """The names of a scheme's items of cases."""
    items = items_of(content) if content else []
    return Names(
        {item.code: name_of(item.names, label_set) for item in items},
        {
            (item.code, str(option["code"])): name_of(option["names"], label_set)
            for item in items
            for option in item.options
        },
    )


def names_of_month(month: Month, at: datetime) -> Names:
    """The names as a month's scheme has them; three queries."""
    return names_in(scheme_of_month(month, at), label_set_of(month))


# Who is meant, who decides


def post_of(manager_id: int, at: datetime) -> RoleGrant | None:
    """The post in which somebody is, or was last, an account manager: person and branch."""
    return (
        RoleGrant.objects.filter(
            person_id=manager_id, role=Role.MANAGER, valid_from__lte=local_date(at)
        )
        .select_related("person", "branch")
        .order_by("-valid_from", "-pk")
        .first()
    )


def general_managers(branch_id: int, at: datetime) -> set[int]:
    """The ids of a branch's general managers."""
    return {person.pk for person in holders_of([Role.GM], local_date(at), branch_id)}


def supervisors(branch_id: int, at: datetime) -> list[Person]:
    """The branch's supervisors, acting ones included."""
    return holders_of([Role.SUPERVISOR], local_date(at), branch_id)


def deciders(case: Case, at: datetime) -> list[Person]:
    """Who may decide it: the general manager, else the deputy and the market department."""
    on = local_date(at)
    concerned = {case.manager_id, case.raised_by_id, case.reviewed_by_id}

    def others(people: list[Person]) -> list[Person]:
        return [person for person in people if person.pk not in concerned]

    heads = others(holders_of([Role.GM], on, case.branch_id))
    return heads or others(
        [*holders_of([Role.DEPUTY], on, case.branch_id), *holders_of([Role.MARKET], on)]
    )


def has_reviewer(case: Case, at: datetime) -> bool:
    """Whether the branch has a supervisor whose opinion is waited for before the decision."""
    without = {case.manager_id, case.raised_by_id}
    return any(person.pk not in without for person in supervisors(case.branch_id, at))


# Counted once


def standing_case(item: str, key: str) -> Case | None:
    """The case under this item that tells the same event and is not turned down."""
    return Case.objects.filter(item=item, count_key=key, state__in=STANDING).first()


def other_prizes(case_item: str, key: str, *, besides: int = 0) -> list[Case]:
    """Other standing prizes of the same contest."""
    contest = rules.contest_of(key)
    found = Case.objects.filter(
        item=case_item, count_key__startswith=f"{contest}|", state__in=STANDING
    )
    return list(found.exclude(pk=besides)) if contest else []


def prize_counted(case: Case, month: Month) -> Decimal | None:
    """What prizes of the same contest have earned in other months; None for nothing.

    With those that wait for a correction: they would count beside this one.
    """
    earned: Decimal | None = sum_of(
        Case.objects.filter(
            pk__in=[one.pk for one in other_prizes(case.item, case.count_key, besides=case.pk)],
            state__in=[CaseState.APPROVED, CaseState.CORRECTING],
        ).exclude(month=month.key)
    )
    return earned


def sum_of(cases: QuerySet[Case]) -> Decimal | None:
    """The points of some cases; None for none."""
    total: Decimal | None = cases.order_by().aggregate(total=Sum("points"))["total"]
    return total


@dataclass(frozen=True)
class CountedSoFar:
    """What a manager's other approved cases of a month under an item come to, and the cap."""

    points: Decimal
    cap: Decimal | None


def counted_so_far(case: Case, item: Item | None) -> CountedSoFar:
    """See CountedSoFar; one query."""
    total = sum_of(
        Case.objects.filter(
            item=case.item, month=case.month, manager_id=case.manager_id, state=CaseState.APPROVED
        ).exclude(pk=case.pk)
    )
    cap = item.formula.settings.get("cap") if item else None
    return CountedSoFar(total or Decimal("0.00"), None if cap is None else Decimal(str(cap)))


# The list


@dataclass(frozen=True)
class Asked:
    """What is asked of the list of cases; "" asks for nothing."""

    words: str = ""
    state: str = ""
    month: str = ""
    branch: str = ""
    item: str = ""
    manager: str = ""


def _with_complaining_customer(cases: QuerySet[Case], actor: Actor) -> QuerySet[Case]:
    """``complaining``: the customer of the complaint behind a case, for who may see that one."""
    seen = Complaint.objects.visible_to(actor).filter(pk=OuterRef("complaint_id"))
    return cases.annotate(complaining=Subquery(seen.values("customer__name")[:1]))


def find_cases(actor: Actor, asked: Asked, at: datetime) -> QuerySet[Case]:
    """The cases that the filters leave; "mine" are those that wait for the actor."""
    found = _with_complaining_customer(cases_for(actor), actor)
    found = with_words(found, asked.words)
    if asked.state:
        found = in_state(found, asked.state, actor, at)
    if asked.month:
        found = found.filter(month=asked.month)
    if asked.branch.isdecimal():
        found = found.filter(branch_id=int(asked.branch))
    if asked.item:
        found = found.filter(item=asked.item)
    if asked.manager == "me":
        found = found.filter(manager_id=actor.person_id or 0)
    return found


def with_words(cases: QuerySet[Case], words: str) -> QuerySet[Case]:
    """The cases in whose number, names or facts every word is found."""
    return matching(cases, words, *_FOUND_BY, "facts__icontains")


def in_state(cases: QuerySet[Case], state: str, actor: Actor, at: datetime) -> QuerySet[Case]:
    """The cases of a state; "open" are all unsettled ones, "mine" those that wait for the actor."""
    if state == "open":
        return cases.filter(state__in=CASE_UNSETTLED)
    if state == "mine":
        return cases.filter(waits_for(actor, at), state__in=CASE_OPEN)
    return cases.filter(state=state)


def waits_for(actor: Actor, at: datetime) -> Q:
    """Open cases whose next step is the actor's: to state, to give an opinion, to decide."""
    me = actor.person_id or 0
    led = {role: {branch for held, branch in actor.posts if held == role} for role in Role}
    is_mine = Q(manager_id=me) | Q(raised_by_id=me)
    to_state = Q(state=CaseState.FILED, manager_id=me)
    to_review = Q(state=CaseState.STATED, branch_id__in=led[Role.SUPERVISOR]) & ~is_mine
    is_ripe = Q(state=CaseState.REVIEWED) | (
        Q(state=CaseState.STATED) & ~Q(Exists(_others(Role.SUPERVISOR, at)))
    )
    reach = Q(branch_id__in=led[Role.GM])
    if actor.has_role(Role.MARKET):
        reach |= ~Q(Exists(_others(Role.GM, at)))
    elif led[Role.DEPUTY]:
        reach |= Q(branch_id__in=led[Role.DEPUTY]) & ~Q(Exists(_others(Role.GM, at)))
    is_reviewer = Q(reviewed_by_id__isnull=False, reviewed_by_id=me)
    return to_state | to_review | (is_ripe & reach & ~is_mine & ~is_reviewer)


def _others(role: Role, at: datetime) -> QuerySet[RoleGrant]:
    """Holders of a role in the case's branch who have nothing to do with the case yet."""
    return (
        RoleGrant.objects.in_force_on(local_date(at))
        .filter(role=role, branch_id=OuterRef("branch_id"))
        .exclude(person_id=OuterRef("manager_id"))
        .exclude(person_id=OuterRef("raised_by_id"))
        .exclude(person_id=Coalesce(OuterRef("reviewed_by_id"), 0))
    )


def state_counts(actor: Actor, at: datetime) -> dict[str, int]:
    """How many wait for the actor, are open, approved, turned down; one query."""
    return Case.objects.visible_to(actor).aggregate(
        mine=Count("pk", filter=waits_for(actor, at)),
        open=Count("pk", filter=Q(state__in=CASE_UNSETTLED)),
        approved=Count("pk", filter=Q(state=CaseState.APPROVED)),
        rejected=Count("pk", filter=Q(state=CaseState.REJECTED)),
    )


# What the reader can do


def acts_of(actor: Actor, case: Case, at: datetime) -> set[str]:
    """The steps the actor can take on an open case: "state", "review", "decide", "withdraw"."""
    if case.state not in CASE_OPEN:
        return set()
    found = set()
    if can_state(actor, case) and not case.stated_at:
        found.add("state")
    if can_review_case(actor, case) and not case.reviewed_at:
        found.add("review")
    if can_decide_case(actor, case, general_managers(case.branch_id, at)):
        found.add("decide")
    if case.raised_by_id == actor.person_id:
        found.add("withdraw")
    return found


# Go-anywhere


def search(actor: Actor, words: str, limit: int) -> list[Hit]:
    """Cases by number, manager and customer, for go-anywhere (config.tables.SEARCHES)."""
    found = matching(cases_for(actor), words, *_FOUND_BY)
    return [
        Hit(
            f"{case.number} {case.manager.name}",
            f"{case.branch.name} {case.get_state_display()}",
            reverse("case", args=[case.pk]),
        )
        for case in found[:limit]
    ]


def is_about(kind: Kind, case: Case) -> str:
    """What tells the event: its own name, else the customer's."""
    subject = str(case.particulars.get("subject", ""))
    if kind in rules.NAMED or case.customer is None:
        return subject
    return f"{case.customer.name} {subject}".strip()
