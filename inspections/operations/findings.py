"""A finding's life (P3.5, annex 10: 8.2): raised, confirmed or objected to, answered, closed.

The market department raises, decides and checks again, never somebody of the inspected branch;
the branch confirms, objects and answers. Each step is a row with its words and its file.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.evidence import Evidence, store_evidence
from core.formats import moment, short_day
from core.periods import Month, local_date
from core.queries import calendar
from inspections import rules
from inspections.choices import FindingSource, FindingState, StepKind
from inspections.models import Finding
from inspections.notices import to_branch, to_market
from inspections.permissions import can_answer, can_inspect
from inspections.queries import TO_RECTIFY, finding_for
from inspections.steps import (
    TEXT_AT_MOST,
    TITLE_AT_MOST,
    check_due,
    check_state,
    for_branch,
    for_market,
    moved,
    needed,
    numbered,
    owner_in,
    plainly,
    record_step,
    tell,
    write_step,
)
from organization.choices import Role
from organization.in_force import settings_of
from organization.models import Branch


@transaction.atomic
def raise_finding(
    *,
    branch_id: int,
    month: Month,
    title: str,
    facts: str,
    owner_id: int,
    actor: Actor,
    at: datetime,
    due_on: date | None = None,
    item: str = "",
    rows: Sequence[Mapping[str, str]] = (),
    deduction: Decimal = Decimal(0),
    clause: str = "",
    origin: str | None = None,
) -> Finding:
    """Point a deviation out at once (P3.5): facts, rows, who puts it right by when.

    ``rows`` are {"label", "url"}. ``origin`` names the line of a report: a line becomes one
    finding, and pressed again it is the one that stands. Without ``due_on`` the setting's
    working days hold.
    """
    if not actor.has_role(Role.MARKET):
        raise NotAllowed(_("问题由市场部提出。"))
    branch = Branch.objects.visible_to(actor).filter(pk=branch_id).first()
    if branch is None:
        raise NotFound
    if not can_inspect(actor, branch_id):
        raise NotAllowed(_("问题由市场部提出，不能由被检查的分公司自己提。"))
    if origin and (standing := Finding.objects.filter(origin=origin).first()):
        return standing
    owner = owner_in(branch, owner_id, at)
    title, facts = title.strip(), facts.strip()
    if not title or len(title) > TITLE_AT_MOST:
        raise Refused(_("写一句标题，最多 %(n)d 个字。") % {"n": TITLE_AT_MOST}, field="title")
    if not facts or len(facts) > TEXT_AT_MOST:
        raise Refused(_("写明事实，最多 %(n)d 个字。") % {"n": TEXT_AT_MOST}, field="facts")
    settings = settings_of(branch_id, local_date(at))
    days = calendar(at.year)
    due_on = due_on or rules.rectify_by(at, days, settings)
    check_due(due_on, at)
    finding = numbered(
        lambda number: Finding(
            number=number,
            branch=branch,
            month=month.key,
            item=item,
            source=FindingSource.REPORT if origin else FindingSource.HAND,
            origin=origin,
            title=title,
            facts=facts,
            rows=[dict(row) for row in rows],
            deduction=deduction,
            clause=clause,
            owner=owner,
            raised_at=at,
            raised_by_id=actor.somebody,
            respond_by=rules.respond_by(at, days, settings),
            due_on=due_on,
            updated_at=at,
        ),
        at,
    )
    write_step(finding, StepKind.RAISED, facts, None, actor, at)
    tell(
        finding,
        to_branch(finding, at),
        StepKind.RAISED,
        lambda: (
            _("%(number)s 请在 %(by)s 前确认：%(title)s")
            % {
                "number": finding.number,
                "by": plainly(lambda: moment(finding.respond_by, at)),
                "title": title,
            }
        ),
        facts,
        actor,
        at,
    )
    record_step("inspections.raise_finding", finding, {}, {"state": finding.state, "title": title},
            actor, at)  # fmt: skip
    return finding


@transaction.atomic
def confirm_finding(
    *, finding_id: int, text: str, expected_version: int, actor: Actor, at: datetime
) -> Finding:
    """The branch confirms; after three working days this is late, and is marked so."""
    finding = for_branch(actor, finding_id)
    check_state(finding, (FindingState.OPEN,), _("这个问题已经确认过，或不再等确认。"))
    before = finding.state
    finding = moved(finding, expected_version, at, state=FindingState.CONFIRMED)
    write_step(finding, StepKind.CONFIRMED, text, None, actor, at)
    is_late = rules.is_response_late(at, finding.respond_by)

    def title() -> str:
        words = (
            _("%(branch)s逾期确认了 %(number)s") if is_late else _("%(branch)s确认了 %(number)s")
        )
        return words % {"branch": finding.branch.name, "number": finding.number}

    tell(finding, to_market(finding, at), StepKind.CONFIRMED, title, text, actor, at)
    record_step(
        "inspections.confirm_finding",
        finding,
        {"state": before},
        {"state": finding.state, "is_late": is_late},
        actor,
        at,
        text,
    )
    return finding


@transaction.atomic
def object_to_finding(
    *, finding_id: int, text: str, expected_version: int, actor: Actor, at: datetime
) -> Finding:
    """The branch objects with its reason, within three working days."""
    finding = for_branch(actor, finding_id)
    check_state(finding, (FindingState.OPEN,), _("只有待确认的问题可以提异议。"))
    text = needed(text, _("写明为什么有异议。"))
    if rules.is_response_late(at, finding.respond_by):
        raise Refused(_("异议期已过，只能确认。"))
    before = finding.state
    finding = moved(finding, expected_version, at, state=FindingState.OBJECTED)
    write_step(finding, StepKind.OBJECTED, text, None, actor, at)
    tell(
        finding,
        to_market(finding, at),
        StepKind.OBJECTED,
        lambda: (
            _("%(branch)s对 %(number)s 有异议")
            % {"branch": finding.branch.name, "number": finding.number}
        ),
        text,
        actor,
        at,
    )
    record_step("inspections.object_to_finding", finding, {"state": before},
            {"state": finding.state}, actor, at, text)  # fmt: skip
    return finding


@transaction.atomic
def decide_objection(
    *,
    finding_id: int,
    is_upheld: bool,
    text: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Finding:
    """The market department upholds the objection and drops the finding, or overrules it.

    Overruled, the branch has the setting's working days again to put it right.
    """
    finding = for_market(actor, finding_id)
    check_state(finding, (FindingState.OBJECTED,), _("这个问题没有待定的异议。"))
    text = needed(text, _("写明为什么这样定。"))
    before = {"state": finding.state, "due_on": str(finding.due_on)}
    if is_upheld:
        finding = moved(finding, expected_version, at, state=FindingState.DROPPED, closed_at=at)
    else:
        settings = settings_of(finding.branch_id, local_date(at))
        due_on = max(finding.due_on, rules.rectify_by(at, calendar(at.year), settings))
        finding = moved(finding, expected_version, at, state=FindingState.CONFIRMED, due_on=due_on)
    kind = StepKind.UPHELD if is_upheld else StepKind.OVERRULED
    write_step(finding, kind, text, None, actor, at)

    def title() -> str:
        words = (
            _("%(number)s 异议成立，问题撤销") if is_upheld else _("%(number)s 异议不成立，请整改")
        )
        return words % {"number": finding.number}

    tell(finding, to_branch(finding, at), kind, title, text, actor, at)
    after = {"state": finding.state, "due_on": str(finding.due_on)}
    record_step("inspections.decide_objection", finding, before, after, actor, at, text)
    return finding


@transaction.atomic
def answer_finding(
    *,
    finding_id: int,
    text: str,
    evidence: Evidence | None,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Finding:
    """The branch, or who is responsible, says what was put right, with a file as evidence."""
    finding = finding_for(actor, finding_id)
    if not can_answer(actor, finding):
        raise NotAllowed(_("整改由分公司主管、总经理或责任人答复。"))
    check_state(finding, TO_RECTIFY, _("确认之后、复查之前才能答复整改。"))
    text = needed(text, _("写明原因、措施和完成情况。"))
    file = store_evidence(evidence, kind="finding", branch_id=finding.branch_id, actor=actor, at=at)
    before = finding.state
    finding = moved(finding, expected_version, at, state=FindingState.ANSWERED)
    write_step(finding, StepKind.ANSWERED, text, file, actor, at)
    tell(
        finding,
        to_market(finding, at),
        StepKind.ANSWERED,
        lambda: (
            _("%(branch)s答复了 %(number)s，请复查")
            % {"branch": finding.branch.name, "number": finding.number}
        ),
        text,
        actor,
        at,
    )
    after = {"state": finding.state, **({"file": file.sha256} if file else {})}
    record_step("inspections.answer_finding", finding, {"state": before}, after, actor, at, text)
    return finding


@transaction.atomic
def recheck_finding(
    *,
    finding_id: int,
    is_closed: bool,
    text: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
    due_on: date | None = None,
) -> Finding:
    """Look again: closed, or open again with a new day; by an inspector from elsewhere."""
    finding = for_market(actor, finding_id)
    check_state(finding, (FindingState.ANSWERED,), _("分公司答复之后才能复查。"))
    text = text.strip() if is_closed else needed(text, _("写明还差什么。"))
    before = {"state": finding.state, "due_on": str(finding.due_on)}
    if is_closed:
        finding = moved(finding, expected_version, at, state=FindingState.CLOSED, closed_at=at)
    else:
        settings = settings_of(finding.branch_id, local_date(at))
        due_on = due_on or rules.rectify_by(at, calendar(at.year), settings)
        check_due(due_on, at)
        finding = moved(finding, expected_version, at, state=FindingState.CONFIRMED, due_on=due_on)
    kind = StepKind.CLOSED if is_closed else StepKind.REOPENED
    write_step(finding, kind, text, None, actor, at)

    def title() -> str:
        if is_closed:
            return _("%(number)s 复查通过，已关闭") % {"number": finding.number}
        return _("%(number)s 复查不通过，请在 %(day)s前整改") % {
            "number": finding.number,
            "day": plainly(lambda: short_day(finding.due_on)),
        }

    tell(finding, to_branch(finding, at), kind, title, text, actor, at)
    after = {"state": finding.state, "due_on": str(finding.due_on)}
    record_step("inspections.recheck_finding", finding, before, after, actor, at, text)
    return finding


@transaction.atomic
def carry_over(
    *,
    finding_id: int,
    due_on: date,
    text: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Finding:
    """Carry what is still to be put right into the next month, with a new day and a reason."""
    finding = for_market(actor, finding_id)
    check_state(finding, TO_RECTIFY, _("只有待整改的问题可以转入下月。"))
    text = needed(text, _("写明为什么转入下月。"))
    check_due(due_on, at)
    before = {"state": finding.state, "due_on": str(finding.due_on)}
    finding = moved(finding, expected_version, at, state=FindingState.CARRIED, due_on=due_on)
    write_step(finding, StepKind.CARRIED, text, None, actor, at)
    tell(
        finding,
        to_branch(finding, at),
        StepKind.CARRIED,
        lambda: (
            _("%(number)s 转入下月，请在 %(day)s前整改")
            % {"number": finding.number, "day": plainly(lambda: short_day(due_on))}
        ),
        text,
        actor,
        at,
    )
    after = {"state": finding.state, "due_on": str(finding.due_on)}
    record_step("inspections.carry_over", finding, before, after, actor, at, text)
    return finding
