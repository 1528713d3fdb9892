"""Files out of the API: each passes ``disclose``, whole or in part."""

import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.urls import path
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from confidentiality.operations import disclose
from confidentiality.rules import INTERNAL
from core.actors import Actor
from core.api.downloads import file_answer, is_held
from core.api.views import ApiView, DetailView, ListView
from core.files import content_of
from core.models import StoredFile


@dataclass(frozen=True)
class Outgoing:
    """A file about to be handed out."""

    name: str
    content: bytes
    content_type: str
    rows: int = 0
    level: int = INTERNAL
    branch_id: int | None = None
    file: StoredFile | None = None

    @property
    def sha256(self) -> str:
        """Digest of the bytes."""
        return self.file.sha256 if self.file else hashlib.sha256(self.content).hexdigest()


def stored(file: StoredFile, *, rows: int = 0) -> Outgoing:
    """A file that lies in the archive."""
    return Outgoing(
        name=file.name,
        content=content_of(file),
        content_type=file.content_type,
        rows=rows,
        level=file.level,
        branch_id=file.branch_id,
        file=file,
    )


class _AsItIs(BaseContentNegotiation):
    """A file is what it is, whatever ``Accept`` prefers; problems are JSON."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: Any = None
    ) -> tuple[BaseRenderer, str]:
        """The first renderer."""
        return renderers[0], renderers[0].media_type

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """None is needed: a file is only read."""
        return None


class DownloadView(ApiView):
    """GET: a file, with ``Range`` and its digest as tag; what is handed out is written down."""

    content_negotiation_class = _AsItIs
    media_types: ClassVar[tuple[str, ...]] = ()

    def outgoing(self) -> Outgoing:
        """The file of this address; NotFound when the actor may not see it."""
        raise NotImplementedError

    def query_parameters(self) -> list[str]:
        """None: a file is what it is."""
        return []

    def get(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Hand it out, or say that the reader has it."""
        file = self.outgoing()
        if not is_held(request, file.sha256):
            disclose(
                actor=self.actor,
                at=self.at,
                name=file.name,
                sha256=file.sha256,
                rows=file.rows,
                file=file.file,
                level=file.level,
                branch_id=file.branch_id,
            )
        return file_answer(
            request,
            content=file.content,
            name=file.name,
            content_type=file.content_type,
            sha256=file.sha256,
        )


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


def files_for(actor: Actor) -> QuerySet[StoredFile]:
    """The own files; of others' work what was archived of a led branch, or of all.

    What somebody handed in to be imported is nobody else's to read.
    """
    own = Q(owner_id=actor.person_id) if actor.person_id else Q(pk=None)
    archived = StoredFile.objects.exclude(kind="import")
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
        """The archived bytes."""
        return stored(self.thing())


urlpatterns = [
    path("files/", FileList.as_view(), name="api-files"),
    path("files/<int:pk>/", FileDetail.as_view(), name="api-file"),
    path("files/<int:pk>/content/", FileContent.as_view(), name="api-file-content"),
]
