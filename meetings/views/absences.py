"""Notices of absence: given on the meeting's page, decided by the supervisor with one tap."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.chips import chip
from core.errors import NotAllowed, NotFound, Refused
from core.formats import moment
from core.forms import add_problems
from core.lists import keyset_page
from core.pages import toast
from core.queries import calendar
from core.requests import SignedInRequest
from meetings.attendance_rules import absence_due_before, is_absence_in_time
from meetings.choices import AbsenceKind, AbsenceState
from meetings.models import Absence
from meetings.operations.absences import decide_absence, give_absence, withdraw_absence
from meetings.permissions import can_decide_absences, can_see_meetings
from meetings.queries.occurrences import expected_people, meeting_for, sitting_of
from meetings.queries.rooms import absences_for, is_excused_by
from meetings.room_forms import AbsenceForm, DecideForm
from meetings.words import sitting_name
from organization.in_force import settings_of

ORDER: Final = ("-given_at", "-pk")
_STATES: Final = {
    AbsenceState.GIVEN: "waiting",
    AbsenceState.ACCEPTED: "confirmed",
    AbsenceState.REFUSED: "wrong",
    AbsenceState.WITHDRAWN: "closed",
}
# What was decided stays in sight for so long.
_RECENT: Final = timedelta(days=31)


@require_http_methods(["GET", "HEAD", "POST"])
def absence_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give notice for a meeting that one must attend."""
    at = clock.now()
    meeting = sitting_of(meeting_for(request.actor, pk))
    if request.actor.person_id not in {person.pk for person in expected_people(meeting)}:
        raise NotAllowed(_("您不在这场会议的应到名单里，不用请假。"))
    form = AbsenceForm(request.POST or None, initial={"kind": AbsenceKind.LEAVE})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            absence = give_absence(
                meeting_id=pk,
                kind=given["kind"],
                reason=given["reason"],
                actor=request.actor,
                at=at,
            )
        except Refused as refused:
            add_problems(form, refused)
        else:
            said = _("已请假，主管会收到通知")
            if not absence.is_in_time:
                said = _("已告知主管；提得晚了，要主管准了才算请假")
            toast(request, said, detail=sitting_name(meeting))
            return HttpResponseRedirect(reverse("absences"))
    cutoff = settings_of(meeting.branch_id, meeting.on).leave_cutoff
    due_before = absence_due_before(meeting.on, calendar(), cutoff)
    context = {
        "form": form,
        "meeting": meeting,
        "name": sitting_name(meeting),
        "last_moment": due_before - timedelta(seconds=1),
        "is_in_time": is_absence_in_time(at, due_before),
        "at": at,
    }
    return render(
        request, "meetings/absence_new.html", context, status=422 if form.is_bound else 200
    )


@require_safe
def absences(request: SignedInRequest) -> HttpResponse:
    """For the supervisor what waits for a word, for everybody one's own."""
    return _page(request, clock.now())


def _page(
    request: SignedInRequest, at: datetime, again: tuple[int, DecideForm] | None = None
) -> HttpResponse:
    actor = request.actor
    if not can_see_meetings(actor):
        raise NotAllowed(_("会议由分公司召开，市场部检查。"))
    seen = absences_for(actor)
    decides = Q(meeting__branch_id__in=actor.led_branches) & ~Q(person_id=actor.person_id)
    # One in time counts unless somebody says no before the meeting; a late one needs a yes.
    is_open = Q(is_in_time=False) | Q(meeting__starts_at__gt=at)
    given = seen.filter(decides, is_open, state=AbsenceState.GIVEN)
    waiting = [
        one
        for one in given.order_by("is_in_time", "meeting__starts_at", "pk")
        if can_decide_absences(actor, one.meeting.branch_id)
    ]
    late = sum(1 for one in waiting if not one.is_in_time)
    late_own = seen.filter(is_in_time=False, state=AbsenceState.GIVEN)
    own = late_own.filter(Q(person_id=actor.person_id)).count()
    others = seen.exclude(pk__in=[one.pk for one in waiting])
    rows = keyset_page(others, order=ORDER, cursor=request.GET.get("cursor", ""))
    context = {
        "headline": _headline(late, len(waiting) - late, own),
        "waiting": [_line(request, one, at, again) for one in waiting],
        "rows": [_line(request, one, at, again) for one in rows.rows],
        "page": rows,
        "at": at,
    }
    return render(request, "meetings/absences.html", context, status=422 if again else 200)


