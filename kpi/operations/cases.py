"""A bonus or penalty case on its way (K3, annex 3.13): filed, stated, reviewed, decided.

Whoever filed does not decide; an event counts once; what is decided after a month's inputs were
frozen counts in the month that is open, or goes into a correction of the closed one.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotAllowed, Refused
from core.evidence import Evidence
from core.formats import moment, month_name, signed
from core.periods import Month
from duties.operations import notify_all
from kpi import case_rules as rules
from kpi.case_rules import CaseFault, Kind
from kpi.case_words import fault_text, lacking_text
from kpi.choices import CASE_OPEN, CaseState
from kpi.models import Case
from kpi.operations import case_filing, case_steps
from kpi.operations.case_corrected import approved_title
from kpi.operations.case_correction import propose_for_case
from kpi.permissions import (
    can_add_case_file,
    can_decide_case,
    can_review_case,
    can_state,
    can_withdraw_case,
)
from kpi.queries.case_proof import facts_of, proof_of
from kpi.queries.cases import (
    case_for,
    deciders,
    general_managers,
    has_reviewer,
    open_month,
    prize_counted,
    scheme_of_month,
    supervisors,
)
from kpi.scheme import Item

INTERNAL = 2


@transaction.atomic
def file_case(
    *,
    manager_id: int,
    item: str,
    happened_on: date,
    facts: str,
    actor: Actor,
    at: datetime,
    option: str = "",
    customer_id: int | None = None,
    complaint_id: int | None = None,
    points: Decimal | None = None,
    subject: str = "",
    cause: str = "",
    files: Sequence[Evidence] = (),
    level: int = INTERNAL,
) -> Case:
    """File a case (K3): facts, day, customer, option of the scheme in force, evidence.

    Without an option the system's own is taken: by the customer's tier, the age of the arrears,
    what became of the complaint. ``points`` only where the option is a range. Files get the
    confidentiality ``level`` of annex 9.1. Refused with the first one where the event stands
    already (case_filing.AlreadyFiled).
    """
    given = case_filing.Given(
        manager_id=manager_id,
        item=item,
        option=option.strip(),
        happened_on=happened_on,
        facts=facts,
        customer_id=customer_id,
        complaint_id=complaint_id,
        points=points,
        subject=subject.strip(),
        cause=cause.strip(),
    )
    try:
        filing = case_filing.checked(given, actor, at)
        case = case_filing.write(filing, actor, at)
    except case_filing.AlreadyFiled as first:
        if Case.objects.visible_to(actor).filter(pk=first.case_id).exists():
            raise
        raise Refused(_("这件事已由别处申报过，只计一次。")) from first
    digests = case_steps.add_files(case, files, level=level, by=actor, at=at)
    if case.state == CaseState.STATED:
        _ask_for_opinion(case, actor, at)
    else:
        due_at = case_steps.step_due(case, at)
        notify_all(
            case_steps.about_case(
                [case.manager],
                case,
                "filed",
                lambda: (
                    _("%(number)s 有一项%(name)s申报，请在 %(by)s 前说明")
                    % {
                        "number": case.number,
                        "name": filing.name,
                        "by": moment(due_at, at),
                    }
                ),
                at=at,
                besides=actor.person_id,
                body=case.facts,
            )
        )
    case_steps.record_case(
        "kpi.file_case",
        case,
        actor,
        at,
        after={
            "item": case.item,
            "option": case.option,
            "proposed": f"{case.proposed:f}",
            "month": case.month,
            "happened_on": case.happened_on.isoformat(),
            "files": digests,
        },
    )
    return case


def _ask_for_opinion(case: Case, actor: Actor, at: datetime) -> None:
    """The supervisor's turn; where there is none who may, that of whoever decides."""
    waits = has_reviewer(case, at)
    notify_all(
        case_steps.about_case(
            [one for one in supervisors(case.branch_id, at) if one.pk != case.manager_id]
            if waits
            else deciders(case, at),
            case,
            "stated",
            lambda: (
                (
                    _("%(number)s 等您出意见：%(name)s")
                    if waits
                    else _("%(number)s 等您决定：%(name)s")
                )
                % {"number": case.number, "name": case.manager.name}
            ),
            at=at,
            besides=actor.person_id,
            body=case.statement or case.facts,
        )
    )


def _check_open(case: Case, expected_version: int) -> None:
    """Stale when somebody was first; Refused once it is decided or taken back."""
    case_steps.check_case_version(case, expected_version)
    if case.state not in CASE_OPEN:
        raise Refused(_("这项申报已结束。"))


