"""The only writer of occurrences: made from the duties' periods (annex 7), moved, cancelled."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.formats import hour
from core.periods import Month, Week, instant, local_date
from core.queries import calendar
from duties.models import DutyPeriod
from duties.operations import ensure_periods, redate_periods
from duties.queries import periods_of, rows_of
from duties.rules import DutyTimes
from meetings.choices import MeetingKind, MeetingState
from meetings.models import Meeting
from meetings.notices import tell_arranged
from meetings.operations.days_off import leave_days_off
from meetings.permissions import can_lay_out, can_see_meetings
from meetings.queries.duty_times import giving_way, times_by_rule
from meetings.queries.occurrences import is_in_period, kinds_of, sitting_of
from meetings.standing_in import end_impossible
from meetings.steps import (
    arranged,
    changed,
    check_ahead,
    check_own,
    needed_reason,
    record_step,
    sitting_ids,
    take_turns,
    to_arrange,
)
from meetings.words import BY_RULE, GIVEN_WAY
from organization.in_force import settings_through
from organization.models import Branch

MONTHS_AHEAD: Final = 12


# Made from periods: nobody decides it, the rules do.


def ensure_meetings(
    first: date,
    last: date,
    *,
    branches: Sequence[Branch] | None = None,
    at: datetime | None = None,
) -> int:
    """Make the missing meetings whose period touches these days, of some branches or all.

    Their duties' periods are made, too (``duties.operations.ensure_periods``). How many were made.
    """
    ensure_periods(Week.containing(first), Week.containing(last), branches=branches, at=at)
    return meetings_of_periods(first, last, branches=branches, at=at)


@transaction.atomic
def meetings_of_periods(
    first: date,
    last: date,
    *,
    branches: Sequence[Branch] | None = None,
    at: datetime | None = None,
) -> int:
    """Make the missing meetings of duty periods that stand; how many. Five statements at most.

    One that the rule had done away with comes back with its period.
    """
    periods = rows_of(periods_of(first, last, MeetingKind.values))
    if branches is not None:
        periods = periods.filter(branch__in=branches)
    of_period = Meeting.objects.filter(
        kind=OuterRef("kind"), branch_id=OuterRef("branch_id"), key=OuterRef("key")
    )
    gone = of_period.filter(state=MeetingState.CANCELLED, is_by_hand=False)
    wanted = list(
        periods.annotate(is_gone=Exists(gone)).filter(Q(is_gone=True) | ~Exists(of_period))
    )
    if not wanted:
        return 0
    history = settings_through(max(local_date(period.opens_at) for period in wanted))
    made = [
        _meeting_of(
            period,
            history.of(period.branch_id, local_date(period.opens_at)).meeting_place,
            at or period.updated_at,
        )
        for period in wanted
        if not period.is_gone
    ]
    Meeting.objects.bulk_create(made, ignore_conflicts=True, batch_size=200)
    back = [period for period in wanted if period.is_gone]
    _follow(back, _meetings_of(back), {MeetingState.CANCELLED}, at)
    return len(made) + len(back)


def _meeting_of(period: DutyPeriod, place: str, at: datetime) -> Meeting:
    on = local_date(period.opens_at)
    return Meeting(
        kind=period.kind,
        branch_id=period.branch_id,
        key=period.key,
        planned_on=on,
        on=on,
        starts_at=period.opens_at,
        ends_at=period.deadline_at,
        place=place,
        updated_at=at,
    )


def follow_periods(moved: Sequence[DutyPeriod], gone: Sequence[DutyPeriod], at: datetime) -> None:
    """What becomes of meetings whose period an edit moved or did away with (annex 7).

    Those that are still to come follow, and keep their first day; what a person has arranged
    stays as it is, unless that day is off now. In the transaction of the edit
    (config.tables.PERIOD_FOLLOWERS).
    """
    moved = [period for period in moved if period.kind in MeetingKind.values]
    gone = [period for period in gone if period.kind in MeetingKind.values]
    along = leave_days_off(_meetings_of([*moved, *gone]).values(), moved, gone, at)
    _follow(moved, _meetings_of(moved), {MeetingState.PLANNED}, at)
    lost = _meetings_of(gone)
    Meeting.objects.filter(
        pk__in=[meeting.pk for meeting in lost.values()],
        state=MeetingState.PLANNED,
        is_by_hand=False,
        starts_at__gt=at,
        room_at__isnull=True,
    ).update(
        state=MeetingState.CANCELLED,
        reason=BY_RULE,
        sequence=F("sequence") + 1,
        version=F("version") + 1,
        updated_at=at,
    )
    if along:
        redate_periods(at=at, branch_ids=along)


def follow_places(*, at: datetime, branch_ids: Collection[int] | None = None) -> None:
    """Have the meetings to come take place where the settings now say; two statements, and one
    for each new place. In the transaction of the edit (config.tables.SETTING_FOLLOWERS)."""
    coming = Meeting.objects.filter(state=MeetingState.PLANNED, starts_at__gt=at)
    if branch_ids is not None:
        coming = coming.filter(branch_id__in=branch_ids)
    rows = list(coming)
    if not rows:
        return
    history = settings_through(max(row.on for row in rows))
    elsewhere: dict[str, list[int]] = {}
    for row in rows:
        place = history.of(row.branch_id, row.on).meeting_place
        if place != row.place:
            elsewhere.setdefault(place, []).append(row.pk)
    for place, ids in elsewhere.items():
        Meeting.objects.filter(pk__in=ids).update(
            place=place,
            sequence=F("sequence") + 1,
            version=F("version") + 1,
            updated_at=at,
        )


def _meetings_of(periods: Sequence[DutyPeriod]) -> dict[tuple[str, int, str], Meeting]:
    """The meetings of these periods; one query."""
    if not periods:
        return {}
    keys = {(period.kind, period.branch_id, period.key) for period in periods}
    found = Meeting.objects.filter(
        branch_id__in={branch_id for _kind, branch_id, _key in keys},
        key__in={key for _kind, _branch_id, key in keys},
    )
    rows = {(one.kind, one.branch_id, one.key): one for one in found}
    return {key: row for key, row in rows.items() if key in keys}


def _follow(
    periods: Sequence[DutyPeriod],
    meetings: dict[tuple[str, int, str], Meeting],
    states: Collection[str],
    at: datetime | None,
) -> None:
    """Put the meetings in one of the states, to come and nobody's arrangement, where their
    periods now are."""
    following = []
    for period in periods:
        meeting = meetings.get((period.kind, period.branch_id, period.key))
        now = at or period.updated_at
        if (
            meeting is None
            or meeting.state not in states
            or meeting.is_by_hand
            or meeting.room_at is not None
            or (meeting.state == MeetingState.PLANNED and meeting.starts_at <= now)
            or period.opens_at <= now
            or _is_there(meeting, period)
        ):
            continue
        meeting.on = local_date(period.opens_at)
        meeting.starts_at, meeting.ends_at = period.opens_at, period.deadline_at
        meeting.state = MeetingState.PLANNED
        meeting.reason = "" if meeting.on == meeting.planned_on else BY_RULE
        meeting.sequence += 1
        meeting.version += 1
        meeting.updated_at = now
        following.append(meeting)
    fields = ["on", "starts_at", "ends_at", "state", "reason", "sequence", "version", "updated_at"]
    Meeting.objects.bulk_update(following, fields, batch_size=200)


def _is_there(meeting: Meeting, period: DutyPeriod) -> bool:
    times = (meeting.starts_at, meeting.ends_at)
    return meeting.state == MeetingState.PLANNED and times == (period.opens_at, period.deadline_at)


def follow_arrangement(meeting: Meeting, days: Collection[date], at: datetime) -> None:
    """Have duty periods and stand-ups follow what somebody arranged on or away from these days.

    Periods say when their meetings now are. Where the weekly meeting now is, it replaces the
    stand-up (annex 2), whatever was arranged of that one; the stand-up of the day that it left
    comes back, if that is a working day and still to come.
    """
    for on in _weekly_days(meeting):
        by_rule = Q(state=MeetingState.CANCELLED, is_by_hand=False)
        giving_way(meeting.branch_id, on, at).exclude(by_rule).update(
            state=MeetingState.CANCELLED,
            is_by_hand=False,
            reason=GIVEN_WAY,
            sequence=F("sequence") + 1,
            version=F("version") + 1,
            updated_at=at,
        )
    redate_periods(at=at, branch_ids=[meeting.branch_id])
    first, last = min(days), max(days)
    weeks, branches = (Week.containing(first), Week.containing(last)), [meeting.branch]
    ensure_periods(*weeks, branches=branches, at=at, since=at)
    meetings_of_periods(first, last, branches=branches, at=at)


def _weekly_days(meeting: Meeting) -> list[date]:
    """The day of the sitting, where a weekly meeting is part of it and no stand-up."""
    kinds = kinds_of(meeting)
    is_weekly = MeetingKind.WEEKLY in kinds and MeetingKind.STANDUP not in kinds
    return [sitting_of(meeting).on] if is_weekly else []


# By a person


@transaction.atomic
def lay_out_month(*, branch_id: int, month: Month, actor: Actor, at: datetime) -> int:
    """Have a branch's meetings of a month appear now, not only two weeks ahead; how many did."""
    branch = Branch.objects.visible_to(actor).filter(pk=branch_id).first()
    if branch is None or not can_see_meetings(actor):
        raise NotFound
    if not can_lay_out(actor, branch_id):
        raise NotAllowed(_("由这家分公司的主管或总经理排会。"))
    now = Month.containing(local_date(at))
    if not now <= month <= now.plus(MONTHS_AHEAD):
        raise Refused(_("只能排本月和以后 %(n)d 个月的会。") % {"n": MONTHS_AHEAD}, field="month")
    first, weeks = max(month.first, local_date(at)), Week.containing
    # What has fallen due already was never planned, and nobody is to blame for it now.
    ensure_periods(weeks(first), weeks(month.last), branches=[branch], at=at, since=at)
    made = meetings_of_periods(first, month.last, branches=[branch], at=at)
    audit.record(
        actor=actor,
        at=at,
        what="meetings.lay_out_month",
        target_type="branch",
        target_id=branch.pk,
        target_label=f"{branch.name} {month.key}",
        branch_id=branch.pk,
        before={},
        after={"made": made},
    )
    return made


