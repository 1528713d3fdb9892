"""Who is told of a meeting's arrangement, and in which words."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _

from core.actors import Actor
from core.formats import moment
from core.marked_days import days_marked
from duties.choices import NoticeKind
from duties.notices import notice_to
from duties.operations import notify_all
from meetings.choices import MeetingState
from meetings.models import Meeting
from meetings.queries.occurrences import posts_for
from meetings.words import BY_RULE, sitting_name
from organization.models import Person


def people_of(meeting: Meeting) -> list[Person]:
    """Whoever must attend the meeting or may hold it, each once."""
    posts = posts_for([meeting])
    delegate = posts.delegate(meeting)
    people = [*posts.expected(meeting), *posts.holders(meeting), *([delegate] if delegate else [])]
    return list({person.pk: person for person in people}.values())


def tell_holders(meetings: Iterable[Meeting], at: datetime) -> None:
    """Tell whoever may hold these meetings what the calendar made of their arrangement."""
    meetings = list(meetings)
    posts = posts_for(meetings)

    def title(meeting: Meeting) -> str:
        words = _("%(meeting)s改到 %(when)s")
        if meeting.state == MeetingState.CANCELLED:
            words = _("%(when)s的%(meeting)s取消")
        with days_marked(None):
            return words % {"meeting": sitting_name(meeting), "when": moment(meeting.starts_at)}

    notify_all(
        [
            notice_to(
                person,
                kind=NoticeKind.MEETING,
                group=f"meeting:{meeting.pk}",
                key=f"meeting:{meeting.pk}:{meeting.version}",
                title=partial(title, meeting),
                body=lambda: _(BY_RULE),
                url=reverse("meeting", args=[meeting.pk]),
                at=at,
            )
            for meeting in meetings
            for person in posts.owing(meeting)
        ]
    )


def tell_arranged(
    meeting: Meeting,
    words: Callable[[str, str], str],
    reason: str,
    actor: Actor,
    at: datetime,
    *,
    people: Iterable[Person] | None = None,
) -> None:
    """Tell everybody of the meeting, or ``people``, but whoever did it.

    ``words`` are called with the meeting's name and its time, in each language.
    """

    def title() -> str:
        with days_marked(None):
            return words(sitting_name(meeting), moment(meeting.starts_at))

    notify_all(
        [
            notice_to(
                person,
                kind=NoticeKind.MEETING,
                group=f"meeting:{meeting.pk}",
                key=f"meeting:{meeting.pk}:{meeting.version}",
                title=title,
                body=reason,
                url=reverse("meeting", args=[meeting.pk]),
                at=at,
            )
            for person in (people_of(meeting) if people is None else people)
            if person.pk != actor.person_id
        ]
    )
