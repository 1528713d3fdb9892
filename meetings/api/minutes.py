"""Minutes over the API (M2.2, M3.2, A3): drafted, submitted, returned, approved, corrected.

The minutes of a meeting stand at ``meetings/<id>/minutes/`` whether they were written or not.
Submitting goes with the draft's tag, what the chair decides with the minutes'.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, DayField, IdField, PersonRef, ReasonField
from core.api.views import ActionView, ApiView, DetailView, ListView
from core.drafts import draft_of
from core.errors import NotAllowed
from meetings.choices import MinutesState, TopicKind
from meetings.minutes_entries import LEVELS, MinutesEntry, draft_key
from meetings.minutes_papers import minutes_pdf
from meetings.minutes_permissions import can_read_minutes, can_record, can_take_minutes
from meetings.minutes_rules import (
    CONTENT_AT_MOST,
    EVIDENCE_AT_MOST,
    HELPERS_AT_MOST,
    KEY,
    OPINION_AT_MOST,
    ROWS_AT_MOST,
    SPEAKER_AT_MOST,
    TEXT_AT_MOST,
    TOPIC_AT_MOST,
)
from meetings.models import Meeting, MinutesVersion
from meetings.operations import minutes as operations
from meetings.queries.minutes import Written, level_of, sitting_for, version_for, written_of
from meetings.reading import note_reading


class MinutesVersionShown(serializers.ModelSerializer[MinutesVersion]):
    """A version as it was submitted; ``content`` has items, actions and the sign-in."""

    submitted_by = PersonRef()
    approved_by = PersonRef(allow_null=True)
    returned_by = PersonRef(allow_null=True)
    content = serializers.DictField()

    class Meta:
        model = MinutesVersion
        fields = (
            "number",
            "content",
            "sha256",
            "why",
            "submitted_at",
            "submitted_by",
            "approved_at",
            "approved_by",
            "returned_at",
            "returned_by",
            "opinion",
        )


class MinutesShown(serializers.Serializer[Any]):
    """The minutes of a sitting; ``state`` is "" and ``version`` 0 until they were submitted.

    ``latest`` is the version submitted last, null where ``is_readable`` is false: minutes above
    internal are for a named group (C2). ``standing`` is the number of the approved one.
    """

    meeting = serializers.IntegerField(source="meeting.pk")
    version = serializers.IntegerField(source="minutes.version", default=0)
    number = serializers.CharField()
    state = serializers.ChoiceField(
        choices=[("", ""), *MinutesState.choices], source="minutes.state", default=""
    )
    is_needed = serializers.BooleanField()
    due_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(source="minutes.received_at", default=None)
    minutes_late = serializers.IntegerField()
    chair = PersonRef(source="meeting.chair", allow_null=True)
    recorder = PersonRef(source="meeting.recorder", allow_null=True)
    level = serializers.IntegerField()
    is_readable = serializers.BooleanField()
    latest = MinutesVersionShown(source="shown", allow_null=True)
    standing = serializers.IntegerField(source="approved.number", default=None)


class ItemBody(Body):
    """An item; its ``key`` keeps it the same through every version, without one it is new."""

    key = serializers.RegexField(KEY, max_length=12, required=False)
    kind = serializers.ChoiceField(choices=[("", ""), *TopicKind.choices], default="")
    topic = serializers.CharField(max_length=TOPIC_AT_MOST, allow_blank=True, default="")
    speaker = serializers.CharField(max_length=SPEAKER_AT_MOST, allow_blank=True, default="")
    discussion = serializers.CharField(max_length=TEXT_AT_MOST, allow_blank=True, default="")
    conclusion = serializers.CharField(max_length=TEXT_AT_MOST, allow_blank=True, default="")
    document = IdField(required=False, allow_null=True)
    contribution = IdField(required=False, allow_null=True)
    is_kept = serializers.BooleanField(default=True)


class ActionBody(Body):
    """An action: what, by whom, by when, proved by what; ``helpers`` do it with the owner."""

    key = serializers.RegexField(KEY, max_length=12, required=False)
    content = serializers.CharField(max_length=CONTENT_AT_MOST, allow_blank=True, default="")
    owner = IdField(required=False, allow_null=True)
    helpers = serializers.ListField(child=IdField(), required=False, max_length=HELPERS_AT_MOST)
    due_on = DayField(required=False, allow_null=True)
    evidence = serializers.CharField(max_length=EVIDENCE_AT_MOST, allow_blank=True, default="")
    is_kept = serializers.BooleanField(default=True)


class MinutesBody(Body):
    """Everything that is written, in its order."""

    level = serializers.IntegerField(min_value=min(LEVELS), max_value=max(LEVELS), required=False)
    items = ItemBody(many=True, required=False, max_length=ROWS_AT_MOST)  # type: ignore[call-arg]
    actions = ActionBody(many=True, required=False, max_length=ROWS_AT_MOST)  # type: ignore[call-arg]


class MinutesCorrectBody(MinutesBody):
    """The corrected minutes, and why; without items what is in the draft."""

    why = ReasonField(allow_blank=False, default=serializers.empty)


@dataclass(frozen=True)
class DraftState:
    """A draft, or that there is none yet."""

    version: int = 0
    saved_at: datetime | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


class MinutesDraftShown(serializers.Serializer[Any]):
    """What the recorder is typing; version 0 when there is nothing yet."""

    version = serializers.IntegerField()
    saved_at = serializers.DateTimeField(allow_null=True)
    body = serializers.DictField()


class _OfMeeting(ApiView):
    """An address of a meeting's minutes."""

    serializer_class: Any = MinutesShown

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """The versions behind them."""
        return MinutesVersion.objects.select_related(
            "minutes", "submitted_by", "approved_by", "returned_by"
        )

    def thing(self) -> Any:
        """The minutes as they stand."""
        return written_of(self.actor, self.kwargs["pk"], self.at)

    def thing_again(self, pk: int) -> Any:
        """The address says which."""
        return self.thing()

    def version_of(self, thing: Any) -> int:
        """That of the minutes; 0 until they were submitted."""
        if isinstance(thing, Written):
            return thing.minutes.version if thing.minutes else 0
        return super().version_of(thing)

    def note(self, lead: Meeting, version: MinutesVersion) -> None:
        """Secret minutes are read: written down."""
        number = version.minutes.number
        note_reading(lead, version, number=number, actor=self.actor, at=self.at)


