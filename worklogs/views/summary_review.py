"""What follows a filed summary (W5): given back, read, confirmed; its versions, its paper."""

import hashlib
from urllib.parse import quote

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from confidentiality.choices import Level
from confidentiality.operations import disclose
from core import clock
from core.errors import NotFound, Refused, Stale
from core.pages import toast
from core.periods import Week
from core.requests import SignedInRequest, whole_number
from worklogs import papers
from worklogs.forms import ReturnForm, ReviewForm
from worklogs.models import SummaryVersion
from worklogs.operations.summaries import confirm_summary, return_summary, review_summary
from worklogs.summary_queries import (
    ManagersWeek,
    labelled_remarks,
    managers_week,
    preview_of,
    version_differences,
    version_of,
    versions_of,
)
from worklogs.views.summary_pages import reading_page
from worklogs.views.summary_ways import address_of, entry_of, home_of, parent_of


@require_POST
def summary_return(request: SignedInRequest, week: Week, manager: int) -> HttpResponse:
    """Give it back with a remark on each field that must be mended."""
    at = clock.now()
    found = managers_week(request.actor, manager, week, at)
    if found.summary is None or found.newest is None:
        raise NotFound
    form = ReturnForm(list(found.newest.figures), request.POST)
    if form.is_valid():
        try:
            return_summary(
                summary_id=found.summary.pk,
                remarks=form.remarks(),
                expected_version=form.cleaned_data["version"],
                actor=request.actor,
                at=at,
            )
        except Refused as refused:
            form.add_error(None, str(refused.message))
        except Stale:
            form.add_error(None, _stale(found))
            return reading_page(request, found, return_form=_renewed(form, found), status=409)
        else:
            toast(request, _("已退回"), detail=found.manager.name)
            return HttpResponseRedirect(address_of(found))
    return reading_page(request, found, return_form=form, status=422)


def _stale(found: ManagersWeek) -> str:
    """Why the reading cannot be written down as it is."""
    number = found.newest.number if found.newest else 1
    return _("这份周报刚变过，现在是第 %(n)d 版，下面就是。您写的都还在，核对后再提交。") % {
        "n": number
    }


def _renewed(form: ReturnForm, found: ManagersWeek) -> ReturnForm:
    """The same remarks on the version that stands now."""
    keys = list(found.newest.figures) if found.newest else []
    version = str(found.summary.version) if found.summary else "0"
    newer = ReturnForm(keys, {**dict(form.data.items()), "version": version})
    newer.add_error(None, _stale(found))
    return newer


@require_POST
def summary_review(request: SignedInRequest, week: Week, manager: int) -> HttpResponse:
    """The supervisor has read it, with an opinion or without."""
    at = clock.now()
    found = managers_week(request.actor, manager, week, at)
    if found.summary is None:
        raise NotFound
    form = ReviewForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            review_summary(
                summary_id=found.summary.pk,
                opinion=form.cleaned_data["opinion"],
                expected_version=form.cleaned_data["version"],
                actor=request.actor,
                at=at,
            )
        except Refused as refused:
            form.add_error(None, str(refused.message))
        except Stale:
            form = ReviewForm({**request.POST.dict(), "version": str(found.summary.version)})
            form.add_error(None, _stale(found))
            status = 409
        else:
            toast(request, _("已批阅"), detail=found.manager.name)
            return HttpResponseRedirect(parent_of(request.actor, found))
    return reading_page(request, found, review_form=form, status=status)


@require_POST
def summary_confirm(request: SignedInRequest, week: Week, manager: int) -> HttpResponse:
    """Whom it was filed for says yes."""
    at = clock.now()
    found = managers_week(request.actor, manager, week, at)
    if found.summary is None:
        raise NotFound
    confirm_summary(summary_id=found.summary.pk, actor=request.actor, at=at)
    toast(request, _("已确认"))
    return HttpResponseRedirect(reverse("summary", args=[week]))


@require_safe
def summary_versions(request: SignedInRequest, week: Week, manager: int) -> HttpResponse:
    """Every version, and two of them compared (``?a=1&b=2``, else the last two)."""
    found = managers_week(request.actor, manager, week, clock.now())
    if found.summary is None:
        raise NotFound
    versions = list(versions_of(found.summary).select_related("filed_by", "given_back"))
    newest = len(versions)
    second = whole_number(request.GET.get("b")) or newest
    first = whole_number(request.GET.get("a")) or max(1, second - 1)
    older, newer = version_of(found.summary, first), version_of(found.summary, second)
    context = {
        "found": found,
        "versions": [(one, labelled_remarks(one)) for one in versions],
        "older": older,
        "newer": newer,
        "differences": version_differences(older, newer),
        "paper_url": address_of(found, "summary-paper"),
        "back_url": home_of(request.actor, found),
        "at": found.at,
    }
    return render(request, "worklogs/summary_versions.html", context)


def _chosen(request: SignedInRequest, found: ManagersWeek) -> SummaryVersion:
    """The version asked for (``?version=``), else the newest; NotFound where none was filed."""
    if found.summary is None or found.newest is None:
        raise NotFound
    number = whole_number(request.GET.get("version"))
    if number is None:
        return found.newest
    return version_of(found.summary, number)


@require_safe
def summary_paper(request: SignedInRequest, week: Week, manager: int) -> HttpResponse:
    """A version as the printed sheet (A4, PDF); that it was handed out is written down."""
    at = clock.now()
    found = managers_week(request.actor, manager, week, at)
    version = _chosen(request, found)
    content = papers.summary_pdf(version, url=_absolute(request, found))
    name = f"{version.receipt}.pdf"
    disclose(
        actor=request.actor,
        at=at,
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=1,
        level=Level.INTERNAL,
        branch_id=version.branch_id,
    )
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_safe
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]
def summary_print(request: SignedInRequest, week: Week, manager: int) -> HttpResponse:
    """The sheet as a page, for the browser's printing and the receipt's preview.

    ``?draft=1`` shows what has been typed so far, under the word 草稿.
    """
    found = managers_week(request.actor, manager, week, clock.now())
    if "draft" in request.GET:
        if request.actor.person_id != found.manager.pk and not found.is_open:
            raise NotFound
        version = preview_of(found, entry_of(found))
    else:
        version = _chosen(request, found)
    paper = papers.summary_paper(version, url=_absolute(request, found))
    context = {"paper": paper, "title": f"{paper.receipt} {paper.manager}"}
    return render(request, papers.TEMPLATE, context)


def _absolute(request: SignedInRequest, found: ManagersWeek) -> str:
    """What the sheet's QR code opens."""
    return request.build_absolute_uri(address_of(found))
