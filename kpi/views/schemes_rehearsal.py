"""A rehearsal: asked for, on its way, told month by month: who and which points would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.choices import JobState
from core.errors import NotAllowed, NotFound
from core.exports import hand_out
from core.formats import month_name, number, signed
from core.models import Job
from core.parts import Progress, Segment
from core.periods import Month
from core.requests import SignedInRequest, whole_number
from kpi.choices import SchemeState
from kpi.labels import name_of, scheme_name
from kpi.models import Rehearsal, Scheme
from kpi.operations.schemes import rehearse_scheme
from kpi.permissions import can_change_scheme, can_keep_schemes
from kpi.queries.schemes import newest_rehearsal, scheme_seen
from kpi.rehearsal import MONTHS
from kpi.rehearsal_table import band_names, inputs_text, rehearsal_workbook
from kpi.scheme_texts import why_not
from kpi.views.schemes_editor import label_set_now

LINES_A_PAGE: Final = 50
_ENDED: Final = (JobState.FAILED, JobState.DROPPED)


@dataclass(frozen=True)
class ItemChange:
    """An item whose points change: what went in, and the way to the rows that were counted."""

    code: str
    name: str
    before: str
    after: str
    difference: str
    is_loss: bool
    inputs: str
    url: str


@dataclass(frozen=True)
class PersonLine:
    """A manager whose points change."""

    name: str
    job_number: str
    branch: str
    before: str
    after: str
    difference: str
    is_loss: bool
    bands: str
    items: Sequence[ItemChange]
    url: str


@dataclass(frozen=True)
class BandCount:
    """A band and how many stand in it before and after."""

    name: str
    before: int
    after: int
    difference: str


@dataclass(frozen=True)
class MonthPart:
    """A rehearsed month."""

    key: str
    name: str
    title: str
    means: str
    bands: Sequence[BandCount]
    lines: Sequence[PersonLine]
    pages: Sequence[Segment]
    recounted: str


@require_http_methods(["GET", "HEAD", "POST"])
def scheme_rehearsal(request: SignedInRequest, number: int) -> HttpResponse:
    """The last report, or how far it is; POST asks for a new one."""
    found = _kept_scheme(request, number)
    here = reverse("scheme-rehearsal", args=[number])
    if request.method == "POST":
        rehearse_scheme(number=number, actor=request.actor, at=clock.now())
        return HttpResponseRedirect(here)
    rehearsal = _shown(found)
    is_stale = rehearsal is not None and (
        rehearsal.scheme_digest != found.digest or bool(rehearsal.report.get("is_outdated"))
    )
    run = _run(rehearsal, here) if rehearsal and rehearsal.made_at is None else None
    pages = {
        key: whole_number(request.GET.get("page")) or 1 for key in (request.GET.get("month", ""),)
    }
    months = months_of(rehearsal, pages) if rehearsal and rehearsal.made_at else []
    context = {
        "scheme": found,
        "name": scheme_name(found),
        "rehearsal": rehearsal,
        "run": run,
        "has_failed": run is not None and run.state == "failed",
        "is_stale": is_stale,
        "months": months,
        "title": _headline(rehearsal, run),
        "few_why": _few_why(rehearsal, run),
        "may_edit": found.state == SchemeState.DRAFT and can_change_scheme(request.actor, found),
        "may_ask": found.state in (SchemeState.DRAFT, SchemeState.PROPOSED),
    }
    return render(request, "kpi/scheme_rehearsal.html", context)


@require_safe
def scheme_rehearsal_progress(request: SignedInRequest, number: int) -> JsonResponse:
    """How far the worker has come: {"state", "done", "total", "note"}."""
    found = _kept_scheme(request, number)
    rehearsal = found.rehearsals.first()
    if rehearsal is None:
        raise NotFound
    run = _run(rehearsal, reverse("scheme-rehearsal", args=[number]))
    state = "done" if rehearsal.made_at else run.state
    return JsonResponse({"state": state, "done": run.done, "total": run.total, "note": run.note})


@require_safe
def scheme_rehearsal_export(request: SignedInRequest, number: int) -> HttpResponse:
    """The report that the page shows, as a workbook."""
    rehearsal = _shown(_kept_scheme(request, number))
    if rehearsal is None:
        raise NotFound
    made = rehearsal_workbook(rehearsal, clock.now())
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=None)


def _shown(scheme: Scheme) -> Rehearsal | None:
    """The last rehearsal of exactly this content, else the last one."""
    return newest_rehearsal(scheme) or scheme.rehearsals.first()


def _kept_scheme(request: SignedInRequest, number: int) -> Scheme:
    found = scheme_seen(request.actor, number)
    if not can_keep_schemes(request.actor):
        raise NotAllowed(_("试算由市场部做。"))
    return found


def job_of(rehearsal: Rehearsal) -> Job | None:
    """The job that makes its report."""
    return Job.objects.filter(kind="kpi.rehearse", key=str(rehearsal.pk)).first()


def _run(rehearsal: Rehearsal, here: str) -> Progress:
    job = job_of(rehearsal)
    done, total = (job.progress_done, job.progress_total) if job else (0, 0)
    has_failed = job is not None and job.state in _ENDED
    note = (
        _("没有做成。请再试算一次。")
        if has_failed
        else _("%(done)d / %(total)d 个月") % {"done": done, "total": total}
        if total
        else _("等待开始")
    )
    return Progress(
        _("试算最近三个月"),
        done,
        total or 1,
        f"{here}progress/",
        note=note,
        state="failed" if has_failed else "running",
    )


def _headline(rehearsal: Rehearsal | None, run: Progress | None) -> str:
    if rehearsal is None:
        return _("还没有试算过")
    if run is not None:
        return _("试算没有做成") if run.state == "failed" else _("正在试算最近三个月")
    months = rehearsal.report["months"]
    if not months:
        return _("还没有已结束的月份可以试算")
    changed = sum(month["changed"] for month in months)
    if not changed:
        return _("最近 %(n)d 个月：没有人的得分会变") % {"n": len(months)}
    return ngettext(
        "最近 %(months)d 个月：%(n)d 张考核表的得分会变",
        "最近 %(months)d 个月：%(n)d 张考核表的得分会变",
        changed,
    ) % {"months": len(months), "n": changed}


def _few_why(rehearsal: Rehearsal | None, run: Progress | None) -> str:
    """Why fewer months than the rehearsal takes were computed again; "" for all of them."""
    months = rehearsal.report.get("months", []) if rehearsal and run is None else []
    if not months or len(months) >= MONTHS:
        return ""
    return _("试算最近 %(all)d 个有考核表、已结束的月份；到现在只有 %(n)d 个。") % {
        "all": MONTHS,
        "n": len(months),
    }


# The report


def months_of(rehearsal: Rehearsal, pages: Mapping[str, int] | None = None) -> list[MonthPart]:
    """The report's months, the latest first; ``pages`` says which page of whose lines."""
    label_set = label_set_now()
    names = band_names(rehearsal.scheme, label_set)
    return [
        _month(month, names, label_set, (pages or {}).get(month["month"], 1))
        for month in reversed(rehearsal.report.get("months", []))
    ]


