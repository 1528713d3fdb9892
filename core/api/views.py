"""The views that resources are made of: a list, a thing, an act upon a thing.

A view reads the clock once, asks one queryset for what the actor may see, calls one operation
and shows what came of it. Keywords of the route are lookups of the queryset.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.http.response import HttpResponseNotModified
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from core import clock
from core.actors import Acting, Actor
from core.api import etags, filters, problems
from core.api.fields import Body, NoBody
from core.api.idempotency import answer_once
from core.api.pages import PARAMETERS, CursorPages
from core.api.throttles import Allowance
from core.errors import NotAllowed, NotFound

# Whose eyes the schema is drawn with: nobody's, who sees nothing.
NOBODY = Actor(None, "", "", None, frozenset(), frozenset(), door="api")


class ApiView(GenericAPIView[Any]):
    """What all views share."""

    reading_scope: ClassVar[str] = "read"
    scope: ClassVar[str] = "write"
    body_class: ClassVar[type[Body]] = NoBody
    # The status of a change that came off; the schema says so too.
    done_status: ClassVar[int] = 200
    allowance: Allowance | None = None
    serializer_class: Any = None
    filter_backends: Any = ()
    pagination_class: Any = None
    order: ClassVar[tuple[str, ...]] = ("pk",)
    updated_field: ClassVar[str] = ""

    @cached_property
    def at(self) -> datetime:
        """The moment of the request, read once."""
        if getattr(self, "swagger_fake_view", False):
            return datetime.min.replace(tzinfo=UTC)
        return clock.now()

    @property
    def actor(self) -> Actor:
        """Who asks."""
        if getattr(self, "swagger_fake_view", False):
            return NOBODY
        actor: Actor = self.request.actor  # type: ignore[attr-defined]
        return actor

    # What a resource says

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """The rows the actor may see, with what showing them needs."""
        raise NotImplementedError

    def pointer_of(self, name: str) -> str:
        """Where in the body a field stands that the operation refused."""
        return problems.pointer_of(name)

    def version_of(self, thing: Any) -> int:
        """The version in the thing's tag; 0 for what has none."""
        version: int = getattr(thing, "version", 0)
        return version

    # What follows from it

    def get_queryset(self) -> QuerySet[Any]:
        """Rows for the one who asks."""
        return self.queryset_for(self.actor)

    def thing(self) -> Any:
        """The row of this address; NotFound when it is not there or not for this actor."""
        found = self.get_queryset().filter(**self.kwargs).first()
        if found is None:
            raise NotFound
        return found

    def thing_again(self, pk: int) -> Any:
        """The row with this id, as it is now."""
        found = self.get_queryset().filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def body(self) -> dict[str, Any]:
        """What was sent, by field; raises ValidationError."""
        data = self.request.data
        is_empty = self.body_class is NoBody and not data
        serializer = self.body_class(
            data={} if is_empty else data,
            partial=self.request.method == "PATCH",
            context=self.get_serializer_context(),
        )
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def expected_version(self, thing: Any) -> int:
        """The version the client has seen; 428 when it does not say."""
        return etags.expected_version(self.request, self.version_of(thing))

    def acting(self, expected_version: int) -> Acting:
        """The keywords that an operation on a thing with a state takes from the request."""
        return Acting(expected_version=expected_version, actor=self.actor, at=self.at)

    def shown(self, thing: Any) -> dict[str, Any]:
        """The thing as the client sees it."""
        data: dict[str, Any] = self.get_serializer(thing).data
        return data

    def answer(self, thing: Any, status: int = 200) -> Response:
        """The thing with its tag."""
        response = Response(self.shown(thing), status=status)
        response.version = self.version_of(thing)  # type: ignore[attr-defined]
        return response

    def answer_once(self, do: Callable[[], Any], present: Callable[[Any], Response]) -> Response:
        """Do it, once per Idempotency-Key, and present what came of it."""
        return answer_once(
            self.request,
            owner_id=self.actor.person_id or 0,
            at=self.at,
            do=do,
            present=present,
            again=self.thing_again,
        )

    def get_serializer(self, *args: Any, **kwargs: Any) -> BaseSerializer[Any]:
        """The serializer, with the fields asked for only."""
        serializer = super().get_serializer(*args, **kwargs)
        shown: Any = getattr(serializer, "child", serializer)
        if (wanted := filters.fields_asked(self.request, list(shown.fields))) is not None:
            for name in set(shown.fields) - set(wanted):
                shown.fields.pop(name)
        return serializer

    def query_parameters(self) -> list[str]:
        """The query parameters that are read."""
        return [filters.FIELDS] if self.request.method in ("GET", "HEAD") else []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Sign in, check the scope, count; then look at the parameters."""
        super().initial(request, *args, **kwargs)
        filters.refuse_unknown(request, self.query_parameters())

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> Response:
        """Add the tag and the limits; answer 304 when the reader has these bytes."""
        final: Any = super().finalize_response(
            request,
            response,  # type: ignore[arg-type]
            *args,
            **kwargs,
        )
        if self.allowance:
            for name, value in self.allowance.headers().items():
                final.headers[name] = value
        final.headers.setdefault("Cache-Control", "private, no-store")
        version = getattr(final, "version", None)
        if version is None:
            return final  # type: ignore[no-any-return]
        final.render()
        final.headers["ETag"] = etags.tag_of(version, final.content)
        is_read = request.method in ("GET", "HEAD")
        if is_read and etags.is_unchanged(request, final.headers["ETag"]):
            return _not_modified(final)  # type: ignore[return-value]
        return final  # type: ignore[no-any-return]


def _not_modified(response: HttpResponse) -> HttpResponse:
    unchanged = HttpResponseNotModified()
    kept = ("ETag", "Cache-Control", "Vary", "RateLimit-")
    for name, value in response.headers.items():
        if name.startswith(kept):
            unchanged.headers[name] = value
    return unchanged


class ListView(ApiView):
    """GET: one page of what the actor may see, filtered and in ``order``."""

    filter_backends = (filters.Filters,)
    pagination_class = CursorPages
    filterset_class: ClassVar[Any] = None
    # Whether the list is not even there (404) for who has none, as its page is not.
    is_hidden: ClassVar[bool] = False

    def has_any(self, actor: Actor) -> bool:
        """Whether the actor has to do with such things at all; if not, the list is refused."""
        return True

    def query_parameters(self) -> list[str]:
        """Those of the page and of the filter set."""
        if self.request.method not in ("GET", "HEAD"):
            return []
        names = [name for name in PARAMETERS if name != "updated_since" or self.updated_field]
        return [filters.FIELDS, *names, *filters.filter_names(self.filterset_class)]

    def get(self, request: Request, **kwargs: Any) -> Response:
        """A page."""
        if not self.has_any(self.actor):
            raise NotFound if self.is_hidden else NotAllowed
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)


class CreatingView(ListView):
    """POST beside the list: one more, with ``create`` calling the operation."""

    done_status = 201

    def create(self, body: dict[str, Any]) -> Model:
        """Call the operation that makes one."""
        raise NotImplementedError

    def address_of(self, thing: Any) -> str:
        """Where the new one is found."""
        raise NotImplementedError

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Make one."""
        body = self.body()
        return self.answer_once(lambda: self.create(body), self.created)

    def created(self, thing: Any) -> Response:
        """The new thing and where it is."""
        response = self.answer(self.thing_again(thing.pk), status=self.done_status)
        response.headers["Location"] = self.request.build_absolute_uri(self.address_of(thing))
        return response


