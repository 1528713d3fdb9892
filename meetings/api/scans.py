"""Scans of signed papers over the API (annex 3.5): filed, listed, taken out."""

from typing import Any, Final

from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, PersonRef
from core.api.parsers import FileParser
from core.api.views import ActionView, ApiView, CreatingView
from core.errors import NotFound
from core.evidence import Evidence
from meetings.choices import ScanPart
from meetings.models import Meeting, Scan
from meetings.operations.scans import attach_scan, remove_scan
from meetings.queries.minutes import sitting_for


class ScanShown(serializers.ModelSerializer[Scan]):
    """A scan; ``file`` is at /files/ and its content. ``removed_at``: taken out again."""

    added_by = PersonRef()

    class Meta:
        model = Scan
        fields = ("id", "meeting", "part", "file", "added_at", "added_by", "removed_at")


class ScanBody(Body):
    """Which paper, and its scan, as multipart/form-data."""

    part = serializers.ChoiceField(choices=ScanPart.choices)
    file = serializers.FileField(max_length=200, allow_empty_file=True)


class _Scans(ApiView):
    serializer_class: Any = ScanShown

    def queryset_for(self, actor: Actor) -> QuerySet[Scan]:
        """Those of visible meetings."""
        visible = Meeting.objects.visible_to(actor)
        return Scan.objects.filter(meeting__in=visible).select_related("added_by")


class ScanList(_Scans, CreatingView):
    """What is filed of a meeting's signed papers; POST files one, as multipart/form-data."""

    body_class = ScanBody
    order = ("added_at", "pk")

    def get_parsers(self) -> list[Any]:
        """A form with a file."""
        return [*super().get_parsers(), FileParser()]

    def get_queryset(self) -> QuerySet[Scan]:
        """Those of this meeting that were not taken out again."""
        found = self.queryset_for(self.actor)
        if getattr(self, "swagger_fake_view", False):
            return found
        lead = sitting_for(self.actor, self.kwargs["pk"])
        return found.filter(meeting=lead, removed_at__isnull=True)

    def create(self, body: dict[str, Any]) -> Scan:
        """File it."""
        given = body["file"]
        return attach_scan(
            meeting_id=self.kwargs["pk"],
            part=body["part"],
            evidence=Evidence(given.name, given.read()),
            actor=self.actor,
            at=self.at,
        )

    def address_of(self, thing: Scan) -> str:
        """The list: a scan has no page of its own."""
        return reverse("api-meeting-scans", args=[thing.meeting_id])


class ScanRemove(_Scans, ActionView):
    """Take out what was filed by mistake; twice changes nothing."""

    needs_version = False

    def thing(self) -> Scan:
        """The scan of the address, taken out or not."""
        lead = sitting_for(self.actor, self.kwargs["pk"])
        scans = self.queryset_for(self.actor).filter(meeting=lead)
        found = scans.filter(pk=self.kwargs["scan"]).first()
        if found is None:
            raise NotFound
        return found

    def perform(self, thing: Scan, body: dict[str, Any], expected_version: int) -> Scan:
        """Take out."""
        return remove_scan(
            meeting_id=self.kwargs["pk"], scan_id=thing.pk, actor=self.actor, at=self.at
        )


_SCANS: Final = "meetings/<int:pk>/scans/"
urlpatterns: list[URLPattern] = [
    path(_SCANS, ScanList.as_view(), name="api-meeting-scans"),
    path(f"{_SCANS}<int:scan>/remove/", ScanRemove.as_view(), name="api-meeting-scan-remove"),
]
