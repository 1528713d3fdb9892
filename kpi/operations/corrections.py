"""Corrections after the lock (annex 11.13): numbered, with a reason, by two persons."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.periods import local_date
from core.unique import unless_taken
from duties.operations import notify_all
from kpi import permissions
from kpi.amending import amended, checked_inputs, scheme_of
from kpi.choices import CorrectionState, SheetState, VersionKind
from kpi.models import Correction, Objection, ScoreSheet
from kpi.operations import steps
from kpi.operations.case_corrected import settle_case
from kpi.sheet_notices import about_sheet
from organization.choices import HEADS, Role
from organization.models import Person
from organization.queries import holders_of


@transaction.atomic
def propose_correction(
    *,
    sheet_id: int,
    item: str,
    inputs: Mapping[str, Any],
    why: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Correction:
    """Propose what is right in one line of a locked sheet, and why; a second person decides."""
    sheet = steps.sheet_for(actor, sheet_id)
    if not permissions.can_propose_correction(actor, sheet):
        raise NotAllowed(_("锁定后更正由本分公司负责人或市场部提出，自己的除外。"))
    steps.check_version(sheet, expected_version)
    if not permissions.is_locked(sheet, steps.end_of(sheet), at):
        raise Refused(_("考核表还没有锁定，不用更正；有异议请走申诉。"))
    checked_inputs(scheme_of(sheet), item, inputs)
    why = steps.sentence_in(why, field="why", missing=_("写明为什么更正。"))
    correction = _proposed(sheet, item, dict(inputs), why, by=actor, at=at)
    sheet = steps.moved(sheet, at)
    _trail(correction, sheet, "kpi.propose_correction", actor, at, why=why)
    return correction


def propose_from_objection(
    sheet: ScoreSheet, objection: Objection, *, by: Actor, at: datetime
) -> ScoreSheet:
    """An objection upheld only after the lock proposes the correction it asks for."""
    _proposed(sheet, objection.item, objection.inputs, objection.answer, by=by, at=at)
    return steps.moved(sheet, at)


def _check_none_open(sheet: ScoreSheet) -> None:
    if sheet.corrections.filter(state=CorrectionState.PROPOSED).exists():
        raise Refused(_("这张考核表已有一条更正等复核。"))


def _proposed(
    sheet: ScoreSheet, item: str, inputs: dict[str, Any], why: str, *, by: Actor, at: datetime
) -> Correction:
    _check_none_open(sheet)
    with unless_taken(partial(_check_none_open, sheet)):
        correction = Correction.objects.create(
            sheet=sheet,
            item=item,
            inputs=inputs,
            why=why,
            proposed_at=at,
            proposed_by_id=by.somebody,
        )
    notify_all(
        about_sheet(
            steps.everybody_but(_deciders(sheet, at), by.person_id, sheet.manager_id),
            sheet,
            f"correction:{correction.pk}",
            lambda: (
                _("%(name)s 的考核表有更正等复核（%(item)s）")
                % {"name": sheet.manager.name, "item": item}
            ),
            at=at,
            body=why,
        )
    )
    return correction


def _deciders(sheet: ScoreSheet, at: datetime) -> list[Person]:
    """Who may be the second person: the branch's heads and the market department."""
    return [
        *holders_of(HEADS, local_date(at), sheet.branch_id),
        *holders_of([Role.MARKET], local_date(at)),
    ]


@transaction.atomic
def decide_correction(
    *,
    correction_id: int,
    is_approved: bool,
    decision: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Correction:
    """A second person approves a correction, which makes the sheet's next version, or not.

    A bonus or penalty case that asked for it counts with it, or is open again.
    """
    visible = ScoreSheet.objects.visible_to(actor).order_by()
    correction = (
        Correction.objects.filter(pk=correction_id, sheet__in=visible)
        .select_related("sheet__manager", "sheet__branch", "sheet__scheme", "proposed_by")
        .first()
    )
    if correction is None:
        raise NotFound
    sheet = correction.sheet
    if not permissions.can_decide_correction(actor, correction):
        raise NotAllowed(_("更正由第二个人复核：本分公司总经理或市场部，提出人和本人除外。"))
    steps.check_version(sheet, expected_version)
    if correction.state != CorrectionState.PROPOSED:
        raise Refused(_("这条更正已复核过。"))
    decision = steps.sentence_in(decision, field="decision", missing=_("写明复核意见。"))
    before = steps.points_of(sheet)
    correction.state = CorrectionState.APPROVED if is_approved else CorrectionState.REJECTED
    correction.decided_at = at
    correction.decided_by_id = actor.somebody
    correction.decision = decision
    correction.save(update_fields=["state", "decided_at", "decided_by", "decision"])
    sheet = _corrected(correction, actor, at) if is_approved else steps.moved(sheet, at)
    settle_case(correction, by=actor, at=at)
    notify_all(
        about_sheet(
            steps.everybody_but([sheet.manager, correction.proposed_by], actor.person_id),
            sheet,
            f"correction-decided:{correction.pk}",
            partial(_decided_title, correction, sheet),
            at=at,
            body=decision,
        )
    )
    _trail(correction, sheet, "kpi.decide_correction", actor, at, before=before, why=correction.why)
    return correction


def _corrected(correction: Correction, actor: Actor, at: datetime) -> ScoreSheet:
    """The locked sheet's next version; it stays locked."""
    sheet = correction.sheet
    made = amended(
        sheet,
        correction.item,
        correction.inputs,
        why=correction.why,
        by=correction.proposed_by.name,
        at=at,
    )
    locked_at = sheet.locked_at or steps.end_of(sheet).locks_at
    return steps.next_version(
        sheet,
        made,
        VersionKind.CORRECTION,
        why=correction.why,
        made_by_id=correction.proposed_by_id,
        at=at,
        approved_by_id=actor.somebody,
        state=SheetState.LOCKED,
        locked_at=locked_at,
    )


def _decided_title(correction: Correction, sheet: ScoreSheet) -> str:
    words = {"name": sheet.manager.name, "item": correction.item}
    if correction.state == CorrectionState.APPROVED:
        return _("%(name)s 的考核表已更正（%(item)s）") % words
    return _("%(name)s 的考核表更正未通过（%(item)s）") % words


def _trail(
    correction: Correction,
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
            "item": correction.item,
            "correction": str(correction.state),
            "inputs": correction.inputs,
        },
        why=why,
    )
