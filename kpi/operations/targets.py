"""A branch's target sheet: written, issued, acknowledged; issued again only as a revision (T)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core import audit, canonical
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Problem, Refused, Stale
from core.periods import Month
from core.unique import unless_taken
from duties.month_queries import month_end_of
from duties.operations import notice_answered
from kpi.choices import Adding, Method, TargetState
from kpi.models import (
    Acknowledgement,
    Allocation,
    Indicator,
    TargetLine,
    TargetSheet,
    TargetVersion,
)
from kpi.queries.bases import Bases, bases_of
from kpi.queries.indicators import open_indicators
from kpi.queries.targets import (
    entry_of,
    led_branch,
    lines_of,
    managers_in,
    requirements_of,
    sheet_of,
    target_view,
)
from kpi.target_contents import target_content
from kpi.target_entries import (
    REASON_AT_MOST,
    TEXT_AT_MOST,
    LineEntry,
    TargetEntry,
    is_fitting,
)
from kpi.target_followers import follow_issue, notice_key
from kpi.target_permissions import can_issue, can_prepare
from kpi.target_words import bar_problems
from kpi.targets_rules import decomposed
from organization.models import Branch


def branch_to_prepare(by: Actor, branch_id: int, month: Month, at: datetime) -> Branch:
    """A branch whose sheet of the month the actor may write now; NotFound for who only reads
    what is issued.

    After the month's freeze nothing about it counts any more (annex 2), so nothing is written.
    """
    branch = led_branch(by, branch_id)
    if not can_prepare(by, branch.pk):
        raise NotAllowed(_("目标由本分公司的主管和总经理编制。"))
    if at > month_end_of(month).frozen_at:
        raise Refused(_("这个月已经冻结，目标不能再改。"))
    return branch


@transaction.atomic
def write_targets(
    *,
    branch_id: int,
    month: Month,
    entry: TargetEntry,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> TargetSheet:
    """Write the sheet as a whole (T1, T2); 0 for one that is not begun.

    The parts of a line are computed by its method, but for "hand". The same statements for any
    number of managers.
    """
    branch = branch_to_prepare(actor, branch_id, month, at)
    sheet = sheet_of(branch, month)
    lines = lines_of(sheet)
    before = entry_of(sheet, lines)
    indicators = {each.code: each for each in open_indicators(before.lines)}
    bases = bases_of(branch.pk, month)
    _check(entry, indicators, bases)
    sheet = advance(sheet, expected_version, at, **_texts(entry))
    written = {
        code: (line, _parts(line, indicators[code], bases))
        for code, line in entry.lines.items()
        if line != LineEntry()
    }
    sheet.lines.all().delete()
    made = TargetLine.objects.bulk_create(
        [
            TargetLine(
                sheet=sheet,
                indicator=indicators[code],
                value=line.value,
                why_not_required=line.why_not_required.strip(),
                method=line.method,
                why_not_sum=line.why_not_sum.strip(),
            )
            for code, (line, _parts_of_it) in written.items()
        ]
    )
    Allocation.objects.bulk_create(
        [
            Allocation(line=line, manager_id=manager_id, value=value, basis=basis)
            for line in made
            for manager_id, (value, basis) in written[line.indicator.code][1].items()
        ]
    )
    names = {one.pk: one.name for one in bases.managers}
    record_targets(
        actor,
        at,
        "kpi.write_targets",
        sheet,
        before=_flat(before, names),
        after=_flat(entry_of(sheet, lines_of(sheet)), names),
    )
    return sheet


def _texts(entry: TargetEntry) -> dict[str, str]:
    return {
        "priorities": entry.priorities.strip(),
        "resources": entry.resources.strip(),
        "why_no_items": entry.why_no_items.strip(),
    }


def _parts(
    line: LineEntry, indicator: Indicator, bases: Bases
) -> dict[int, tuple[Decimal, Decimal | None]]:
    """Manager → part and the basis it was shared out by."""
    if line.method == Method.HAND:
        return {manager_id: (value, None) for manager_id, value in line.parts.items()}
    if line.value is None or not bases.managers:
        return {}
    basis = bases.of(line.method, indicator.code)
    parts = decomposed(line.value, basis, indicator.places, indicator.adding)
    is_shared = indicator.adding == Adding.SUM and line.method != Method.EQUAL
    return {each: (value, basis[each] if is_shared else None) for each, value in parts.items()}


def _check(entry: TargetEntry, indicators: Mapping[str, Indicator], bases: Bases) -> None:
    """Refused with every fault at its field."""
    problems = [
        Problem(name, _("最多 %(n)d 个字") % {"n": most})
        for name, text, most in (
            ("priorities", entry.priorities, TEXT_AT_MOST),
            ("resources", entry.resources, TEXT_AT_MOST),
            ("why_no_items", entry.why_no_items, REASON_AT_MOST),
        )
        if len(text) > most
    ]
    ids = set(bases.ids)
    for code, line in entry.lines.items():
        if code not in indicators:
            problems.append(Problem(f"value:{code}", _("没有这个指标，或已停用。")))
        else:
            problems += _line_problems(line, indicators[code], ids)
    if problems:
        raise Refused(problems[0].message, problems=problems)


def _line_problems(line: LineEntry, indicator: Indicator, ids: Collection[int]) -> list[Problem]:
    code, places = indicator.code, indicator.places
    wrong = _("应填不小于 0 的数，最多 %(n)d 位小数。") % {"n": places}
    problems = []
    if line.value is not None and not is_fitting(line.value, places):
        problems.append(Problem(f"value:{code}", wrong))
    if line.method not in Method.values:
        problems.append(Problem(f"method:{code}", _("没有这种分法。")))
    for name, text in (("why", line.why_not_required), ("why_sum", line.why_not_sum)):
        if len(text) > REASON_AT_MOST:
            problems.append(Problem(f"{name}:{code}", _("最多 %(n)d 个字") % {"n": REASON_AT_MOST}))
    if line.method == Method.HAND:
        for manager_id, value in line.parts.items():
            if manager_id not in ids:
                said = _("这位不是本分公司当月的客户经理。")
                problems.append(Problem(f"part:{code}:{manager_id}", said))
            elif not is_fitting(value, places):
                problems.append(Problem(f"part:{code}:{manager_id}", wrong))
    return problems


def advance(sheet: TargetSheet, expected_version: int, at: datetime, **values: Any) -> TargetSheet:
    """Compare-and-set the sheet's version; an issued one is being revised from now on."""
    state = TargetState.REVISING if sheet.newest else TargetState.DRAFT

    def stale() -> None:
        current = sheet_of(sheet.branch, Month.parse(sheet.month))
        raise Stale(current_of(current))

    if sheet.pk is None:
        if expected_version != 0:
            stale()
        with unless_taken(stale):
            return TargetSheet.objects.create(
                branch=sheet.branch,
                month=sheet.month,
                state=state,
                version=1,
                updated_at=at,
                **values,
            )
    updated = TargetSheet.objects.filter(pk=sheet.pk, version=expected_version).update(
        version=F("version") + 1, **{"state": state, "updated_at": at, **values}
    )
    if not updated:
        stale()
    return TargetSheet.objects.select_related("branch").get(pk=sheet.pk)