class DetailView(ApiView):
    """GET: the thing of this address, with its tag."""

    def get(self, request: Request, **kwargs: Any) -> Response:
        """The thing."""
        return self.answer(self.thing())

    def present_state(self) -> dict[str, Any] | None:
        """The thing as it is now, for a writer whose state is stale."""
        return self.shown(self.thing())


class ChangingView(DetailView):
    """PATCH as well: some fields of the thing anew, with ``change`` calling the operation."""

    def change(self, thing: Any, changes: dict[str, Any], expected_version: int) -> Any:
        """Call the operation that changes it."""
        raise NotImplementedError

    def patch(self, request: Request, **kwargs: Any) -> Response:
        """Change it."""
        thing = self.thing()
        expected = self.expected_version(thing)
        self.change(thing, self.body(), expected)
        return self.answer(self.thing())


class ActionView(ApiView):
    """POST: an act of the regulation upon the thing of this address.

    ``perform`` calls the operation and returns the row that is shown, or the answer itself
    as plain values.
    ``needs_version`` says whether the act changes something that another writer may have
    changed: then If-Match. ``is_kept`` is False for an answer that must not be stored.
    """

    needs_version: ClassVar[bool] = True
    is_kept: ClassVar[bool] = True

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> Any:
        """Call the operation."""
        raise NotImplementedError

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Do it."""
        thing = self.thing()
        expected = self.expected_version(thing) if self.needs_version else etags.NO_VERSION
        body = self.body()
        if not self.is_kept:
            return self.done(self.perform(thing, body, expected))
        return self.answer_once(lambda: self.perform(thing, body, expected), self.done)

    def done(self, result: Any) -> Response:
        """What the answer shows of the result."""
        if not isinstance(result, Model):
            response = Response(result, status=self.done_status)
            if isinstance(result, dict) and "version" in result:
                response.version = result["version"]  # type: ignore[attr-defined]
            return response
        found = self.get_queryset().filter(pk=result.pk).first()
        return self.answer(found or result, status=self.done_status)

    def present_state(self) -> dict[str, Any] | None:
        """The thing as it is now, for a writer whose state is stale."""
        return self.shown(self.thing()) if self.serializer_class else None


class UnknownView(ApiView):
    """Whatever address under /api/ is nobody's."""

    schema = None

    def _nothing(self, request: Request, **kwargs: Any) -> Response:
        raise NotFound

    get = post = put = patch = delete = _nothing

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The address is nobody's, whoever asks: nothing is looked at."""
        raise NotFound
