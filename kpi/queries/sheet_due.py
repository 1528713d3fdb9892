"""What score sheets imply for people, by when (annex 2): confirm, answer, sign, decide, rate.

``config.tables.DUE_SOURCES`` names ``due_items``; nothing of it is ever stored.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import month_name
from core.periods import Month, local_date
from duties.month_end import MonthEnd
from duties.month_queries import month_ends
from duties.rules import DueItem
from kpi.choices import MarkKind, SheetState
from kpi.computing import scheme_for
from kpi.marking import marked_items
from kpi.models import Mark, ScoreSheet
from kpi.queries.sheet_waiting import Post, Waiting, waiting_in
from kpi.roster import posts_of
from kpi.scheme import parsed
from organization.choices import HEADS, LEADERS, Role
from organization.models import RoleGrant

_KIND = "score"


@dataclass(frozen=True)
class _Post:
    """Somebody who leads a branch."""

    person_id: int
    role: str
    branch_id: int
    branch_name: str

    @property
    def signing(self) -> Post:
        """The same as signatures and decisions see it."""
        return Post(self.person_id, self.branch_id, self.role in HEADS)


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """What these people owe the month's end with a deadline in the span.

    A fixed number of queries for each month whose end touches the span. Whose turn it is, is
    judged as of ``at``, else of the end of the span.
    """
    now = at or last
    posts = [
        _Post(grant.person_id, grant.role, grant.branch_id, grant.branch.name)
        for grant in RoleGrant.objects.in_force_on(local_date(now))
        .filter(person_id__in=person_ids, role__in=LEADERS)
        .select_related("branch")
    ]
    waiting = waiting_in({post.branch_id for post in posts}, now) if posts else None
    found: list[DueItem] = []
    for month, end in month_ends(first, last):
        if first <= end.frozen_at <= last:
            found += _ratings(posts, month, end)
        if first <= _eve(end.objections_until) <= last:
            found += _confirmations(person_ids, month, end)
        if waiting is not None and first <= _eve(end.locks_at) <= last:
            found += _signatures(posts, waiting, month, end)
            found += _answers(posts, waiting, month, end)
    return found


def _eve(moment: datetime) -> datetime:
    """The last second of the day that a moment ends."""
    return moment - timedelta(seconds=1)


def _confirmations(person_ids: Collection[int], month: Month, end: MonthEnd) -> Iterator[DueItem]:
    sheets = ScoreSheet.objects.filter(
        month=month.key,
        manager_id__in=person_ids,
        confirmed_at__isnull=True,
        state__in=(SheetState.COMPUTED, SheetState.OBJECTED),
    ).select_related("branch")
    for sheet in sheets:
        yield DueItem(
            person_id=sheet.manager_id,
            kind=_KIND,
            title=_("确认%(month)s考核表") % {"month": month_name(month)},
            context=sheet.branch.name,
            due_at=_eve(end.objections_until),
            url=reverse("sheet", args=[month.key, sheet.manager_id]),
            waits=True,
        )


def _signatures(
    posts: list[_Post], waiting: Waiting, month: Month, end: MonthEnd
) -> Iterator[DueItem]:
    """Sheets that wait for the supervisor or the general manager, one item a branch."""
    for post in posts:
        count = sum(one.month == month.key for one in waiting.to_sign(post.signing))
        if count:
            title = (
                ngettext("审批考核表 %(n)d 张", "审批考核表 %(n)d 张", count)
                if post.signing.is_head
                else ngettext("审考核表 %(n)d 张", "审考核表 %(n)d 张", count)
            )
            yield _of_branch(post, month, title % {"n": count}, _eve(end.locks_at), waits=True)


def _answers(
    posts: list[_Post], waiting: Waiting, month: Month, end: MonthEnd
) -> Iterator[DueItem]:
    """Objections that wait for an opinion or a decision, one item a branch."""
    for post in posts:
        count = sum(one.sheet.month == month.key for one in waiting.to_answer(post.signing))
        if count:
            title = (
                ngettext("决定申诉 %(n)d 条", "决定申诉 %(n)d 条", count)
                if post.signing.is_head
                else ngettext("对申诉出意见 %(n)d 条", "对申诉出意见 %(n)d 条", count)
            )
            yield _of_branch(post, month, title % {"n": count}, _eve(end.locks_at), waits=True)


def _ratings(posts: list[_Post], month: Month, end: MonthEnd) -> Iterator[DueItem]:
    """Managers whom their supervisor has not rated at all, one item a branch."""
    supervisors = [post for post in posts if post.role == Role.SUPERVISOR]
    scheme = scheme_for(month, end.frozen_at) if supervisors else None
    items = marked_items(parsed(scheme.content)) if scheme else ()
    if not any(item.formula.kind == "RATE5" for item in items):
        return
    rated = set(
        Mark.objects.standing()
        .filter(month=month.key, kind=MarkKind.RATING)
        .order_by()
        .values_list("manager_id", flat=True)
    )
    grants = RoleGrant.objects.filter(
        role=Role.MANAGER, branch_id__in=[post.branch_id for post in supervisors]
    )
    near = grants.order_by().values_list("person_id", flat=True).distinct()
    branches = {one.manager_id: one.branch_id for one in posts_of(month, list(near))}
    for post in supervisors:
        lacking = sum(
            branch_id == post.branch_id and manager_id not in rated
            for manager_id, branch_id in branches.items()
        )
        if lacking:
            title = ngettext("给 %(n)d 名客户经理评分", "给 %(n)d 名客户经理评分", lacking)
            yield _of_branch(
                post,
                month,
                title % {"n": lacking},
                end.frozen_at,
                f"{reverse('marks', args=[month.key])}?branch={post.branch_id}",
                ends=True,
            )


def _of_branch(
    post: _Post,
    month: Month,
    title: str,
    due_at: datetime,
    url: str = "",
    *,
    ends: bool = False,
    waits: bool = False,
) -> DueItem:
    return DueItem(
        person_id=post.person_id,
        kind=_KIND,
        title=title,
        context=f"{post.branch_name} {month_name(month)}",
        due_at=due_at,
        url=url or f"{reverse('sheets')}?month={month.key}&branch={post.branch_id}",
        ends=ends,
        waits=waits,
    )
