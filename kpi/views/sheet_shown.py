"""A score sheet as its page shows it: lines, the bar of its parts, the way it goes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.chips import chip
from core.formats import brief_day, moment, number, short_day, signed
from core.marked_days import filled
from core.periods import local_date
from duties.month_end import MonthEnd
from kpi.choices import (
    OBJECTION_OPEN,
    CorrectionState,
    ObjectionState,
    SheetState,
    VersionKind,
)
from kpi.line_figures import data_of, plain
from kpi.models import Objection, ScoreSheet, SheetVersion
from kpi.queries.sheet_views import GroupView, LineView, Step

# A group's tone in the bar; more groups than tones take the last.
TONES: Final = 3
OBJECTION_CHIPS: Final[Mapping[str, str]] = {
    ObjectionState.OPEN: "objected",
    ObjectionState.REVIEWED: "objected",
    ObjectionState.UPHELD: "confirmed",
    ObjectionState.REJECTED: "stopped",
    ObjectionState.WITHDRAWN: "stopped",
}
CORRECTION_CHIPS: Final[Mapping[str, str]] = {
    CorrectionState.PROPOSED: "check",
    CorrectionState.APPROVED: "corrected",
    CorrectionState.REJECTED: "stopped",
}
SHEET_CHIPS: Final[Mapping[str, str]] = {
    SheetState.COMPUTED: "unsigned",
    SheetState.OBJECTED: "objected",
    SheetState.CONFIRMED: "confirmed",
    SheetState.SUPERVISED: "running",
    SheetState.APPROVED: "done",
    SheetState.LOCKED: "done",
}


@dataclass(frozen=True)
class ShownLine:
    """A line of the sheet's table; ``bar`` is the share reached out of 100, None for no bar."""

    code: str
    name: str
    url: str
    data: str
    mark: str
    why_not: str
    chip: str
    bar: float | None
    lost: str
    score: str
    full: str
    is_spread: bool
    is_current: bool
    is_quiet: bool


@dataclass(frozen=True)
class ShownGroup:
    """A group of the sheet's table."""

    code: str
    name: str
    score: str
    full: str
    lines: Sequence[ShownLine]


@dataclass(frozen=True)
class Part:
    """A group in the bar: where its room begins and ends, how much of it is reached (of 100)."""

    name: str
    score: str
    left: float
    room: float
    width: float
    tone: int


@dataclass(frozen=True)
class Mile:
    """A step of the sheet's way, in a word."""

    state: str
    text: str
    is_now: bool = False


def shown_groups(
    groups: Sequence[GroupView], label_set: str, link: Callable[[str], str], current: str
) -> list[ShownGroup]:
    """The table of a sheet; ``link`` is a line's address by its code."""
    return [
        ShownGroup(
            group.code,
            group.name,
            _group_score(group),
            bounds(group.minimum, group.maximum),
            [_shown_line(line, label_set, link, current) for line in group.lines],
        )
        for group in groups
    ]


def _group_score(group: GroupView) -> str:
    return signed(group.score, 2) if group.kind == "cases" else number(group.score, 2)


def bounds(minimum: Decimal, maximum: Decimal) -> str:
    """How much a group can give: / 40, ±20, −10…20."""
    if minimum == -maximum and minimum:
        return f"±{plain(maximum)}"
    if minimum:
        return f"{plain(minimum)}…{plain(maximum)}"
    return f"/ {plain(maximum)}"


def is_case(line: LineView) -> bool:
    """Whether a line counts cases: it has no weight, only what happened."""
    return bool(line.line["formula"]["kind"] == "CASE")


def _shown_line(
    line: LineView, label_set: str, link: Callable[[str], str], current: str
) -> ShownLine:
    has_cases = bool(line.line["inputs"] and line.line["inputs"].get("cases"))
    data = data_of(line.line, label_set)
    return ShownLine(
        code=line.code,
        name=line.name,
        url=link(line.code),
        data=data,
        mark=chip("check", _("未复核")) if line.is_unchecked else "",
        why_not=line.why_not,
        chip=line_chip(line),
        bar=_bar(line),
        lost=f"−{number(line.lost, 2)}" if line.lost else "",
        score=score_text(line),
        full="" if is_case(line) or line.score is None else f"/ {plain(line.effective)}",
        is_spread=line.score is not None and line.effective != line.weight,
        is_current=line.code == current,
        is_quiet=line.score is None or (is_case(line) and not has_cases),
    )