def _month(
    month: Mapping[str, Any], names: Mapping[str, str], label_set: str, page: int
) -> MonthPart:
    lines = month["lines"]
    first = max(0, page - 1) * LINES_A_PAGE
    shown = lines[first : first + LINES_A_PAGE]
    values = {"changed": month["changed"], "people": month["people"]}
    return MonthPart(
        key=month["month"],
        name=month_name(Month.parse(month["month"])),
        title=_("%(changed)d 人会变，共 %(people)d 人") % values,
        means=_means(month),
        bands=_bands(month, names),
        lines=[_line(line, month["month"], names, label_set) for line in shown],
        pages=_pages(month["month"], len(lines), page),
        recounted=_("、").join(month["recounted"]),
    )


def _means(month: Mapping[str, Any]) -> str:
    if month["mean_before"] is None or month["mean_after"] is None:
        return ""
    return _("平均 %(before)s → %(after)s") % {
        "before": number(Decimal(month["mean_before"])),
        "after": number(Decimal(month["mean_after"])),
    }


def _bands(month: Mapping[str, Any], names: Mapping[str, str]) -> list[BandCount]:
    before, after = month["bands_before"], month["bands_after"]
    return [
        BandCount(
            name,
            before.get(code, 0),
            after.get(code, 0),
            signed(after.get(code, 0) - before.get(code, 0)),
        )
        for code, name in names.items()
        if code in before or code in after
    ]


def _pages(month: str, count: int, page: int) -> list[Segment]:
    if count <= LINES_A_PAGE:
        return []
    last = -(-count // LINES_A_PAGE)
    return [
        Segment(
            f"{n * LINES_A_PAGE + 1}–{min((n + 1) * LINES_A_PAGE, count)}",
            f"?month={month}&page={n + 1}#month-{month}",
            n + 1 == page,
        )
        for n in range(last)
    ]


def _line(
    line: Mapping[str, Any], month: str, names: Mapping[str, str], label_set: str
) -> PersonLine:
    before, after = line["before"], line["after"]
    url = sheet_url(month, line["manager"]["id"])
    bands = ""
    if before["band"] != after["band"]:
        bands = f"{names.get(before['band'], before['band'])} → {names.get(after['band'], '')}"
    return PersonLine(
        name=line["manager"]["name"],
        job_number=line["manager"]["job_number"],
        branch=line["branch"]["name"],
        before=_total(before),
        after=_total(after),
        difference=_difference(before["total"], after["total"]),
        is_loss=_is_loss(before["total"], after["total"]),
        bands=bands,
        items=[_item(item, url, label_set) for item in line["items"]],
        url=url,
    )


def _total(head: Mapping[str, Any]) -> str:
    return why_not(head["why_not"]) if head["total"] is None else number(Decimal(head["total"]))


def _difference(before: str | None, after: str | None) -> str:
    if before is None or after is None:
        return ""
    return signed(Decimal(after) - Decimal(before))


def _is_loss(before: str | None, after: str | None) -> bool:
    return before is not None and after is not None and Decimal(after) < Decimal(before)


def _item(item: Mapping[str, Any], url: str, label_set: str) -> ItemChange:
    return ItemChange(
        code=item["code"],
        name=name_of(item["names"], label_set),
        before=_points(item["before"]),
        after=_points(item["after"]),
        difference=_difference(item["before"] or "0", item["after"] or "0"),
        is_loss=_is_loss(item["before"] or "0", item["after"] or "0"),
        inputs=inputs_text(item["inputs_after"] or item["inputs_before"]),
        url=f"{url}?line={item['code']}" if url else "",
    )


def _points(value: str | None) -> str:
    return "–" if value is None else number(Decimal(value))


def sheet_url(month: str, manager_id: int) -> str:
    """The page of a score sheet; "" where there is none."""
    try:
        return reverse("sheet", args=[month, manager_id])
    except NoReverseMatch:
        return ""
