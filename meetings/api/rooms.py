"""The room over the API: opened, begun, called over, ended; signing in by code; the sheet."""

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, BranchRef, IdField, PersonRef
from core.api.views import ActionView, ApiView, DetailView
from core.errors import Refused
from meetings.choices import Presence, Refusal, ScanPart, SignInWay
from meetings.models import Attendee, Meeting, RefusedSignIn
from meetings.operations import rooms
from meetings.operations.sign_ins import DEVICE_AT_LEAST, sign_in_by_code
from meetings.papers import sign_in_pdf
from meetings.permissions import can_hold, can_see_meetings
from meetings.queries.occurrences import kinds_of, meetings_for, sitting_of, standing
from meetings.queries.rooms import code_of_room, refusals_of, seats_of
from meetings.room_words import TURNED_AWAY
from meetings.rules import CODE_LIVES
from meetings.sign_in_codes import LONGEST, numbers_of_a_code
from meetings.steps import HEADS_AT_MOST, REASON_AT_MOST

PDF = "application/pdf"
_DEVICE_AT_MOST = 200


class ChangeShown(serializers.Serializer[Any]):
    """A presence amended after it was settled: both states, who and why."""

    before = serializers.ChoiceField(choices=Presence.choices)
    before_at = serializers.DateTimeField(allow_null=True)
    after = serializers.ChoiceField(choices=Presence.choices)
    after_at = serializers.DateTimeField(allow_null=True)
    why = serializers.CharField()
    at = serializers.DateTimeField()
    by = PersonRef()


class SeatShown(serializers.Serializer[Any]):
    """Somebody expected, and how he stands; before the sign-in is open known excuses only."""

    person = PersonRef()
    state = serializers.ChoiceField(choices=Presence.choices)
    arrived_at = serializers.DateTimeField(allow_null=True)
    way = serializers.ChoiceField(choices=[("", ""), *SignInWay.choices])
    note = serializers.CharField()
    changes = ChangeShown(many=True)


class RefusedShown(serializers.Serializer[Any]):
    """Whom the code turned away."""

    person = PersonRef()
    why = serializers.ChoiceField(choices=Refusal.choices)
    at = serializers.DateTimeField()


class RoomShown(serializers.ModelSerializer[Meeting]):
    """A sitting's room; ``refused`` is for whoever holds it."""

    branch = BranchRef()
    kinds = serializers.SerializerMethodField()
    standing = serializers.SerializerMethodField()
    chair = PersonRef(allow_null=True)
    acts_for = PersonRef(allow_null=True)
    recorder = PersonRef(allow_null=True)
    seats = serializers.SerializerMethodField()
    refused = serializers.SerializerMethodField()

    class Meta:
        model = Meeting
        fields = (
            "id",
            "version",
            "branch",
            "kinds",
            "standing",
            "starts_at",
            "ends_at",
            "room_at",
            "opened_at",
            "closed_at",
            "head_count",
            "count_why",
            "chair",
            "acts_for",
            "recorder",
            "reason",
            "seats",
            "refused",
        )

    def get_kinds(self, meeting: Meeting) -> list[str]:
        """The duties of the sitting."""
        return list(kinds_of(meeting))

    def get_standing(self, meeting: Meeting) -> str:
        """How it stands now."""
        return standing(meeting, self.context["view"].at)

    @extend_schema_field(SeatShown(many=True))
    def get_seats(self, meeting: Meeting) -> Any:
        """Everybody expected."""
        return SeatShown(seats_of(meeting), many=True).data

    @extend_schema_field(RefusedShown(many=True))
    def get_refused(self, meeting: Meeting) -> Any:
        """Whom the code turned away, newest first."""
        is_holders = can_hold(self.context["view"].actor, meeting)
        return RefusedShown(refusals_of(meeting) if is_holders else [], many=True).data


class _Rooms(ApiView):
    serializer_class: Any = RoomShown

    def queryset_for(self, actor: Actor) -> QuerySet[Meeting]:
        """Meetings of the branches the actor sees."""
        found = meetings_for(actor) if can_see_meetings(actor) else Meeting.objects.none()
        return found.select_related("chair", "acts_for", "recorder")


class MeetingRoom(_Rooms, DetailView):
    """The room of a sitting: who is expected, how everybody stands."""


class _RoomAction(_Rooms, ActionView):
    pass


class MeetingRoomOpen(_RoomAction):
    """Open the sign-in."""

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Meeting:
        """Open."""
        return rooms.open_room(meeting_id=thing.pk, **self.acting(expected_version))


class RecorderBody(Body):
    """Who writes the minutes down, where somebody is to be named now."""

    recorder = IdField(required=False)


class MeetingBegin(_RoomAction):
    """Begin; who begins chairs it."""

    body_class = RecorderBody

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Meeting:
        """Begin."""
        return rooms.begin_meeting(
            meeting_id=thing.pk,
            recorder_id=body.get("recorder"),
            **self.acting(expected_version),
        )


class MeetingEndBody(RecorderBody):
    """How many of those expected were counted in the room; ``count_why`` where that is not how
    many have signed in."""

    head_count = serializers.IntegerField(min_value=0, max_value=HEADS_AT_MOST)
    count_why = serializers.CharField(max_length=REASON_AT_MOST, allow_blank=True, default="")


class MeetingEnd(_RoomAction):
    """End and file it; whoever has not signed was absent."""

    body_class = MeetingEndBody

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Meeting:
        """End."""
        return rooms.end_meeting(
            meeting_id=thing.pk,
            head_count=body["head_count"],
            count_why=body["count_why"],
            recorder_id=body.get("recorder"),
            **self.acting(expected_version),
        )


