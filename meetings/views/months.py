"""A branch's month of meetings, with 休 and 班 and how each stands."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.actors import Actor
from core.calendar import Calendar
from core.chips import STATES, glyph
from core.errors import NotAllowed, NotFound
from core.formats import hour, month_day, month_moment, month_name, short_day, weekday_name
from core.marked_days import filled
from core.pages import toast
from core.parts import Tally
from core.periods import YEARS, Month, local_date
from core.queries import calendar
from core.requests import SignedInRequest, whole_number
from meetings.choices import MeetingKind
from meetings.completeness_words import CHIPS as LACKING
from meetings.models import Meeting
from meetings.operations.occurrences import MONTHS_AHEAD, lay_out_month
from meetings.permissions import can_lay_out, can_see_meetings
from meetings.queries.completeness import Duty, duties_of
from meetings.queries.months import (
    ELSEWHERE,
    Occurrence,
    counts_of,
    next_meeting,
    occurrences_of,
)
from meetings.queries.occurrences import delegation_given
from meetings.words import (
    CHIPS,
    STANDINGS,
    short_name,
    sitting_name,
    standing_chip,
)
from organization.choices import BranchKind
from organization.models import Branch

TALLIED = ("not_held", "running", "planned", "held", "cancelled")


@dataclass(frozen=True)
class Line:
    """A meeting in its day: when, what, how it stands; ``url`` is "" where only the rule knows."""

    hour: str
    name: str
    whole: str
    word: str | Promise
    glyph: SafeString
    tone: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class DayBox:
    """A day of the month and its meetings; ``is_past`` in this month only."""

    on: date
    label: str
    mark: str
    name: str
    is_off: bool
    is_today: bool
    is_past: bool = False
    lines: Sequence[Line] = field(default=())


@require_safe
def meetings(request: SignedInRequest) -> HttpResponse:
    """The month of one's own branch, or of the one asked for by ``?branch`` and ``?month``."""
    at = clock.now()
    branches = branches_with_meetings(request.actor)
    month = asked_month(request.GET.get("month", ""), at)
    asked = whole_number(request.GET.get("branch"))
    if asked is not None and asked not in {branch.pk for branch in branches}:
        raise NotFound
    return _page(request, month, asked or branches[0].pk, at)


@require_safe
def meetings_month(request: SignedInRequest, month: Month, branch: int) -> HttpResponse:
    """A month of a branch."""
    if not can_see_meetings(request.actor):
        raise NotFound
    return _page(request, month, branch, clock.now())


def branches_with_meetings(actor: Actor) -> list[Branch]:
    """The branches whose meetings somebody sees, his own first; NotAllowed without any."""
    if not can_see_meetings(actor):
        raise NotAllowed(_("会议由分公司召开，市场部检查。"))
    found = Branch.objects.filter(kind=BranchKind.BRANCH)
    if actor.branches is not None:
        found = found.filter(pk__in=actor.branches)
    branches = sorted(found, key=lambda branch: branch.pk != actor.branch_id)
    if not branches:
        raise NotFound
    return branches


def asked_month(text: str, at: datetime) -> Month:
    """The month of an address, this one where none is asked for; NotFound for what is none."""
    if not text:
        return Month.containing(local_date(at))
    try:
        month = Month.parse(text)
    except ValueError:
        raise NotFound from None
    if month.year not in YEARS:
        raise NotFound
    return month


def _page(request: SignedInRequest, month: Month, branch_id: int, at: datetime) -> HttpResponse:
    branches = branches_with_meetings(request.actor)
    branch = next((one for one in branches if one.pk == branch_id), None)
    if branch is None:
        raise NotFound
    occurrences = occurrences_of(branch, month, at)
    lacking = _lacking(month, branch, at)
    counts = counts_of(occurrences)
    incomplete = sum(1 for one in occurrences if _is_lacking(one, lacking))
    known = calendar(month.year, month.year)
    now = Month.containing(local_date(at))
    coming = next_meeting([branch.pk], at) if month == now else None
    context = {
        "branch": branch,
        "branches": branches,
        "month": month,
        "headline": _headline(counts, incomplete),
        "tallies": [
            Tally(CHIPS[key], counts[key], text=STANDINGS[key])
            for key in TALLIED
            if key in counts and len(counts) > 1
        ],
        "days": _days(month, occurrences, lacking, known, at),
        "before": range(month.first.weekday()),
        "behind": range(6 - month.last.weekday()),
        "heads": [weekday_name(number) for number in range(7)],
        "is_loaded": known.is_loaded(month.year),
        "coming": coming,
        "coming_name": sitting_name(coming) if coming else "",
        "coming_chip": standing_chip(coming, at) if coming else "",
        "previous_url": _url(month.previous, branch) if month.previous.year in YEARS else "",
        "next_url": _url(month.next, branch) if month.next.year in YEARS else "",
        "may_lay_out": can_lay_out(request.actor, branch.pk)
        and now <= month <= now.plus(MONTHS_AHEAD)
        and any(one.meeting is None for one in occurrences),
        "at": at,
    }
    return render(request, "meetings/month.html", context)


