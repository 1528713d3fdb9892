"""Marking what minutes say (M3.3, A3): each kind of content from 0 to 5, by an inspector."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.unique import unless_taken
from inspections.content_queries import Marking, marking_of
from inspections.models import ContentMark
from inspections.permissions import can_inspect
from inspections.rules import CONTENT_BEST
from meetings.choices import TopicKind
from meetings.steps import label_of

NOTE_AT_MOST: Final = 200


@transaction.atomic
def mark_contents(
    *,
    meeting_id: int,
    marks: Mapping[str, int | None],
    notes: Mapping[str, str] | None = None,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Marking:
    """Mark kinds of content of a sitting's minutes (M3.3); what is None stays as it stands.

    For an inspector from elsewhere (annex 11.11). What stood before stays on record. Refused
    without minutes, and for a kind that the meeting does not owe (M3.1, A2).
    """
    marking = marking_of(actor, meeting_id, at)
    lead = marking.meeting
    if not can_inspect(actor, lead.branch_id):
        raise NotAllowed(_("由市场部评分，不能由被检查分公司的人评分。"))
    if not marking.topics:
        raise Refused(_("这种会议不评内容。"))
    if not marking.is_ready:
        raise Refused(_("还没有纪要，不能评分。"))
    if marking.version != expected_version:
        raise Stale(as_plain(marking))
    given = {topic: mark for topic, mark in marks.items() if mark is not None}
    said = {topic: text.strip() for topic, text in (notes or {}).items()}
    _check(marking, given, said)
    changed = {
        topic: mark
        for topic, mark in given.items()
        if (mark, said.get(topic, "")) != _standing(marking, topic)
    }
    if not changed:
        raise Refused(_("没有改动。"))
    with unless_taken(lambda: None):
        ContentMark.objects.filter(
            meeting=lead, topic__in=changed, replaced_at__isnull=True
        ).update(replaced_at=at)
        ContentMark.objects.bulk_create(
            ContentMark(
                meeting=lead,
                topic=topic,
                mark=mark,
                note=said.get(topic, ""),
                marked_at=at,
                marked_by_id=actor.somebody,
            )
            for topic, mark in changed.items()
        )
    after = marking_of(actor, meeting_id, at)
    audit.record(
        actor=actor,
        at=at,
        what="inspections.mark_contents",
        target_type="meeting",
        target_id=lead.pk,
        target_label=label_of(lead),
        branch_id=lead.branch_id,
        before={"content_marks": _plain_marks(marking)},
        after={"content_marks": _plain_marks(after)},
    )
    return after


def _standing(marking: Marking, topic: str) -> tuple[int, str] | None:
    standing = marking.marks.get(topic)
    return (standing.mark, standing.note) if standing else None


def _check(marking: Marking, given: Mapping[str, int], notes: Mapping[str, str]) -> None:
    for topic, mark in given.items():
        if topic not in marking.topics:
            raise Refused(_("这场会议不评这一项。"), field=topic)
        if not 0 <= mark <= CONTENT_BEST:
            raise Refused(_("评 0 到 %(n)d 分。") % {"n": CONTENT_BEST}, field=topic)
    for topic, text in notes.items():
        if len(text) > NOTE_AT_MOST:
            raise Refused(_("最多 %(n)d 个字。") % {"n": NOTE_AT_MOST}, field=f"note_{topic}")


def _plain_marks(marking: Marking) -> str:
    return "，".join(
        f"{TopicKind(topic).label} {mark.mark}" for topic, mark in marking.marks.items()
    )


def as_plain(marking: Marking) -> dict[str, object]:
    """The marks as a writer who came too late sees them."""
    return {
        "version": marking.version,
        "marks": {topic: mark.mark for topic, mark in marking.marks.items()},
    }
