"""What a correction's decision makes of the case that asked for it (K3, annex 11.13)."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.actors import Actor
from core.formats import month_name, signed
from core.periods import Month
from duties.operations import notify_all
from kpi.choices import CaseState, CorrectionState
from kpi.models import Case, Correction
from kpi.operations import case_steps
from kpi.queries.cases import deciders


def settle_case(correction: Correction, *, by: Actor, at: datetime) -> None:
    """The case behind a correction counts with it, or is open again for another decision.

    A sheet has one open correction at a time, so at most one case of its line waits for it.
    """
    sheet = correction.sheet
    case = Case.objects.filter(
        manager_id=sheet.manager_id,
        month=sheet.month,
        item=correction.item,
        state=CaseState.CORRECTING,
    ).first()
    if case is None:
        return
    before = {"state": str(case.state)}
    is_approved = correction.state == CorrectionState.APPROVED
    if is_approved:
        case = case_steps.moved_case(case, at, state=CaseState.APPROVED)
    else:
        case = case_steps.moved_case(
            case,
            at,
            state=_open_state(case),
            points=None,
            is_veto=False,
            decided_at=None,
            decided_by=None,
            decision="",
        )
    notify_all(
        case_steps.about_case(
            [case.manager, case.raised_by, *([] if is_approved else deciders(case, at))],
            case,
            "settled",
            lambda: _settled_title(case),
            at=at,
            besides=by.person_id,
            body=correction.decision,
        )
    )
    case_steps.record_case("kpi.settle_case", case, by, at, before=before, why=correction.decision)


def _open_state(case: Case) -> CaseState:
    """Where the case stood before it was decided."""
    if case.reviewed_at:
        return CaseState.REVIEWED
    return CaseState.STATED if case.stated_at else CaseState.FILED


def _settled_title(case: Case) -> str:
    if case.state == CaseState.APPROVED:
        return approved_title(case)
    words = {"number": case.number, "month": month_name(Month.parse(case.month))}
    return _("%(number)s 的更正未通过，没有计入%(month)s，可以重新决定") % words


def approved_title(case: Case) -> str:
    """What an approved case counts, and in which month."""
    words = {"number": case.number, "month": month_name(Month.parse(case.month))}
    if case.is_veto:
        return _("%(number)s 已认定：%(month)s一票否决") % words
    points = signed(case.points, 2)
    return _("%(number)s 已认定：%(points)s 分，计入%(month)s") % {**words, "points": points}
