"""A finding's life (P3.5, annex 10: 8.2): raised, confirmed or objected to, answered, closed.

The market department raises, decides and checks again, never somebody of the inspected branch;
the branch confirms, objects and answers. Each step is a row with its words and its file.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.evidence import Evidence, store_evidence
from core.formats import moment, short_day
from core.marked_days import days_marked
from core.models import StoredFile
from core.periods import Month, local_date
from core.queries import calendar
from core.unique import is_taken
from duties.operations import notify_all
from inspections import rules
from inspections.choices import FindingSource, FindingState, StepKind
from inspections.models import Finding, FindingStep
from inspections.notices import notices_of, to_branch, to_market
from inspections.permissions import can_answer, can_inspect, can_respond
from inspections.queries import TO_RECTIFY, finding_for
from organization.choices import Role
from organization.in_force import settings_of
from organization.models import Branch, Person, RoleGrant
from organization.queries import is_in_post

TITLE_AT_MOST: Final = 120
TEXT_AT_MOST: Final = 4000


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
    owner = _owner(branch, owner_id, at)
    title, facts = title.strip(), facts.strip()
    if not title or len(title) > TITLE_AT_MOST:
        raise Refused(_("写一句标题，最多 %(n)d 个字。") % {"n": TITLE_AT_MOST}, field="title")
    if not facts or len(facts) > TEXT_AT_MOST:
        raise Refused(_("写明事实，最多 %(n)d 个字。") % {"n": TEXT_AT_MOST}, field="facts")
    settings = settings_of(branch_id, local_date(at))
    days = calendar(at.year)
    due_on = due_on or rules.rectify_by(at, days, settings)
    _check_due(due_on, at)
    finding = _numbered(
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
    _step(finding, StepKind.RAISED, facts, None, actor, at)
    _tell(
        finding,
        to_branch(finding, at),
        StepKind.RAISED,
        lambda: (
            _("%(number)s 请在 %(by)s 前确认：%(title)s")
            % {
                "number": finding.number,
                "by": _plain(lambda: moment(finding.respond_by, at)),
                "title": title,
            }
        ),
        facts,
        actor,
        at,
    )
    _record("inspections.raise_finding", finding, {}, {"state": finding.state, "title": title},
            actor, at)  # fmt: skip
    return finding


@transaction.atomic
def confirm_finding(
    *, finding_id: int, text: str, expected_version: int, actor: Actor, at: datetime
) -> Finding:
    """The branch confirms; after three working days this is late, and is marked so."""
    finding = _for_branch(actor, finding_id)
    _in_state(finding, (FindingState.OPEN,), _("这个问题已经确认过，或不再等确认。"))
    before = finding.state
    finding = _moved(finding, expected_version, at, state=FindingState.CONFIRMED)
    _step(finding, StepKind.CONFIRMED, text, None, actor, at)
    is_late = rules.is_response_late(at, finding.respond_by)

    def title() -> str:
        words = (
            _("%(branch)s逾期确认了 %(number)s") if is_late else _("%(branch)s确认了 %(number)s")
        )
        return words % {"branch": finding.branch.name, "number": finding.number}

    _tell(finding, to_market(finding, at), StepKind.CONFIRMED, title, text, actor, at)
    _record(
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
    finding = _for_branch(actor, finding_id)
    _in_state(finding, (FindingState.OPEN,), _("只有待确认的问题可以提异议。"))
    text = _needed(text, _("写明为什么有异议。"))
    if rules.is_response_late(at, finding.respond_by):
        raise Refused(_("异议期已过，只能确认。"))
    before = finding.state
    finding = _moved(finding, expected_version, at, state=FindingState.OBJECTED)
    _step(finding, StepKind.OBJECTED, text, None, actor, at)
    _tell(
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
    _record("inspections.object_to_finding", finding, {"state": before},
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
    finding = _for_market(actor, finding_id)
    _in_state(finding, (FindingState.OBJECTED,), _("这个问题没有待定的异议。"))
    text = _needed(text, _("写明为什么这样定。"))
    before = {"state": finding.state, "due_on": str(finding.due_on)}
    if is_upheld:
        finding = _moved(finding, expected_version, at, state=FindingState.DROPPED, closed_at=at)
    else:
        settings = settings_of(finding.branch_id, local_date(at))
        due_on = max(finding.due_on, rules.rectify_by(at, calendar(at.year), settings))
        finding = _moved(finding, expected_version, at, state=FindingState.CONFIRMED, due_on=due_on)
    kind = StepKind.UPHELD if is_upheld else StepKind.OVERRULED
    _step(finding, kind, text, None, actor, at)

    def title() -> str:
        words = (
            _("%(number)s 异议成立，问题撤销") if is_upheld else _("%(number)s 异议不成立，请整改")
        )
        return words % {"number": finding.number}

    _tell(finding, to_branch(finding, at), kind, title, text, actor, at)
    after = {"state": finding.state, "due_on": str(finding.due_on)}
    _record("inspections.decide_objection", finding, before, after, actor, at, text)
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
    _in_state(finding, TO_RECTIFY, _("确认之后、复查之前才能答复整改。"))
    text = _needed(text, _("写明原因、措施和完成情况。"))
    file = store_evidence(evidence, kind="finding", branch_id=finding.branch_id, actor=actor, at=at)
    before = finding.state
    finding = _moved(finding, expected_version, at, state=FindingState.ANSWERED)
    _step(finding, StepKind.ANSWERED, text, file, actor, at)
    _tell(
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
    _record("inspections.answer_finding", finding, {"state": before}, after, actor, at, text)
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
    finding = _for_market(actor, finding_id)
    _in_state(finding, (FindingState.ANSWERED,), _("分公司答复之后才能复查。"))
    text = text.strip() if is_closed else _needed(text, _("写明还差什么。"))
    before = {"state": finding.state, "due_on": str(finding.due_on)}
    if is_closed:
        finding = _moved(finding, expected_version, at, state=FindingState.CLOSED, closed_at=at)
    else:
        settings = settings_of(finding.branch_id, local_date(at))
        due_on = due_on or rules.rectify_by(at, calendar(at.year), settings)
        _check_due(due_on, at)
        finding = _moved(finding, expected_version, at, state=FindingState.CONFIRMED, due_on=due_on)
    kind = StepKind.CLOSED if is_closed else StepKind.REOPENED
    _step(finding, kind, text, None, actor, at)

    def title() -> str:
        if is_closed:
            return _("%(number)s 复查通过，已关闭") % {"number": finding.number}
        return _("%(number)s 复查不通过，请在 %(day)s前整改") % {
            "number": finding.number,
            "day": _plain(lambda: short_day(finding.due_on)),
        }

    _tell(finding, to_branch(finding, at), kind, title, text, actor, at)
    after = {"state": finding.state, "due_on": str(finding.due_on)}
    _record("inspections.recheck_finding", finding, before, after, actor, at, text)
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
    finding = _for_market(actor, finding_id)
    _in_state(finding, TO_RECTIFY, _("只有待整改的问题可以转入下月。"))
    text = _needed(text, _("写明为什么转入下月。"))
    _check_due(due_on, at)
    before = {"state": finding.state, "due_on": str(finding.due_on)}
    finding = _moved(finding, expected_version, at, state=FindingState.CARRIED, due_on=due_on)
    _step(finding, StepKind.CARRIED, text, None, actor, at)
    _tell(
        finding,
        to_branch(finding, at),
        StepKind.CARRIED,
        lambda: (
            _("%(number)s 转入下月，请在 %(day)s前整改")
            % {"number": finding.number, "day": _plain(lambda: short_day(due_on))}
        ),
        text,
        actor,
        at,
    )
    after = {"state": finding.state, "due_on": str(finding.due_on)}
    _record("inspections.carry_over", finding, before, after, actor, at, text)
    return finding


# What the steps share


def _for_branch(actor: Actor, finding_id: int) -> Finding:
    finding = finding_for(actor, finding_id)
    if not can_respond(actor, finding):
        raise NotAllowed(_("由分公司主管或总经理确认。"))
    return finding


def _for_market(actor: Actor, finding_id: int) -> Finding:
    finding = finding_for(actor, finding_id)
    if not can_inspect(actor, finding.branch_id):
        raise NotAllowed(_("由市场部处理，不能由被检查分公司的人处理。"))
    return finding


def _in_state(finding: Finding, states: Sequence[str], otherwise: str) -> None:
    if finding.state not in states:
        raise Refused(otherwise)


def _needed(text: str, otherwise: str) -> str:
    text = text.strip()
    if not text:
        raise Refused(otherwise, field="text")
    if len(text) > TEXT_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": TEXT_AT_MOST}, field="text")
    return text


def _owner(branch: Branch, owner_id: int, at: datetime) -> Person:
    owner = Person.objects.filter(pk=owner_id).first()
    on = local_date(at)
    is_there = (
        owner is not None
        and is_in_post(owner, on)
        and RoleGrant.objects.in_force_on(on).filter(person=owner, branch=branch).exists()
    )
    if owner is None or not is_there:
        raise Refused(_("责任人要是这家分公司在岗的人。"), field="owner")
    return owner


def _check_due(due_on: date, at: datetime) -> None:
    if due_on < local_date(at):
        raise Refused(_("期限不能早于今天。"), field="due_on")
    if due_on.year > local_date(at).year + 1:
        raise Refused(_("期限太远。"), field="due_on")


def _numbered(make: Callable[[str], Finding], at: datetime) -> Finding:
    """Write it under the next number of the year; of two at once one takes the number after."""
    begin = f"WT-{local_date(at).year}-"
    while True:
        last = (
            Finding.objects.filter(number__startswith=begin)
            .order_by(Length("number").desc(), "-number")
            .values_list("number", flat=True)
            .first()
        )
        place = int(last.removeprefix(begin)) + 1 if last else 1
        finding = make(f"{begin}{place:04d}")
        try:
            with transaction.atomic():
                finding.save(force_insert=True)
        except IntegrityError as error:
            if not is_taken(error):
                raise
            standing = Finding.objects.filter(origin=finding.origin).exclude(origin=None).first()
            if standing is not None:
                raise Refused(
                    _("刚才已立为问题 %(number)s。") % {"number": standing.number}
                ) from error
            continue
        return finding


def as_plain(finding: Finding) -> dict[str, Any]:
    """A finding as a writer who came too late sees it."""
    return {
        "version": finding.version,
        "state": finding.state,
        "due_on": str(finding.due_on),
    }


def _moved(finding: Finding, expected_version: int, at: datetime, **values: Any) -> Finding:
    """Move it on by compare-and-set; Stale when somebody did something meanwhile."""
    updated = Finding.objects.filter(
        pk=finding.pk, version=expected_version, state=finding.state
    ).update(version=F("version") + 1, updated_at=at, **values)
    again = Finding.objects.select_related("branch", "owner").get(pk=finding.pk)
    if not updated:
        raise Stale(as_plain(again))
    return again


def _step(
    finding: Finding,
    kind: StepKind,
    text: str,
    file: StoredFile | None,
    actor: Actor,
    at: datetime,
) -> None:
    FindingStep.objects.create(
        finding=finding, kind=kind, text=text.strip(), file=file, at=at, by_id=actor.person_id
    )


def _plain(said: Callable[[], str]) -> str:
    """A day in a notice: without marks, as in letters."""
    with days_marked(None):
        return said()


def _tell(
    finding: Finding,
    people: Sequence[Person],
    kind: StepKind,
    title: Callable[[], str],
    text: str,
    actor: Actor,
    at: datetime,
) -> None:
    notify_all(
        notices_of(
            finding,
            people,
            step=kind,
            title=title,
            body=text.strip(),
            at=at,
            besides=actor.person_id,
        )
    )


def _record(
    what: str,
    finding: Finding,
    before: dict[str, Any],
    after: dict[str, Any],
    actor: Actor,
    at: datetime,
    why: str = "",
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="finding",
        target_id=finding.pk,
        target_label=f"{finding.number} {finding.title}",
        branch_id=finding.branch_id,
        before=before,
        after=after,
        why=why.strip(),
    )