@transaction.atomic
def move_meeting(
    *,
    meeting_id: int,
    on: date,
    start: time,
    reason: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Meeting:
    """Hold it on another day or at another hour of the same day, week or month, as long.

    The day of the rule stays (``planned_on``); what is held together with it goes along. A weekly
    meeting replaces the stand-up of its new day; that of the old one comes back (annex 2).
    """
    take_turns(meeting_id, *sitting_ids(meeting_id))
    meeting = to_arrange(actor, meeting_id)
    check_own(meeting)
    check_ahead(meeting, at)
    reason = needed_reason(reason)
    starts_at = instant(on, start)
    ends_at = starts_at + (meeting.ends_at - meeting.starts_at)
    joined = list(meeting.joined.all())
    for one in (meeting, *joined):
        _check_day(one, on)
    check_time(meeting, starts_at, ends_at, at)
    before, days = arranged(meeting), {meeting.on, on}
    values = {"on": on, "starts_at": starts_at, "ends_at": ends_at, "reason": reason}
    told = {"is_by_hand": True, "sequence": F("sequence") + 1}
    meeting = changed(meeting, expected_version, at, **values, **told)
    meeting.joined.update(**values, **told, version=F("version") + 1, updated_at=at)
    tell_arranged(
        meeting,
        lambda name, when: _("%(meeting)s改到 %(when)s") % {"meeting": name, "when": when},
        reason,
        actor,
        at,
    )
    record_step("move_meeting", meeting, before, arranged(meeting), actor, at, reason)
    follow_arrangement(meeting, days, at)
    return end_impossible(meeting, why=reason, actor=actor, at=at)


def _check_day(meeting: Meeting, on: date) -> None:
    if not is_in_period(on, meeting):
        raise Refused(_out_of(meeting.kind), field="on")
    if not calendar(on.year, on.year).is_workday(on):
        raise Refused(_("这一天休息，请换一个工作日。"), field="on")


def _out_of(kind: str) -> str:
    if kind == MeetingKind.STANDUP:
        return _("晨会只能改当天的时间。")
    if kind == MeetingKind.WEEKLY:
        return _("例会只能在同一周里改期。")
    return _("%(kind)s只能在同一个月里改期。") % {"kind": MeetingKind(kind).label}


def check_time(
    meeting: Meeting,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
    *,
    joining: Meeting | None = None,
    field: str = "start",
) -> None:
    """Refuse what has gone, and what another meeting of the branch takes already, but one that is
    ``joining`` it."""
    if starts_at <= at:
        raise Refused(_("新的时间已经过了。"), field=field)
    if local_date(ends_at - timedelta(seconds=1)) != local_date(starts_at):
        raise Refused(_("会议要在当天结束。"), field=field)
    is_weekly = MeetingKind.WEEKLY in kinds_of(meeting)
    gives_way = giving_way(meeting.branch_id, local_date(starts_at), at) if is_weekly else ()
    other = (
        Meeting.objects.filter(branch_id=meeting.branch_id, sitting__isnull=True)
        .exclude(pk__in=[one.pk for one in (meeting, joining) if one])
        .exclude(state=MeetingState.CANCELLED)
        .exclude(pk__in=[one.pk for one in gives_way])
        .filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
        .first()
    )
    if other is not None:
        raise Refused(
            _("与%(kind)s（%(from)s–%(to)s）时间重叠：换个时间，或者合并召开。")
            % {
                "kind": MeetingKind(other.kind).label,
                "from": hour(other.starts_at),
                "to": hour(other.ends_at),
            },
            field=field,
        )


@transaction.atomic
def cancel_meeting(
    *, meeting_id: int, reason: str, expected_version: int, actor: Actor, at: datetime
) -> Meeting:
    """Say ahead that it does not take place, and why. What the branch owed it still owes."""
    meeting = to_arrange(actor, meeting_id)
    check_own(meeting)
    check_ahead(meeting, at)
    if meeting.joined.exists():
        raise Refused(_("先把合并召开的会议分开，再取消。"))
    reason = needed_reason(reason)
    before = arranged(meeting)
    meeting = changed(
        meeting,
        expected_version,
        at,
        state=MeetingState.CANCELLED,
        reason=reason,
        is_by_hand=True,
        sequence=F("sequence") + 1,
    )
    tell_arranged(
        meeting,
        lambda name, when: _("%(when)s的%(meeting)s取消") % {"meeting": name, "when": when},
        reason,
        actor,
        at,
    )
    record_step("cancel_meeting", meeting, before, arranged(meeting), actor, at, reason)
    return meeting


@transaction.atomic
def restore_meeting(
    *, meeting_id: int, expected_version: int, actor: Actor, at: datetime
) -> Meeting:
    """Take a cancellation back, while the time it was arranged for is still to come."""
    meeting = to_arrange(actor, meeting_id)
    if meeting.state != MeetingState.CANCELLED:
        raise Refused(_("会议没有取消。"))
    if not meeting.is_by_hand:
        raise Refused(_("按工作日历这一期没有会议。"))
    if meeting.starts_at <= at:
        raise Refused(_("原定的时间已经过了，不能恢复。"))
    if not calendar(meeting.on.year, meeting.on.year).is_workday(meeting.on):
        raise Refused(_("原定的那天休息，不能恢复。"))
    check_time(meeting, meeting.starts_at, meeting.ends_at, at)
    before = arranged(meeting)
    meeting = changed(
        meeting,
        expected_version,
        at,
        state=MeetingState.PLANNED,
        reason="",
        is_by_hand=not is_as_ruled(meeting),
        sequence=F("sequence") + 1,
    )
    tell_arranged(
        meeting,
        lambda name, when: _("%(when)s的%(meeting)s照开") % {"meeting": name, "when": when},
        "",
        actor,
        at,
    )
    record_step("restore_meeting", meeting, before, arranged(meeting), actor, at)
    return meeting


def is_as_ruled(meeting: Meeting) -> bool:
    """Whether it is when the rule says."""
    return times_by_rule(meeting) == DutyTimes(meeting.starts_at, meeting.ends_at)