def score_text(line: LineView) -> str:
    """A line's points; signed where cases give them."""
    return signed(line.score, 2) if is_case(line) else number(line.score, 2)


def _bar(line: LineView) -> float | None:
    if line.score is None or is_case(line) or not line.effective:
        return None
    share = line.score / line.effective
    return round(float(min(max(share, Decimal(0)), Decimal(1)) * 100), 1)


def line_chip(line: LineView) -> str:
    """What is to be known of a line before its points: objected, corrected, not applicable."""
    if line.objection is not None and line.objection.state in OBJECTION_OPEN:
        return chip("objected")
    if line.correction is not None and line.correction.state == CorrectionState.PROPOSED:
        return chip("check", _("更正待复核"))
    if line.adjusted:
        return chip("corrected", _("已调整"))
    if not line.line["is_applicable"]:
        return chip("not_applicable")
    if line.objection is not None and line.objection.state == ObjectionState.REJECTED:
        return chip("stopped", _("申诉不采纳"))
    return ""


def parts_of(groups: Sequence[GroupView]) -> list[Part]:
    """The bar of a sheet's parts: each group's room by its maximum, filled as far as reached."""
    whole = [group for group in groups if group.kind != "cases"]
    room = sum((group.maximum for group in whole), Decimal(0)) or Decimal(1)
    parts, left = [], 0.0
    for place, group in enumerate(whole):
        wide = float(group.maximum / room * 100)
        share = group.score / group.maximum if group.score and group.maximum else Decimal(0)
        reached = float(min(max(share, Decimal(0)), Decimal(1)))
        parts.append(
            Part(
                group.name,
                number(group.score, 2),
                round(left, 2),
                round(wide - 1, 2),
                round((wide - 1) * reached, 2),
                min(place, TONES - 1),
            )
        )
        left += wide
    return parts


@dataclass(frozen=True)
class Spread:
    """Where the weight of what does not apply went in a group: how much, and who got it."""

    weight: str
    gains: Sequence[tuple[str, str]]


def where_the_weight_went(line: LineView, groups: Sequence[GroupView]) -> Spread | None:
    """Of a line that does not apply: what its group spread over the other lines, and on whom."""
    if line.line["is_applicable"] or not line.weight:
        return None
    group = next(one for one in groups if any(each.code == line.code for each in one.lines))
    idle = [each.weight for each in group.lines if not each.line["is_applicable"]]
    return Spread(
        plain(sum(idle, Decimal(0))),
        [
            (f"{each.code} {each.name}", f"+{number(each.effective - each.weight, 2)}")
            for each in group.lines
            if each.effective > each.weight
        ],
    )


# The way of a sheet


def miles(
    sheet: ScoreSheet, objections: Sequence[Objection], end: MonthEnd, is_over: bool
) -> list[Mile]:
    """The sheet's way in five steps; the one that is due is told from the others.

    What was not done when the sheet was locked is said so.
    """
    marks = [
        Mile("confirmed", _said(_("已计算"), sheet.computed_at)),
        _answer(sheet, objections, end),
    ]
    for signed_at, done, waiting in (
        (sheet.supervised_at, _("主管已审"), _("主管审")),
        (sheet.approved_at, _("总经理已审批"), _("总经理审批")),
    ):
        marks.append(
            Mile("confirmed", _said(done, signed_at)) if signed_at else Mile("waiting", waiting)
        )
    if is_over:
        missed = {1: _("没有确认"), 2: _("主管没有审"), 3: _("总经理没有审批")}
        marks = [
            Mile("stopped", missed[place]) if one.state == "waiting" else one
            for place, one in enumerate(marks)
        ]
        return [*marks, Mile("confirmed", _said(_("已锁定"), sheet.locked_at or end.locks_at))]
    marks.append(Mile("waiting", _on_day(_("锁定"), last_day(end.locks_at))))
    now = next(place for place, one in enumerate(marks) if one.state != "confirmed")
    state = "running" if marks[now].state == "waiting" else marks[now].state
    marks[now] = Mile(state, marks[now].text, True)
    return marks