class NotHeldBody(Body):
    """Why it was not held."""

    reason = serializers.CharField(max_length=REASON_AT_MOST)


class MeetingNotHeld(_RoomAction):
    """Say why it was not held."""

    body_class = NotHeldBody

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Meeting:
        """Say so."""
        return rooms.say_not_held(
            meeting_id=thing.pk, reason=body["reason"], **self.acting(expected_version)
        )


class PresenceBody(Body):
    """A roll call of one: on the state ``seen`` (409 when it has changed meanwhile); ``why`` for
    what a code settled and what is amended after the end."""

    person = IdField()
    seen = serializers.ChoiceField(choices=Presence.choices)
    state = serializers.ChoiceField(choices=Presence.choices)
    note = serializers.CharField(max_length=REASON_AT_MOST, allow_blank=True, default="")
    why = serializers.CharField(max_length=REASON_AT_MOST, allow_blank=True, default="")


class MeetingPresence(_RoomAction):
    """Call somebody over."""

    body_class = PresenceBody
    needs_version = False

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Meeting:
        """Set it."""
        rooms.set_presence(
            meeting_id=thing.pk,
            person_id=body["person"],
            state=body["state"],
            note=body["note"],
            why=body["why"],
            seen=body["seen"],
            actor=self.actor,
            at=self.at,
        )
        return thing


class NumberShown(serializers.Serializer[Any]):
    """A number of two digits beside the code, and from when."""

    number = serializers.CharField()
    shown_from = serializers.DateTimeField()


class CodeShown(serializers.Serializer[Any]):
    """A code for the screen: what it opens on a phone, until when it counts, and the numbers
    that stand beside it meanwhile."""

    code = serializers.CharField()
    url = serializers.URLField()
    expires_at = serializers.DateTimeField()
    numbers = NumberShown(many=True)


class MeetingCode(_Rooms, DetailView):
    """A new code, for whoever holds the meeting; it counts for a minute."""

    serializer_class: Any = CodeShown

    def thing(self) -> Any:
        """The code."""
        meeting = super().thing()
        code = code_of_room(self.actor, meeting.pk, self.at)
        url = self.request.build_absolute_uri(reverse("sign-in-here", args=[code]))
        return {
            "code": code,
            "url": url,
            "expires_at": self.at + CODE_LIVES,
            "numbers": numbers_of_a_code(meeting.pk, self.at),
        }

    def version_of(self, thing: Any) -> int:
        """Always another one."""
        return 0


class SignInBody(Body):
    """The code that was scanned and the number on the screen; ``device`` is something that this
    phone keeps and no other."""

    code = serializers.CharField(max_length=LONGEST)
    number = serializers.RegexField(r"^[0-9]{2}$")
    device = serializers.CharField(min_length=DEVICE_AT_LEAST, max_length=_DEVICE_AT_MOST)


class SignedInShown(serializers.ModelSerializer[Attendee]):
    """That one has signed in, and when."""

    person = PersonRef()

    class Meta:
        model = Attendee
        fields = ("meeting", "person", "state", "arrived_at", "way")


class MeetingSignIn(ApiView):
    """Sign in by the code on the screen: within its minute, once, only who is expected."""

    serializer_class: Any = SignedInShown
    body_class = SignInBody

    def queryset_for(self, actor: Actor) -> QuerySet[Attendee]:
        """One's own lines."""
        return Attendee.objects.filter(person_id=actor.person_id or 0)

    def post(self, request: Any, **kwargs: Any) -> Response:
        """Sign in. A refusal is kept for whoever holds the meeting, whatever is answered."""
        body = self.body()
        signed = sign_in_by_code(
            code=body["code"],
            number=body["number"],
            device=body["device"],
            actor=self.actor,
            at=self.at,
        )
        if isinstance(signed, RefusedSignIn):
            field = "number" if signed.why == Refusal.NUMBER else "code"
            raise Refused(TURNED_AWAY[signed.why], field=field)
        return self.answer(signed)


class SignInSheet(_Rooms, DownloadView):
    """The sign-in sheet as PDF: to be signed before, filled in after."""

    media_types = (PDF,)

    def outgoing(self) -> Outgoing:
        """The sheet as it stands."""
        meeting = sitting_of(self.thing())
        scan = f"{reverse('scan-add', args=[meeting.pk])}?part={ScanPart.SIGN_IN}"
        url = self.request.build_absolute_uri(scan)
        name, content, rows = sign_in_pdf(meeting, url=url)
        return Outgoing(
            name=name,
            content=content,
            content_type=PDF,
            rows=rows,
            level=meeting.level,
            branch_id=meeting.branch_id,
        )


_ROOM = "meetings/<int:pk>/room/"
urlpatterns: list[URLPattern] = [
    path("meetings/sign-in/", MeetingSignIn.as_view(), name="api-sign-in-here"),
    path(_ROOM, MeetingRoom.as_view(), name="api-meeting-room"),
    path(f"{_ROOM}open/", MeetingRoomOpen.as_view(), name="api-meeting-room-open"),
    path(f"{_ROOM}begin/", MeetingBegin.as_view(), name="api-meeting-begin"),
    path(f"{_ROOM}presence/", MeetingPresence.as_view(), name="api-meeting-presence"),
    path(f"{_ROOM}code/", MeetingCode.as_view(), name="api-meeting-code"),
    path(f"{_ROOM}end/", MeetingEnd.as_view(), name="api-meeting-end"),
    path(f"{_ROOM}not-held/", MeetingNotHeld.as_view(), name="api-meeting-not-held"),
    path("meetings/<int:pk>/sign-in.pdf", SignInSheet.as_view(), name="api-sign-in-sheet"),
]
