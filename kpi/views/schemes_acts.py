"""What becomes of a draft: proposed, approved by a second person who has seen it, withdrawn."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.errors import NotAllowed, Refused, Stale
from core.formats import month_name
from core.pages import toast
from core.parts import ErrorLink
from core.periods import Month
from core.requests import SignedInRequest, whole_number
from kpi.choices import SchemeState
from kpi.labels import scheme_name
from kpi.models import Scheme
from kpi.operations.schemes import approve_scheme, propose_scheme, withdraw_scheme
from kpi.permissions import can_approve_scheme
from kpi.queries.schemes import newest_approved, newest_rehearsal, scheme_seen
from kpi.scheme import parsed
from kpi.scheme_desk import cleared
from kpi.views.schemes_editor import label_set_now
from kpi.views.schemes_read import changes_shown, state_chip
from kpi.views.schemes_rehearsal import months_of


def _version(request: SignedInRequest) -> int:
    return whole_number(request.POST.get("version")) or 0


@require_POST
def scheme_propose(request: SignedInRequest, number: int) -> HttpResponse:
    """Hand a draft over for approval."""
    found = scheme_seen(request.actor, number)
    propose_scheme(
        number=found.number,
        expected_version=_version(request),
        actor=request.actor,
        at=clock.now(),
    )
    cleared(found, request.actor.somebody)
    toast(request, _("已提交，等另一个人批准"))
    return HttpResponseRedirect(reverse("scheme", args=[number]))


@require_POST
def scheme_withdraw(request: SignedInRequest, number: int) -> HttpResponse:
    """Put a version aside, with a reason."""
    found = scheme_seen(request.actor, number)
    withdraw_scheme(
        number=found.number,
        why=request.POST.get("why", ""),
        expected_version=_version(request),
        actor=request.actor,
        at=clock.now(),
    )
    cleared(found, request.actor.somebody)
    toast(request, _("已撤回"))
    return HttpResponseRedirect(reverse("scheme", args=[number]))


@require_http_methods(["GET", "HEAD", "POST"])
def scheme_approve(request: SignedInRequest, number: int) -> HttpResponse:
    """What a version changes and what a rehearsal says of it; then it is put into force."""
    found = scheme_seen(request.actor, number)
    if not can_approve_scheme(request.actor, found):
        raise NotAllowed(_("考核方案要由起草人以外的人批准。"))
    if request.method != "POST":
        return _approve_page(request, found)
    try:
        approve_scheme(
            number=found.number,
            expected_version=_version(request),
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refused:
        links = [ErrorLink(problem.message) for problem in refused.problems]
        return _approve_page(request, found, links, 422)
    except Stale:
        links = [ErrorLink(_("这个方案刚刚变过，下面是现在的样子。"))]
        return _approve_page(request, scheme_seen(request.actor, number), links, 409)
    month = month_name(Month.parse(found.valid_from))
    toast(request, _("已批准，%(month)s起生效") % {"month": month})
    return HttpResponseRedirect(reverse("scheme", args=[number]))


def _approve_page(
    request: SignedInRequest,
    found: Scheme,
    links: list[ErrorLink] | None = None,
    status: int = 200,
) -> HttpResponse:
    label_set = label_set_now()
    base = newest_approved()
    if base is not None and base.pk == found.pk:
        base = found.based_on
    changes = changes_shown(found, base, label_set)
    rehearsal = newest_rehearsal(found)
    context = {
        "scheme": found,
        "name": scheme_name(found),
        "state": state_chip(found),
        "base": base,
        "changes": changes,
        "bounds": parsed(found.content).frame,
        "rehearsal": rehearsal,
        "months": months_of(rehearsal) if rehearsal and rehearsal.made_at else [],
        "is_waiting": found.state == SchemeState.PROPOSED,
        "links": links or [],
    }
    return render(request, "kpi/scheme_approve.html", context, status=status)
