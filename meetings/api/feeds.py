"""One's own calendar address over the API."""

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from rest_framework import serializers
from rest_framework.response import Response

from core.actors import Actor
from core.api.views import ActionView, ListView
from meetings.models import CalendarFeed
from meetings.operations.feeds import end_feed, make_feed
from meetings.permissions import can_see_meetings


class FeedShown(serializers.ModelSerializer[CalendarFeed]):
    """An address: since when, and when a calendar last fetched it."""

    class Meta:
        model = CalendarFeed
        fields: tuple[str, ...] = ("id", "made_at", "read_at")


class FeedMade(FeedShown):
    """The new address; ``url`` is shown in this answer and never again."""

    url = serializers.URLField()

    class Meta(FeedShown.Meta):
        fields = (*FeedShown.Meta.fields, "url")


def _own(actor: Actor) -> QuerySet[CalendarFeed]:
    return CalendarFeed.objects.filter(person_id=actor.person_id or 0, ended_at__isnull=True)


class FeedList(ListView):
    """One's own address in use, if there is one."""

    serializer_class: Any = FeedShown

    def queryset_for(self, actor: Actor) -> QuerySet[CalendarFeed]:
        """One's own."""
        return _own(actor)

    def has_any(self, actor: Actor) -> bool:
        """Not for those who attend no meetings."""
        return can_see_meetings(actor)


class FeedMake(ActionView):
    """Make an address; the one before it leads nowhere any more."""

    serializer_class: Any = FeedMade
    needs_version = False
    is_kept = False
    done_status = 201

    def queryset_for(self, actor: Actor) -> QuerySet[CalendarFeed]:
        """One's own."""
        return _own(actor)

    def thing(self) -> None:
        """Nothing in particular."""

    def perform(self, thing: None, body: dict[str, Any], expected_version: int) -> CalendarFeed:
        """Make it."""
        feed, secret = make_feed(actor=self.actor, at=self.at)
        address = reverse("calendar-feed-file", args=[secret])
        feed.url = self.request.build_absolute_uri(address)  # type: ignore[attr-defined]
        return feed

    def done(self, result: Any) -> Response:
        """The address with its secret."""
        return self.answer(result, status=self.done_status)


class Ended(serializers.Serializer[Any]):
    """That there is none any more."""

    ended = serializers.BooleanField()


class FeedEnd(ActionView):
    """Make the address useless."""

    serializer_class: Any = Ended
    needs_version = False

    def queryset_for(self, actor: Actor) -> QuerySet[CalendarFeed]:
        """One's own."""
        return _own(actor)

    def thing(self) -> None:
        """Nothing in particular."""

    def perform(self, thing: None, body: dict[str, Any], expected_version: int) -> dict[str, bool]:
        """End it."""
        end_feed(actor=self.actor, at=self.at)
        return {"ended": True}


urlpatterns: list[URLPattern] = [
    path("calendar-feed/", FeedList.as_view(), name="api-calendar-feed"),
    path("calendar-feed/make/", FeedMake.as_view(), name="api-calendar-feed-make"),
    path("calendar-feed/end/", FeedEnd.as_view(), name="api-calendar-feed-end"),
]