class MinutesDetail(_OfMeeting, DetailView):
    """A meeting's minutes: due when, written by whom, what they say.

    That secret ones were read is written down.
    """

    def get(self, request: Request, **kwargs: Any) -> Response:
        """The minutes as they stand."""
        found = self.thing()
        if found.shown is not None:
            self.note(found.meeting, found.shown)
        return self.answer(found)


class _Writing(_OfMeeting):
    """Addresses that take what is written."""

    def draft(self) -> DraftState:
        """The recorder's draft, an empty one when there is none."""
        lead = sitting_for(self.actor, self.kwargs["pk"])
        if not can_record(self.actor, lead):
            raise NotAllowed(operations.not_the_recorder(lead))
        draft = draft_of(self.actor.somebody, draft_key(lead.pk))
        return DraftState(draft.version, draft.saved_at, draft.body) if draft else DraftState()

    def entry(self, body: dict[str, Any]) -> MinutesEntry:
        """What was sent, else what is in the draft."""
        if not {"items", "actions", "level"} & set(body):
            return MinutesEntry.from_body(self.draft().body)
        return entry_of_body(body)

    def pointer_of(self, name: str) -> str:
        """``items.k1.topic`` stands at /items/0/topic."""
        part, _dot, rest = name.partition(".")
        key, _dot, named = rest.partition(".")
        rows = self.request.data.get(part) if hasattr(self.request.data, "get") else None
        for place, row in enumerate(rows if isinstance(rows, list) else ()):
            own = row.get("key") if isinstance(row, dict) else None
            if key and key == (own or f"{_PREFIXES.get(part, '')}{place + 1}"):
                return f"/{part}/{place}/{named}"
        return super().pointer_of(part)


# How rows without a key of their own are called.
_PREFIXES: Final = {"items": "n", "actions": "a"}


def entry_of_body(body: Mapping[str, Any]) -> MinutesEntry:
    """What a client wrote, as operations take it."""
    actions = [
        {**row, "due_on": row["due_on"].isoformat() if row.get("due_on") else ""}
        for row in body.get("actions", ())
    ]
    return MinutesEntry.from_body({**body, "actions": actions})


class MinutesDraft(_Writing, DetailView):
    """What the recorder is typing (autosave); nobody else reads it."""

    serializer_class = MinutesDraftShown
    body_class = MinutesBody

    def thing(self) -> DraftState:
        """The draft."""
        return self.draft()

    def put(self, request: Request, **kwargs: Any) -> Response:
        """Save what was typed."""
        expected = self.expected_version(self.thing())
        operations.save_minutes_draft(
            meeting_id=self.kwargs["pk"],
            entry=entry_of_body(self.body()),
            expected_version=expected,
            actor=self.actor,
            at=self.at,
        )
        return self.answer(self.thing())


class _MinutesAction(_OfMeeting, ActionView):
    def done(self, result: Any) -> Response:
        """The minutes after the act."""
        return self.answer(self.thing())


class _HandingIn(_Writing, _MinutesAction):
    """With the draft's tag; Stale is the draft: the operation shows it."""

    def expected_version(self, thing: Any) -> int:
        """The draft's version that the client has seen."""
        return super().expected_version(self.draft())

    def present_state(self) -> None:
        """The operation says it."""


class MinutesSubmit(_HandingIn):
    """The recorder submits them; ``If-Match`` carries the draft's tag."""

    body_class = MinutesBody

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> Any:
        """Submit."""
        return operations.submit_minutes(
            meeting_id=self.kwargs["pk"],
            entry=self.entry(body),
            **self.acting(expected_version),
        )


