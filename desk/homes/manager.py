"""An account manager's day: the week's deadline, what waits today, the week so far (look 1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock
from core.actors import Actor
from core.drafts import draft_of
from core.formats import hour, moment, month_day, number, signed
from core.marked_days import filled
from core.parts import AgendaItem, DayCell
from core.periods import Week, local_date
from core.queries import calendar
from core.requests import SignedInRequest
from desk.meeting_lines import meeting_line
from desk.queries import open_summaries
from duties.due_queries import ELSEWHERE, due_line, owed_items
from duties.models import DutyPeriod
from duties.queries import notice_groups
from duties.todo_queries import open_to_dos
from duties.todo_views import agenda_item as to_do_item
from kpi.next_points import next_points
from kpi.views.provisional import point_item
from kpi.views.sheet_ways import sheet_url
from meetings.queries.today import meetings_today
from worklogs import figures
from worklogs.belonging import owed_periods
from worklogs.choices import Initiator, SummaryState, TextPart
from worklogs.entries import SummaryEntry, draft_key, summary_problems
from worklogs.models import ServiceLog, Summary, SummaryReturn

LATEST: Final = 4
NAMED_AT_MOST: Final = 3
NOTICES: Final = 3
# So many of the next best points.
BEST: Final = 4
# How far ahead the day shows to-dos.
AHEAD: Final = timedelta(days=3)


@dataclass(frozen=True)
class SummaryDue:
    """This week's summary: where it stands, what is filled already, what is missing by name."""

    week: Week
    period: DutyPeriod
    state: str
    filled: int = 0
    gaps: Sequence[str] = ()
    remarks: int = 0

    @property
    def total(self) -> int:
        """All that is asked for."""
        return self.filled + len(self.gaps)

    @property
    def gaps_text(self) -> str:
        """What is missing, by name while it is little, else how much."""
        if len(self.gaps) > NAMED_AT_MOST:
            return _("%(n)d 项") % {"n": len(self.gaps)}
        return _("、").join(self.gaps)


def _summary_due(actor: Actor, week: Week, at: datetime) -> SummaryDue | None:
    """The running week's summary; None where the week brings no duty."""
    manager_id = actor.somebody
    period = owed_periods(manager_id).filter(key=week.key).first()
    if period is None:
        return None
    filed = Summary.objects.filter(manager_id=manager_id, week=week.key).first()
    if filed is not None and filed.state == SummaryState.RETURNED:
        return SummaryDue(week, period, "returned", remarks=len(_remarks(filed)))
    if filed is not None:
        return SummaryDue(week, period, "late" if filed.minutes_late else "on_time")
    draft = draft_of(manager_id, draft_key(week))
    counted = figures.counted([manager_id], week, period.deadline_at, at)[manager_id]
    entry = SummaryEntry.from_body(draft.body if draft else {})
    problems = summary_problems(counted, entry)
    return SummaryDue(
        week,
        period,
        "draft",
        len(counted) + len(TextPart.values) - len(problems),
        [_label(problem.field) for problem in problems],
    )


def _remarks(filed: Summary) -> dict[str, str]:
    given_back = SummaryReturn.objects.filter(
        version__summary=filed, version__number=filed.newest
    ).first()
    remarks: dict[str, str] = given_back.remarks if given_back else {}
    return remarks


def _label(name: str) -> str:
    kind, __, key = name.partition(":")
    return str(TextPart(key).label if kind == "text" else figures.figures()[key].label)


def _agenda(actor: Actor, week: Week, at: datetime) -> list[AgendaItem]:
    """What waits, by deadline: weeks left open, what rules imply, today's meetings, to-dos of the
    next days."""
    manager_id = actor.somebody
    dated = [
        (period.deadline_at, _open_week(period, returned, at))
        for period, returned in _earlier(actor, week, at)
    ]
    dated += [
        (item.due_at, due_line(item, at))
        for item in owed_items(manager_id, at)
        if item.kind not in ELSEWHERE
    ]
    dated += [(own.meeting.starts_at, meeting_line(own)) for own in meetings_today(actor, at)]
    dated += [
        (to_do.due_at, to_do_item(to_do, at))
        for to_do in open_to_dos(manager_id)
        if local_date(to_do.due_at) < local_date(at) + AHEAD
    ]
    return [item for _due_at, item in sorted(dated, key=itemgetter(0))]


