"""Notices that somebody cannot come (M1.2): given, taken back, decided with one tap."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.formats import moment
from core.marked_days import days_marked
from core.queries import calendar
from core.unique import unless_taken
from duties.choices import NoticeKind
from duties.notices import notice_to
from duties.operations import notify_all
from meetings.attendance_rules import absence_due_before, is_absence_in_time
from meetings.choices import AbsenceKind, AbsenceState, MeetingState
from meetings.models import Absence, Attendee, Meeting
from meetings.permissions import can_decide_absences
from meetings.presences import follow_notice
from meetings.queries.occurrences import expected_people, meeting_for, sitting_of
from meetings.queries.rooms import absence_for, excuses_of
from meetings.steps import REASON_AT_MOST, label_of, needed_reason
from meetings.words import sitting_name
from organization.choices import HEADS, Role
from organization.in_force import settings_of
from organization.models import Person
from organization.queries import holders_of


@transaction.atomic
def give_absence(*, meeting_id: int, kind: str, reason: str, actor: Actor, at: datetime) -> Absence:
    """Tell the supervisor that one cannot come: to a meeting that one must attend (M1.2).

    By the end of the day before (annex 7.6) it excuses unless it is refused; later only if it is
    accepted. That it came in time, or did not, stays as it was.
    """
    meeting = sitting_of(meeting_for(actor, meeting_id))
    person_id = actor.somebody
    if person_id not in {person.pk for person in expected_people(meeting)}:
        raise NotAllowed(_("您不在这场会议的应到名单里，不用请假。"))
    if kind not in AbsenceKind.values:
        raise Refused(_("请选请假或外出拜访。"), field="kind")
    reason = needed_reason(reason)
    if meeting.state == MeetingState.CANCELLED:
        raise Refused(_("会议已取消。"))
    if meeting.state == MeetingState.HELD or at >= meeting.ends_at:
        raise Refused(_("会议已经结束，不能再请假。"))

    def look() -> None:
        standing = Absence.objects.filter(meeting=meeting, person_id=person_id).exclude(
            state=AbsenceState.WITHDRAWN
        )
        if standing.exists():
            raise Refused(_("这场会议已经请过假。"))

    look()
    cutoff = settings_of(meeting.branch_id, meeting.on).leave_cutoff
    due_before = absence_due_before(meeting.on, calendar(), cutoff)
    with unless_taken(look):
        absence = Absence.objects.create(
            meeting=meeting,
            person_id=person_id,
            kind=kind,
            reason=reason,
            given_at=at,
            is_in_time=is_absence_in_time(at, due_before),
            updated_at=at,
        )
    _follow(absence, actor, at)
    _tell_leaders(absence, actor, at)
    _record("give_absence", absence, "", actor, at)
    return absence


@transaction.atomic
def withdraw_absence(*, absence_id: int, actor: Actor, at: datetime) -> Absence:
    """Take one's own notice back, before the meeting begins: one comes after all."""
    absence = absence_for(actor, absence_id)
    if absence.person_id != actor.person_id:
        raise NotAllowed(_("假单由本人撤回。"))
    if absence.state == AbsenceState.WITHDRAWN:
        raise Refused(_("假单已经撤回。"))
    meeting = sitting_of(absence.meeting)
    if meeting.state in (MeetingState.RUNNING, MeetingState.HELD) or at >= meeting.ends_at:
        raise Refused(_("会议已经开始，来了就直接签到。"))
    before = absence.state
    absence = _moved(absence, at, state=AbsenceState.WITHDRAWN)
    _follow(absence, actor, at)
    _record("withdraw_absence", absence, before, actor, at)
    return absence


@transaction.atomic
def decide_absence(
    *, absence_id: int, is_accepted: bool, opinion: str = "", actor: Actor, at: datetime
) -> Absence:
    """Accept a notice (an emergency, where it came too late), or refuse it with a reason.

    Whoever leads the branch decides, never about himself; a decision can be changed.
    """
    absence = absence_for(actor, absence_id)
    if not can_decide_absences(actor, absence.meeting.branch_id):
        raise NotAllowed(_("假单由分公司主管或总经理批。"))
    if absence.person_id == actor.person_id:
        raise NotAllowed(_("自己的假单由别人批。"))
    if absence.state == AbsenceState.WITHDRAWN:
        raise Refused(_("假单已经撤回。"))
    state = AbsenceState.ACCEPTED if is_accepted else AbsenceState.REFUSED
    if absence.state == state:
        raise Refused(_("已经这样批过。"))
    opinion = opinion.strip()
    if len(opinion) > REASON_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": REASON_AT_MOST}, field="opinion")
    if not is_accepted and not opinion:
        raise Refused(_("不准假时写明理由。"), field="opinion")
    before = absence.state
    absence = _moved(
        absence, at, state=state, opinion=opinion, decided_at=at, decided_by_id=actor.somebody
    )
    _follow(absence, actor, at)
    _tell_person(absence, at)
    _record("decide_absence", absence, before, actor, at, opinion)
    return absence


