"""What score sheets, targets and cases give the month's figures."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.urls import reverse

from core.periods import Month
from duties.month_end import MonthEnd
from kpi.choices import CaseState
from kpi.computing import scheme_for
from kpi.labels import indicator_name, label_set_of
from kpi.models import Case, Indicator, ScoreSheet, SheetVersion
from kpi.queries.results import Reached, days_of, progress_of, results_at
from kpi.queries.targets import versions_at
from kpi.roster import Roster
from kpi.scheme import SchemeContent, parsed, text_of

Figures = dict[str, Any]


def sheets_at(month: Month, cut: datetime, end: MonthEnd) -> Figures:
    """Each manager's score as it stood at the moment; none before they fall due (annex 2).

    What the clock computes and locks counts from the moment it fell due, however late it was
    done; what people decide counts from when they did.
    """
    is_due, is_lock_due = cut >= end.sheets_at, cut >= end.locks_at
    made = Q(made_at__lte=cut) | Q(number=1) if is_due else Q(pk=None)
    newest = (
        SheetVersion.objects.filter(made, sheet=OuterRef("sheet"))
        .order_by("-number")
        .values("pk")[:1]
    )
    rows = (
        SheetVersion.objects.filter(sheet__month=month.key, pk=Subquery(newest))
        .annotate(total=KT("content__total"), band=KT("content__band"))
        .order_by("sheet__branch__code", "sheet__manager__sort_key", "sheet__manager_id")
        .values_list("sheet__manager_id", "sheet__branch_id", "total", "band")
    )
    managers = [
        {
            "manager": manager_id,
            "branch": branch_id,
            "total": _number(total),
            "band": band or "",
            "url": reverse("sheet", args=[month, manager_id]),
        }
        for manager_id, branch_id, total, band in rows
    ]
    unlocked = ScoreSheet.objects.filter(month=month.key).exclude(locked_at__lte=cut)
    is_locked = bool(managers) and (is_lock_due or not unlocked.exists())
    scheme = _scheme(month, cut)
    label_set = label_set_of(month)
    bands = scheme.bands if scheme and managers else ()
    return {
        "is_locked": is_locked,
        "bands": [
            {"code": band.code, "name": text_of(band.names, label_set, "zh-hans")} for band in bands
        ],
        "managers": managers,
    }


def _number(text: str | None) -> str | None:
    """A decimal text; SQLite says "null" for what JSON has as null."""
    return None if text in (None, "null") else text


def _scheme(month: Month, cut: datetime) -> SchemeContent | None:
    found = scheme_for(month, cut)
    return parsed(found.content) if found else None


def cases_at(month: Month, cut: datetime) -> list[Figures]:
    """The bonus cases that were approved by the moment (K3): good practice to be told."""
    cases = list(
        Case.objects.filter(
            month=month.key, state=CaseState.APPROVED, decided_at__lte=cut, points__gt=0
        ).order_by("branch__code", "number")
    )
    if not cases:
        return []
    scheme, label_set = _scheme(month, cut), label_set_of(month)
    names = {
        item.code: text_of(item.names, label_set, "zh-hans")
        for item in (scheme.items if scheme else ())
    }
    return [
        {
            "number": case.number,
            "manager": case.manager_id,
            "branch": case.branch_id,
            "name": names.get(case.item, case.item),
            "points": str(case.points),
            "url": reverse("case", args=[case.pk]),
        }
        for case in cases
    ]


def targets_of(roster: Roster, cut: datetime) -> list[Figures]:
    """Each branch's targets and results as frozen (T1, T3), by branch and indicator."""
    month = roster.month
    versions = versions_at(month, cut)
    branch_of = {member.manager_id: member.branch.pk for member in roster.members}
    reached: dict[tuple[int, str], list[Reached]] = {}
    for (manager_id, code), one in results_at(month, roster.ids, cut).items():
        reached.setdefault((branch_of[manager_id], code), []).append(one)
    targets = {
        (branch_id, line["code"]): Decimal(line["value"])
        for branch_id, version in versions.items()
        for line in version.content["lines"]
    }
    label_set, days = label_set_of(month), days_of(month)
    indicators = list(Indicator.objects.all())
    branches = {member.branch.pk: member.branch for member in roster.members}
    found = []
    for branch in sorted(branches.values(), key=lambda one: one.code):
        for indicator in indicators:
            key = (branch.pk, indicator.code)
            if key not in targets and key not in reached:
                continue
            told = progress_of(
                indicator, targets.get(key), reached.get(key, []), days, month.last
            ).pace
            found.append(
                {
                    "branch": branch.pk,
                    "code": indicator.code,
                    "name": indicator_name(indicator, label_set),
                    "unit": indicator.unit,
                    "places": indicator.places,
                    "target": _text(told.target, indicator.places),
                    "actual": _text(told.actual, indicator.places),
                    "done": None if told.done is None else str(told.done),
                    "forecast": _text(told.forecast, indicator.places),
                }
            )
    return found


def _text(value: Decimal | None, places: int) -> str | None:
    return None if value is None else f"{value:.{places}f}"
