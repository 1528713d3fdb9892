"""Attendance per person and month, and what a meeting lacks, over the API (annexes 3.5, 3.8)."""

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import BranchRef, PersonRef
from core.api.views import ApiView, DetailView
from core.lists import columns_named
from meetings.attendance_table import attendance_columns, attendance_workbook
from meetings.choices import MeetingKind, Presence
from meetings.completeness import HINT, INCOMPLETE, MISSING
from meetings.completeness_words import lack_words
from meetings.models import Meeting
from meetings.queries.attendance import Attendance, attendance_for
from meetings.queries.completeness import Duty, duties_of_sitting
from meetings.queries.occurrences import meeting_for, meetings_for
from worklogs.api.rollups import XLSX


class StoodShown(serializers.Serializer[Any]):
    """How somebody stood to one sitting."""

    meeting = serializers.IntegerField(source="meeting_id")
    state = serializers.ChoiceField(choices=Presence.choices)
    arrived_at = serializers.DateTimeField(allow_null=True)


class AttendanceShown(serializers.Serializer[Any]):
    """A person's month: how often expected and come, and each sitting, earliest first."""

    person = PersonRef()
    expected = serializers.IntegerField()
    came = serializers.IntegerField()
    rate = serializers.CharField()
    meetings = serializers.SerializerMethodField()

    @extend_schema_field(StoodShown(many=True))
    def get_meetings(self, one: Attendance) -> Any:
        """Each sitting."""
        return StoodShown([stood for _meeting, stood in one.rows], many=True).data


class BranchAttendanceShown(serializers.Serializer[Any]):
    """A branch's month, person by person; one's own line where one does not lead it."""

    branch = BranchRef()
    month = serializers.CharField()
    people = AttendanceShown(many=True)


class _OfBranch(ApiView):
    def queryset_for(self, actor: Actor) -> QuerySet[Meeting]:
        """Meetings of the branches the actor sees."""
        return meetings_for(actor)


class BranchAttendance(_OfBranch, DetailView):
    """Who was at a branch's meetings of a month."""

    serializer_class: Any = BranchAttendanceShown

    def thing(self) -> dict[str, Any]:
        """The month as its reader sees it."""
        month = self.kwargs["month"]
        branch, people = attendance_for(self.actor, self.kwargs["branch"], month, self.at)
        return {"branch": branch, "month": month.key, "people": people}


class AttendanceWorkbook(_OfBranch, DownloadView):
    """The same as a workbook."""

    media_types = (XLSX,)

    def outgoing(self) -> Outgoing:
        """As it stands."""
        month = self.kwargs["month"]
        branch, rows = attendance_for(self.actor, self.kwargs["branch"], month, self.at)
        columns = columns_named(attendance_columns(), [])
        made = attendance_workbook(rows, columns, branch, month, self.at)
        return Outgoing(
            f"{made.name}.xlsx", made.content, XLSX, rows=made.rows, branch_id=branch.pk
        )


class LackShown(serializers.Serializer[Any]):
    """One thing that is missing: its code, how much it weighs, in words."""

    code = serializers.CharField()
    weight = serializers.ChoiceField(choices=(MISSING, INCOMPLETE, HINT))
    count = serializers.IntegerField()
    text = serializers.SerializerMethodField()

    def get_text(self, lack: Any) -> str:
        """In the reader's language."""
        return lack_words(lack)


class DutyShown(serializers.Serializer[Any]):
    """A duty of the sitting and what it lacks; the record's lacks stand at the sitting's own."""

    meeting = serializers.IntegerField(source="meeting.pk")
    kind = serializers.ChoiceField(choices=MeetingKind.choices, source="meeting.kind")
    standing = serializers.CharField(source="facts.standing")
    is_over = serializers.BooleanField()
    lacks = serializers.SerializerMethodField()

    @extend_schema_field(LackShown(many=True))
    def get_lacks(self, duty: Duty) -> Any:
        """What is missing."""
        lacks = duty.all_lacks if duty.is_lead else duty.lacks
        return LackShown(lacks, many=True).data


class MeetingLacksShown(serializers.Serializer[Any]):
    """What a sitting lacks, duty by duty."""

    duties = DutyShown(many=True)


class MeetingLacks(_OfBranch, DetailView):
    """What a meeting lacks, as of now (annex 3.8)."""

    serializer_class: Any = MeetingLacksShown

    def thing(self) -> dict[str, Any]:
        """The duties of the meeting's sitting."""
        meeting = meeting_for(self.actor, self.kwargs["pk"])
        return {"duties": duties_of_sitting(meeting, self.at)}


_MONTH = "meetings/attendance/<month:month>/<int:branch>/"
urlpatterns: list[URLPattern] = [
    path(_MONTH, BranchAttendance.as_view(), name="api-attendance"),
    path(f"{_MONTH}workbook/", AttendanceWorkbook.as_view(), name="api-attendance-workbook"),
    path("meetings/<int:pk>/lacks/", MeetingLacks.as_view(), name="api-meeting-lacks"),
]
