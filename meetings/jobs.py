"""What the worker does for meetings: remind everybody twice, each time in one notice."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import hour, moment, short_day
from core.jobs import Effect, Progress
from core.marked_days import days_marked
from core.periods import local, local_date
from duties.choices import NoticeKind
from duties.letters import letters_for
from duties.models import Notice
from duties.notices import notice_to
from duties.operations import notify_and_mail
from meetings.attendance_rules import is_excused
from meetings.choices import MeetingState
from meetings.models import Absence, Meeting
from meetings.queries.occurrences import posts_for, with_sittings
from meetings.rules import REMIND_BEFORE
from meetings.words import sitting_name
from organization.in_force import settings_on
from organization.models import Person


def remind_evening(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """The evening before: tomorrow's meetings, in one notice and one mail to each."""
    tomorrow = local_date(at) + timedelta(days=1)
    meetings = list(_planned().filter(on=tomorrow, starts_at__gt=at))
    settings = settings_on(local_date(at), {meeting.branch_id for meeting in meetings})
    now = local(at).time()
    mine = [one for one in meetings if settings[one.branch_id].meeting_evening == now]
    return _remind(mine, f"meetings-evening:{tomorrow}", _evening_title, at)


def remind_soon(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Ten minutes before it begins."""
    meetings = list(_planned().filter(starts_at=at + REMIND_BEFORE))
    return _remind(meetings, f"meetings-soon:{at + REMIND_BEFORE:%Y-%m-%dT%H:%MZ}", _soon_title, at)


def _planned() -> QuerySet[Meeting]:
    """Sittings that still stand."""
    return with_sittings(Meeting.objects.leading().filter(state=MeetingState.PLANNED))


def _remind(
    meetings: Sequence[Meeting], key: str, title: Callable[[Sequence[Meeting]], str], at: datetime
) -> Effect:
    """One notice to each person for all of the meetings that concern him."""
    notices = [
        notice_to(
            person,
            kind=NoticeKind.REMINDER,
            group=key,
            key=key,
            title=partial(title, own),
            body=partial(_lines, own) if len(own) > 1 else "",
            url=_way(own),
            at=at,
        )
        for person, own in _reminded(meetings)
    ]
    letters = letters_for(notices, kind="meetings", at=at)

    def write() -> dict[str, Any]:
        known = set(
            Notice.objects.filter(
                key=key, person__in=[notice.person_id for notice in notices]
            ).values_list("person_id", flat=True)
        )
        new = [notice for notice in notices if notice.person_id not in known]
        told = {notice.person_id for notice in new}
        notify_and_mail(
            new,
            [letter for letter in letters if letter.addressees[0].person_id in told],
            at=at,
        )
        return {"reminded": len(new)}

    return write


def _reminded(meetings: Sequence[Meeting]) -> list[tuple[Person, list[Meeting]]]:
    """Whoever must come and is not excused, and whoever holds it, with their meetings."""
    posts = posts_for(meetings)
    sittings = {one.pk: lead.pk for lead in meetings for one in (lead, *lead.joined.all())}
    excused = {
        (sittings[absence.meeting_id], absence.person_id)
        for absence in Absence.objects.filter(meeting__in=sittings)
        if is_excused(is_in_time=absence.is_in_time, state=absence.state)
    }
    people: dict[int, Person] = {}
    found: dict[int, list[Meeting]] = defaultdict(list)
    for meeting in sorted(meetings, key=lambda one: one.starts_at):
        delegate = posts.delegate(meeting)
        holding = [delegate] if delegate else posts.holders(meeting)
        concerned = {person.pk: person for person in [*posts.expected(meeting), *holding]}
        for person in concerned.values():
            if (meeting.pk, person.pk) not in excused:
                people[person.pk] = person
                found[person.pk].append(meeting)
    return [(people[pk], found[pk]) for pk in sorted(found)]


def _way(meetings: Sequence[Meeting]) -> str:
    if len(meetings) == 1:
        return reverse("meeting", args=[meetings[0].pk])
    return reverse("meetings")


def _evening_title(meetings: Sequence[Meeting]) -> str:
    first = meetings[0]
    with days_marked(None):
        if len(meetings) == 1:
            return _("%(when)s %(meeting)s，%(place)s") % {
                "when": moment(first.starts_at),
                "meeting": sitting_name(first),
                "place": first.place,
            }
        return ngettext(
            "%(day)s有 %(n)d 场会议，第一场 %(hour)s 开始",
            "%(day)s有 %(n)d 场会议，第一场 %(hour)s 开始",
            len(meetings),
        ) % {"day": short_day(first.on), "n": len(meetings), "hour": hour(first.starts_at)}


def _soon_title(meetings: Sequence[Meeting]) -> str:
    first = meetings[0]
    return _("%(hour)s %(meeting)s就要开始，%(place)s") % {
        "hour": hour(first.starts_at),
        "meeting": "、".join(sitting_name(one) for one in meetings),
        "place": first.place,
    }


def _lines(meetings: Sequence[Meeting]) -> str:
    return "\n".join(
        f"{hour(one.starts_at)} {sitting_name(one)} {one.place}".strip() for one in meetings
    )
