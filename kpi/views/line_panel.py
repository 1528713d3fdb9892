"""The panel of a line: the arithmetic drawn, the rows counted, the clause, objection and "if"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actions import Again, with_again
from core.actors import Actor
from core.chips import chip
from core.forms import Versioned
from core.parts import Fact
from kpi import permissions
from kpi.choices import OBJECTION_OPEN, CorrectionState, ObjectionState
from kpi.line_figures import data_of, drawn, plain
from kpi.metrics import CountedRow
from kpi.models import Correction, Objection, ScoreSheet
from kpi.queries.sheet_views import GroupView, LineView, SheetView
from kpi.queries.sheet_waiting import has_other_supervisor
from kpi.sheet_forms import CorrectForm, DecideForm, ObjectForm, ReviewForm, SettleForm
from kpi.views.sheet_shown import (
    CORRECTION_CHIPS,
    OBJECTION_CHIPS,
    score_text,
    where_the_weight_went,
)
from kpi.views.sheet_ways import installed
from kpi.views.what_if import Answer

# More rows fold away.
ROWS_SHOWN: Final = 10
# What these take off is points, whatever the line weighs (kpi.formulas).
_TAKEN_OFF: Final = ("STEP", "DEDUCT")


@dataclass(frozen=True)
class Told:
    """What was said of a line by whom and when: an opinion, a decision."""

    label: str
    text: str
    who: str
    at: datetime | None


def line_panel(
    view: SheetView,
    line: LineView,
    *,
    rows: Sequence[CountedRow],
    answer: Answer | None,
    close_url: str,
    link: Callable[[str], str],
    actor: Actor,
    at: datetime,
    again: Again | None = None,
) -> dict[str, Any]:
    """The context of a line of a sheet."""
    sheet = view.sheet
    found = _forms(view, line, actor, at) if view.is_newest else {}
    return {
        **plain_panel(line, view.groups, rows=rows, close_url=close_url, link=link,
                      label_set=view.label_set),
        "scheme": _scheme_of(view),
        "clause_url": installed("scheme", sheet.scheme.number),
        "adjusted": _adjusted(line),
        "objection": line.objection,
        "objection_chip": objection_chip(line.objection) if line.objection else "",
        "told": _told(line.objection) if line.objection else [],
        "correction": line.correction,
        "correction_chip": correction_chip(line.correction) if line.correction else "",
        "correction_data": _proposed(line, view.label_set),
        "line_forms": with_again(found, again),
        "what_if": answer,
        "what_if_url": reverse("sheet-what-if", args=[sheet.month, sheet.manager_id]),
    }  # fmt: skip


def plain_panel(
    line: LineView,
    groups: Sequence[GroupView],
    *,
    rows: Sequence[CountedRow],
    close_url: str,
    link: Callable[[str], str],
    label_set: str,
) -> dict[str, Any]:
    """What the panel says of a line of a sheet and of a month so far."""
    codes = [each.code for group in groups for each in group.lines]
    place = codes.index(line.code)
    return {
        "line": line,
        "code": line.code,
        "score": score_text(line),
        "drawn": drawn(line.line),
        "spread": _spread(line),
        "went": where_the_weight_went(line, groups),
        "first_rows": rows[:ROWS_SHOWN],
        "more_rows": rows[ROWS_SHOWN:],
        "rows_count": len(rows),
        "facts": _facts(line, groups, label_set),
        "close_url": close_url,
        "line_before": link(codes[place - 1]) if place else "",
        "line_after": link(codes[place + 1]) if place + 1 < len(codes) else "",
    }


def _spread(line: LineView) -> str:
    """That the line weighs more than by itself, because others do not apply."""
    if not line.line["is_applicable"] or line.effective == line.weight:
        return ""
    words = {"weight": plain(line.weight), "effective": plain(line.effective)}
    if line.line["formula"]["kind"] in _TAKEN_OFF:
        return (
            _(
                "原 %(weight)s 分；本组不适用项目的分值按比例分摊到这里，共 %(effective)s 分；"
                "每次扣的分不变。"
            )
            % words
        )
    return (
        _("原 %(weight)s 分；本组不适用项目的分值按比例分摊到这里，共 %(effective)s 分。") % words
    )


def _facts(line: LineView, groups: Sequence[GroupView], label_set: str) -> list[Fact]:
    group = next(one for one in groups if any(each.code == line.code for each in one.lines))
    found = [
        (_("条款"), f"{line.clause} {group.name}".strip()),
        (_("算法"), line.rule),
        (_("数据来源"), line.source),
    ]
    return [Fact(label, value) for label, value in found if value]


def _scheme_of(view: SheetView) -> str:
    """Which scheme it was scored by."""
    scheme = view.version.content["scheme"]
    return _("%(name)s，第 %(n)d 版") % {"name": scheme["name"], "n": scheme["number"]}


def _adjusted(line: LineView) -> dict[str, Any] | None:
    """Why, by whom and when the counted numbers were replaced."""
    found = line.adjusted
    if not found:
        return None
    return {
        "why": found["why"],
        "by": found["by"],
        "at": datetime.fromisoformat(found["at"]) if found["at"] else None,
    }


def objection_chip(objection: Objection) -> str:
    """Where an objection stands."""
    state = ObjectionState(objection.state)
    return chip(OBJECTION_CHIPS[state], state.label)


def correction_chip(correction: Correction) -> str:
    """Where a correction stands."""
    state = CorrectionState(correction.state)
    return chip(CORRECTION_CHIPS[state], state.label)


def _told(objection: Objection) -> list[Told]:
    found = []
    if objection.opinion:
        by = objection.reviewed_by.name if objection.reviewed_by else ""
        found.append(Told(_("主管意见"), objection.opinion, by, objection.reviewed_at))
    if objection.answer:
        by = objection.decided_by.name if objection.decided_by else ""
        found.append(Told(_("总经理决定"), objection.answer, by, objection.decided_at))
    return found


def _proposed(line: LineView, label_set: str) -> tuple[str, str] | None:
    """What a correction changes: the data as they stand, and as they would."""
    if line.correction is None or line.correction.state != CorrectionState.PROPOSED:
        return None
    then = {**line.line, "inputs": line.correction.inputs, "is_applicable": True}
    return data_of(line.line, label_set) or line.why_not, data_of(then, label_set)


def _forms(view: SheetView, line: LineView, actor: Actor, at: datetime) -> dict[str, forms.Form]:
    """What the reader can do about the line now, by name."""
    begin = {"version": view.sheet.version, "item": line.code}
    found: dict[str, forms.Form] = {}
    if line.can_object:
        found["object"] = ObjectForm(initial=begin)
    if line.objection is not None and line.objection.state in OBJECTION_OPEN:
        found |= _objection_forms(view.sheet, line, actor, at)
    if view.allowed.propose_correction:
        found["correct"] = CorrectForm(initial=begin, numbers=line.fields)
    correction = line.correction
    if correction is not None and correction.state == CorrectionState.PROPOSED:
        correction.sheet = view.sheet
        if permissions.can_decide_correction(actor, correction):
            found["settle"] = SettleForm(initial=begin)
    return found


def _objection_forms(
    sheet: ScoreSheet, line: LineView, actor: Actor, at: datetime
) -> dict[str, forms.Form]:
    objection = line.objection
    if objection is None:
        return {}
    objection.sheet = sheet
    begin = {"version": sheet.version}
    found: dict[str, forms.Form] = {}
    is_unreviewed = objection.state == ObjectionState.OPEN
    if permissions.can_answer_sheet(actor, sheet):
        found["withdraw"] = Versioned(initial=begin)
    if is_unreviewed and permissions.can_supervise(actor, sheet):
        found["review"] = ReviewForm(initial=begin)
    is_ready = not is_unreviewed or not has_other_supervisor(sheet, at, actor.person_id)
    if is_ready and permissions.can_decide_objection(actor, objection):
        found["decide"] = DecideForm(initial=begin, numbers=line.fields)
    return found
