"""Scans of signed papers: added where the QR code on the paper leads, taken out by mistake."""

from typing import Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import NotAllowed, Refused
from core.forms import add_problems, one_file
from core.pages import toast
from core.requests import SignedInRequest
from meetings.choices import ScanPart
from meetings.minutes_forms import ScanForm
from meetings.minutes_permissions import can_add_scan
from meetings.operations.scans import attach_scan, remove_scan
from meetings.papers import number_of
from meetings.queries.minutes import sitting_for
from meetings.queries.scans import scan_for, scans_of
from meetings.words import sitting_name
from worklogs.views.downloads import archived


@require_http_methods(["GET", "HEAD", "POST"])
def scan_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the QR code opens on the phone: which paper, and its picture."""
    at = clock.now()
    lead = sitting_for(request.actor, pk)
    if not can_add_scan(request.actor, lead):
        raise NotAllowed(_("签字件由记录人、主持人或分公司负责人归档。"))
    asked = request.GET.get("part", "")
    initial = {"part": asked if asked in ScanPart.values else ScanPart.SIGN_IN.value}
    form = ScanForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            attach_scan(
                meeting_id=lead.pk,
                part=form.cleaned_data["part"],
                evidence=one_file(form.cleaned_data["file"]),
                actor=request.actor,
                at=at,
            )
        except Refused as refused:
            add_problems(form, refused)
        else:
            toast(request, _("签字件已归档"))
            return HttpResponseRedirect(reverse("minutes", args=[lead.pk]))
    context = {
        "lead": lead,
        "name": sitting_name(lead),
        "number": number_of(lead),
        "form": form,
        "scans": scans_of(lead),
        "may_add_scan": True,
        "at": at,
    }
    return render(request, "meetings/scan_add.html", context, status=422 if form.errors else 200)


@require_safe
def scan_file(request: SignedInRequest, pk: int, scan: int) -> HttpResponse:
    """The scan itself."""
    found = scan_for(request.actor, pk, scan)
    is_named = can_add_scan(request.actor, found.meeting)
    return archived(request, found.file, rows=1, is_named=is_named)


@require_POST
def scan_remove(request: SignedInRequest, pk: int, scan: int) -> HttpResponse:
    """Take it out."""
    remove_scan(meeting_id=pk, scan_id=scan, actor=request.actor, at=clock.now())
    toast(request, _("签字件已拿掉"))
    return HttpResponseRedirect(reverse("minutes", args=[pk]))


_SCANS: Final = "meetings/<int:pk>/scans/"
urlpatterns: list[URLPattern] = [
    path(f"{_SCANS}add/", scan_add, name="scan-add"),
    path(f"{_SCANS}<int:scan>/", scan_file, name="scan-file"),
    path(f"{_SCANS}<int:scan>/remove/", scan_remove, name="scan-remove"),
]
