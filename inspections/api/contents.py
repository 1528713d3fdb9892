"""Content marks over the API (M3.3, A3): what there is to mark, one sitting, marking it."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, BranchRef, PersonRef
from core.api.views import ActionView, ApiView, DetailView
from inspections.content_queries import Marking, contents_for, marking_of
from inspections.models import ContentMark
from inspections.operations.contents import NOTE_AT_MOST, mark_contents
from inspections.rules import CONTENT_BEST
from meetings.choices import MeetingKind, TopicKind


class SittingToMark(serializers.Serializer[Any]):
    """A sitting whose content is marked, and its marks so far."""

    meeting = serializers.IntegerField(source="meeting.pk")
    branch = BranchRef(source="meeting.branch")
    on = serializers.DateField(source="meeting.on")
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=MeetingKind.choices))
    topics = serializers.ListField(child=serializers.ChoiceField(choices=TopicKind.choices))
    marks = serializers.DictField(child=serializers.IntegerField())
    has_minutes = serializers.BooleanField()


class MonthContentsShown(serializers.Serializer[Any]):
    """The month's sittings to mark, by branch and day."""

    month = serializers.CharField()
    sittings = SittingToMark(many=True)


class TopicMarkShown(serializers.Serializer[Any]):
    """The mark of one kind of content; without a mark it is not marked yet."""

    topic = serializers.ChoiceField(choices=TopicKind.choices)
    mark = serializers.IntegerField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    marked_at = serializers.DateTimeField(allow_null=True)
    marked_by = PersonRef(allow_null=True)


class MarkingShown(serializers.Serializer[Any]):
    """A sitting's contents with their marks."""

    meeting = serializers.IntegerField(source="meeting.pk")
    branch = BranchRef(source="meeting.branch")
    version = serializers.IntegerField()
    is_ready = serializers.BooleanField()
    topics = serializers.SerializerMethodField()

    @extend_schema_field(TopicMarkShown(many=True))
    def get_topics(self, marking: Marking) -> Any:
        """Each kind that the sitting owes."""
        rows = []
        for topic in marking.topics:
            mark = marking.marks.get(topic.value)
            rows.append(
                {
                    "topic": topic.value,
                    "mark": mark.mark if mark else None,
                    "note": mark.note if mark else "",
                    "marked_at": mark.marked_at if mark else None,
                    "marked_by": mark.marked_by if mark else None,
                }
            )
        return TopicMarkShown(rows, many=True).data


class _Contents(ApiView):
    def queryset_for(self, actor: Actor) -> QuerySet[ContentMark]:
        """Nothing by itself: a sitting's contents are read as a whole."""
        return ContentMark.objects.none()


class MonthContents(_Contents, DetailView):
    """What there is to mark in a month."""

    serializer_class: Any = MonthContentsShown

    def thing(self) -> dict[str, Any]:
        """The month, for those who see every branch."""
        month = self.kwargs["month"]
        return {"month": month.key, "sittings": contents_for(self.actor, month, self.at)}


class _OneContent(_Contents):
    serializer_class: Any = MarkingShown

    def thing(self) -> Marking:
        """The contents of the meeting's sitting."""
        return marking_of(self.actor, self.kwargs["pk"], self.at)


class ContentDetail(_OneContent, DetailView):
    """A sitting's contents with their marks."""


class ContentMarksBody(Body):
    """Marks from 0 to 5 and words, by kind; what is not named stays as it stands."""

    marks = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=CONTENT_BEST), allow_empty=False
    )
    notes = serializers.DictField(
        child=serializers.CharField(max_length=NOTE_AT_MOST, allow_blank=True), default=dict
    )


class ContentMarkAct(_OneContent, ActionView):
    """Mark what a sitting's minutes say."""

    body_class = ContentMarksBody

    def perform(self, thing: Marking, body: dict[str, Any], expected_version: int) -> Any:
        """Mark."""
        marking = mark_contents(
            meeting_id=thing.meeting.pk,
            marks=body["marks"],
            notes=body["notes"],
            **self.acting(expected_version),
        )
        return self.shown(marking)


_ONE = "meeting-contents/meeting/<int:pk>/"
urlpatterns = [
    path("meeting-contents/<month:month>/", MonthContents.as_view(), name="api-contents"),
    path(_ONE, ContentDetail.as_view(), name="api-content"),
    path(f"{_ONE}mark/", ContentMarkAct.as_view(), name="api-content-mark"),
]