def _url(month: Month, branch: Branch) -> str:
    return reverse("meetings-month", args=[month.key, branch.pk])


def _lacking(month: Month, branch: Branch, at: datetime) -> dict[int, Duty]:
    """What the month's meetings lack, by the meeting; whole ones are left out."""
    return {duty.meeting.pk: duty for duty in duties_of(month, [branch.pk], at) if duty.weight}


def _is_lacking(one: Occurrence, lacking: dict[int, Duty]) -> bool:
    return one.standing == "held" and one.meeting is not None and one.meeting.pk in lacking


def _headline(counts: dict[str, int], incomplete: int) -> str:
    if missed := counts.get("not_held", 0):
        return ngettext("%(n)d 场会议没有召开", "%(n)d 场会议没有召开", missed) % {"n": missed}
    if incomplete:
        return ngettext("%(n)d 场会议还不齐", "%(n)d 场会议还不齐", incomplete) % {"n": incomplete}
    held = counts.get("held", 0)
    if held:
        return ngettext("%(n)d 场会议都已召开", "%(n)d 场会议都已召开", held) % {"n": held}
    planned = counts.get("planned", 0)
    if planned:
        return ngettext("%(n)d 场会议待召开", "%(n)d 场会议待召开", planned) % {"n": planned}
    return _("这个月没有会议")


def _days(
    month: Month,
    occurrences: Sequence[Occurrence],
    lacking: dict[int, Duty],
    known: Calendar,
    at: datetime,
) -> list[DayBox]:
    lines: dict[date, list[Line]] = defaultdict(list)
    for one in occurrences:
        lines[one.on].append(_line(one, lacking))
    today = local_date(at)
    return [
        DayBox(
            on=on,
            label=short_day(on),
            mark=known.mark(on),
            name=known.name(on),
            is_off=not known.is_workday(on),
            is_today=on == today,
            is_past=today in month.days and on < today,
            lines=lines.get(on, ()),
        )
        for on in month.days
    ]


def _line(one: Occurrence, lacking: dict[int, Duty]) -> Line:
    meeting = one.meeting
    is_lacking = _is_lacking(one, lacking)
    state = STATES[LACKING["incomplete"] if is_lacking else CHIPS[one.standing]]
    return Line(
        hour="" if one.standing in ELSEWHERE else hour(one.starts_at),
        name=short_name(one.kinds),
        whole="＋".join(str(MeetingKind(kind).label) for kind in one.kinds),
        word=_("不齐") if is_lacking else STANDINGS[one.standing],
        glyph=glyph(state.glyph),
        tone=state.tone,
        url=reverse("meeting", args=[meeting.pk]) if meeting else "",
        note=_note(one, meeting, lacking) if meeting else "",
    )


def _note(one: Occurrence, meeting: Meeting, lacking: dict[int, Duty]) -> str:
    """Whence or where it moved, who is to hold it instead, and how much it lacks."""
    moved = "；".join(filter(None, (_moved_note(one, meeting), _delegated_note(one, meeting))))
    if not _is_lacking(one, lacking):
        return moved
    lacks = len(lacking[meeting.pk].all_lacks)
    return "；".join(
        filter(None, (moved, ngettext("缺 %(n)d 项", "缺 %(n)d 项", lacks) % {"n": lacks}))
    )


def _moved_note(one: Occurrence, meeting: Meeting) -> str:
    """Where it went, on the day of the rule; whence it came, on its own."""
    if one.standing in ELSEWHERE:
        return filled("→ %(when)s", when=month_moment(meeting.starts_at))
    if meeting.on == meeting.planned_on:
        return ""
    return filled(_("原定 %(day)s"), day=month_day(meeting.planned_on))


def _delegated_note(one: Occurrence, meeting: Meeting) -> str:
    """To whom what is to come, or going on, was handed (M1.3)."""
    given = delegation_given(meeting) if one.standing in ("planned", "running") else None
    return _("委托%(name)s主持") % {"name": given.delegate.name} if given else ""


@require_POST
def meetings_lay_out(request: SignedInRequest, month: Month, branch: int) -> HttpResponse:
    """Have the month's meetings appear now."""
    made = lay_out_month(branch_id=branch, month=month, actor=request.actor, at=clock.now())
    said: dict[str, Any] = {"n": made, "month": month_name(month)}
    toast(
        request,
        ngettext("%(month)s排出 %(n)d 场会议", "%(month)s排出 %(n)d 场会议", made) % said,
    )
    return HttpResponseRedirect(reverse("meetings-month", args=[month.key, branch]))


_MONTH = "meetings/<month:month>/<int:branch>/"
urlpatterns: list[URLPattern] = [
    path("meetings/", meetings, name="meetings"),
    path(_MONTH, meetings_month, name="meetings-month"),
    path(f"{_MONTH}lay-out/", meetings_lay_out, name="meetings-lay-out"),
]