def _headline(late: int, in_time: int, own: int) -> str:
    """What waits for the reader, what may be refused still, what of one's own waits."""
    if late:
        return ngettext("%(n)d 张假单待批", "%(n)d 张假单待批", late) % {"n": late}
    if in_time:
        said = ngettext("%(n)d 人按时请了假", "%(n)d 人按时请了假", in_time) % {"n": in_time}
        return _("%(said)s，不否定就算") % {"said": said}
    if own:
        return ngettext("%(n)d 张假单等主管批", "%(n)d 张假单等主管批", own) % {"n": own}
    return _("没有待批的假")


def _line(
    request: SignedInRequest,
    absence: Absence,
    at: datetime,
    again: tuple[int, DecideForm] | None,
) -> dict[str, Any]:
    """A notice as the list shows it, with what its reader can do about it."""
    meeting = absence.meeting
    actor = request.actor
    is_own = absence.person_id == actor.person_id
    is_standing = absence.state != AbsenceState.WITHDRAWN
    # One in time has counted by then, unless somebody said no.
    is_open = not absence.is_in_time or at < meeting.starts_at
    may_decide = (
        is_standing and is_open and not is_own and can_decide_absences(actor, meeting.branch_id)
    )
    form = None
    if may_decide:
        form = DecideForm(auto_id=f"absence-{absence.pk}-%s")
        if again and again[0] == absence.pk:
            form = again[1]
    return {
        "absence": absence,
        "name": sitting_name(meeting),
        "chip": chip(_STATES[AbsenceState(absence.state)], absence.get_state_display()),
        "is_excused": is_standing and is_excused_by(absence),
        "is_own": is_own,
        "may_withdraw": is_own and is_standing and at < meeting.starts_at,
        "form": form,
    }


@require_POST
def absence_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take one's own back."""
    absence = withdraw_absence(absence_id=pk, actor=request.actor, at=clock.now())
    toast(request, _("假单已撤回"), detail=moment(absence.meeting.starts_at))
    return HttpResponseRedirect(reverse("absences"))


@require_POST
def absence_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """One tap: accepted; refused with a reason."""
    at = clock.now()
    form = DecideForm(request.POST, auto_id=f"absence-{pk}-%s")
    if not form.is_valid():
        _check(request, pk)
        return _page(request, at, (pk, form))
    given = form.cleaned_data
    try:
        absence = decide_absence(
            absence_id=pk,
            is_accepted=given["decision"] == "accepted",
            opinion=given["opinion"],
            actor=request.actor,
            at=at,
        )
    except Refused as refused:
        add_problems(form, refused)
        return _page(request, at, (pk, form))
    said = _("已准假") if absence.state == AbsenceState.ACCEPTED else _("已不准假，本人会收到通知")
    toast(request, said, detail=f"{absence.person.name} {moment(absence.meeting.starts_at)}")
    return HttpResponseRedirect(reverse("absences"))


def _check(request: SignedInRequest, pk: int) -> None:
    if not absences_for(request.actor).filter(pk=pk).exists():
        raise NotFound


urlpatterns: list[URLPattern] = [
    path("absences/", absences, name="absences"),
    path("absences/<int:pk>/withdraw/", absence_withdraw, name="absence-withdraw"),
    path("absences/<int:pk>/decide/", absence_decide, name="absence-decide"),
    path("meetings/<int:pk>/absence/", absence_new, name="absence-new"),
]
