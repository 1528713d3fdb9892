"""One score sheet as its page shows it: lines with their arithmetic, its way, what can be done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotFound
from core.periods import Month
from duties.month_end import MonthEnd
from duties.month_queries import month_end_of
from kpi import line_words, permissions, rules
from kpi.amending import scheme_of
from kpi.choices import (
    OBJECTION_OPEN,
    SIGNED,
    CorrectionState,
    ObjectionState,
    VersionKind,
)
from kpi.history import Mean, means_of
from kpi.labels import label_set_of, name_of
from kpi.line_words import InputField
from kpi.metrics import metrics
from kpi.models import Correction, Objection, ScoreSheet, SheetVersion
from kpi.permissions import is_locked
from kpi.queries.results import unchecked_at
from kpi.queries.sheet_waiting import has_other_supervisor
from kpi.queries.sheets import sheet_seen
from kpi.scheme_texts import why_not
from kpi.scheme_words import band_told
from organization.models import Person

Content = Mapping[str, Any]


# The metric whose results a second person checks.
_RESULTS: Final = "results"


@dataclass(frozen=True)
class LineView:
    """A line of a sheet as it is shown; ``line`` is the frozen one (kpi.breakdown)."""

    line: Content
    code: str
    name: str
    clause: str
    weight: Decimal
    effective: Decimal
    score: Decimal | None
    lost: Decimal | None
    rate: Decimal | None
    unit: str
    why_not: str
    rule: str
    calculation: str
    fields: tuple[InputField, ...]
    source: str
    has_rows: bool
    objection: Objection | None
    correction: Correction | None
    can_object: bool
    # Its result counted though no second person had checked it by the cut.
    is_unchecked: bool = False

    @property
    def adjusted(self) -> Content | None:
        """Why, by whom and when its inputs were replaced; None where they were counted."""
        found: Content | None = self.line["adjusted"]
        return found


@dataclass(frozen=True)
class GroupView:
    """A group of a sheet, with its lines."""

    code: str
    name: str
    clause: str
    kind: str
    minimum: Decimal
    maximum: Decimal
    score: Decimal | None
    lines: tuple[LineView, ...]


@dataclass(frozen=True)
class Step:
    """A step on a sheet's way: what, by whom, when; ``is_done`` or still to come by when."""

    key: str
    label: str
    who: str
    at: datetime | None
    is_done: bool
    text: str = ""


@dataclass(frozen=True)
class Allowed:
    """What the reader can do with the sheet now."""

    confirm: bool = False
    object: bool = False
    supervise: bool = False
    approve: bool = False
    propose_correction: bool = False


@dataclass(frozen=True)
class SheetView:
    """A sheet with all that its page shows; ``version`` is the one shown, the newest by default."""

    sheet: ScoreSheet
    month: Month
    version: SheetVersion
    versions: tuple[SheetVersion, ...]
    end: MonthEnd
    label_set: str
    groups: tuple[GroupView, ...]
    total: Decimal | None
    band: str
    band_name: str
    band_meaning: str
    coefficient: Decimal | None
    is_vetoed: bool
    why_not: str
    departs: bool
    is_newest: bool
    steps: tuple[Step, ...]
    allowed: Allowed
    objections: tuple[Objection, ...]
    corrections: tuple[Correction, ...]
    quarter: Mean | None = None
    year: Mean | None = None
    mean_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> dict[str, LineView]:
        """The lines by code."""
        return {line.code: line for group in self.groups for line in group.lines}