def current_of(sheet: TargetSheet) -> dict[str, Any]:
    """The sheet as it stands, for whoever came too late."""
    return {"version": sheet.version, "entry": entry_of(sheet, lines_of(sheet))}


@transaction.atomic
def issue_targets(
    *,
    branch_id: int,
    month: Month,
    expected_version: int,
    actor: Actor,
    at: datetime,
    why: str = "",
) -> TargetVersion:
    """Issue the sheet to the managers (T1–T4); again only as a numbered revision with a reason.

    Refused with everything that bars it. The work items become dated to-dos, those taken off
    are dropped; every manager is told and has to acknowledge.
    """
    branch = branch_to_prepare(actor, branch_id, month, at)
    if not can_issue(actor, branch.pk):
        raise NotAllowed(_("目标由本分公司的总经理或副总经理下达。"))
    view = target_view(branch, month)
    sheet = view.sheet
    if sheet.version != expected_version:
        raise Stale(current_of(sheet))
    problems = bar_problems(view)
    if sheet.newest and not why.strip():
        problems.append(Problem("why_revised", _("已下达过，修订要写原因。")))
    if len(why) > REASON_AT_MOST:
        problems.append(Problem("why_revised", _("最多 %(n)d 个字") % {"n": REASON_AT_MOST}))
    if problems:
        raise Refused(problems[0].message, problems=problems)
    content = target_content(
        branch,
        month.key,
        texts={
            "priorities": sheet.priorities,
            "resources": sheet.resources,
            "why_no_items": sheet.why_no_items,
        },
        lines=[line for line in lines_of(sheet) if line.value is not None],
        required=requirements_of(branch.pk, month),
        managers=list(view.managers),
        items=list(view.items),
    )
    digest = canonical.digest(content)
    previous = sheet.versions.filter(number=sheet.newest).first() if sheet.newest else None
    if previous is not None and previous.digest == digest:
        raise Refused(_("与已下达的一样，没有要修订的。"))
    number = sheet.newest + 1
    sheet = advance(sheet, expected_version, at, state=TargetState.ISSUED, newest=number)
    version = TargetVersion.objects.create(
        sheet=sheet,
        number=number,
        content=content,
        digest=digest,
        why=why.strip() if number > 1 else "",
        issued_at=at,
        issued_by_id=actor.somebody,
    )
    follow_issue(version, view.managers, view.items, previous, actor=actor, at=at)
    record_targets(
        actor,
        at,
        "kpi.issue_targets",
        sheet,
        after={"number": number, "digest": digest},
        why=version.why,
    )
    return version