def _earlier(actor: Actor, week: Week, at: datetime) -> list[tuple[DutyPeriod, bool]]:
    """Weeks before this one that are missing, or that were given back (True)."""
    returned = set(
        Summary.objects.filter(manager_id=actor.somebody, state=SummaryState.RETURNED).values_list(
            "week", flat=True
        )
    )
    return [
        (period, period.key in returned)
        for period in open_summaries(actor, at)
        if period.key < week.key
    ]


def _open_week(period: DutyPeriod, is_returned: bool, at: datetime) -> AgendaItem:
    number = {"n": Week.parse(period.key).number}
    return AgendaItem(
        _("改第 %(n)d 周周报") % number if is_returned else _("补第 %(n)d 周周报") % number,
        [filled(_("截止 %(when)s"), when=moment(period.deadline_at, at))],
        when=_("退回") if is_returned else _("未交"),
        state="returned" if is_returned else "overdue",
        url=reverse("summary", args=[period.key]),
    )


def _points(manager_id: int, at: datetime) -> dict[str, Any]:
    """The points still to be won this month, each with the way to what wins it."""
    found = next_points(manager_id, at)
    if found is None:
        return {"points": None}
    return {
        "points": found,
        "points_total": number(found.total, 2),
        "points_open": signed(found.open_points, 2) if found.open_points else "",
        "best": [point_item(one, at) for one in found.duties[:BEST]],
        "points_url": sheet_url(found.month, manager_id),
    }


def home(request: SignedInRequest) -> HttpResponse:
    """The page."""
    at = clock.now()
    today = local_date(at)
    week = Week.containing(today)
    actor = request.actor
    manager_id = actor.somebody
    week_logs = list(
        ServiceLog.objects.standing()
        .filter(manager_id=manager_id, occurred_on__gte=week.monday, occurred_on__lte=week.sunday)
        .select_related("customer")
        .order_by("-occurred_at", "-pk")
    )
    by_day = {on: sum(1 for log in week_logs if log.occurred_on == on) for on in week.days}
    days = calendar(week.monday.year, week.sunday.year)
    active = sum(1 for log in week_logs if log.initiator == Initiator.ACTIVE)
    agenda = _agenda(actor, week, at)
    context = {
        "at": at,
        "today": today,
        "week": week,
        "due": _summary_due(actor, week, at),
        "agenda": agenda,
        "overdue": sum(1 for item in agenda if item.state == "overdue"),
        "week_days": [
            DayCell(
                on,
                days.mark(on) or ("" if days.is_workday(on) else "休"),
                days.name(on),
                str(by_day[on]) if by_day[on] else "",
                f"{reverse('logs')}?first={on}&last={on}" if by_day[on] else "",
            )
            for on in week.days
        ],
        **_points(manager_id, at),
        "total": len(week_logs),
        "active": active,
        "passive": len(week_logs) - active,
        "latest": [
            AgendaItem(
                log.customer.name,
                [
                    log.get_channel_display(),
                    log.get_initiator_display(),
                    log.get_category_display(),
                ],
                when=_when(log.occurred_at, today),
                url=reverse("log", args=[log.thread_id]),
            )
            for log in week_logs[:LATEST]
        ],
        "notices": [
            AgendaItem(
                group.newest.heading,
                when=_when(group.newest.created_at, today),
                url=group.newest.url or reverse("notices"),
            )
            for group in notice_groups(manager_id, is_unread_only=True)[:NOTICES]
        ],
    }
    return render(request, "desk/manager.html", context)


def _when(moment_at: datetime, today: date) -> str:
    """The hour of something of today, else its month and day."""
    return hour(moment_at) if local_date(moment_at) == today else month_day(moment_at)
