"""Home, by role, and go-anywhere."""

from typing import Final

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import clock
from core.requests import SignedInRequest
from desk.homes import administrator, head, manager, market, office, supervisor
from desk.queries import search_everywhere
from desk.waiting import waiting_at
from organization.choices import Role

# Whose day it is when somebody has several roles: the first that is held.
HOMES: Final = (
    (Role.MANAGER, manager.home),
    (Role.SUPERVISOR, supervisor.home),
    (Role.GM, head.home),
    (Role.DEPUTY, head.home),
    (Role.MARKET, market.home),
    (Role.GROUP_OFFICE, office.home),
    (Role.SYSADMIN, administrator.home),
    (Role.SECADMIN, administrator.home),
    (Role.AUDITOR, administrator.home),
    (Role.CONFIDENTIALITY, administrator.home),
)


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The day of whoever is signed in."""
    for role, day in HOMES:
        if request.actor.has_role(role):
            return day(request)
    return render(request, "desk/no_role.html")


@require_safe
def more(request: SignedInRequest) -> HttpResponse:
    """The ways for which the phone's tabs have no room (core.pages.Shell.more)."""
    return render(request, "desk/more.html")


@require_safe
def waiting(request: SignedInRequest) -> JsonResponse:
    """The numbers beside the ways: ``{route: how much waits there}``."""
    return JsonResponse(waiting_at(request.actor, clock.now()))


@require_safe
def go(request: SignedInRequest) -> JsonResponse:
    """What Ctrl-K finds for ``?q=``: ``[{"title", "context", "url", "icon"}]``."""
    words = request.GET.get("q", "").strip()[:80]
    return JsonResponse(search_everywhere(request.actor, words), safe=False)