def _answer(sheet: ScoreSheet, objections: Sequence[Objection], end: MonthEnd) -> Mile:
    """What the manager has said to the sheet."""
    count = sum(one.state in OBJECTION_OPEN for one in objections)
    if count:
        text = ngettext("%(n)d 条申诉待决定", "%(n)d 条申诉待决定", count)
        return Mile("objected", text % {"n": count})
    if sheet.confirmed_at is not None:
        return Mile("confirmed", _said(_("已确认"), sheet.confirmed_at))
    day = brief_day(last_day(end.objections_until))
    return Mile("waiting", filled(_("确认或申诉，至 %(day)s"), day=day))


def last_day(end: datetime) -> date:
    """The day of a moment; of a midnight the day that it ends."""
    return local_date(end - timedelta(seconds=1))


def _said(word: str, done_at: datetime) -> str:
    """What was done, on the day that its moment bears: a midnight's is the one it begins."""
    return _on_day(word, local_date(done_at))


def _on_day(word: str, on: date) -> str:
    return filled("%(word)s %(day)s", word=word, day=brief_day(on))


def step_times(steps: Sequence[Step], at: datetime, is_over: bool) -> list[tuple[Step, str, str]]:
    """Every step with the state of its chip and its moment; of those to come the last day."""
    found = []
    for step in steps:
        state, text = "done" if step.is_done else "waiting", ""
        if step.at is not None and step.is_done:
            text = moment(step.at, at)
        elif is_over:
            state = "stopped"
        elif step.at is not None:
            text = filled(_("%(day)s止"), day=short_day(last_day(step.at)))
        found.append((step, state, text))
    return found


# Versions side by side


@dataclass(frozen=True)
class Changed:
    """A line that two versions tell differently."""

    code: str
    name: str
    old: str
    new: str


@dataclass(frozen=True)
class ShownVersion:
    """A version: what it was made by, and what it changed against the one before."""

    version: SheetVersion
    url: str
    label: str
    total: str
    total_before: str
    changes: Sequence[Changed]
    is_shown: bool


def shown_versions(
    versions: Sequence[SheetVersion],
    names: Mapping[str, str],
    link: Callable[[int], str],
    current: int,
    label_set: str,
) -> list[ShownVersion]:
    """The versions, newest first, each with what it changed."""
    found = []
    before: SheetVersion | None = None
    for one in versions:
        found.append(
            ShownVersion(
                one,
                link(one.number),
                str(VersionKind(one.kind).label),
                _total(one),
                _total(before) if before else "",
                _changes(before, one, names, label_set) if before else (),
                one.number == current,
            )
        )
        before = one
    return found[::-1]


def _total(version: SheetVersion) -> str:
    total = version.content["total"]
    return number(None if total is None else Decimal(total), 2)


def _changes(
    old: SheetVersion, new: SheetVersion, names: Mapping[str, str], label_set: str
) -> list[Changed]:
    before, after = lines_by_code(old.content), lines_by_code(new.content)
    return [
        Changed(
            code,
            names.get(code, code),
            _line_text(before[code], label_set),
            _line_text(line, label_set),
        )
        for code, line in after.items()
        if code in before
        and any(line[key] != before[code][key] for key in ("inputs", "score", "effective"))
    ]


def lines_by_code(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The frozen lines of a content by code."""
    return {item["code"]: item for group in content["groups"] for item in group["items"]}


def _line_text(line: Mapping[str, Any], label_set: str) -> str:
    """A line's numbers and points in short: 3 / 4 份，1.50."""
    score = number(None if line["score"] is None else Decimal(line["score"]), 2)
    data = data_of(line, label_set)
    return _("%(data)s，%(score)s 分") % {"data": data, "score": score} if data else score
