"""Home, by role, and go-anywhere."""

from typing import Final

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from core.requests import SignedInRequest
from desk.queries import search_everywhere
from organization.choices import Role

# Whose day it is when somebody has several roles: the first that is held.
HOMES: Final = (
    (Role.MANAGER, "desk.homes.manager.home"),
    (Role.SUPERVISOR, "desk.homes.supervisor.home"),
    (Role.GM, "desk.homes.head.home"),
    (Role.DEPUTY, "desk.homes.head.home"),
    (Role.MARKET, "desk.homes.market.home"),
    (Role.GROUP_OFFICE, "desk.homes.office.home"),
    (Role.SYSADMIN, "desk.homes.administrator.home"),
    (Role.SECADMIN, "desk.homes.administrator.home"),
    (Role.AUDITOR, "desk.homes.administrator.home"),
    (Role.CONFIDENTIALITY, "desk.homes.administrator.home"),
)


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The day of whoever is signed in."""
    for role, path in HOMES:
        if request.actor.has_role(role):
            answer: HttpResponse = import_string(path)(request)
            return answer
    return render(request, "desk/no_role.html")


@require_safe
def go(request: SignedInRequest) -> JsonResponse:
    """What Ctrl-K finds for ``?q=``: ``[{"title", "context", "url", "icon"}]``."""
    words = request.GET.get("q", "").strip()[:80]
    return JsonResponse(search_everywhere(request.actor, words), safe=False)