@transaction.atomic
def add_case_files(
    *,
    case_id: int,
    files: Sequence[Evidence],
    expected_version: int,
    actor: Actor,
    at: datetime,
    level: int = INTERNAL,
) -> Case:
    """Add files as evidence while the case is open."""
    case = case_for(actor, case_id)
    if not can_add_case_file(actor, case):
        raise NotAllowed(_("证明材料由申报人、本人和本分公司负责人补充。"))
    _check_open(case, expected_version)
    if not files:
        raise Refused(_("选一个文件。"), field="file")
    digests = case_steps.add_files(case, files, level=level, by=actor, at=at)
    case = case_steps.moved_case(case, at)
    case_steps.record_case("kpi.add_case_files", case, actor, at, after={"files": digests})
    return case


@transaction.atomic
def state_case(
    *,
    case_id: int,
    statement: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
    files: Sequence[Evidence] = (),
) -> Case:
    """The manager says what he has to say, with files or without; until it is decided."""
    case = case_for(actor, case_id)
    if not can_state(actor, case):
        raise NotAllowed(_("说明由本人写。"))
    _check_open(case, expected_version)
    if case.stated_at:
        raise Refused(_("说明已写过。"))
    statement = case_steps.written(statement, field="statement", missing=_("写明您的说明。"))
    before = {"state": str(case.state)}
    digests = case_steps.add_files(case, files, level=INTERNAL, by=actor, at=at)
    is_first = case.state == CaseState.FILED
    case = case_steps.moved_case(
        case,
        at,
        statement=statement,
        stated_at=at,
        state=CaseState.STATED if is_first else case.state,
    )
    if is_first:
        _ask_for_opinion(case, actor, at)
    case_steps.record_case(
        "kpi.state_case", case, actor, at, before=before, after={"files": digests}, why=statement
    )
    return case


@transaction.atomic
def review_case(
    *, case_id: int, opinion: str, expected_version: int, actor: Actor, at: datetime
) -> Case:
    """The supervisor's opinion, once the manager has stated or let the days for it pass."""
    case = case_for(actor, case_id)
    if not can_review_case(actor, case):
        raise NotAllowed(_("意见由本分公司主管写，自己的除外。"))
    _check_open(case, expected_version)
    if case.reviewed_at:
        raise Refused(_("主管意见已写过。"))
    _check_heard(case, at)
    opinion = case_steps.written(opinion, field="opinion", missing=_("写明主管意见。"))
    before = {"state": str(case.state)}
    case = case_steps.moved_case(
        case,
        at,
        state=CaseState.REVIEWED,
        opinion=opinion,
        reviewed_at=at,
        reviewed_by_id=actor.somebody,
    )
    notify_all(
        case_steps.about_case(
            deciders(case, at),
            case,
            "reviewed",
            lambda: (
                _("%(number)s 等您决定：%(name)s")
                % {"number": case.number, "name": case.manager.name}
            ),
            at=at,
            besides=actor.person_id,
            body=opinion,
        )
    )
    case_steps.record_case("kpi.review_case", case, actor, at, before=before, why=opinion)
    return case


def _check_heard(case: Case, at: datetime) -> None:
    """Nobody is judged unheard: the manager has stated, or the days for it are over."""
    if case.stated_at:
        return
    due_at = case_steps.step_due(case, case.raised_at)
    if at <= due_at:
        raise Refused(_("等本人说明，最晚到 %(by)s。") % {"by": moment(due_at, at)})


def _check_reviewed(case: Case, at: datetime) -> None:
    """The supervisor has given the opinion, is none, or has let the days for it pass."""
    _check_heard(case, at)
    if case.reviewed_at or not has_reviewer(case, at):
        return
    heard_at = case.stated_at or case_steps.step_due(case, case.raised_at)
    due_at = case_steps.step_due(case, heard_at)
    if at <= due_at:
        raise Refused(_("等主管出意见，最晚到 %(by)s。") % {"by": moment(due_at, at)})


@transaction.atomic
def decide_case(
    *,
    case_id: int,
    is_approved: bool,
    decision: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
    option: str = "",
    points: Decimal | None = None,
    as_correction: bool = False,
) -> Case:
    """The general manager decides (K3): what the case is and the points, or that it is none.

    ``option`` and ``points`` where they differ from what was filed. A month whose inputs are
    frozen is not changed: the case counts in the month that is open, or, ``as_correction``,
    proposes a correction of the locked sheet of the month it happened in, and counts once the
    second person has approved that (case_corrected.settle_case).
    """
    case = case_for(actor, case_id)
    if not can_decide_case(actor, case, general_managers(case.branch_id, at)):
        raise NotAllowed(
            _(
                "由本分公司总经理决定；总经理自己申报的由副总经理或市场部决定。申报人、本人和出意见的人不决定。"
            )
        )
    _check_open(case, expected_version)
    _check_reviewed(case, at)
    decision = case_steps.written(decision, field="decision", missing=_("写明为什么这样决定。"))
    before = {"state": str(case.state), "month": case.month, "option": case.option}
    values = {"decision": decision, "decided_at": at, "decided_by_id": actor.somebody}
    if is_approved:
        values |= _approved(case, option.strip() or case.option, points, as_correction, actor, at,
                            decision)  # fmt: skip
    else:
        values |= {"state": CaseState.REJECTED}
    case = case_steps.moved_case(case, at, **values)
    notify_all(
        case_steps.about_case(
            [case.manager, case.raised_by],
            case,
            "decided",
            lambda: _decided_title(case),
            at=at,
            besides=actor.person_id,
            body=decision,
        )
    )
    case_steps.record_case(
        "kpi.decide_case",
        case,
        actor,
        at,
        before=before,
        after={
            "option": case.option,
            "month": case.month,
            "points": None if case.points is None else f"{case.points:f}",
            "is_veto": case.is_veto,
        },
        why=decision,
    )
    return case


