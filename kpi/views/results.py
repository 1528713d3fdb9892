"""A branch's results: managers × indicators, typed or pasted, then checked (annex 5.1)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.drafts import save_in_turn
from core.errors import NotAllowed, Refused, Stale
from core.exports import hand_out
from core.formats import moment, month_day, month_name, number
from core.pages import toast
from core.parts import ErrorLink, Fact
from core.periods import Month, local_date
from core.requests import SignedInRequest, autosaved, whole_number
from duties.month_queries import month_end_of
from kpi.choices import ResultSource
from kpi.labels import indicator_name, label_set_of, unit_name
from kpi.models import Indicator
from kpi.operations.results import check_results, record_results
from kpi.queries.results import Reached, ResultGrid, result_grid
from kpi.target_permissions import can_check, can_record
from kpi.target_workbooks import results_workbook
from kpi.views.grids import (
    GridCell,
    GridHead,
    GridRow,
    errors_again,
    field_of,
    keep_wrong,
    read_cells,
    text_of,
    wrong_texts,
)
from kpi.views.requirements import as_fields, saved
from kpi.views.shared import asked_branch, branch_segments, neighbours, posted, seen_branches
from organization.models import Branch, Person


def _key(branch: Branch, month: Month) -> str:
    return f"results:{month.key}:{branch.pk}"


def _here(branch: Branch, month: Month) -> str:
    return f"{reverse('results', args=[month.key])}?branch={branch.pk}"


@require_safe
def results_now(request: SignedInRequest) -> HttpResponse:
    """This month's, of the own branch."""
    branch = asked_branch(request.actor, request.GET.get("branch"))
    return HttpResponseRedirect(_here(branch, Month.containing(local_date(clock.now()))))


@require_safe
def results(request: SignedInRequest, month: Month) -> HttpResponse:
    """The grid of a branch's month."""
    return _page(request, asked_branch(request.actor, request.GET.get("branch")), month)


def _page(
    request: SignedInRequest,
    branch: Branch,
    month: Month,
    *,
    texts: Mapping[str, str] | None = None,
    links: list[ErrorLink] | None = None,
    status: int = 200,
) -> HttpResponse:
    at = clock.now()
    actor = request.actor
    grid = result_grid(branch, month, at)
    names = {one.pk: one.name for one in grid.managers}
    by_code = {each.code: each for each in grid.indicators}
    kept = wrong_texts(actor.somebody, _key(branch, month)) | dict(texts or {})
    wrong = errors_again(kept, names, by_code, may_be_negative=True)
    may_write = can_record(actor, branch.pk)
    query = f"?branch={branch.pk}"
    previous_url, next_url = neighbours("results", month, query=query)
    frozen_at = month_end_of(month).frozen_at
    label_set = label_set_of(month)
    unchecked = [
        one for one in grid.unchecked if one.result and one.result.recorded_by_id != actor.person_id
    ]
    context = {
        "month": month,
        "branch": branch,
        "title": _headline(grid, month),
        "branches": branch_segments(
            seen_branches(actor), branch, reverse("results", args=[month.key])
        ),
        "version": grid.version,
        "may_write": may_write,
        "may_check": can_check(actor) and bool(unchecked),
        "unchecked": len(unchecked),
        "is_frozen": at > frozen_at,
        "frozen": moment(frozen_at, at),
        "heads": [
            GridHead(e.code, indicator_name(e, label_set), unit_name(e.unit))
            for e in grid.indicators
        ],
        "rows": [
            GridRow(
                one.name,
                one.job_number,
                reverse("target-of", args=[month.key, one.pk]),
                [_cell(one, each, grid, kept, wrong) for each in grid.indicators],
            )
            for one in grid.managers
        ],
        "totals": [_number(grid.total(each), each) for each in grid.indicators],
        "wrong": [ErrorLink(message, f"id-{name}") for name, message in wrong.items()],
        "links": links or [],
        "facts": _facts(grid, label_set),
        "write_url": f"{reverse('results-write', args=[month.key])}{query}",
        "check_url": f"{reverse('results-check', args=[month.key])}{query}",
        "workbook_url": f"{reverse('results-workbook', args=[month.key])}{query}",
        "import_url": f"{reverse('imports')}?table=results&month={month.key}",
        "billing_url": f"{reverse('imports')}?table=billing&month={month.key}",
        "previous_url": previous_url,
        "next_url": next_url,
    }
    return render(request, "kpi/results.html", context, status=status)


def _headline(grid: ResultGrid, month: Month) -> str:
    name = month_name(month)
    if grid.lacking:
        return _("%(month)s结果：还差 %(n)d 个") % {"month": name, "n": grid.lacking}
    if not grid.reached:
        return _("%(month)s还没有结果") % {"month": name}
    if unchecked := len(grid.unchecked):
        return _("%(month)s结果：%(n)d 个待复核") % {"month": name, "n": unchecked}
    return _("%(month)s结果都复核过了") % {"month": name}


