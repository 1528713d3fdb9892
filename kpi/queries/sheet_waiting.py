"""For whom score sheets wait: whose signature or decision is next, the number beside the way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.actors import Actor
from core.periods import Month, local_date
from duties.month_end import MonthEnd
from duties.month_queries import month_end_of
from kpi import rules
from kpi.choices import OBJECTION_OPEN, CorrectionState, ObjectionState, SheetState
from kpi.models import Correction, Objection, ScoreSheet
from organization.choices import HEADS, Role
from organization.models import RoleGrant
from organization.queries import holders_of


def has_other_supervisor(sheet: ScoreSheet, at: datetime, *besides: int | None) -> bool:
    """Whether the branch has a supervisor other than the manager (and ``besides``)."""
    left_out = {sheet.manager_id, *besides}
    supervisors = holders_of([Role.SUPERVISOR], local_date(at), sheet.branch_id)
    return any(person.pk not in left_out for person in supervisors)


@dataclass(frozen=True)
class Post:
    """Somebody who signs and decides in a branch: as its head, or as its supervisor."""

    person_id: int
    branch_id: int
    is_head: bool


@dataclass(frozen=True)
class Waiting:
    """What waits in some branches at a moment: sheets not approved, objections not decided."""

    sheets: tuple[ScoreSheet, ...]
    objections: tuple[Objection, ...]
    supervisors: Mapping[int, frozenset[int]]
    ends: Mapping[str, MonthEnd]
    at: datetime

    def to_sign(self, post: Post) -> list[ScoreSheet]:
        """The sheets that this person signs next (kpi.rules); nobody signs the own one."""
        return [one for one in self.sheets if self._signs(post, one)]

    def to_answer(self, post: Post) -> list[Objection]:
        """The objections on which this person's opinion or decision is next."""
        return [one for one in self.objections if self._answers(post, one)]

    def _signs(self, post: Post, sheet: ScoreSheet) -> bool:
        end = self.ends[sheet.month]
        if not _is_others(post, sheet) or self.at >= end.locks_at:
            return False
        answered = rules.is_answered(
            sheet.state,
            has_open_objections=any(one.sheet_id == sheet.pk for one in self.objections),
            at=self.at,
            objections_until=end.objections_until,
        )
        if not post.is_head:
            return rules.supervision_due(sheet.state, answered=answered)
        return sheet.supervised_by_id != post.person_id and rules.approval_due(
            sheet.state, answered=answered, has_other_supervisor=self._has_other(post, sheet)
        )

    def _answers(self, post: Post, objection: Objection) -> bool:
        sheet = objection.sheet
        if not _is_others(post, sheet) or objection.reviewed_by_id == post.person_id:
            return False
        is_open = objection.state == ObjectionState.OPEN
        return is_open != post.is_head or (is_open and not self._has_other(post, sheet))

    def _has_other(self, post: Post, sheet: ScoreSheet) -> bool:
        """See has_other_supervisor."""
        held = self.supervisors.get(sheet.branch_id, frozenset())
        return bool(held - {sheet.manager_id, post.person_id})


def _is_others(post: Post, sheet: ScoreSheet) -> bool:
    return post.branch_id == sheet.branch_id and post.person_id != sheet.manager_id


def waiting_in(branch_ids: Collection[int], at: datetime) -> Waiting:
    """What waits in these branches; three queries, and two for each month that is open."""
    sheets = tuple(
        ScoreSheet.objects.filter(branch_id__in=branch_ids, locked_at__isnull=True)
        .exclude(state__in=(SheetState.APPROVED, SheetState.LOCKED))
        .select_related("branch")
        .order_by()
    )
    objections = tuple(
        Objection.objects.filter(sheet__branch_id__in=branch_ids, state__in=OBJECTION_OPEN)
        .select_related("sheet")
        .order_by()
    )
    held: dict[int, set[int]] = {}
    grants = RoleGrant.objects.in_force_on(local_date(at)).filter(
        branch_id__in=branch_ids, role=Role.SUPERVISOR
    )
    for branch_id, person_id in grants.order_by().values_list("branch_id", "person_id"):
        held.setdefault(branch_id, set()).add(person_id)
    months = {one.month for one in sheets}
    return Waiting(
        sheets,
        objections,
        {branch_id: frozenset(people) for branch_id, people in held.items()},
        {month: month_end_of(Month.parse(month)) for month in months},
        at,
    )


def posts_in(actor: Actor) -> list[Post]:
    """Where the actor signs and decides."""
    return [
        Post(actor.somebody, branch_id, role in HEADS)
        for role, branch_id in actor.posts
        if role in HEADS or role == Role.SUPERVISOR
    ]


def waiting_count(actor: Actor, at: datetime) -> int:
    """Own sheets to confirm; objections to answer and sheets to sign; corrections to decide.

    Nothing about oneself but the own confirmation; each sheet and objection once.
    """
    if actor.person_id is None:
        return 0
    count = ScoreSheet.objects.filter(
        manager_id=actor.person_id, confirmed_at__isnull=True, locked_at__isnull=True
    ).count()
    posts = posts_in(actor)
    if posts:
        waiting = waiting_in({post.branch_id for post in posts}, at)
        count += len({one.pk for post in posts for one in waiting.to_sign(post)})
        count += len({one.pk for post in posts for one in waiting.to_answer(post)})
    headed = [post.branch_id for post in posts if post.is_head]
    is_market = actor.has_role(Role.MARKET) and actor.reads_all
    if headed or is_market:
        proposed = Correction.objects.filter(state=CorrectionState.PROPOSED)
        if not is_market:
            proposed = proposed.filter(sheet__branch_id__in=headed)
        count += (
            proposed.exclude(sheet__manager_id=actor.person_id)
            .exclude(proposed_by_id=actor.person_id)
            .count()
        )
    return count