def _approved(
    case: Case,
    option: str,
    points: Decimal | None,
    as_correction: bool,
    actor: Actor,
    at: datetime,
    decision: str,
) -> dict[str, object]:
    """What approval writes: the points by the scheme of the month it counts in."""
    happened = Month.containing(case.happened_on)
    month = happened if as_correction else open_month(Month.parse(case.month), at)
    item = _item_in(month, case, at)
    kind = rules.kind_of(item)
    gap = rules.lacking(kind, proof_of(facts_of(kind, case), at, files=case.files.count()))
    if gap:
        raise Refused(lacking_text(gap))
    counted = _points(case, item, option, points, month)
    if as_correction:
        propose_for_case(
            case,
            option,
            counted,
            is_veto=kind == Kind.VETO,
            why=decision,
            by=actor,
            at=at,
        )
    return {
        "state": CaseState.CORRECTING if as_correction else CaseState.APPROVED,
        "option": option,
        "points": counted,
        "is_veto": kind == Kind.VETO,
        "month": month.key,
        "count_key": _key_with(case, kind, option),
    }


def _item_in(month: Month, case: Case, at: datetime) -> Item:
    content = scheme_of_month(month, at)
    item = content.by_code.get(case.item) if content else None
    if item is None or not rules.is_case_item(item):
        raise Refused(
            _("%(month)s的方案里没有 %(item)s 这一项。")
            % {"month": month_name(month), "item": case.item}
        )
    return item


def _points(case: Case, item: Item, option: str, points: Decimal | None, month: Month) -> Decimal:
    """The points; of a range those that were filed where nothing else is said."""
    try:
        chosen = points
        if points is None and rules.is_range(item, option):
            chosen = case.proposed
        found = rules.points_for(item, option, chosen)
        is_range = rules.is_range(item, option)
    except CaseFault as fault:
        raise Refused(fault_text(fault), field=fault.field) from fault
    counted = prize_counted(case, month)
    if counted and is_range:
        raise Refused(
            _("同一竞赛在别的月份已计 %(n)s 分，只计最高一次。") % {"n": signed(counted, 2)}
        )
    return rules.points_left(found, counted)


def _key_with(case: Case, kind: Kind, option: str) -> str:
    """The event's key with the option that was decided: of a prize it tells the level."""
    if kind != Kind.PRIZE or option == case.option:
        return case.count_key
    key = f"{rules.contest_of(case.count_key)}|{option}"
    case_filing.check_first(case.item, key, besides=case.pk)
    return key


def _decided_title(case: Case) -> str:
    words = {"number": case.number, "month": month_name(Month.parse(case.month))}
    if case.state == CaseState.CORRECTING:
        return _("%(number)s 的认定等第二人复核；%(month)s考核表更正后才计入") % words
    if case.state != CaseState.APPROVED:
        return _("%(number)s 不予认定") % words
    return approved_title(case)


@transaction.atomic
def withdraw_case(
    *, case_id: int, why: str, expected_version: int, actor: Actor, at: datetime
) -> Case:
    """Whoever filed it takes it back before it is decided; the event can be filed again."""
    case = case_for(actor, case_id)
    if not can_withdraw_case(actor, case):
        raise NotAllowed(_("由申报人撤回。"))
    _check_open(case, expected_version)
    before = {"state": str(case.state)}
    case = case_steps.moved_case(case, at, state=CaseState.WITHDRAWN, decided_at=at, complaint=None)
    notify_all(
        case_steps.about_case(
            [
                case.manager,
                *(supervisors(case.branch_id, at) if before["state"] != "filed" else []),
            ],
            case,
            "withdrawn",
            lambda: _("%(number)s 已撤回") % {"number": case.number},
            at=at,
            besides=actor.person_id,
            body=why.strip(),
        )
    )
    case_steps.record_case("kpi.withdraw_case", case, actor, at, before=before, why=why.strip())
    return case
