"""Files of published bulletins over the API (B1): editions, stamped copies, a month's ZIP.

A file goes out only as a copy that bears who took it. Asking for one gives 202 and where the job
stands; the copy's bytes keep their digest as tag and can be had in parts. Whether a paper or file
is genuine can be asked by its code or its digest.
"""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from rest_framework import serializers
from rest_framework.response import Response

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing, stored
from core.api.fields import Body, BranchRef
from core.api.filters import IdFilter
from core.api.own import JobShown
from core.api.views import ActionView, ApiView, DetailView, ListView
from core.errors import NotFound
from core.exports import XLSX
from core.models import Job
from core.periods import Month
from reports.copies import KINDS, TYPES, ZIP, copy_number
from reports.models import Edition, StampedCopy
from reports.operations.files import ask_for_copy, ask_for_month, retry_edition
from reports.queries.bulletins import can_read_bulletins
from reports.queries.files import (
    Work,
    bundle_seen,
    bundles_for,
    copies_for,
    editions_for,
    file_of_bundle,
    month_of,
    with_states,
    work_of,
    work_of_copy,
)
from reports.queries.verification import Genuine, genuine_code, genuine_file
from reports.texts import rows_in

WAITING, RUNNING, READY, FAILED = "waiting", "running", "ready", "failed"
STATES = (WAITING, RUNNING, READY, FAILED)


class EditionShown(serializers.ModelSerializer[Edition]):
    """An edition: whose it is, the digest of its content, how its files stand."""

    month = serializers.CharField(source="bulletin.month")
    document_number = serializers.CharField(source="bulletin.document_number")
    title = serializers.CharField(source="bulletin.title")
    supplement = serializers.IntegerField(source="bulletin.supplement")
    published_at = serializers.DateTimeField(source="bulletin.published_at")
    level = serializers.IntegerField(source="bulletin.level")
    branch = BranchRef(allow_null=True)
    state = serializers.SerializerMethodField()
    why_failed = serializers.SerializerMethodField()
    pdf_size = serializers.IntegerField(source="pdf.size", default=None, allow_null=True)
    xlsx_size = serializers.IntegerField(source="xlsx.size", default=None, allow_null=True)

    class Meta:
        model = Edition
        fields: tuple[str, ...] = (
            "id",
            "month",
            "document_number",
            "title",
            "supplement",
            "published_at",
            "level",
            "branch",
            "digest",
            "code",
            "state",
            "why_failed",
            "pdf_size",
            "xlsx_size",
        )

    def get_state(self, edition: Edition) -> str:
        """waiting, running, ready or failed."""
        return with_states([edition])[0].state

    def get_why_failed(self, edition: Edition) -> str:
        """Why its files could not be made; "" where nothing went wrong."""
        return with_states([edition])[0].why


class EditionWhole(EditionShown):
    """With its frozen content."""

    content = serializers.DictField()

    class Meta(EditionShown.Meta):
        fields = (*EditionShown.Meta.fields, "content")


class EditionFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By month and branch."""

    month = django_filters.CharFilter(field_name="bulletin__month")
    branch = IdFilter(field_name="branch_id")


class _Editions(ApiView):
    serializer_class: Any = EditionWhole

    def queryset_for(self, actor: Actor) -> QuerySet[Edition]:
        """The editions that the actor may read."""
        return editions_for(actor)


class EditionList(_Editions, ListView):
    """The editions of published bulletins, newest month first."""

    serializer_class = EditionShown
    filterset_class = EditionFilter
    order = ("-bulletin__month", "-pk")

    def has_any(self, actor: Actor) -> bool:
        """See can_read_bulletins."""
        return can_read_bulletins(actor)


class EditionDetail(_Editions, DetailView):
    """An edition with its content."""


class EditionRetry(_Editions, ActionView):
    """Try again to make its files."""

    needs_version = False
    done_status = 202

    def perform(self, thing: Edition, body: dict[str, Any], expected_version: int) -> Edition:
        """Ask the worker."""
        return retry_edition(edition_id=thing.pk, actor=self.actor, at=self.at)


def _work(copy: StampedCopy) -> Work:
    """How far the copy is; asks only while it is not there."""
    return work_of_copy(copy) if copy.file_id is None else work_of(None, is_made=True)


class CopyShown(serializers.ModelSerializer[StampedCopy]):
    """A copy that was asked for; its bytes are at ``file`` once it is ready."""

    number = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    why_failed = serializers.SerializerMethodField()
    job = serializers.SerializerMethodField()
    size = serializers.IntegerField(source="file.size", default=None, allow_null=True)
    sha256 = serializers.CharField(source="file.sha256", default=None, allow_null=True)

    class Meta:
        model = StampedCopy
        fields = (
            "id",
            "edition",
            "kind",
            "number",
            "asked_at",
            "state",
            "why_failed",
            "job",
            "size",
            "sha256",
        )

    def get_number(self, copy: StampedCopy) -> str:
        """The number of the record, as it stands on the copy."""
        return copy_number(copy)

    def get_state(self, copy: StampedCopy) -> str:
        """waiting, running, ready or failed."""
        return _work(copy).state

    def get_why_failed(self, copy: StampedCopy) -> str:
        """Why it could not be made."""
        return _work(copy).failed

    def get_job(self, copy: StampedCopy) -> int | None:
        """The job whose progress can be watched; null for one of a ZIP."""
        found: int | None = getattr(copy, "job_pk", None)
        return found


class CopyBody(Body):
    """Which file."""

    kind = serializers.ChoiceField(choices=KINDS)


class EditionCopies(_Editions, ActionView):
    """Have a stamped copy made; 202, and ``Location`` is the copy."""

    body_class = CopyBody
    needs_version = False
    done_status = 202
    serializer_class = CopyShown

    def perform(self, thing: Edition, body: dict[str, Any], expected_version: int) -> StampedCopy:
        """Ask the worker."""
        return ask_for_copy(edition_id=thing.pk, kind=body["kind"], actor=self.actor, at=self.at)

    def thing_again(self, pk: int) -> StampedCopy:
        """The copy that was asked for."""
        found = copies_for(self.actor).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def done(self, result: Any) -> Response:
        """The copy, and where it is."""
        response = self.answer(self.thing_again(result.pk), status=self.done_status)
        address = reverse("api-copy", args=[result.pk])
        response.headers["Location"] = self.request.build_absolute_uri(address)
        return response

    def present_state(self) -> dict[str, Any] | None:
        """Nothing that changes."""
        return None


class _Copies(ApiView):
    serializer_class: Any = CopyShown

    def queryset_for(self, actor: Actor) -> QuerySet[StampedCopy]:
        """The own copies."""
        return copies_for(actor)


class CopyList(_Copies, ListView):
    """The own copies, newest first."""

    order = ("-asked_at", "-pk")


class CopyDetail(_Copies, DetailView):
    """One of them, and how far it is."""


class CopyFile(_Copies, DownloadView):
    """The stamped file; 404 until the worker has made it."""

    media_types = (TYPES["pdf"], XLSX)

    def outgoing(self) -> Outgoing:
        """The copy's bytes."""
        copy: StampedCopy = self.thing()
        if copy.file is None:
            raise NotFound
        return stored(copy.file, rows=rows_in(copy.edition))


