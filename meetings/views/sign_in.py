"""What the code on the screen opens on an attendee's phone: sign in here, with one tap."""

import secrets
from datetime import datetime
from typing import Final

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import Refused
from core.requests import SignedInRequest
from meetings.attendance_rules import is_code_valid
from meetings.choices import CAME, Refusal
from meetings.models import Attendee, RefusedSignIn
from meetings.operations.sign_ins import sign_in_by_code
from meetings.queries.rooms import own_seat
from meetings.room_forms import NumberForm
from meetings.room_words import CHIPS, TURNED_AWAY
from meetings.sign_in_codes import LONGEST, read_code
from meetings.words import sitting_name

# What a browser is known by: for a year, so that it signs for one person only.
DEVICE_COOKIE: Final = "device"
_A_YEAR: Final = 365 * 24 * 3600
# Codes that this browser opened in time, with the moment and whether a password was asked for
# then: kept until their owner has signed in.
_SCANNED: Final = "scanned"
_KEPT: Final = 3


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_here(request: SignedInRequest, code: str) -> HttpResponse:
    """The one tap. Whoever must sign in to the system first keeps the moment of the scan."""
    at = clock.now()
    if request.method != "POST":
        _remember(request, code, at)
    if getattr(request, "actor", None) is None:
        here = reverse("sign-in-here", args=[code])
        return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': here})}")
    device = request.COOKIES.get(DEVICE_COOKIE) or secrets.token_urlsafe(24)
    answer = _tap(request, code, device, at) if request.method == "POST" else _page(request, code)
    answer.set_cookie(
        DEVICE_COOKIE,
        device,
        max_age=_A_YEAR,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return answer


def _remember(request: HttpRequest, code: str, at: datetime) -> None:
    """Keep when this browser opened a code that still counted; the first time only."""
    said = read_code(code[:LONGEST])
    if said is None or not said.is_ours or not is_code_valid(said.made_at, at):
        return
    scanned: dict[str, tuple[str, bool]] = request.session.get(_SCANNED, {})
    if code not in scanned:
        kept = list(scanned.items())[-_KEPT + 1 :]
        asked_password = getattr(request, "actor", None) is None
        request.session[_SCANNED] = {**dict(kept), code: (at.isoformat(), asked_password)}


def _scanned(request: HttpRequest, code: str) -> tuple[datetime | None, bool]:
    """When this browser opened the code in time, and whether a password was asked for then."""
    moment, asked_password = request.session.get(_SCANNED, {}).get(code, ("", False))
    return parse_datetime(moment), asked_password


def _page(request: SignedInRequest, code: str, form: forms.Form | None = None) -> HttpResponse:
    """Who signs in where, with the number to be given; the receipt for whoever has."""
    seat = own_seat(request.actor, code[:LONGEST])
    context = {
        "form": form or NumberForm(),
        "code": code,
        "person": request.actor.name,
        "seat": seat,
        "came": seat is not None and seat.state in CAME,
        "chip": CHIPS[seat.state] if seat else "",
        "name": sitting_name(seat.meeting) if seat else "",
    }
    return render(request, "meetings/sign_in_here.html", context, status=422 if form else 200)


def _tap(request: SignedInRequest, code: str, device: str, at: datetime) -> HttpResponse:
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _page(request, code, form)
    scanned_at, asked_password = _scanned(request, code)
    try:
        signed: Attendee | RefusedSignIn = sign_in_by_code(
            code=code[:LONGEST],
            number=form.cleaned_data["number"],
            device=device,
            scanned_at=scanned_at,
            asked_password=asked_password,
            actor=request.actor,
            at=at,
        )
    except Refused as refused:
        return _turned_away(request, str(refused.message))
    if isinstance(signed, RefusedSignIn):
        if signed.why == Refusal.NUMBER:
            form.add_error("number", str(TURNED_AWAY[signed.why]))
            return _page(request, code, form)
        return _turned_away(request, str(TURNED_AWAY[signed.why]))
    return redirect("sign-in-here", code=code)


def _turned_away(request: SignedInRequest, why: str) -> HttpResponse:
    context = {"why": why, "person": request.actor.name}
    return render(request, "meetings/sign_in_here.html", context, status=422)


urlpatterns: list[URLPattern] = [path("s/<str:code>/", sign_in_here, name="sign-in-here")]
