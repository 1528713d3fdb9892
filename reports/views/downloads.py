"""Files of bulletins to take away (B1): by year and month, each stamped with who takes it.

A copy is made by the worker; its page shows how far that is and then has a plain link, which
browsers inside other apps can follow too.
"""

from datetime import datetime
from typing import Final

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import NotAllowed, Refused
from core.formats import month_name
from core.models import Job, StoredFile
from core.pages import toast
from core.parts import Fact, Progress, Segment, checksum
from core.periods import Month, local_date
from core.requests import SignedInRequest, whole_number
from reports import permissions
from reports.copies import copy_number
from reports.models import StampedCopy
from reports.operations.files import ask_for_copy, ask_for_month, retry_edition
from reports.queries.bulletins import can_read_bulletins
from reports.queries.files import (
    MonthFiles,
    Work,
    bundle_seen,
    copy_seen,
    file_of_bundle,
    month_of,
    months_of,
    work_of,
    work_of_copy,
    years_with_files,
)
from reports.texts import edition_name, rows_in
from worklogs.views.downloads import archived

TEMPLATE: Final = "reports/downloads.html"


# The page of a year


@require_safe
def downloads(request: SignedInRequest) -> HttpResponse:
    """The files of a year (``?year=``), the newest by default."""
    if not can_read_bulletins(request.actor):
        raise NotAllowed(_("工作通报由市场部和分公司阅读。"))
    return _page(request, clock.now())