class MinutesCorrect(_HandingIn):
    """The recorder corrects approved minutes; ``If-Match`` carries the draft's tag."""

    body_class = MinutesCorrectBody

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> Any:
        """Correct."""
        why = body.pop("why")
        return operations.correct_minutes(
            meeting_id=self.kwargs["pk"],
            entry=self.entry(body),
            why=why,
            **self.acting(expected_version),
        )

    def pointer_of(self, name: str) -> str:
        """The reason stands at /why."""
        return "/why" if name == "reason" else super().pointer_of(name)


class MinutesReturnBody(Body):
    """What is to be mended."""

    opinion = serializers.CharField(max_length=OPINION_AT_MOST)


class MinutesReturn(_MinutesAction):
    """The chair gives them back."""

    body_class = MinutesReturnBody

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> Any:
        """Return."""
        return operations.return_minutes(
            meeting_id=self.kwargs["pk"],
            opinion=body["opinion"],
            **self.acting(expected_version),
        )


class MinutesApprove(_MinutesAction):
    """The chair approves and locks them."""

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> Any:
        """Approve."""
        return operations.approve_minutes(
            meeting_id=self.kwargs["pk"], **self.acting(expected_version)
        )


class MinutesRecorderBody(Body):
    """Who writes the minutes."""

    recorder = IdField()


class MinutesRecorder(_MinutesAction):
    """Who led or held the meeting names its recorder; ``If-Match`` carries the meeting's tag."""

    body_class = MinutesRecorderBody

    def expected_version(self, thing: Any) -> int:
        """The meeting's version that the client has seen."""
        return super().expected_version(thing.meeting)

    def present_state(self) -> None:
        """The operation says it."""

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> Any:
        """Name."""
        return operations.name_recorder(
            meeting_id=self.kwargs["pk"],
            recorder_id=body["recorder"],
            **self.acting(expected_version),
        )


class _Versions(_OfMeeting):
    serializer_class: Any = MinutesVersionShown

    def version_of(self, thing: Any) -> int:
        """A version's own number."""
        number: int = thing.number
        return number


class MinutesVersions(_Versions, ListView):
    """Every version that was submitted, newest first."""

    order = ("-number", "-pk")

    def get_queryset(self) -> QuerySet[Any]:
        """Those of this meeting that the actor may read; that he did is written down."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset_for(self.actor)
        lead = sitting_for(self.actor, self.kwargs["pk"])
        versions = self.queryset_for(self.actor).filter(minutes__meeting=lead)
        readable = [
            one for one in versions if can_read_minutes(self.actor, lead, level_of(lead, one))
        ]
        for version in readable:
            self.note(lead, version)
        return versions.filter(pk__in=[one.pk for one in readable])


class MinutesVersionDetail(_Versions, DetailView):
    """One version as it was submitted."""

    def thing(self) -> MinutesVersion:
        """The version with the number of the address."""
        return version_for(self.actor, self.kwargs["pk"], self.kwargs["number"])

    def get(self, request: Request, **kwargs: Any) -> Response:
        """The version."""
        version = self.thing()
        self.note(sitting_for(self.actor, self.kwargs["pk"]), version)
        return self.answer(version)


class MinutesPdf(_OfMeeting, DownloadView):
    """Sign-in sheet and one version of the minutes on paper (A4)."""

    media_types = ("application/pdf",)

    def outgoing(self) -> Outgoing:
        """Rendered in the language asked for."""
        found = written_of(self.actor, self.kwargs["pk"], self.at)
        version = version_for(self.actor, self.kwargs["pk"], self.kwargs["number"])
        address = self.request.build_absolute_uri(reverse("scan-add", args=[found.meeting.pk]))
        return Outgoing(
            name=f"{found.number}.pdf",
            content=minutes_pdf(
                found,
                version,
                url=f"{address}?part=minutes",
                sign_in_url=f"{address}?part=sign_in",
            ),
            content_type="application/pdf",
            rows=len(version.content["items"]),
            level=level_of(found.meeting, version),
            branch_id=found.meeting.branch_id,
            is_named=can_take_minutes(self.actor, found.meeting),
        )


_MINUTES: Final = "meetings/<int:pk>/minutes/"
_VERSION: Final = f"{_MINUTES}versions/<int:number>/"
urlpatterns: list[URLPattern] = [
    path(_MINUTES, MinutesDetail.as_view(), name="api-minutes"),
    path(f"{_MINUTES}draft/", MinutesDraft.as_view(), name="api-minutes-draft"),
    path(f"{_MINUTES}submit/", MinutesSubmit.as_view(), name="api-minutes-submit"),
    path(f"{_MINUTES}correct/", MinutesCorrect.as_view(), name="api-minutes-correct"),
    path(f"{_MINUTES}return/", MinutesReturn.as_view(), name="api-minutes-return"),
    path(f"{_MINUTES}approve/", MinutesApprove.as_view(), name="api-minutes-approve"),
    path(f"{_MINUTES}recorder/", MinutesRecorder.as_view(), name="api-minutes-recorder"),
    path(f"{_MINUTES}versions/", MinutesVersions.as_view(), name="api-minutes-versions"),
    path(_VERSION, MinutesVersionDetail.as_view(), name="api-minutes-version"),
    path(f"{_VERSION}pdf/", MinutesPdf.as_view(), name="api-minutes-pdf"),
]
