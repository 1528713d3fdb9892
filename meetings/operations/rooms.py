"""Holding a meeting: the sign-in opened, begun, called over, ended (M1–M3, A1, annex 3.5)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.formats import moment
from core.periods import local
from meetings.attendance_rules import may_room_open, needs_reason_here
from meetings.choices import CAME, MINUTED, MeetingState, Presence, SignInWay
from meetings.models import Attendee, Meeting
from meetings.operations.documents import tell_present
from meetings.permissions import can_amend, can_answer_for, can_hold
from meetings.presences import OF_ABSENCE, as_plain, settled, shown
from meetings.queries.occurrences import (
    delegation_of,
    expected_people,
    holders_of_meeting,
    kinds_of,
    meeting_for,
)
from meetings.queries.rooms import (
    excuses_of,
    has_standing,
    is_sign_in_open,
    notices_of,
    possible_recorders,
    runs_past_its_day,
)
from meetings.rules import ROOM_OPENS_BEFORE, is_day_over
from meetings.steps import (
    HEADS_AT_MOST,
    REASON_AT_MOST,
    changed,
    check_own,
    needed_reason,
    record_step,
)
from organization.models import Person


@transaction.atomic
def open_room(*, meeting_id: int, expected_version: int, actor: Actor, at: datetime) -> Meeting:
    """Open the sign-in: everybody expected stands there, known excuses already filled in."""
    meeting = _to_hold(actor, meeting_id)
    _check_planned(meeting)
    if meeting.room_at is not None:
        raise Refused(_("签到已经打开。"))
    if not may_room_open(meeting.starts_at, at):
        _refuse_room(meeting, at)
    meeting = changed(meeting, expected_version, at, room_at=at)
    people = expected_people(meeting)
    excuses = excuses_of(meeting)
    rows = [Attendee(meeting=meeting, person=person) for person in people]
    for row in rows:
        if absence := excuses.get(row.person_id):
            row.state = OF_ABSENCE[absence.kind]
            row.way = SignInWay.NOTICE
            row.note = absence.reason
            row.recorded_at = at
            row.recorded_by_id = absence.person_id
    Attendee.objects.bulk_create(rows)
    record_step("open_room", meeting, {}, {"people": len(rows)}, actor, at)
    return meeting


@transaction.atomic
def begin_meeting(
    *,
    meeting_id: int,
    recorder_id: int | None = None,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Meeting:
    """Begin: the moment is kept as it is, and who begins chairs it (M1.3).

    ``recorder_id`` names the recorder now; it can wait until the end.
    """
    meeting = _to_hold(actor, meeting_id)
    _check_planned(meeting)
    if meeting.room_at is None:
        raise Refused(_("先打开签到。"))
    if is_day_over(meeting.starts_at, at):
        day = moment(meeting.starts_at, at)
        raise Refused(_("%(day)s的会议已经过去，不能再开始。") % {"day": day})
    standing = delegation_of(meeting)
    chair = actor.somebody
    if recorder_id is not None:
        _check_recorder(meeting, recorder_id, chair)
    meeting = changed(
        meeting,
        expected_version,
        at,
        state=MeetingState.RUNNING,
        opened_at=at,
        chair_id=chair,
        acts_for_id=standing.given_by_id if standing else None,
        recorder_id=recorder_id,
    )
    Attendee.objects.filter(meeting=meeting, person_id=chair, state=Presence.OPEN).update(
        state=Presence.PRESENT,
        way=SignInWay.HAND,
        arrived_at=at,
        recorded_at=at,
        recorded_by_id=chair,
    )
    record_step("begin_meeting", meeting, {}, _held(meeting), actor, at)
    return meeting


@transaction.atomic
def set_presence(
    *,
    meeting_id: int,
    person_id: int,
    state: str,
    note: str = "",
    why: str = "",
    seen: str,
    actor: Actor,
    at: datetime,
) -> Attendee:
    """Call somebody over: present, late, excused, absent, on a trip; open takes it back.

    Whoever is excused or on a trip without a notice that stands needs a ``note`` (M1.2).
    For whoever holds the meeting, on the state he has ``seen`` (else Stale). What a sign-in by
    code settled, and what is amended after the end or the meeting's day, keeps both states, who
    and ``why``.
    """
    meeting = meeting_for(actor, meeting_id)
    check_own(meeting)
    is_over = meeting.state == MeetingState.HELD
    if not (can_amend if is_over else can_hold)(actor, meeting):
        raise NotAllowed(_("签到由主持人点名。"))
    is_amended = is_over or runs_past_its_day(meeting, at)
    if not is_amended and not is_sign_in_open(meeting, at):
        raise Refused(_("签到没有打开。"))
    attendee = (
        Attendee.objects.select_related("person", "meeting")
        .filter(meeting=meeting, person_id=person_id)
        .first()
    )
    if attendee is None:
        raise Refused(_("不在应到名单里。"), field="person")
    if state not in Presence.values or (is_amended and state == Presence.OPEN):
        raise Refused(_("请选到、迟、假、缺、外之一。"), field="state")
    note = _short(note, "note")
    if attendee.state != seen:
        raise Stale(as_plain(attendee))
    notice = notices_of(meeting).get(person_id)
    has_notice = notice is not None and has_standing(notice)
    keeps = state != attendee.state and (is_amended or attendee.way == SignInWay.CODE)
    why = needed_why(why) if keeps else ""
    if needs_reason_here(state, has_notice=has_notice) and not (note or why):
        raise Refused(_("没有事先请假，写明原因。"), field="note")
    before = shown(attendee)
    came = state in CAME
    attendee = settled(
        attendee,
        state,
        way=SignInWay.HAND if state != Presence.OPEN else "",
        note=note,
        arrived_at=(attendee.arrived_at or (None if is_amended else at)) if came else None,
        by_id=actor.somebody,
        at=at,
        keeps=keeps,
        why=why,
    )
    if is_over:
        tell_present(meeting, at)
    record_step(
        "set_presence",
        meeting,
        before,
        shown(attendee) | {"person": attendee.person.name},
        actor,
        at,
        why,
    )
    return attendee


@transaction.atomic
def end_meeting(
    *,
    meeting_id: int,
    head_count: int,
    count_why: str = "",
    recorder_id: int | None = None,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Meeting:
    """End and file it: whoever has not signed was absent, and the recorder is named.

    The recorder is not the chair (M2.2, annex 3.5); of a stand-up there need be none (annex 2).
    ``head_count`` is how many of those expected sit in the room; where not as many have signed
    in, ``count_why`` says why.
    """
    meeting = _to_hold(actor, meeting_id)
    if meeting.state != MeetingState.RUNNING:
        raise Refused(_("会议没有在进行。"))
    recorder_id = recorder_id or meeting.recorder_id
    if recorder_id is not None:
        _check_recorder(meeting, recorder_id, meeting.chair_id, is_over=True)
    elif set(kinds_of(meeting)) & set(MINUTED):
        raise Refused(_("请指定记录人。"), field="recorder")
    count_why = _needed_count_why(meeting, head_count, count_why)
    meeting = changed(
        meeting,
        expected_version,
        at,
        state=MeetingState.HELD,
        closed_at=at,
        head_count=head_count,
        count_why=count_why,
        recorder_id=recorder_id,
    )
    absent = Attendee.objects.filter(meeting=meeting, state=Presence.OPEN).update(
        state=Presence.ABSENT,
        way=SignInWay.HAND,
        recorded_at=at,
        recorded_by_id=actor.somebody,
    )
    tell_present(meeting, at)
    after = _held(meeting) | {"absent": absent, "head_count": head_count}
    record_step("end_meeting", meeting, {}, after, actor, at, count_why)
    return meeting


@transaction.atomic
def say_not_held(
    *, meeting_id: int, reason: str, expected_version: int, actor: Actor, at: datetime
) -> Meeting:
    """Say why a meeting was not held: whose it was, or a head. It stays not held."""
    meeting = meeting_for(actor, meeting_id)
    if not can_answer_for(actor, meeting):
        raise NotAllowed(_("由应当主持的人说明。"))
    check_own(meeting)
    if meeting.state != MeetingState.PLANNED or at < meeting.ends_at:
        raise Refused(_("只有过了时间还没有召开的会议才要说明。"))
    reason = needed_reason(reason)
    before = {"reason": meeting.reason}
    meeting = changed(meeting, expected_version, at, reason=reason)
    record_step("say_not_held", meeting, before, {"reason": reason}, actor, at, reason)
    return meeting


def needed_why(text: str) -> str:
    """Why a settled sign-in is amended; refused where nothing is said, or too much."""
    text = _short(text, "why")
    if not text:
        raise Refused(_("写一句更改的原因。"), field="why")
    return text


def _short(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > REASON_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": REASON_AT_MOST}, field=field)
    return text


def _to_hold(actor: Actor, meeting_id: int) -> Meeting:
    """The sitting, for whoever may hold it; NotFound, NotAllowed."""
    meeting = meeting_for(actor, meeting_id)
    if not can_hold(actor, meeting):
        raise NotAllowed(_("由%(names)s主持。") % {"names": _holders(meeting)})
    check_own(meeting)
    return meeting


def _holders(meeting: Meeting) -> str:
    standing = delegation_of(meeting)
    if standing is not None:
        return standing.delegate.name
    people = Person.objects.filter(pk__in=holders_of_meeting(meeting)).order_by("sort_key")
    return "、".join(person.name for person in people) or _("召集人")


def _check_planned(meeting: Meeting) -> None:
    if meeting.state == MeetingState.CANCELLED:
        raise Refused(_("会议已取消。"))
    if meeting.state != MeetingState.PLANNED:
        raise Refused(_("会议已经开始。"))


def _refuse_room(meeting: Meeting, at: datetime) -> None:
    opens_at = meeting.starts_at - ROOM_OPENS_BEFORE
    if at < opens_at:
        raise Refused(_("%(when)s 起可以打开签到。") % {"when": moment(opens_at, at)})
    raise Refused(
        _("%(day)s的会议已经过去，不能再打开签到。") % {"day": moment(meeting.starts_at, at)}
    )


def _check_recorder(
    meeting: Meeting, recorder_id: int, chair_id: int | None, *, is_over: bool = False
) -> None:
    """Refuse a recorder who is the chair, not of the branch, or not there."""
    if recorder_id == chair_id:
        raise Refused(_("记录人不能是主持人。"), field="recorder")
    if recorder_id not in {person.pk for person in possible_recorders(meeting)}:
        raise Refused(_("请选到会的人做记录。"), field="recorder")
    is_missing = Attendee.objects.filter(
        meeting=meeting, person_id=recorder_id, state=Presence.OPEN
    ).exists()
    if is_over and is_missing:
        raise Refused(_("记录人还没有签到。"), field="recorder")


def _needed_count_why(meeting: Meeting, head_count: int, why: str) -> str:
    """Why the heads counted are not those who signed in; "" where they are, whatever was said."""
    if not 0 <= head_count <= HEADS_AT_MOST:
        raise Refused(_("人数应在 0 到 %(n)d 之间。") % {"n": HEADS_AT_MOST}, field="head_count")
    signed = Attendee.objects.filter(meeting=meeting, state__in=CAME).count()
    if head_count == signed:
        return ""
    why = _short(why, "count_why")
    if not why:
        raise Refused(
            _("清点 %(counted)d 人，签到 %(signed)d 人。对一遍名单，或者写明为什么不一致。")
            % {"counted": head_count, "signed": signed},
            field="count_why",
        )
    return why


def _held(meeting: Meeting) -> dict[str, Any]:
    """How it was held, for the trail."""
    return {
        "chair": meeting.chair.name if meeting.chair else "",
        "recorder": meeting.recorder.name if meeting.recorder else "",
        "opened_at": f"{local(meeting.opened_at):%H:%M:%S}" if meeting.opened_at else "",
        "closed_at": f"{local(meeting.closed_at):%H:%M:%S}" if meeting.closed_at else "",
    }
