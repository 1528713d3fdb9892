"""The company's requirements: branches × indicators of a month, typed or pasted (T1)."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.drafts import save_in_turn
from core.errors import NotAllowed, Refused, Stale
from core.exports import hand_out
from core.formats import month_name
from core.pages import toast
from core.parts import ErrorLink
from core.periods import Month, local_date
from core.requests import SignedInRequest, autosaved
from kpi.company_tables import requirements_workbook
from kpi.labels import indicator_name, label_set_of, unit_name
from kpi.models import Indicator, Requirement
from kpi.operations.requirements import grid_version, set_requirements
from kpi.queries.indicators import open_indicators
from kpi.target_permissions import can_require
from kpi.views.grids import (
    GridCell,
    GridHead,
    GridRow,
    Typed,
    errors_again,
    field_of,
    keep_wrong,
    read_cells,
    text_of,
    wrong_texts,
)
from kpi.views.shared import neighbours, posted
from organization.models import Branch


def _key(month: Month) -> str:
    return f"requirements:{month.key}"


def _sees(request: SignedInRequest) -> None:
    if not request.actor.reads_all:
        raise NotAllowed(_("全公司的要求由市场部和集团客户室看。"))


@require_safe
def requirements_now(request: SignedInRequest) -> HttpResponse:
    """This month's."""
    _sees(request)
    month = Month.containing(local_date(clock.now()))
    return HttpResponseRedirect(reverse("requirements", args=[month.key]))


@require_safe
def requirements(request: SignedInRequest, month: Month) -> HttpResponse:
    """The grid of a month."""
    _sees(request)
    return _page(request, month)


def _rows(month: Month) -> dict[int, Branch]:
    return {branch.pk: branch for branch in Branch.objects.open_on(month.last)}


def _page(
    request: SignedInRequest,
    month: Month,
    *,
    texts: dict[str, str] | None = None,
    links: list[ErrorLink] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; ``texts`` are what was typed when it could not be written."""
    branches = _rows(month)
    indicators = open_indicators()
    by_code = {each.code: each for each in indicators}
    may_write = can_require(request.actor)
    kept = wrong_texts(request.actor.somebody, _key(month)) | (texts or {})
    names = {pk: branch.name for pk, branch in branches.items()}
    wrong = errors_again(kept, names, by_code, may_be_negative=False)
    stored = {
        (row.branch_id, row.indicator.code): row.value
        for row in Requirement.objects.filter(month=month.key).select_related("indicator")
    }
    asked = sum(value is not None for value in stored.values())
    without = [
        branch.name
        for pk, branch in branches.items()
        if not any(stored.get((pk, each.code)) is not None for each in indicators)
    ]
    previous_url, next_url = neighbours("requirements", month)
    label_set = label_set_of(month)
    context = {
        "month": month,
        "title": _headline(month, asked, without, len(wrong)),
        "without": without,
        "version": grid_version(month),
        "may_write": may_write,
        "heads": [
            GridHead(e.code, indicator_name(e, label_set), unit_name(e.unit)) for e in indicators
        ],
        "rows": [
            GridRow(
                branch.name,
                branch.code,
                reverse("targets", args=[month.key, branch.pk]),
                [_cell(branch, each, stored, kept, wrong) for each in indicators],
            )
            for branch in branches.values()
        ],
        "wrong": [ErrorLink(message, f"id-{name}") for name, message in wrong.items()],
        "links": links or [],
        "previous_url": previous_url,
        "next_url": next_url,
        "import_url": f"{reverse('imports')}?table=requirements&month={month.key}",
    }
    return render(request, "kpi/requirements.html", context, status=status)


def _cell(
    branch: Branch, indicator: Indicator, stored: Any, kept: dict[str, str], wrong: Any
) -> GridCell:
    name = field_of(branch.pk, indicator.code)
    value = text_of(stored.get((branch.pk, indicator.code)), indicator.places)
    return GridCell(
        name, f"{branch.name} {indicator.code}", kept.get(name, value), wrong.get(name, "")
    )


def _headline(month: Month, asked: int, without: list[str], wrong: int) -> str:
    if wrong:
        return ngettext(
            "%(month)s公司要求：%(n)d 格读不懂", "%(month)s公司要求：%(n)d 格读不懂", wrong
        ) % {"month": month_name(month), "n": wrong}
    if not asked:
        return _("%(month)s还没有下达公司要求") % {"month": month_name(month)}
    if without:
        return _("%(month)s公司要求：还有 %(n)d 个分公司没有") % {
            "month": month_name(month),
            "n": len(without),
        }
    return _("%(month)s公司要求都有了") % {"month": month_name(month)}


@require_safe
def requirements_export(request: SignedInRequest, month: Month) -> HttpResponse:
    """The grid as a workbook, which can be filled in and imported again."""
    _sees(request)
    made = requirements_workbook(month)
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=None)


@require_http_methods(["PATCH", "POST"])
def requirements_write(request: SignedInRequest, month: Month) -> HttpResponse:
    """Save what was typed; what cannot be read is kept and told, cell by cell."""
    at = clock.now()
    if not can_require(request.actor):
        raise NotAllowed(_("对分公司的要求由市场部下达。"))
    sent = (autosaved if request.method == "PATCH" else posted)(request)
    names = {pk: branch.name for pk, branch in _rows(month).items()}
    indicators = {each.code: each for each in open_indicators()}
    typed = read_cells(sent.fields, names, indicators, may_be_negative=False)
    try:
        version = save_in_turn(
            owner_id=request.actor.somebody,
            thing=_key(month),
            expected_version=sent.version,
            at=at,
            window=sent.window,
            save=lambda version: set_requirements(
                month=month,
                cells=typed.cells,
                expected_version=version,
                actor=request.actor,
                at=at,
            ),
        )
    except Stale as stale:
        if request.method == "PATCH":
            raise Stale(as_fields(stale.current, at)) from stale
        said = ErrorLink(_("别处刚改过这张表，左边已是最新；再保存一次就以这里写的为准。"))
        return _page(request, month, texts=dict(typed.texts), links=[said], status=409)
    except Refused as refused:
        if request.method == "PATCH":
            raise
        links = [ErrorLink(one.message, f"id-{one.field}") for one in refused.problems]
        return _page(request, month, texts=dict(typed.texts), links=links, status=422)
    keep_wrong(request.actor.somebody, _key(month), typed, at)
    return saved(request, typed, version, at, reverse("requirements", args=[month.key]))


def as_fields(current: dict[str, Any], at: datetime) -> dict[str, Any]:
    """What stands now, by the form's names."""
    return {
        "version": str(current["version"]),
        "saved_at": at.isoformat(),
        "fields": current["cells"],
    }


def saved(
    request: SignedInRequest, typed: Typed, version: int, at: datetime, here: str
) -> HttpResponse:
    """The answer to a script, or back to the page."""
    if request.method == "PATCH":
        return JsonResponse(
            {
                "version": str(version),
                "saved_at": at.isoformat(),
                "errors": dict(typed.wrong),
                "right": [name for name in typed.texts if name not in typed.wrong],
            }
        )
    toast(request, _("已保存"))
    return HttpResponseRedirect(here)


_ONE = "requirements/<month:month>/"
urlpatterns = [
    path("requirements/", requirements_now, name="requirements-now"),
    path(_ONE, requirements, name="requirements"),
    path(f"{_ONE}workbook/", requirements_export, name="requirements-workbook"),
    path(f"{_ONE}write/", requirements_write, name="requirements-write"),
]
