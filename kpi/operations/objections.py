"""Objections to a line of a score sheet (K4): raised by its manager, answered by the supervisor,
decided by the general manager; upheld, the sheet gets its next version."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.evidence import Evidence, store_evidence
from core.formats import moment
from core.unique import unless_taken
from duties.month_end import MonthEnd
from duties.operations import notify_all
from kpi import permissions
from kpi.amending import amended, checked_inputs, newest_version, scheme_of
from kpi.choices import OBJECTION_OPEN, ObjectionState, SheetState, VersionKind
from kpi.models import Objection, ScoreSheet
from kpi.operations import steps
from kpi.operations.corrections import propose_from_objection
from kpi.queries.sheet_waiting import has_other_supervisor
from kpi.sheet_notices import about_sheet

_ANSWERABLE = (SheetState.COMPUTED, SheetState.OBJECTED, SheetState.CONFIRMED)


def _check_window(sheet: ScoreSheet, end: MonthEnd, at: datetime) -> None:
    """Refuse an objection after its days are over (annex 2: WD3 to WD8)."""
    steps.check_unlocked(sheet, end, at)
    if at >= end.objections_until:
        raise Refused(_("申诉已于 %(when)s 截止。") % {"when": moment(end.objections_until)})
    if sheet.state not in _ANSWERABLE:
        raise Refused(_("主管已审过，不再受理申诉。"))


@transaction.atomic
def object_to_line(
    *,
    sheet_id: int,
    item: str,
    text: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
    file: Evidence | None = None,
) -> Objection:
    """Object to one line of the own sheet, with what is wrong and a file if there is one (K4)."""
    sheet = steps.sheet_for(actor, sheet_id)
    if not permissions.can_answer_sheet(actor, sheet):
        raise NotAllowed(_("申诉由本人提出。"))
    steps.check_version(sheet, expected_version)
    _check_window(sheet, steps.end_of(sheet), at)
    if item not in scheme_of(sheet).by_code:
        raise Refused(_("考核表里没有这一行。"), field="item")
    text = steps.sentence_in(text, field="text", missing=_("写明哪里不对、应该是多少。"))
    _check_first(sheet, item)
    stored = store_evidence(file, kind="objection", branch_id=sheet.branch_id, actor=actor, at=at)
    with unless_taken(partial(_check_first, sheet, item)):
        objection = Objection.objects.create(
            sheet=sheet, item=item, text=text, file=stored, raised_at=at
        )
    before = steps.points_of(sheet)
    sheet = steps.moved(sheet, at, state=SheetState.OBJECTED)
    _tell_supervisors(objection, sheet, at)
    _trail(objection, sheet, "kpi.object_to_line", actor, at, before=before, why=text)
    return objection


def _check_first(sheet: ScoreSheet, item: str) -> None:
    """One objection to a line; what was decided is not asked again."""
    earlier = sheet.objections.filter(item=item).exclude(state=ObjectionState.WITHDRAWN).first()
    if earlier is None:
        return
    if earlier.state in OBJECTION_OPEN:
        raise Refused(_("这一行已有申诉在处理。"), field="item")
    raise Refused(_("这一行的申诉已有决定。"), field="item")


def _tell_supervisors(objection: Objection, sheet: ScoreSheet, at: datetime) -> None:
    """The supervisor answers first; where there is no other one, the heads decide at once."""
    supervisors = steps.everybody_but(steps.supervisors_of(sheet.branch_id, at), sheet.manager_id)
    notify_all(
        about_sheet(
            supervisors
            or steps.everybody_but(steps.heads_of(sheet.branch_id, at), sheet.manager_id),
            sheet,
            f"objected:{objection.pk}",
            lambda: (
                _("%(name)s 对考核表 %(item)s 提出申诉")
                % {"name": sheet.manager.name, "item": objection.item}
            ),
            at=at,
            body=objection.text,
        )
    )


def _objection_for(actor: Actor, objection_id: int) -> Objection:
    """The objection, if the actor sees its sheet."""
    visible = ScoreSheet.objects.visible_to(actor).order_by()
    found = (
        Objection.objects.filter(pk=objection_id, sheet__in=visible)
        .select_related("sheet__manager", "sheet__branch", "sheet__scheme")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def _check_open(objection: Objection) -> None:
    if objection.state not in OBJECTION_OPEN:
        raise Refused(_("这条申诉已结束。"))


def _moved(objection: Objection, **values: Any) -> Objection:
    """The objection one step on; the sheet's version guards it."""
    for name, value in values.items():
        setattr(objection, name, value)
    objection.save(update_fields=list(values))
    return objection


@transaction.atomic
def withdraw_objection(
    *, objection_id: int, expected_version: int, actor: Actor, at: datetime
) -> Objection:
    """The manager takes back an objection that nobody has decided."""
    objection = _objection_for(actor, objection_id)
    sheet = objection.sheet
    if not permissions.can_answer_sheet(actor, sheet):
        raise NotAllowed(_("申诉由本人撤回。"))
    steps.check_version(sheet, expected_version)
    _check_open(objection)
    before = steps.points_of(sheet)
    _moved(objection, state=ObjectionState.WITHDRAWN, decided_at=at)
    sheet = steps.moved(sheet, at, state=_state_after(sheet))
    _trail(objection, sheet, "kpi.withdraw_objection", actor, at, before=before)
    return objection