def keep_notices(joined: Meeting, at: datetime) -> None:
    """Have a meeting that leaves its sitting keep the notices given to both while it was held
    together: as they were given and decided. Part of that step's operation.
    """
    if joined.sitting_id is None or joined.sitting_since is None:
        return
    standing = Absence.objects.exclude(state=AbsenceState.WITHDRAWN)
    known = standing.filter(meeting=joined).values("person_id")
    given = standing.filter(meeting=joined.sitting_id, given_at__gte=joined.sitting_since)
    kept = list(given.exclude(person__in=known))
    for absence in kept:
        absence.pk, absence.meeting, absence.updated_at = None, joined, at
    Absence.objects.bulk_create(kept)


def _moved(absence: Absence, at: datetime, **values: object) -> Absence:
    """Change it from the state it was read in; refused where somebody was faster."""
    updated = Absence.objects.filter(pk=absence.pk, state=absence.state).update(
        updated_at=at, **values
    )
    if not updated:
        raise Refused(_("假单刚被别人动过，请刷新后再看。"))
    again = (
        Absence.objects.select_related("meeting__branch", "person", "decided_by")
        .filter(pk=absence.pk)
        .first()
    )
    if again is None:
        raise NotFound
    return again


def _follow(absence: Absence, actor: Actor, at: datetime) -> None:
    """Let a sign-in that is open, or over, say what the notice now means, beside others of the
    same sitting: whoever is excused by one of them stays so."""
    lead = sitting_of(absence.meeting)
    excuse = excuses_of(lead).get(absence.person_id)
    attendee = (
        Attendee.objects.select_related("meeting", "person")
        .filter(meeting=lead, person_id=absence.person_id)
        .first()
    )
    follow_notice(attendee, excuse or absence, excuse is not None, actor.somebody, at)


def _tell_leaders(absence: Absence, actor: Actor, at: datetime) -> None:
    """The supervisor, else the heads, is told at once."""
    meeting = absence.meeting
    found = holders_of([Role.SUPERVISOR], meeting.on, meeting.branch_id)
    leaders = [person for person in found if person.pk != actor.person_id]
    if not leaders:
        found = holders_of(HEADS, meeting.on, meeting.branch_id)
        leaders = [person for person in found if person.pk != actor.person_id]

    def title() -> str:
        words = _("%(name)s %(when)s的%(meeting)s请假")
        if not absence.is_in_time:
            words = _("%(name)s %(when)s的%(meeting)s请假，提得晚了")
        return words % _said(absence, actor.name)

    notify_all(
        [
            notice_to(
                person,
                kind=NoticeKind.MEETING,
                group=f"absence:{meeting.pk}",
                key=f"absence:{absence.pk}",
                title=title,
                body=absence.reason,
                url=reverse("absences"),
                at=at,
            )
            for person in leaders
        ]
    )


def _tell_person(absence: Absence, at: datetime) -> None:
    """Whoever gave the notice is told what became of it."""

    def title() -> str:
        words = _("%(when)s的%(meeting)s准假")
        if absence.state == AbsenceState.REFUSED:
            words = _("%(when)s的%(meeting)s不准假")
        return words % _said(absence, "")

    notify_all(
        [
            notice_to(
                absence.person,
                kind=NoticeKind.MEETING,
                group=f"absence:{absence.meeting_id}",
                key=f"absence:{absence.pk}:{absence.state}:{at:%H%M%S}",
                title=title,
                body=absence.opinion,
                url=reverse("meeting", args=[absence.meeting_id]),
                at=at,
            )
        ]
    )


def _said(absence: Absence, name: str) -> dict[str, str]:
    with days_marked(None):
        return {
            "name": name,
            "when": moment(absence.meeting.starts_at),
            "meeting": sitting_name(absence.meeting),
        }


def _record(
    what: str, absence: Absence, before: str, actor: Actor, at: datetime, why: str = ""
) -> None:
    meeting: Meeting = absence.meeting
    name = Person.objects.values_list("name", flat=True).get(pk=absence.person_id)
    audit.record(
        actor=actor,
        at=at,
        what=f"meetings.{what}",
        target_type="absence",
        target_id=absence.pk,
        target_label=f"{label_of(meeting)} {name}",
        branch_id=meeting.branch_id,
        before={"state": before} if before else {},
        after={"state": absence.state, "kind": absence.kind}
        if not before
        else {"state": absence.state},
        why=why or (absence.reason if not before else ""),
    )
