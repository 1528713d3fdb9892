"""What is one's own: jobs at work, and drafts that are being typed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import jobs
from core.actors import Actor
from core.api.fields import Body
from core.api.views import ActionView, ApiView, DetailView, ListView
from core.canonical import canonical_json
from core.drafts import discard_draft, draft_of, save_draft
from core.errors import Refused, Stale
from core.models import Draft, Job

LARGEST_DRAFT: Final = 64 * 1024


class JobShown(serializers.ModelSerializer[Job]):
    """How far a job has come, and what came of it."""

    result = serializers.DictField()

    class Meta:
        model = Job
        fields = (
            "id",
            "kind",
            "state",
            "progress_done",
            "progress_total",
            "is_cancelled",
            "result",
            "created_at",
            "run_after",
            "ran_at",
        )


class _Jobs(ApiView):
    serializer_class: Any = JobShown

    def queryset_for(self, actor: Actor) -> QuerySet[Job]:
        """The own jobs."""
        if actor.person_id is None:
            return Job.objects.none()
        return Job.objects.filter(owner_id=actor.person_id)


class JobList(_Jobs, ListView):
    """The own jobs, newest first."""

    order = ("-created_at", "-pk")


class JobDetail(_Jobs, DetailView):
    """One job."""


class JobCancel(_Jobs, ActionView):
    """Ask a job to stop; one that has ended stays as it is."""

    needs_version = False

    def perform(self, thing: Job, body: dict[str, Any], expected_version: int) -> Job:
        """Stop it."""
        jobs.cancel(thing.pk, owner_id=self.actor.person_id)
        return thing


class DraftBody(Body):
    """What was typed."""

    body = serializers.DictField()


class DraftShown(serializers.Serializer[Any]):
    """What is being typed; version 0 when there is nothing yet."""

    key = serializers.CharField()
    version = serializers.IntegerField()
    saved_at = serializers.DateTimeField(allow_null=True)
    body = serializers.DictField()


@dataclass(frozen=True)
class NoDraft:
    """Nothing was typed under this key yet."""

    key: str
    version: int = 0
    saved_at: datetime | None = None

    @property
    def body(self) -> dict[str, Any]:
        """Nothing."""
        return {}


class DraftDetail(DetailView):
    """A draft of one's own under a key; PUT with its tag saves, DELETE drops it."""

    serializer_class = DraftShown
    body_class = DraftBody

    def queryset_for(self, actor: Actor) -> QuerySet[Draft]:
        """The own drafts."""
        return Draft.objects.filter(owner_id=actor.person_id or 0)

    def thing(self) -> Draft | NoDraft:
        """The draft, or that there is none."""
        key = self.kwargs["key"]
        return draft_of(self.actor.person_id or 0, key) or NoDraft(key)

    def put(self, request: Request, **kwargs: Any) -> Response:
        """Save what was typed."""
        body = self.body()["body"]
        if len(canonical_json(body)) > LARGEST_DRAFT:
            raise Refused(_("草稿太长。"), field="body")
        save_draft(
            owner_id=self.actor.person_id or 0,
            key=self.kwargs["key"],
            body=body,
            expected_version=self.expected_version(self.thing()),
            at=self.at,
        )
        return self.answer(self.thing())

    def delete(self, request: Request, **kwargs: Any) -> Response:
        """Drop it."""
        draft = self.thing()
        if self.expected_version(draft) != draft.version:
            raise Stale({"version": draft.version})
        discard_draft(self.actor.person_id or 0, self.kwargs["key"])
        return Response(status=204)


urlpatterns = [
    path("jobs/", JobList.as_view(), name="api-jobs"),
    path("jobs/<int:pk>/", JobDetail.as_view(), name="api-job"),
    path("jobs/<int:pk>/cancel/", JobCancel.as_view(), name="api-job-cancel"),
    path("drafts/<slug:key>/", DraftDetail.as_view(), name="api-draft"),
]