def _page(
    request: SignedInRequest, at: datetime, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    years = years_with_files(request.actor)
    year = whole_number(request.GET.get("year")) or (years[0] if years else local_date(at).year)
    months = months_of(request.actor, year)
    context = {
        "headline": _headline(months, year),
        "months": [(month, _run_of(month)) for month in months],
        "years": [
            Segment(str(one), f"{reverse('downloads')}?year={one}", one == year) for one in years
        ],
        "year": year,
        "may_retry": permissions.can_write(request.actor),
        "trouble": trouble,
        "at": at,
    }
    return render(request, TEMPLATE, context, status=status)


def _headline(months: list[MonthFiles], year: int) -> str:
    if not months:
        return _("%(year)d 年还没有发布通报") % {"year": year}
    newest = months[0]
    name = month_name(newest.month)
    if newest.failed:
        count = len(newest.failed)
        words = ngettext(
            "%(month)s通报：%(n)d 份文件没有生成",
            "%(month)s通报：%(n)d 份文件没有生成",
            count,
        )
        return words % {"month": name, "n": count}
    if newest.done < len(newest.editions):
        return _("%(month)s通报：文件正在生成") % {"month": name}
    return _("%(month)s通报可以下载") % {"month": name}


def _run_of(month: MonthFiles) -> Progress | None:
    """The worker's progress, while there is any to wait for."""
    total = len(month.editions)
    if month.done == total:
        return None
    return Progress(
        _("生成 %(month)s的文件") % {"month": month_name(month.month)},
        month.done,
        total,
        reverse("downloads-progress", args=[month.month]),
        note=_run_note(month),
    )


def _run_note(month: MonthFiles) -> str:
    total = len(month.editions)
    words = ngettext(
        "共 %(total)d 份，做好 %(done)d 份", "共 %(total)d 份，做好 %(done)d 份", total
    )
    return words % {"done": month.done, "total": total}


@require_safe
def downloads_progress(request: SignedInRequest, month: Month) -> JsonResponse:
    """How far the worker is with a month: {"state", "done", "total", "note"}."""
    found = month_of(request.actor, month)
    total = len(found.editions)
    return JsonResponse(
        {
            "state": "done" if found.done == total else "running",
            "done": found.done,
            "total": total,
            "note": _run_note(found),
        }
    )


@require_POST
def edition_retry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Try again to make an edition's files."""
    at = clock.now()
    try:
        edition = retry_edition(edition_id=pk, actor=request.actor, at=at)
    except Refused as refused:
        return _page(request, at, trouble=str(refused.message), status=422)
    toast(request, _("已重新开始生成"), detail=edition_name(edition))
    year = Month.parse(edition.bulletin.month).year
    return HttpResponseRedirect(f"{reverse('downloads')}?year={year}")


# One file


@require_POST
def copy_ask(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    """Have a copy of an edition's file made."""
    at = clock.now()
    try:
        copy = ask_for_copy(edition_id=pk, kind=kind, actor=request.actor, at=at)
    except Refused as refused:
        return _page(request, at, trouble=str(refused.message), status=422)
    return HttpResponseRedirect(reverse("copy", args=[copy.pk]))


@require_safe
def copy_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """The copy: how far it is, then the link."""
    copy = copy_seen(request.actor, pk)
    edition = copy.edition
    work = work_of_copy(copy)
    facts = [
        Fact(_("文号"), edition.bulletin.document_number),
        Fact(_("版本"), edition_name(edition)),
        Fact(_("记录号"), copy_number(copy), copies=True),
    ]
    return _file_page(
        request,
        title=edition.bulletin.title,
        work=work,
        file=copy.file,
        facts=facts,
        file_url=reverse("copy-file", args=[copy.pk]),
        progress_url=reverse("copy-progress", args=[copy.pk]),
    )


def _file_page(
    request: SignedInRequest,
    *,
    title: str,
    work: Work,
    file: StoredFile | None,
    facts: list[Fact],
    file_url: str,
    progress_url: str,
) -> HttpResponse:
    """What is taken away, while it is made and after."""
    is_waiting = work.state in ("waiting", "running")
    if file is not None:
        facts = [*facts, checksum(_("文件校验码"), file.sha256)]
    context = {
        "title": title,
        "work": work,
        "file": file,
        "facts": facts,
        "file_url": file_url,
        "run": Progress(_("加上您的姓名和时间"), work.done, work.total, progress_url)
        if is_waiting
        else None,
        "at": clock.now(),
    }
    return render(request, "reports/download.html", context)


def _told(work: Work) -> JsonResponse:
    state = "done" if work.state == "ready" else work.state
    return JsonResponse(
        {"state": state, "done": work.done, "total": work.total, "note": work.failed}
    )


@require_safe
def copy_progress(request: SignedInRequest, pk: int) -> JsonResponse:
    """How far the worker is: {"state", "done", "total", "note"}."""
    copy = copy_seen(request.actor, pk)
    return _told(work_of_copy(copy))


@require_safe
def copy_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The stamped file itself; that it was handed out is written down, with its hash."""
    copy: StampedCopy = copy_seen(request.actor, pk)
    return archived(request, copy.file, rows=rows_in(copy.edition))


# A month's files


@require_POST
def bundle_ask(request: SignedInRequest, month: Month) -> HttpResponse:
    """Have a ZIP of a month's files made."""
    at = clock.now()
    try:
        job = ask_for_month(month=month, actor=request.actor, at=at)
    except Refused as refused:
        return _page(request, at, trouble=str(refused.message), status=422)
    return HttpResponseRedirect(reverse("bundle", args=[job.pk]))


@require_safe
def bundle_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """The ZIP: how far it is, then the link."""
    job = bundle_seen(request.actor, pk)
    file = file_of_bundle(job)
    month = Month.parse(job.args["month"])
    count = len(job.args["copies"])
    facts = [
        Fact(_("月份"), month_name(month)),
        Fact(_("文件"), ngettext("%(n)d 个", "%(n)d 个", count) % {"n": count}),
    ]
    if missing := job.result.get("missing"):
        facts.append(Fact(_("没有收入"), "、".join(missing)))
    return _file_page(
        request,
        title=_("%(month)s通报的全部文件") % {"month": month_name(month)},
        work=work_of(job, is_made=file is not None),
        file=file,
        facts=facts,
        file_url=reverse("bundle-file", args=[job.pk]),
        progress_url=reverse("bundle-progress", args=[job.pk]),
    )


@require_safe
def bundle_progress(request: SignedInRequest, pk: int) -> JsonResponse:
    """How far the worker is: {"state", "done", "total", "note"}."""
    job: Job = bundle_seen(request.actor, pk)
    return _told(work_of(job, is_made=file_of_bundle(job) is not None))


@require_safe
def bundle_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The ZIP itself; that it was handed out is written down, with its hash."""
    job = bundle_seen(request.actor, pk)
    return archived(request, file_of_bundle(job), rows=int(job.result.get("files") or 0))


urlpatterns = [
    path("downloads/", downloads, name="downloads"),
    path("downloads/<month:month>/progress/", downloads_progress, name="downloads-progress"),
    path("downloads/<month:month>/zip/", bundle_ask, name="bundle-ask"),
    path("downloads/editions/<int:pk>/retry/", edition_retry, name="edition-retry"),
    path("downloads/editions/<int:pk>/<slug:kind>/", copy_ask, name="copy-ask"),
    path("downloads/copies/<int:pk>/", copy_page, name="copy"),
    path("downloads/copies/<int:pk>/progress/", copy_progress, name="copy-progress"),
    path("downloads/copies/<int:pk>/file/", copy_file, name="copy-file"),
    path("downloads/zips/<int:pk>/", bundle_page, name="bundle"),
    path("downloads/zips/<int:pk>/progress/", bundle_progress, name="bundle-progress"),
    path("downloads/zips/<int:pk>/file/", bundle_file, name="bundle-file"),
]