@transaction.atomic
def acknowledge_targets(*, version_id: int, actor: Actor, at: datetime) -> Acknowledgement:
    """A manager has seen the targets, and the notice of them (annex 3.6); twice changes nothing."""
    version = (
        TargetVersion.objects.select_related("sheet__branch")
        .filter(pk=version_id, sheet__in=TargetSheet.objects.visible_to(actor))
        .first()
    )
    if version is None:
        raise NotFound
    if actor.person_id not in managers_in(version.content):
        raise NotAllowed(_("目标由领到目标的客户经理本人确认。"))
    if version.number != version.sheet.newest:
        raise Refused(_("目标已修订，请看新的一版再确认。"))
    made, is_new = Acknowledgement.objects.get_or_create(
        issued=version, manager_id=actor.somebody, defaults={"acknowledged_at": at}
    )
    if is_new:
        notice_answered(person_id=actor.somebody, key=notice_key(version), at=at)
        record_targets(
            actor,
            at,
            "kpi.acknowledge_targets",
            version.sheet,
            after={"number": version.number},
        )
    return made


def _flat(entry: TargetEntry, names: Mapping[int, str]) -> dict[str, str]:
    """The entry as flat plain values, for the trail."""
    flat = {
        "priorities": entry.priorities,
        "resources": entry.resources,
        "why_no_items": entry.why_no_items,
    }
    for code, line in entry.lines.items():
        flat[code] = "" if line.value is None else f"{line.value} {line.method}"
        flat[f"{code} required"] = line.why_not_required
        flat[f"{code} sum"] = line.why_not_sum
        for manager_id, value in line.parts.items():
            flat[f"{code} {names.get(manager_id, manager_id)}"] = str(value)
    return {name: text for name, text in flat.items() if text}


def record_targets(
    by: Actor,
    at: datetime,
    what: str,
    sheet: TargetSheet,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
) -> None:
    """The trail's row of a sheet."""
    audit.record(
        actor=by,
        at=at,
        what=what,
        target_type="target_sheet",
        target_id=sheet.pk,
        target_label=f"{sheet.branch.name} {sheet.month}",
        branch_id=sheet.branch_id,
        before=before,
        after=after,
        why=why,
    )
