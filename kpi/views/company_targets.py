"""The company's targets of a month: every branch's, who has not issued first (T1)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import clock
from core.chips import chip
from core.errors import NotAllowed
from core.exports import hand_out
from core.formats import month_name
from core.parts import Tally
from core.periods import Month
from core.requests import SignedInRequest
from kpi.company_tables import company_workbook, state_text
from kpi.labels import indicator_name, label_set_of, unit_name
from kpi.queries.results import (
    Progress,
)
from kpi.queries.target_company import company_lines
from kpi.views.shared import neighbours
from kpi.views.target_rows import progress_row, shown


@require_safe
def targets_company(request: SignedInRequest, month: Month) -> HttpResponse:
    """Every branch's targets and progress: who has not issued first."""
    if not request.actor.reads_all:
        raise NotAllowed(_("全公司的目标由市场部和集团客户室看。"))
    at = clock.now()
    company = company_lines(month, at)
    label_set = label_set_of(month)
    previous_url, next_url = neighbours("targets-company", month)
    unissued = [line for line in company.branches if not line.is_issued]
    context = {
        "month": month,
        "title": _("%(month)s目标：%(n)d 个分公司没有下达")
        % {"month": month_name(month), "n": len(unissued)}
        if unissued
        else _("%(month)s目标都已下达") % {"month": month_name(month)},
        "tallies": [
            Tally("missing", len(unissued), text=_("未下达")),
            Tally("sent", len(company.branches) - len(unissued), text=_("已下达")),
        ],
        "progress": [progress_row(one, label_set) for one in company.progress],
        "heads": [
            (indicator_name(each, label_set), unit_name(each.unit)) for each in company.indicators
        ],
        "branches": [
            (
                line,
                reverse("targets", args=[month.key, line.branch.pk]),
                _company_chip(line),
                [_company_cell(one) for one in line.progress],
            )
            for line in company.branches
        ],
        "previous_url": previous_url,
        "next_url": next_url,
    }
    return render(request, "kpi/targets_company.html", context)


@require_safe
def targets_company_export(request: SignedInRequest, month: Month) -> HttpResponse:
    """The table as a workbook."""
    if not request.actor.reads_all:
        raise NotAllowed(_("全公司的目标由市场部和集团客户室看。"))
    made = company_workbook(month, clock.now())
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=None)


def _company_chip(line: Any) -> str:
    if line.is_issued:
        text = _("已下达，%(n)d/%(all)d 人确认") % {"n": line.acknowledged, "all": line.managers}
        return chip("sent", text)
    return chip("overdue" if line.is_overdue else "unsent", state_text(line))


def _company_cell(progress: Progress) -> tuple[str, str, bool]:
    pace, places = progress.pace, progress.indicator.places
    return shown(pace.actual, places), shown(pace.target, places), pace.is_behind


urlpatterns = [
    path("targets/<month:month>/", targets_company, name="targets-company"),
    path(
        "targets/<month:month>/company-workbook/",
        targets_company_export,
        name="targets-company-workbook",
    ),
]
