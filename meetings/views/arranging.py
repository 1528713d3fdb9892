"""What is arranged on a meeting's page: moved, cancelled, combined, handed on."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import clock
from core.actions import perform
from core.actors import Acting
from core.formats import moment
from core.forms import Versioned
from core.pages import toast
from core.requests import SignedInRequest
from meetings.forms import CancelForm, CombineForm, DelegateForm, MoveForm
from meetings.models import Meeting
from meetings.operations import combining, delegations, occurrences
from meetings.queries.occurrences import meeting_for, partners_of, possible_delegates
from meetings.steps import to_arrange, to_delegate
from meetings.views.meeting import page


def _act(
    request: SignedInRequest,
    pk: int,
    name: str,
    form: forms.Form,
    said: str,
    act: Callable[[dict[str, Any], Acting], Meeting],
) -> HttpResponse:
    """Do what a form asks; see core.actions."""
    at = clock.now()

    def meanwhile(now: Meeting) -> str:
        return _("别处刚动过这场会议，现在是 %(when)s。您写的都在，看过后再提交。") % {
            "when": moment(now.starts_at, at)
        }

    def done(changed: Meeting) -> HttpResponse:
        toast(request, said, detail=moment(changed.starts_at, at))
        return HttpResponseRedirect(reverse("meeting", args=[pk]))

    return perform(
        request,
        name,
        form,
        act,
        at=at,
        find=lambda: meeting_for(request.actor, pk),
        show=lambda now, again: page(request, now, at, again),
        meanwhile=meanwhile,
        done=done,
    )


@require_POST
def meeting_move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hold it at another time."""

    def act(given: dict[str, Any], acting: Acting) -> Meeting:
        return occurrences.move_meeting(
            meeting_id=pk,
            on=given["on"],
            start=given["start"],
            reason=given["reason"],
            **acting,
        )

    return _act(request, pk, "move", MoveForm(request.POST), _("已改期，大家会收到通知"), act)


@require_POST
def meeting_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say that it does not take place."""

    def act(given: dict[str, Any], acting: Acting) -> Meeting:
        return occurrences.cancel_meeting(meeting_id=pk, reason=given["reason"], **acting)

    return _act(request, pk, "cancel", CancelForm(request.POST), _("会议已取消"), act)


@require_POST
def meeting_restore(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the cancellation back."""

    def act(given: dict[str, Any], acting: Acting) -> Meeting:
        return occurrences.restore_meeting(meeting_id=pk, **acting)

    return _act(request, pk, "restore", Versioned(request.POST), _("会议照开"), act)


@require_POST
def meeting_combine(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hold another one together with it."""

    def act(given: dict[str, Any], acting: Acting) -> Meeting:
        return combining.combine_meetings(lead_id=pk, joined_id=given["joined"], **acting)

    others = partners_of(to_arrange(request.actor, pk), clock.now())
    form = CombineForm(request.POST, others=others)
    return _act(request, pk, "combine", form, _("已合并召开"), act)


@require_POST
def meeting_separate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hold it on its own again."""

    def act(given: dict[str, Any], acting: Acting) -> Meeting:
        return combining.separate_meetings(joined_id=pk, **acting)

    return _act(request, pk, "separate", Versioned(request.POST), _("已分开召开"), act)


@require_POST
def meeting_delegate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Name who holds it instead."""

    def act(given: dict[str, Any], acting: Acting) -> Meeting:
        return delegations.delegate_holding(
            meeting_id=pk, delegate_id=given["delegate"], reason=given["reason"], **acting
        )

    people = possible_delegates(to_delegate(request.actor, pk))
    form = DelegateForm(request.POST, people=people)
    return _act(request, pk, "delegate", form, _("已委托，对方会收到通知"), act)


@require_POST
def meeting_delegate_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the delegation back."""

    def act(given: dict[str, Any], acting: Acting) -> Meeting:
        return delegations.end_delegation(meeting_id=pk, **acting)

    return _act(request, pk, "delegate_end", Versioned(request.POST), _("委托已收回"), act)


_MEETING = "meetings/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path(f"{_MEETING}move/", meeting_move, name="meeting-move"),
    path(f"{_MEETING}cancel/", meeting_cancel, name="meeting-cancel"),
    path(f"{_MEETING}restore/", meeting_restore, name="meeting-restore"),
    path(f"{_MEETING}combine/", meeting_combine, name="meeting-combine"),
    path(f"{_MEETING}separate/", meeting_separate, name="meeting-separate"),
    path(f"{_MEETING}delegate/", meeting_delegate, name="meeting-delegate"),
    path(f"{_MEETING}delegate/end/", meeting_delegate_end, name="meeting-delegate-end"),
]
