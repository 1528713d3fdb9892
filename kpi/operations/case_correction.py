"""A case that was decided after its month was closed: the correction of that month's sheet."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import Refused
from core.formats import month_name
from core.periods import Month
from kpi.amending import newest_version
from kpi.models import Case, Correction, ScoreSheet
from kpi.operations.corrections import propose_correction


def propose_for_case(
    case: Case, option: str, points: Decimal, *, is_veto: bool, why: str, by: Actor, at: datetime
) -> Correction:
    """Propose the correction by which the locked sheet counts the case (annex 11.13).

    A second person decides it. Refused where the month has no sheet, or none that is locked.
    """
    month = Month.containing(case.happened_on)
    sheet = ScoreSheet.objects.filter(month=month.key, manager_id=case.manager_id).first()
    if sheet is None:
        raise Refused(
            _("%(month)s没有他的考核表，只能计入现在的月份。") % {"month": month_name(month)},
            field="as_correction",
        )
    return propose_correction(
        sheet_id=sheet.pk,
        item=case.item,
        inputs=_with_case(sheet, case, option, points, is_veto),
        why=f"{case.number} {why}",
        expected_version=sheet.version,
        actor=by,
        at=at,
    )


def _with_case(
    sheet: ScoreSheet, case: Case, option: str, points: Decimal, is_veto: bool
) -> Mapping[str, Any]:
    """What the line counted, and this case as well."""
    counted: list[Any] = []
    for group in newest_version(sheet).content["groups"]:
        for line in group["items"]:
            if line["code"] == case.item and line["inputs"]:
                counted = list(line["inputs"].get("cases", []))
    mine = {
        "option": option,
        "points": f"{points:f}",
        "label": case.number,
        **({"is_veto": True} if is_veto else {}),
    }
    return {"cases": [*counted, mine]}
