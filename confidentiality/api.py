"""Archived files over the API: what they are, and their bytes."""

from dataclasses import replace
from typing import Final

from django.db.models import Q, QuerySet
from django.urls import path
from rest_framework import serializers

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing, stored
from core.api.views import DetailView, ListView
from core.models import StoredFile


class FileShown(serializers.ModelSerializer[StoredFile]):
    """What a file is; its bytes are at ``content``."""

    class Meta:
        model = StoredFile
        fields = (
            "id",
            "name",
            "content_type",
            "size",
            "sha256",
            "kind",
            "level",
            "owner_name",
            "stored_at",
        )


# What was handed in to be imported is its owner's; bulletins go out as stamped copies alone, and
# a copy belongs to whoever is named on it.
_NOT_FOR_OTHERS: Final = ("import", "bulletin", "bulletin-copy", "bulletin-zip")


def files_for(actor: Actor) -> QuerySet[StoredFile]:
    """The own files; of others' work what was archived of a led branch, or of all."""
    own = Q(owner_id=actor.person_id) if actor.person_id else Q(pk=None)
    archived = StoredFile.objects.exclude(kind__in=_NOT_FOR_OTHERS)
    if actor.reads_all:
        return StoredFile.objects.filter(own | Q(pk__in=archived.values("pk")))
    led = archived.filter(branch_id__in=actor.led_branches)
    return StoredFile.objects.filter(own | Q(pk__in=led.values("pk")))


class FileList(ListView):
    """Files the actor may see, newest first."""

    serializer_class = FileShown
    order = ("-stored_at", "-pk")
    updated_field = "stored_at"

    def queryset_for(self, actor: Actor) -> QuerySet[StoredFile]:
        """Visible files."""
        return files_for(actor)


class FileDetail(DetailView):
    """What a file is."""

    serializer_class = FileShown

    def queryset_for(self, actor: Actor) -> QuerySet[StoredFile]:
        """Visible files."""
        return files_for(actor)


class FileContent(DownloadView):
    """A file's bytes."""

    media_types = ("application/octet-stream",)

    def queryset_for(self, actor: Actor) -> QuerySet[StoredFile]:
        """Visible files."""
        return files_for(actor)

    def outgoing(self) -> Outgoing:
        """The archived bytes, whatever they are said to be: nothing is opened on arrival."""
        return replace(stored(self.thing()), content_type="application/octet-stream")


urlpatterns = [
    path("files/", FileList.as_view(), name="api-files"),
    path("files/<int:pk>/", FileDetail.as_view(), name="api-file"),
    path("files/<int:pk>/content/", FileContent.as_view(), name="api-file-content"),
]
