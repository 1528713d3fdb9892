"""What cases and complaints imply for people, by when (K3, annex 3.13): state, give an opinion,
decide, answer.

``config.tables.DUE_SOURCES`` names ``due_items``; nothing of it is ever stored.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from core.calendar import Calendar
from core.periods import Month, local_date
from core.queries import calendar
from duties.month_end import month_end
from duties.rules import DueItem
from kpi.case_rules import step_due_at
from kpi.choices import CASE_OPEN, CaseState
from kpi.models import Case, Complaint
from kpi.queries.complaints import ANSWERABLE
from organization.choices import Role
from organization.in_force import COMPANY, SettingsHistory, settings_through
from organization.models import RoleGrant

_ROLES: Final = (Role.SUPERVISOR, Role.GM, Role.DEPUTY, Role.MARKET)


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """The steps of cases, and answers to complaints, that fall to these people in the span.

    A fixed number of queries; whoever has already acted on a case owes it nothing more.
    """
    wanted = set(person_ids)
    return [
        item
        for item in (
            *_of_cases(wanted, last, at or last),
            *_of_complaints(wanted, first, last),
        )
        if first <= item.due_at <= last
    ]


@dataclass(frozen=True)
class _Posts:
    """Who holds what: by branch, and the market department of head office."""

    by_branch: Mapping[tuple[str, int], tuple[int, ...]]
    market: tuple[int, ...]

    def of(self, role: Role, case: Case) -> list[int]:
        """Holders of a role in the case's branch who have nothing to do with it yet."""
        concerned = {case.manager_id, case.raised_by_id, case.reviewed_by_id}
        held = (
            self.market if role == Role.MARKET else self.by_branch.get((role, case.branch_id), ())
        )
        return [person_id for person_id in held if person_id not in concerned]

    def deciders(self, case: Case) -> list[int]:
        """See kpi.permissions.can_decide_case."""
        heads = self.of(Role.GM, case)
        return heads or [*self.of(Role.DEPUTY, case), *self.of(Role.MARKET, case)]


def _posts(at: datetime) -> _Posts:
    found: dict[tuple[str, int], tuple[int, ...]] = {}
    market: list[int] = []
    grants = RoleGrant.objects.in_force_on(local_date(at)).filter(role__in=_ROLES)
    for person_id, role, branch_id in grants.values_list("person_id", "role", "branch_id"):
        if role == Role.MARKET:
            market.append(person_id)
        else:
            found[role, branch_id] = (*found.get((role, branch_id), ()), person_id)
    return _Posts(found, tuple(dict.fromkeys(market)))


def _of_cases(wanted: set[int], last: datetime, at: datetime) -> Iterator[DueItem]:
    posts = _posts(at)
    open_cases = Case.objects.filter(state__in=CASE_OPEN).select_related("manager", "branch")
    if wanted.isdisjoint(posts.market):
        led = {branch for (_role, branch), held in posts.by_branch.items() if wanted & {*held}}
        open_cases = open_cases.filter(Q(manager_id__in=wanted) | Q(branch_id__in=led))
    cases = list(open_cases.order_by("raised_at", "pk"))
    if not cases:
        return
    begun = min(Month.parse(case.month) for case in cases)
    earliest = min(local_date(case.raised_at) for case in cases)
    ends = max(Month.containing(local_date(last)), max(Month.parse(one.month) for one in cases))
    days = calendar(min(begun.year, earliest.year), ends.plus(2).year)
    history = settings_through(ends.last)
    for case in cases:
        title, since, people = _next_step(case, posts)
        concerned = [one for one in people if one in wanted]
        if not concerned:
            continue
        due_at = _due_at(case, since, days, history)
        for person_id in concerned:
            yield DueItem(
                person_id=person_id,
                kind="case",
                title=title % {"name": case.manager.name},
                context=f"{case.branch.name} {case.number}",
                due_at=due_at,
                url=reverse("case", args=[case.pk]),
                waits=True,
            )


def _next_step(case: Case, posts: _Posts) -> tuple[str, datetime, list[int]]:
    """What comes next, since when it waits, and for whom."""
    if case.state == CaseState.FILED:
        return _("说明加减分申报"), case.raised_at, [case.manager_id]
    since = case.reviewed_at or case.stated_at or case.raised_at
    if case.state == CaseState.STATED and posts.of(Role.SUPERVISOR, case):
        return _("对加减分出意见：%(name)s"), since, posts.of(Role.SUPERVISOR, case)
    return _("决定加减分：%(name)s"), since, posts.deciders(case)


def _due_at(case: Case, since: datetime, days: Calendar, history: SettingsHistory) -> datetime:
    month = Month.parse(case.month)
    frozen_at = month_end(month, days, history.of(COMPANY, month.last)).frozen_at
    settings = history.of(case.branch_id, local_date(since))
    return step_due_at(since, days, settings, frozen_at)


def _of_complaints(wanted: set[int], first: datetime, last: datetime) -> Iterator[DueItem]:
    waiting = Complaint.objects.filter(
        investigator_id__in=wanted,
        answered_at__isnull=True,
        state__in=ANSWERABLE,
        answer_due_at__gte=first,
        answer_due_at__lte=last,
    )
    for complaint in waiting.order_by("answer_due_at", "pk"):
        yield DueItem(
            person_id=complaint.investigator_id,
            kind="complaint",
            title=_("答复投诉"),
            context=complaint.number,
            due_at=complaint.answer_due_at,
            url=reverse("complaint", args=[complaint.pk]),
            waits=True,
        )
