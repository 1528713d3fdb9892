"""Score sheets (K4, annex 5: workflow): kept as computed, confirmed, signed, approved, locked."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import audit, bulk
from core.actors import CLOCK, Actor
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.formats import moment
from core.periods import Month
from duties.models import Notice
from duties.month_end import MonthEnd
from duties.month_queries import month_end_of
from duties.operations import notify_all
from kpi import permissions, rules, sheet_notices
from kpi.choices import SIGNED, SheetState, VersionKind
from kpi.computing import Computed
from kpi.models import Scheme, ScoreSheet, SheetVersion
from kpi.operations import steps
from kpi.queries.sheet_waiting import has_other_supervisor
from organization.models import Branch, Person

_SHEET_COLUMNS = (
    "manager",
    "branch",
    "month",
    "scheme",
    "total",
    "band",
    "cut_at",
    "computed_at",
    "updated_at",
)
_VERSION_COLUMNS = ("sheet", "number", "kind", "content", "digest", "made_at")
_NOTICE_COLUMNS = (
    "person",
    "kind",
    "group",
    "key",
    "title",
    "body",
    "in_other_languages",
    "url",
    "created_at",
    "updated_at",
)


# By the clock: what follows has no actor, the timetable decides (annex 2).


@transaction.atomic
def keep_sheets(
    *, month: Month, scheme: Scheme, computed: Sequence[Computed], cut: datetime, at: datetime
) -> int:
    """Keep a month's sheets as computed (K4) and tell their managers; how many were new.

    Whoever has a sheet keeps it: a second run changes nothing. A fixed number of statements.
    """
    known = set(
        ScoreSheet.objects.filter(month=month.key).order_by().values_list("manager_id", flat=True)
    )
    new = {one.member.manager_id: one for one in computed if one.member.manager_id not in known}
    if not new:
        return 0
    bulk.load(
        ScoreSheet,
        _SHEET_COLUMNS,
        (
            (
                manager_id,
                one.member.branch.pk,
                month.key,
                scheme.pk,
                one.breakdown.total,
                one.breakdown.band,
                cut,
                at,
                at,
            )
            for manager_id, one in new.items()
        ),
    )
    made = ScoreSheet.objects.filter(month=month.key, computed_at=at).order_by()
    bulk.load(
        SheetVersion,
        _VERSION_COLUMNS,
        (
            (pk, 1, VersionKind.COMPUTED, new[manager_id].content, new[manager_id].digest, at)
            for pk, manager_id in made.values_list("pk", "manager_id")
            if manager_id in new
        ),
    )
    end = month_end_of(month)
    people = Person.objects.filter(score_sheets__in=made).order_by()
    _load_notices(sheet_notices.sheet_ready(people, month, end.objections_until, at=at))
    _record_month(month, "kpi.compute_sheets", len(new), at=at)
    return len(new)


def _load_notices(notices: Iterable[Notice]) -> None:
    """Write notices that nobody can have yet."""
    rows = [tuple(getattr(one, f"{name}_id" if name == "person" else name) for name in
                  _NOTICE_COLUMNS) for one in notices]  # fmt: skip
    bulk.load(Notice, _NOTICE_COLUMNS, rows)


@transaction.atomic
def lock_month(*, month: Month, at: datetime) -> int:
    """Lock the month's sheets on the timetable (annex 2), wherever they stand; how many.

    An objection that nobody decided stays open; its decision becomes a correction.
    """
    waiting = ScoreSheet.objects.filter(month=month.key).exclude(state=SheetState.LOCKED)
    people = list(Person.objects.filter(score_sheets__in=waiting).order_by())
    locked = waiting.update(
        state=SheetState.LOCKED, locked_at=at, version=F("version") + 1, updated_at=at
    )
    if locked:
        _load_notices(sheet_notices.sheet_locked(people, month.key, at=at))
        _record_month(month, "kpi.lock_sheets", locked, at=at)
    return locked


def _record_month(month: Month, what: str, sheets: int, *, at: datetime) -> None:
    audit.record(
        actor=CLOCK,
        at=at,
        what=what,
        target_type="score_month",
        target_id=month.key,
        target_label=month.key,
        after={"sheets": sheets},
    )


# By people


@transaction.atomic
def confirm_sheet(
    *, sheet_id: int, expected_version: int, actor: Actor, at: datetime
) -> ScoreSheet:
    """The manager confirms the sheet: every line but those objected to (K4)."""
    sheet = steps.sheet_for(actor, sheet_id)
    if not permissions.can_answer_sheet(actor, sheet):
        raise NotAllowed(_("考核表由本人确认。"))
    steps.check_version(sheet, expected_version)
    steps.check_unlocked(sheet, steps.end_of(sheet), at)
    if sheet.confirmed_at is not None:
        raise Refused(_("这张考核表已确认过。"))
    before = steps.points_of(sheet)
    sheet.confirmed_at = at
    sheet = steps.moved(sheet, at, confirmed_at=at, state=steps.answered_state(sheet))
    steps.trail(
        sheet, "kpi.confirm_sheet", by=actor, at=at, before=before, after=steps.points_of(sheet)
    )
    return sheet


def _is_answered(sheet: ScoreSheet, count: int, end: MonthEnd, at: datetime) -> bool:
    """Whether the sheet may be signed, with so many open objections."""
    return rules.is_answered(
        sheet.state,
        has_open_objections=bool(count),
        at=at,
        objections_until=end.objections_until,
    )


def _check_answered(sheet: ScoreSheet, end: MonthEnd, at: datetime) -> None:
    """Refuse to sign before the manager has answered, or let the time for it pass."""
    count = steps.open_objections(sheet)
    if _is_answered(sheet, count, end, at):
        return
    if count:
        raise Refused(
            ngettext("还有 %(n)d 条申诉没有决定。", "还有 %(n)d 条申诉没有决定。", count)
            % {"n": count}
        )
    raise Refused(
        _("客户经理还没有确认；%(until)s 后不再等待。") % {"until": moment(end.objections_until)}
    )


@transaction.atomic
def supervise_sheet(
    *, sheet_id: int, opinion: str, expected_version: int, actor: Actor, at: datetime
) -> ScoreSheet:
    """The supervisor signs the sheet with an opinion, or without one (annex 5: workflow)."""
    sheet = steps.sheet_for(actor, sheet_id)
    if not permissions.can_supervise(actor, sheet):
        raise NotAllowed(_("考核表由本分公司主管审，自己的除外。"))
    steps.check_version(sheet, expected_version)
    end = steps.end_of(sheet)
    steps.check_unlocked(sheet, end, at)
    if sheet.state in SIGNED:
        raise Refused(_("主管已审过。"))
    _check_answered(sheet, end, at)
    before = steps.points_of(sheet)
    sheet = steps.moved(
        sheet,
        at,
        state=SheetState.SUPERVISED,
        supervised_at=at,
        supervised_by=actor.somebody,
        supervisor_opinion=_opinion(opinion),
    )
    notify_all(
        sheet_notices.about_sheet(
            steps.everybody_but(steps.heads_of(sheet.branch_id, at), actor.person_id),
            sheet,
            "supervised",
            partial(_supervised_title, sheet),
            at=at,
        )
    )
    steps.trail(
        sheet,
        "kpi.supervise_sheet",
        by=actor,
        at=at,
        before=before,
        after={**steps.points_of(sheet), "opinion": sheet.supervisor_opinion},
    )
    return sheet


def _supervised_title(sheet: ScoreSheet) -> str:
    return _("%(name)s 的考核表主管已审，等您审批") % {"name": sheet.manager.name}


def _opinion(text: str) -> str:
    """An opinion, which need not be there."""
    text = text.strip()
    if len(text) > steps.TEXT_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": steps.TEXT_AT_MOST}, field="opinion")
    return text


@transaction.atomic
def approve_sheet(
    *, sheet_id: int, opinion: str, expected_version: int, actor: Actor, at: datetime
) -> ScoreSheet:
    """The general manager approves what the supervisor signed (annex 5: workflow).

    In a branch without another supervisor than the manager the signature is not waited for.
    """
    sheet = steps.sheet_for(actor, sheet_id)
    if not permissions.can_approve_sheet(actor, sheet):
        raise NotAllowed(_("考核表由本分公司总经理审批，自己的和自己以主管身份审过的除外。"))
    steps.check_version(sheet, expected_version)
    end = steps.end_of(sheet)
    steps.check_unlocked(sheet, end, at)
    if sheet.state == SheetState.APPROVED:
        raise Refused(_("已审批过。"))
    if sheet.state != SheetState.SUPERVISED:
        _check_answered(sheet, end, at)
        others = has_other_supervisor(sheet, at, actor.person_id)
        if not rules.approval_due(sheet.state, answered=True, has_other_supervisor=others):
            raise Refused(_("等主管审过再审批。"))
    before = steps.points_of(sheet)
    sheet = steps.moved(
        sheet,
        at,
        state=SheetState.APPROVED,
        approved_at=at,
        approved_by=actor.somebody,
        head_opinion=_opinion(opinion),
    )
    steps.trail(
        sheet,
        "kpi.approve_sheet",
        by=actor,
        at=at,
        before=before,
        after={**steps.points_of(sheet), "opinion": sheet.head_opinion},
    )
    return sheet


@transaction.atomic
def lock_branch(
    *, month: Month, branch_id: int, expected_version: int, actor: Actor, at: datetime
) -> int:
    """A head locks the branch's sheets ahead of the timetable, all approved; how many.

    ``expected_version`` is the number of sheets that stand approved, as the actor saw it.
    """
    branch = Branch.objects.filter(pk=branch_id).first()
    sheets = ScoreSheet.objects.visible_to(actor).filter(month=month.key, branch_id=branch_id)
    if branch is None or not (actor.reads_all or branch_id in actor.led_branches):
        raise NotFound
    if not permissions.can_lock_branch(actor, branch_id):
        raise NotAllowed(_("考核表由本分公司总经理锁定。"))
    waiting = sheets.exclude(state=SheetState.LOCKED)
    left = waiting.exclude(state=SheetState.APPROVED).count()
    if left:
        raise Refused(
            ngettext(
                "还有 %(n)d 张考核表没有审批，全部审批后才能锁定。",
                "还有 %(n)d 张考核表没有审批，全部审批后才能锁定。",
                left,
            )
            % {"n": left}
        )
    count = waiting.count()
    if not count:
        raise Refused(_("没有要锁定的考核表。"))
    if count != expected_version:
        raise Stale({"version": count})
    people = list(Person.objects.filter(score_sheets__in=waiting).order_by())
    locked = waiting.update(
        state=SheetState.LOCKED, locked_at=at, version=F("version") + 1, updated_at=at
    )
    if locked != count:
        raise Stale({"version": locked})
    notify_all(sheet_notices.sheet_locked(people, month.key, at=at))
    audit.record(
        actor=actor,
        at=at,
        what="kpi.lock_branch",
        target_type="score_month",
        target_id=month.key,
        target_label=f"{branch.name} {month.key}",
        branch_id=branch_id,
        after={"sheets": locked},
    )
    return locked