def _state_after(sheet: ScoreSheet) -> SheetState:
    """Where a sheet stands once an objection is done with; a locked one stays locked."""
    if sheet.state == SheetState.LOCKED:
        return SheetState.LOCKED
    return steps.answered_state(sheet)


@transaction.atomic
def review_objection(
    *, objection_id: int, opinion: str, expected_version: int, actor: Actor, at: datetime
) -> Objection:
    """The supervisor's opinion on an objection, before the general manager decides (K4)."""
    objection = _objection_for(actor, objection_id)
    sheet = objection.sheet
    if not permissions.can_supervise(actor, sheet):
        raise NotAllowed(_("申诉由本分公司主管先出意见，自己的除外。"))
    steps.check_version(sheet, expected_version)
    _check_open(objection)
    if objection.state == ObjectionState.REVIEWED:
        raise Refused(_("主管意见已写过。"))
    opinion = steps.sentence_in(opinion, field="opinion", missing=_("写明主管意见。"))
    _moved(
        objection,
        state=ObjectionState.REVIEWED,
        opinion=opinion,
        reviewed_at=at,
        reviewed_by_id=actor.somebody,
    )
    sheet = steps.moved(sheet, at)
    notify_all(
        about_sheet(
            steps.everybody_but(
                steps.heads_of(sheet.branch_id, at), actor.person_id, sheet.manager_id
            ),
            sheet,
            f"objection-reviewed:{objection.pk}",
            lambda: (
                _("%(name)s 的申诉（%(item)s）等您决定")
                % {"name": sheet.manager.name, "item": objection.item}
            ),
            at=at,
            body=opinion,
        )
    )
    _trail(objection, sheet, "kpi.review_objection", actor, at, why=opinion)
    return objection


@transaction.atomic
def decide_objection(
    *,
    objection_id: int,
    is_upheld: bool,
    answer: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
    inputs: Mapping[str, Any] | None = None,
) -> Objection:
    """The general manager decides (K4): upheld with the inputs that are right, or rejected.

    Upheld, the sheet gets a next version that shows the line as adjusted. Once the sheet is
    locked the decision proposes a correction, which a second person decides (annex 11.13).
    """
    objection = _objection_for(actor, objection_id)
    sheet = objection.sheet
    if not permissions.can_decide_objection(actor, objection):
        raise NotAllowed(_("申诉由本分公司总经理决定，自己的和自己出过意见的除外。"))
    steps.check_version(sheet, expected_version)
    _check_open(objection)
    if objection.state == ObjectionState.OPEN and has_other_supervisor(sheet, at, actor.person_id):
        raise Refused(_("等主管出了意见再决定。"))
    answer = steps.sentence_in(answer, field="answer", missing=_("写明为什么采纳或不采纳。"))
    given = _right_inputs(sheet, objection.item, inputs) if is_upheld else {}
    _moved(
        objection,
        state=ObjectionState.UPHELD if is_upheld else ObjectionState.REJECTED,
        answer=answer,
        inputs=given,
        decided_at=at,
        decided_by_id=actor.somebody,
    )
    before = steps.points_of(sheet)
    if not is_upheld:
        sheet = steps.moved(sheet, at, state=_state_after(sheet))
    elif permissions.is_locked(sheet, steps.end_of(sheet), at):
        sheet = propose_from_objection(sheet, objection, by=actor, at=at)
    else:
        sheet = _next_from(sheet, objection, by=actor, at=at)
    notify_all(
        about_sheet(
            [sheet.manager],
            sheet,
            f"objection-decided:{objection.pk}",
            partial(_decided_title, objection),
            at=at,
            body=answer,
        )
    )
    _trail(objection, sheet, "kpi.decide_objection", actor, at, before=before, why=answer)
    return objection


def _next_from(sheet: ScoreSheet, objection: Objection, *, by: Actor, at: datetime) -> ScoreSheet:
    """The sheet's next version with what an upheld objection put right."""
    made = amended(sheet, objection.item, objection.inputs, why=objection.answer, by=by.name, at=at)
    return steps.next_version(
        sheet,
        made,
        VersionKind.OBJECTION,
        why=objection.answer,
        made_by_id=by.somebody,
        at=at,
        state=_state_after(sheet),
    )


def _right_inputs(sheet: ScoreSheet, item: str, inputs: Mapping[str, Any] | None) -> dict[str, Any]:
    """The inputs an upheld objection puts in place; Refused where they are none, or the same."""
    checked_inputs(scheme_of(sheet), item, inputs)
    given = dict(inputs or {})
    for group in newest_version(sheet).content["groups"]:
        for line in group["items"]:
            if line["code"] == item and line["inputs"] == given:
                raise Refused(_("这和现在的数一样，没有要更正的。"), field="inputs")
    return given


def _decided_title(objection: Objection) -> str:
    words = {"item": objection.item}
    if objection.state == ObjectionState.UPHELD:
        return _("您对 %(item)s 的申诉已采纳") % words
    return _("您对 %(item)s 的申诉未采纳") % words


def _trail(
    objection: Objection,
    sheet: ScoreSheet,
    what: str,
    actor: Actor,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    why: str = "",
) -> None:
    steps.trail(
        sheet,
        what,
        by=actor,
        at=at,
        before=before,
        after={
            **steps.points_of(sheet),
            "item": objection.item,
            "objection": str(objection.state),
            **({"inputs": objection.inputs} if objection.inputs else {}),
        },
        why=why,
    )
