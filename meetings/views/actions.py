"""What meetings decided: the list, one action, and what can be done with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.actions import Again, action_context, perform, status_of
from core.actors import Acting
from core.errors import NotAllowed, NotFound
from core.formats import moment, short_day
from core.forms import Versioned, one_file
from core.lists import RowLinks, keyset_page, tallies_of, work_table
from core.pages import toast
from core.parts import Fact
from core.requests import SignedInRequest
from meetings.action_table import action_columns, origin, state_chip
from meetings.choices import ActionState
from meetings.minutes_forms import ActionFilter, CloseForm, WhyForm
from meetings.minutes_permissions import can_close_action, can_drop_action
from meetings.models import Action
from meetings.operations import actions as operations
from meetings.permissions import can_see_meetings
from meetings.queries.actions import Asked, action_counts, action_for, find_actions
from organization.queries import branches_seen
from worklogs.views.downloads import archived

KEY: Final = "meeting-actions"
ORDER: Final = ("due_on", "pk")


def asked_of(form: ActionFilter) -> Asked:
    """What the filter asks for: without a state, what is open."""
    given = form.asked()
    state = given.get("state", "") or ActionState.OPEN.value
    return Asked(
        words=given.get("q", ""),
        state="" if state == "all" else state,
        branch=given.get("branch", ""),
    )


@require_safe
def meeting_actions(request: SignedInRequest) -> HttpResponse:
    """The actions of the branches that the reader sees, by due date."""
    actor, at = request.actor, clock.now()
    if not can_see_meetings(actor):
        raise NotAllowed(_("会议由分公司召开，市场部检查。"))
    form = ActionFilter(request.GET, branches_seen(actor))
    asked = asked_of(form)
    counts = action_counts(actor, at)
    table = work_table(
        request,
        keyset_page(
            find_actions(actor, asked, at), order=ORDER, cursor=request.GET.get("cursor", "")
        ),
        action_columns(at),
        RowLinks[Action](
            key=lambda row: row.pk, url=lambda row: reverse("meeting-action", args=[row.pk])
        ),
        key=KEY,
        caption=_("行动项"),
    )
    kinds = (
        ("overdue", "overdue", _("逾期")),
        ("open", "waiting", _("未结")),
        ("done", "done", _("已结")),
        ("dropped", "stopped", _("已取消")),
    )
    context = {
        "table": table,
        "form": form,
        "headline": _headline(counts),
        "tallies": tallies_of(request, counts, kinds),
        "is_filtered": set(form.asked()) & {"q", "branch"},
        "at": at,
    }
    return render(request, "meetings/actions.html", context)


def _headline(counts: dict[str, int]) -> str:
    if not counts["open"]:
        return _("没有未结的行动项")
    words = ngettext("%(n)d 个行动项未结", "%(n)d 个行动项未结", counts["open"])
    said = words % {"n": counts["open"]}
    if counts["overdue"]:
        late = ngettext("%(n)d 个逾期", "%(n)d 个逾期", counts["overdue"])
        said = _("，").join((said, late % {"n": counts["overdue"]}))
    return said


@require_safe
def meeting_action(request: SignedInRequest, pk: int) -> HttpResponse:
    """One action; in the list's panel when the list asks."""
    return _page(request, action_for(request.actor, pk), clock.now())


def _page(
    request: SignedInRequest, action: Action, at: datetime, again: Again | None = None
) -> HttpResponse:
    context = {
        "action": action,
        "state": state_chip(action, at),
        "facts": _facts(action, at),
        "at": at,
        **action_context(
            request, _forms(request, action), again, list_url=reverse("meeting-actions")
        ),
    }
    return render(request, "meetings/action.html", context, status=status_of(again))


def _facts(action: Action, at: datetime) -> list[Fact]:
    minutes_url = reverse("minutes", args=[action.meeting_id])
    found = [
        Fact(_("责任人"), f"{action.owner.name} {action.owner.post}".strip()),
        Fact(_("协办"), _("、").join(one.name for one in action.helpers.all())),
        Fact(_("期限"), short_day(action.due_on)),
        Fact(_("完成凭证"), action.evidence),
        Fact(_("哪次会议"), origin(action), minutes_url),
        Fact(_("分公司"), action.branch.name),
    ]
    if action.closed_at is not None:
        who = action.closed_by.name if action.closed_by else ""
        found.append(Fact(_("办结"), f"{who} {moment(action.closed_at, at)}".strip()))
    return [one for one in found if one.value]


def _forms(request: SignedInRequest, action: Action) -> dict[str, forms.Form]:
    """What the reader can do with it as it stands, by name."""
    actor, begin = request.actor, {"version": action.version}
    found: dict[str, forms.Form] = {}
    may_drop = can_drop_action(actor, action)
    if action.state == ActionState.OPEN:
        if can_close_action(actor, action):
            found["close"] = CloseForm(initial=begin)
        if may_drop:
            found["drop"] = WhyForm(initial=begin)
    elif may_drop or (action.state == ActionState.DONE and can_close_action(actor, action)):
        found["reopen"] = WhyForm(initial=begin)
    return found


def _act(
    request: SignedInRequest,
    pk: int,
    name: str,
    form: Versioned,
    said: str,
    act: Callable[[dict[str, Any], Acting], Action],
) -> HttpResponse:
    at = clock.now()

    def done(action: Action) -> HttpResponse:
        toast(request, said)
        return HttpResponseRedirect(reverse("meeting-action", args=[action.pk]))

    return perform(
        request,
        name,
        form,
        act,
        at=at,
        find=lambda: action_for(request.actor, pk),
        show=lambda action, again: _page(request, action, at, again),
        meanwhile=lambda action: (
            _("别人刚处理过这个行动项，现在是“%(state)s”。")
            % {"state": ActionState(action.state).label}
        ),
        done=done,
    )


@require_POST
def action_close(request: SignedInRequest, pk: int) -> HttpResponse:
    """It is done."""

    def act(given: dict[str, Any], acting: Acting) -> Action:
        return operations.close_action(
            action_id=pk, result=given["result"], evidence=one_file(given["file"]), **acting
        )

    form = CloseForm(request.POST, request.FILES)
    return _act(request, pk, "close", form, _("已办结"), act)


@require_POST
def action_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    """It is taken back."""

    def act(given: dict[str, Any], acting: Acting) -> Action:
        return operations.drop_action(action_id=pk, why=given["reason"], **acting)

    return _act(request, pk, "drop", WhyForm(request.POST), _("行动项已取消"), act)


@require_POST
def action_reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    """It is to be done after all."""

    def act(given: dict[str, Any], acting: Acting) -> Action:
        return operations.reopen_action(action_id=pk, why=given["reason"], **acting)

    return _act(request, pk, "reopen", WhyForm(request.POST), _("行动项重新打开"), act)


@require_safe
def action_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The file that proves it."""
    action = action_for(request.actor, pk)
    if action.file is None:
        raise NotFound
    return archived(request, action.file, rows=0)


_ACTION: Final = "meeting-actions/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path("meeting-actions/", meeting_actions, name="meeting-actions"),
    path(_ACTION, meeting_action, name="meeting-action"),
    path(f"{_ACTION}close/", action_close, name="meeting-action-close"),
    path(f"{_ACTION}drop/", action_drop, name="meeting-action-drop"),
    path(f"{_ACTION}reopen/", action_reopen, name="meeting-action-reopen"),
    path(f"{_ACTION}file/", action_file, name="meeting-action-file"),
]