def _cell(
    one: Person,
    indicator: Indicator,
    grid: ResultGrid,
    kept: Mapping[str, str],
    wrong: Mapping[str, str],
) -> GridCell:
    name = field_of(one.pk, indicator.code)
    reached = grid.reached.get((one.pk, indicator.code))
    target = grid.targets.get((one.pk, indicator.code))
    is_computed = reached is not None and reached.result is None
    value = text_of(reached.value, indicator.places) if reached and not is_computed else ""
    notes = []
    if target is not None:
        notes.append(_("目标 %(n)s") % {"n": number(target, indicator.places)})
    if is_computed:
        notes.append(_("系统计算"))
    elif reached is not None and not reached.is_checked:
        notes.append(_("待复核"))
    return GridCell(
        name,
        f"{one.name} {indicator.code}",
        kept.get(name, value),
        wrong.get(name, ""),
        "，".join(notes),
        text_of(reached.value, indicator.places) if reached and is_computed else "",
    )


def _number(value: Decimal | None, indicator: Indicator) -> str:
    return "" if value is None else number(value, indicator.places)


def _facts(grid: ResultGrid, label_set: str) -> list[Fact]:
    """Of each indicator where its numbers come from, and who stands for them."""
    facts = []
    for indicator in grid.indicators:
        own = [one for (_m, code), one in grid.reached.items() if code == indicator.code]
        if own:
            is_computed = any(one.result is None for one in own)
            facts.append(
                Fact(
                    indicator_name(indicator, label_set),
                    _said(own),
                    reverse("bills", args=[grid.month.key]) if is_computed else "",
                )
            )
    return facts


def _said(own: list[Reached]) -> str:
    said = dict.fromkeys(_origin(one) for one in own)
    return "；".join(said)


def _origin(one: Reached) -> str:
    if one.result is None:
        return _("系统按账单计算，截至 %(day)s") % {"day": month_day(one.as_of)}
    by = one.result.recorded_by.name if one.result.recorded_by else _("命令行")
    source = str(ResultSource(one.source).label)
    parts = [source, one.result.origin, by, month_day(one.result.recorded_at)]
    text = " ".join(part for part in parts if part)
    if one.result.checked_by is not None:
        return f"{text}，" + _("%(name)s复核") % {"name": one.result.checked_by.name}
    return f"{text}，" + _("待复核")


@require_http_methods(["PATCH", "POST"])
def results_write(request: SignedInRequest, month: Month) -> HttpResponse:
    """Save what was typed; what cannot be read is kept and told, cell by cell."""
    at = clock.now()
    branch = asked_branch(request.actor, request.GET.get("branch"))
    if not can_record(request.actor, branch.pk):
        raise NotAllowed(_("结果由本分公司的主管、总经理或市场部录入。"))
    sent = (autosaved if request.method == "PATCH" else posted)(request)
    grid = result_grid(branch, month, at)
    typed = read_cells(
        sent.fields,
        {one.pk: one.name for one in grid.managers},
        {each.code: each for each in grid.indicators},
        may_be_negative=True,
    )
    try:
        version = save_in_turn(
            owner_id=request.actor.somebody,
            thing=_key(branch, month),
            expected_version=sent.version,
            at=at,
            window=sent.window,
            save=lambda version: record_results(
                branch_id=branch.pk,
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
        return _page(request, branch, month, texts=typed.texts, links=[said], status=409)
    except Refused as refused:
        if request.method == "PATCH":
            raise
        links = [ErrorLink(one.message, f"id-{one.field}") for one in refused.problems]
        return _page(request, branch, month, texts=typed.texts, links=links, status=422)
    keep_wrong(request.actor.somebody, _key(branch, month), typed, at)
    return saved(request, typed, version, at, _here(branch, month))


@require_POST
def results_check(request: SignedInRequest, month: Month) -> HttpResponse:
    """The market department has checked what stands there."""
    at: datetime = clock.now()
    branch = asked_branch(request.actor, request.GET.get("branch"))
    count = check_results(
        branch_id=branch.pk,
        month=month,
        expected_version=whole_number(request.POST.get("version")) or 0,
        actor=request.actor,
        at=at,
    )
    toast(request, _("已复核 %(n)d 个结果") % {"n": count})
    return HttpResponseRedirect(_here(branch, month))


@require_safe
def results_workbook_page(request: SignedInRequest, month: Month) -> HttpResponse:
    """The grid as a workbook, which can be filled in and imported again."""
    branch = asked_branch(request.actor, request.GET.get("branch"))
    made = results_workbook(result_grid(branch, month, clock.now()))
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=branch.pk)


_ONE = "results/<month:month>/"
urlpatterns = [
    path("results/", results_now, name="results-now"),
    path(_ONE, results, name="results"),
    path(f"{_ONE}write/", results_write, name="results-write"),
    path(f"{_ONE}check/", results_check, name="results-check"),
    path(f"{_ONE}workbook/", results_workbook_page, name="results-workbook"),
]
