"""Documents to pass on over the API (M1.1, M2.1): added, who has been told by when, signed."""

from dataclasses import replace
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from rest_framework import serializers

from confidentiality.choices import Level
from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing, stored
from core.api.fields import Body, BranchRef, DayField, IdField, PersonRef
from core.api.filters import IdFilter, YesNoFilter
from core.api.parsers import FileParser
from core.api.views import ActionView, ApiView, ChangingView, CreatingView, ListView
from core.errors import NotFound
from core.evidence import Evidence
from meetings.models import Document, DocumentReader
from meetings.operations import documents as operations
from meetings.operations.documents import GIST_AT_MOST, REFERENCE_AT_MOST, TITLE_AT_MOST, Reach
from meetings.passing_permissions import can_read_words
from meetings.permissions import can_see_meetings
from meetings.queries.documents import document_for, documents_for, readers_for, with_words
from organization.choices import Role

_AT_ONCE = 500


class DocumentShown(serializers.ModelSerializer[Document]):
    """A document. ``told`` of ``people`` are those of the branches one leads or sees;
    ``told_me_at`` is when one was told oneself, ``is_asked`` whether one is to read and sign.
    ``gist`` is "" for whom the level has it told at a meeting only."""

    branch = BranchRef(allow_null=True)
    added_by = PersonRef()
    people = serializers.IntegerField()
    told = serializers.IntegerField()
    told_me_at = serializers.DateTimeField(allow_null=True)
    is_asked = serializers.BooleanField()
    gist = serializers.SerializerMethodField()
    file_name = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = (
            "id",
            "version",
            "title",
            "reference",
            "gist",
            "level",
            "file_name",
            "tell_by",
            "branch",
            "people",
            "told",
            "told_me_at",
            "is_asked",
            "added_at",
            "added_by",
            "withdrawn_at",
            "updated_at",
        )

    def get_gist(self, document: Document) -> str:
        """What is to be told, as far as the reader may read it (annex 9.1)."""
        return document.gist if can_read_words(self.context["view"].actor, document) else ""

    def get_file_name(self, document: Document) -> str:
        """What its file is called, "" without one; its bytes are at ``file/``."""
        return document.file.name if document.file else ""


class DocumentFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By level, day, withdrawn or not, to be signed by oneself, and by any words of it (``q``)."""

    q = django_filters.CharFilter(method="search")
    level = django_filters.ChoiceFilter(choices=Level.choices)
    is_asked = YesNoFilter()
    is_withdrawn = YesNoFilter(field_name="withdrawn_at", lookup_expr="isnull", exclude=True)
    tell_by_from = django_filters.DateFilter(field_name="tell_by", lookup_expr="gte")
    tell_by_to = django_filters.DateFilter(field_name="tell_by", lookup_expr="lte")

    def search(self, rows: QuerySet[Document], name: str, words: str) -> QuerySet[Document]:
        """Those in whose title, number or gist each word stands."""
        return with_words(self.request.actor, rows, words)


class _WordsBody(Body):
    title = serializers.CharField(max_length=TITLE_AT_MOST)
    reference = serializers.CharField(max_length=REFERENCE_AT_MOST, allow_blank=True, default="")
    gist = serializers.CharField(max_length=GIST_AT_MOST, allow_blank=True, default="")
    level = serializers.ChoiceField(choices=Level.choices, default=Level.INTERNAL.value)
    tell_by = DayField()
    file = serializers.FileField(max_length=200, required=False, allow_empty_file=True)
    branches = serializers.ListField(child=IdField(), max_length=_AT_ONCE, default=list)
    people = serializers.ListField(child=IdField(), max_length=_AT_ONCE, default=list)


def _roles(**more: Any) -> serializers.ListField:
    """Roles of a branch (annex 1), by their codes."""
    return serializers.ListField(child=serializers.CharField(max_length=20), max_length=9, **more)


class DocumentAddBody(_WordsBody):
    """A document, and whom it must reach: who holds one of the roles in the branches, and people.

    With a file it is sent as multipart/form-data.
    """

    roles = _roles(default=lambda: [Role.MANAGER.value])


class DocumentChangeBody(_WordsBody):
    """What changes. ``branches`` with ``roles`` and ``people`` are further ones it must reach,
    ``without`` are people who need not be told after all."""

    roles = _roles(default=list)
    without = serializers.ListField(child=IdField(), max_length=_AT_ONCE, default=list)


def _evidence(given: Any) -> Evidence | None:
    return Evidence(given.name, given.read()) if given else None


class _Documents(ApiView):
    serializer_class: Any = DocumentShown

    def queryset_for(self, actor: Actor) -> QuerySet[Document]:
        """Visible documents."""
        return documents_for(actor)


class _WithFile(_Documents):
    def get_parsers(self) -> list[Any]:
        """JSON, or a form with a file."""
        return [*super().get_parsers(), FileParser()]


class DocumentList(_WithFile, CreatingView):
    """Documents, the newest first; POST adds one, as JSON or as a form with a file."""

    filterset_class = DocumentFilter
    body_class = DocumentAddBody
    order = ("-added_at", "-pk")
    updated_field = "updated_at"

    def has_any(self, actor: Actor) -> bool:
        """Not for those who have nothing to do with meetings."""
        return can_see_meetings(actor)

    def create(self, body: dict[str, Any]) -> Document:
        """Add."""
        return operations.add_document(
            title=body["title"],
            reference=body["reference"],
            gist=body["gist"],
            level=int(body["level"]),
            file=_evidence(body.get("file")),
            tell_by=body["tell_by"],
            reach=Reach(body["branches"], body["roles"], body["people"]),
            actor=self.actor,
            at=self.at,
        )

    def address_of(self, thing: Document) -> str:
        """By its id."""
        return reverse("api-document", args=[thing.pk])


class DocumentDetail(_WithFile, ChangingView):
    """A document; PATCH mends it: the words until somebody has been told, the day and the list
    always."""

    body_class = DocumentChangeBody

    def change(self, thing: Document, changes: dict[str, Any], expected_version: int) -> Document:
        """Change."""
        roles, people = changes.get("roles", []), changes.get("people", [])
        return operations.change_document(
            document_id=thing.pk,
            title=changes.get("title", thing.title),
            reference=changes.get("reference", thing.reference),
            gist=changes.get("gist", thing.gist),
            level=int(changes.get("level", thing.level)),
            tell_by=changes.get("tell_by", thing.tell_by),
            file=_evidence(changes.get("file")),
            also=Reach(changes.get("branches", []), roles, people) if roles or people else None,
            without=changes.get("without", []),
            **self.acting(expected_version),
        )


class DocumentWithdrawBody(Body):
    """Why nobody need be told any more."""

    why = serializers.CharField(max_length=200)


class DocumentWithdraw(_Documents, ActionView):
    """Nobody need be told any more."""

    body_class = DocumentWithdrawBody

    def perform(self, thing: Document, body: dict[str, Any], expected_version: int) -> Document:
        """Withdraw."""
        return operations.withdraw_document(
            document_id=thing.pk, why=body["why"], **self.acting(expected_version)
        )


class DocumentSign(_Documents, ActionView):
    """One has read it; twice changes nothing."""

    needs_version = False

    def perform(self, thing: Document, body: dict[str, Any], expected_version: int) -> Document:
        """Sign."""
        operations.sign_read(document_id=thing.pk, actor=self.actor, at=self.at)
        return thing


class DocumentFile(DownloadView):
    """Its file, where the level permits it (annex 9.1)."""

    media_types = ("application/octet-stream",)

    def outgoing(self) -> Outgoing:
        """As it was handed in, whatever it is said to be: nothing is opened on arrival."""
        file = document_for(self.actor, self.kwargs["pk"]).file
        if file is None:
            raise NotFound
        return replace(stored(file, rows=1), content_type="application/octet-stream")


class ReaderShown(serializers.ModelSerializer[DocumentReader]):
    """Somebody whom it must reach: when and how he was told, at which meeting."""

    person = PersonRef()
    branch = BranchRef()

    class Meta:
        model = DocumentReader
        fields = ("id", "person", "branch", "told_at", "way", "meeting")


class ReaderFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By branch, and told or not."""

    branch = IdFilter(field_name="branch_id")
    is_told = YesNoFilter(field_name="told_at", lookup_expr="isnull", exclude=True)


class DocumentReaders(ListView):
    """Who has been told by when: of the branches one leads or sees; else how one stands."""

    serializer_class = ReaderShown
    filterset_class = ReaderFilter
    order = ("branch__code", "person__sort_key", "pk")

    def queryset_for(self, actor: Actor) -> QuerySet[DocumentReader]:
        """The lines of the document's list."""
        if getattr(self, "swagger_fake_view", False):
            return DocumentReader.objects.none()
        return readers_for(actor, document_for(actor, self.kwargs["pk"]))


_DOCUMENT = "documents/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path("documents/", DocumentList.as_view(), name="api-documents"),
    path(_DOCUMENT, DocumentDetail.as_view(), name="api-document"),
    path(f"{_DOCUMENT}withdraw/", DocumentWithdraw.as_view(), name="api-document-withdraw"),
    path(f"{_DOCUMENT}sign/", DocumentSign.as_view(), name="api-document-sign"),
    path(f"{_DOCUMENT}file/", DocumentFile.as_view(), name="api-document-file"),
    path(f"{_DOCUMENT}readers/", DocumentReaders.as_view(), name="api-document-readers"),
]
