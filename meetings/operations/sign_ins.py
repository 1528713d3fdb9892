"""The attendees sign in themselves: on their phones, by the code on the screen (annex 3.5)."""

from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import Refused, Stale
from core.unique import is_taken
from meetings.attendance_rules import is_code_valid, is_late, is_scan_fresh
from meetings.choices import CAME, MISREAD, Presence, Refusal, SignInWay
from meetings.models import Attendee, Meeting, RefusedSignIn
from meetings.presences import settled, shown, whose
from meetings.queries.rooms import is_sign_in_open
from meetings.sign_in_codes import SignInCode, device_hash, is_number_shown, read_code
from meetings.steps import label_of
from organization.models import Person

DEVICE_AT_LEAST: Final = 8
# The same refusal within so long is one row: a phone that tries again and again.
_AGAIN: Final = timedelta(seconds=60)


@transaction.atomic
def sign_in_by_code(
    *,
    code: str,
    number: str,
    device: str,
    scanned_at: datetime | None = None,
    asked_password: bool = False,
    actor: Actor,
    at: datetime,
) -> Attendee | RefusedSignIn:
    """Sign in at the meeting whose code was scanned; or the refusal, which its holder sees.

    Only somebody expected, once, within the code's sixty seconds, who sees the ``number`` that
    stands on the screen, and with a ``device`` that has signed for nobody else. After a second
    wrong number it takes another code. ``scanned_at`` is when the phone opened the code; where its
    owner was ``asked_password`` first, that is when he came. Signed in already, everything stays
    as it was. Refused for what is no code at all.
    """
    said = read_code(code)
    meeting = Meeting.objects.filter(pk=said.meeting_id).first() if said else None
    # A code that somebody made up says nothing of other branches' meetings, and nothing to them.
    is_foreign = meeting is not None and not actor.sees_branch(meeting.branch_id)
    if said is None or meeting is None or (is_foreign and not said.is_ours):
        raise Refused(_("这不是会议的签到码。"), field="code")
    if len(device) < DEVICE_AT_LEAST:
        raise Refused(_("没有说明是哪一部手机。"), field="device")
    # Held until the transaction ends: one's guesses at the number come in turn.
    attendee = (
        Attendee.objects.select_related("person", "meeting")
        .filter(meeting=meeting, person_id=actor.somebody)
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    seen_at = scanned_at or at
    is_fresh = is_code_valid(said.made_at, seen_at) and is_scan_fresh(
        seen_at, at, asked_password=asked_password
    )
    is_open = is_sign_in_open(meeting, at)
    why = _why_not(said, attendee, is_open=is_open, is_fresh=is_fresh) or (
        None if attendee is None or attendee.state in CAME else _misread(attendee, said, number, at)
    )
    if why is not None or attendee is None:
        return _refused(meeting, why or Refusal.STRANGER, actor, at)
    if attendee.state in CAME:
        return attendee
    came_at = seen_at if asked_password else at
    return _signed(meeting, attendee, device_hash(device), came_at, actor, at)


def _why_not(
    said: SignInCode, attendee: Attendee | None, *, is_open: bool, is_fresh: bool
) -> Refusal | None:
    if not said.is_ours:
        return Refusal.WRONG
    if not is_open:
        return Refusal.CLOSED
    if attendee is None:
        return Refusal.STRANGER
    if attendee.state not in CAME and not is_fresh:
        return Refusal.EXPIRED
    return None


def _misread(attendee: Attendee, said: SignInCode, number: str, at: datetime) -> Refusal | None:
    """Whether the number on the screen was misread; the second time the code is spent for him."""
    misread = RefusedSignIn.objects.filter(
        meeting_id=attendee.meeting_id,
        person_id=attendee.person_id,
        why__in=MISREAD,
        at__gte=said.made_at,
    ).values_list("why", flat=True)
    if Refusal.SPENT in misread:
        return Refusal.SPENT
    if is_number_shown(attendee.meeting_id, number, at):
        return None
    return Refusal.SPENT if misread else Refusal.NUMBER


def _signed(
    meeting: Meeting,
    attendee: Attendee,
    device: str,
    came_at: datetime,
    actor: Actor,
    at: datetime,
) -> Attendee | RefusedSignIn:
    """Write it down; the database sees to it that a phone signs for one person only."""
    is_late_now = is_late(came_at, meeting.starts_at, meeting.opened_at)
    before = shown(attendee)
    try:
        with transaction.atomic():
            signed = settled(
                attendee,
                Presence.LATE if is_late_now else Presence.PRESENT,
                way=SignInWay.CODE,
                arrived_at=came_at,
                by_id=actor.somebody,
                at=at,
                keeps=attendee.state != Presence.OPEN,
                device=device,
            )
    except IntegrityError as error:
        if not is_taken(error):
            raise
        return _refused(meeting, Refusal.BORROWED, actor, at)
    except Stale:
        return _as_it_is(meeting, attendee, actor, at)
    _record("sign_in_by_code", meeting, whose(signed), before, shown(signed), actor, at)
    return signed


def _as_it_is(
    meeting: Meeting, attendee: Attendee, actor: Actor, at: datetime
) -> Attendee | RefusedSignIn:
    """Somebody was faster: his own second tap, or the meeting's end."""
    now = Attendee.objects.select_related("person", "meeting").get(pk=attendee.pk)
    return now if now.state in CAME else _refused(meeting, Refusal.CLOSED, actor, at)


def _refused(meeting: Meeting, why: Refusal, actor: Actor, at: datetime) -> RefusedSignIn:
    """Keep it for whoever holds the meeting; tried again within a minute it is the same one,
    but every wrong number is counted."""
    # Held until the transaction ends: one person's refusals come in turn.
    own = Person.objects.filter(pk=actor.somebody).select_for_update(of=("self",), no_key=True)
    list(own.values_list("pk"))
    known = _known(meeting, why, actor, at)
    if known is not None and why != Refusal.NUMBER:
        return known
    refused = RefusedSignIn.objects.create(
        meeting=meeting, person_id=actor.somebody, why=why, at=at
    )
    _record("refuse_sign_in", meeting, actor.name, {}, {"refused": str(why)}, actor, at)
    return refused


def _known(meeting: Meeting, why: Refusal, actor: Actor, at: datetime) -> RefusedSignIn | None:
    """The same refusal of a moment ago."""
    return RefusedSignIn.objects.filter(
        meeting=meeting, person_id=actor.somebody, why=why, at__gt=at - _AGAIN
    ).first()


def _record(
    what: str,
    meeting: Meeting,
    who: str,
    before: dict[str, object],
    after: dict[str, object],
    actor: Actor,
    at: datetime,
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=f"meetings.{what}",
        target_type="meeting",
        target_id=meeting.pk,
        target_label=f"{label_of(meeting)} {who}",
        branch_id=meeting.branch_id,
        before=before,
        after=after,
    )