# A month's files


class MonthBundle(ApiView):
    """A month whose files are put into a ZIP."""

    serializer_class: Any = JobShown

    def queryset_for(self, actor: Actor) -> QuerySet[Job]:
        """The own ZIPs' jobs."""
        return bundles_for(actor)


class BundleAsk(MonthBundle, ActionView):
    """Have a ZIP of a month's files made; 202, and ``Location`` is its job."""

    needs_version = False
    done_status = 202

    def thing(self) -> Any:
        """The month, where the actor finds something to read in it."""
        month: Month = self.kwargs["month"]
        return month_of(self.actor, month)

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> Job:
        """Ask the worker."""
        return ask_for_month(month=thing.month, actor=self.actor, at=self.at)

    def done(self, result: Any) -> Response:
        """The job, and where its progress is."""
        response = self.answer(self.thing_again(result.pk), status=self.done_status)
        address = reverse("api-job", args=[result.pk])
        response.headers["Location"] = self.request.build_absolute_uri(address)
        return response

    def present_state(self) -> dict[str, Any] | None:
        """Nothing that changes."""
        return None


class BundleFile(MonthBundle, DownloadView):
    """The ZIP of a job; 404 until the worker has made it."""

    media_types = (ZIP,)

    def outgoing(self) -> Outgoing:
        """Its bytes."""
        job = bundle_seen(self.actor, self.kwargs["pk"])
        file = file_of_bundle(job)
        if file is None:
            raise NotFound
        return stored(file, rows=int(job.result.get("files") or 0))


# Whether something is genuine


class GenuineShown(serializers.Serializer[Any]):
    """What is said of a genuine paper: what stands in its heading, and its digest."""

    document_number = serializers.CharField()
    title = serializers.CharField()
    month = serializers.CharField(source="month.key")
    branch = serializers.CharField(source="place")
    published_at = serializers.DateTimeField()
    digest = serializers.CharField()
    code = serializers.CharField()
    supplements = serializers.ListField(child=serializers.CharField())
    copy_number = serializers.CharField()
    copied_at = serializers.DateTimeField(allow_null=True)


class _Verified(DetailView):
    serializer_class: Any = GenuineShown

    def queryset_for(self, actor: Actor) -> QuerySet[Edition]:
        """No rows are shown."""
        return Edition.objects.none()

    def found(self) -> Genuine | None:
        """What the address leads to."""
        raise NotImplementedError

    def thing(self) -> Genuine:
        """The answer; NotFound alike for what is unknown and what is written wrongly."""
        found = self.found()
        if found is None:
            raise NotFound
        return found


class VerifyCode(_Verified):
    """Whether the code on a paper is genuine."""

    def found(self) -> Genuine | None:
        """By the code."""
        return genuine_code(self.kwargs["code"])


class VerifyFile(_Verified):
    """Whether a file is genuine, by its SHA-256 in hexadecimal."""

    def found(self) -> Genuine | None:
        """By the digest."""
        return genuine_file(self.kwargs["sha256"].lower())


urlpatterns = [
    path("editions/", EditionList.as_view(), name="api-editions"),
    path("editions/<int:pk>/", EditionDetail.as_view(), name="api-edition"),
    path("editions/<int:pk>/retry/", EditionRetry.as_view(), name="api-edition-retry"),
    path("editions/<int:pk>/copies/", EditionCopies.as_view(), name="api-edition-copies"),
    path("editions/zip/<month:month>/", BundleAsk.as_view(), name="api-editions-zip"),
    path("copies/", CopyList.as_view(), name="api-copies"),
    path("copies/<int:pk>/", CopyDetail.as_view(), name="api-copy"),
    path("copies/<int:pk>/file/", CopyFile.as_view(), name="api-copy-file"),
    path("zips/<int:pk>/file/", BundleFile.as_view(), name="api-zip-file"),
    path("verify/<str:code>/", VerifyCode.as_view(), name="api-verify"),
    path("verify/files/<str:sha256>/", VerifyFile.as_view(), name="api-verify-file"),
]