def sheet_view(
    actor: Actor, month: Month, manager_id: int, at: datetime, *, number: int | None = None
) -> SheetView:
    """Somebody's sheet as the actor sees it, the newest version or one by its number."""
    sheet = sheet_seen(actor, month, manager_id)
    versions = tuple(sheet.versions.select_related("made_by", "approved_by"))
    shown = next((one for one in versions if one.number == (number or sheet.newest)), None)
    if shown is None:
        raise NotFound
    end = month_end_of(month)
    label_set = label_set_of(month)
    objections = tuple(
        sheet.objections.select_related("file", "reviewed_by", "decided_by").order_by("raised_at")
    )
    corrections = tuple(sheet.corrections.select_related("proposed_by", "decided_by"))
    allowed = _allowed(actor, sheet, objections, end, at)
    content = shown.content
    scheme = scheme_of(sheet)
    unchecked = unchecked_at(month, [manager_id], sheet.cut_at).get(manager_id, frozenset())
    quarter, year = means_of(manager_id, month, scheme)
    return SheetView(
        sheet=sheet,
        month=month,
        version=shown,
        versions=versions,
        end=end,
        label_set=label_set,
        groups=tuple(
            _group(group, label_set, objections, corrections, allowed, unchecked)
            for group in content["groups"]
        ),
        total=_decimal(content["total"]),
        band=content["band"],
        band_name=name_of(content["band_names"], label_set) if content["band_names"] else "",
        band_meaning=band_told(
            scheme.bands,
            content["band"],
            _decimal(content["coefficient"]),
            is_vetoed=content["is_vetoed"],
        ),
        coefficient=_decimal(content["coefficient"]),
        is_vetoed=content["is_vetoed"],
        why_not=why_not(content["why_not"]),
        departs=content["scheme"]["departs"],
        is_newest=shown.number == sheet.newest,
        steps=_steps(sheet, versions, objections, end),
        allowed=allowed,
        objections=objections,
        corrections=corrections,
        quarter=quarter,
        year=year,
        mean_names={one.code: name_of(one.names, label_set) for one in scheme.bands},
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _group(
    group: Content,
    label_set: str,
    objections: Sequence[Objection],
    corrections: Sequence[Correction],
    allowed: Allowed,
    unchecked: Collection[str],
) -> GroupView:
    return GroupView(
        code=group["code"],
        name=name_of(group["names"], label_set),
        clause=group["clause"],
        kind=group["kind"],
        minimum=Decimal(group["min"]),
        maximum=Decimal(group["max"]),
        score=_decimal(group["score"]),
        lines=tuple(
            line_view(
                line,
                label_set,
                objections,
                corrections,
                can_object=allowed.object,
                unchecked=unchecked,
            )
            for line in group["items"]
        ),
    )


def line_view(
    line: Content,
    label_set: str,
    objections: Sequence[Objection] = (),
    corrections: Sequence[Correction] = (),
    *,
    can_object: bool = False,
    unchecked: Collection[str] = (),
) -> LineView:
    """A frozen line as it is shown, with the last objection and correction about it.

    ``unchecked`` are the codes of results that nobody had checked by the cut.
    """
    standing = [
        one
        for one in objections
        if one.item == line["code"] and one.state != ObjectionState.WITHDRAWN
    ]
    about = [one for one in corrections if one.item == line["code"]]
    metric = metrics().get(line["metric"])
    return LineView(
        line=line,
        code=line["code"],
        name=name_of(line["names"], label_set),
        clause=line["clause"],
        weight=Decimal(line["weight"]),
        effective=Decimal(line["effective"]),
        score=_decimal(line["score"]),
        lost=_decimal(line["lost"]),
        rate=_decimal(line["rate"]),
        unit=line["unit"],
        why_not=why_not(line["why_not"]),
        rule=line_words.rule(line),
        calculation=line_words.calculation(line),
        fields=line_words.input_fields(line, label_set),
        source=str(metric.label) if metric else "",
        has_rows=metric is not None and line["is_applicable"],
        objection=standing[-1] if standing else None,
        correction=about[-1] if about else None,
        can_object=can_object and not standing,
        is_unchecked=line["metric"] == _RESULTS
        and line["is_applicable"]
        and line["code"] in unchecked
        and not line["adjusted"],
    )


def _allowed(
    actor: Actor,
    sheet: ScoreSheet,
    objections: Sequence[Objection],
    end: MonthEnd,
    at: datetime,
) -> Allowed:
    """What the operations would let the actor do; they have the last word."""
    if is_locked(sheet, end, at):
        is_open = sheet.corrections.filter(state=CorrectionState.PROPOSED).exists()
        may = permissions.can_propose_correction(actor, sheet)
        return Allowed(propose_correction=may and not is_open)
    is_mine = permissions.can_answer_sheet(actor, sheet)
    answered = rules.is_answered(
        sheet.state,
        has_open_objections=any(one.state in OBJECTION_OPEN for one in objections),
        at=at,
        objections_until=end.objections_until,
    )
    return Allowed(
        confirm=is_mine and sheet.confirmed_at is None and sheet.state not in SIGNED,
        object=is_mine and sheet.state not in SIGNED and at < end.objections_until,
        supervise=rules.supervision_due(sheet.state, answered=answered)
        and permissions.can_supervise(actor, sheet),
        approve=permissions.can_approve_sheet(actor, sheet)
        and rules.approval_due(
            sheet.state,
            answered=answered,
            has_other_supervisor=has_other_supervisor(sheet, at, actor.person_id),
        ),
    )


def _objection_steps(objections: Sequence[Objection], manager: Person) -> list[Step]:
    """What was said of the objections in turn: objection, opinion, decision (K4)."""
    found: list[tuple[datetime, Step]] = []

    def add(key: str, label: str, who: Person | None, at: datetime, text: str) -> None:
        found.append((at, Step(key, label, who.name if who else "", at, True, text)))

    for one in objections:
        if one.state == ObjectionState.WITHDRAWN:
            continue
        item = {"item": one.item}
        add("objected", _("申诉 %(item)s") % item, manager, one.raised_at, one.text)
        if one.reviewed_at is not None:
            said = _("主管意见 %(item)s") % item
            add("reviewed", said, one.reviewed_by, one.reviewed_at, one.opinion)
        if one.decided_at is not None:
            is_upheld = one.state == ObjectionState.UPHELD
            said = _("采纳申诉 %(item)s") if is_upheld else _("不采纳申诉 %(item)s")
            add("decided", said % item, one.decided_by, one.decided_at, one.answer)
    return [step for _at, step in sorted(found, key=lambda pair: pair[0])]


def _steps(
    sheet: ScoreSheet,
    versions: Sequence[SheetVersion],
    objections: Sequence[Objection],
    end: MonthEnd,
) -> tuple[Step, ...]:
    """The sheet's way from its computing to its lock and beyond."""
    manager = sheet.manager.name
    supervisor = sheet.supervised_by.name if sheet.supervised_by else ""
    head = sheet.approved_by.name if sheet.approved_by else ""
    steps = [Step("computed", _("系统计算"), "", sheet.computed_at, True)]
    steps += _objection_steps(objections, sheet.manager)
    steps += [
        Step(
            "confirmed",
            _("客户经理确认"),
            manager,
            sheet.confirmed_at or end.objections_until,
            sheet.confirmed_at is not None,
        ),
        Step(
            "supervised",
            _("主管审"),
            supervisor,
            sheet.supervised_at or end.locks_at,
            sheet.supervised_at is not None,
            sheet.supervisor_opinion,
        ),
        Step(
            "approved",
            _("总经理审批"),
            head,
            sheet.approved_at or end.locks_at,
            sheet.approved_at is not None,
            sheet.head_opinion,
        ),
        Step(
            "locked",
            _("锁定"),
            "",
            sheet.locked_at or end.locks_at,
            sheet.locked_at is not None,
        ),
    ]
    steps += [
        Step(
            "corrected",
            _("第 %(n)d 版更正") % {"n": version.number},
            version.made_by.name if version.made_by else "",
            version.made_at,
            True,
            version.why,
        )
        for version in versions
        if version.kind == VersionKind.CORRECTION
    ]
    return tuple(steps)
