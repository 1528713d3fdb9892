"""One's own calendar address, and the file behind it."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import NotAllowed, NotFound
from core.pages import toast
from core.requests import SignedInRequest
from meetings.feed import CONTENT_TYPE, calendar_file
from meetings.operations.feeds import end_feed, make_feed, note_read
from meetings.permissions import can_see_meetings
from meetings.queries.feeds import feed_by, feed_of, meetings_of_person
from organization.middleware import before_first_password


@require_http_methods(["GET", "HEAD", "POST"])
def calendar_feed(request: SignedInRequest) -> HttpResponse:
    """The address in use, and a new one; its text is shown in this answer and never again."""
    actor, at = request.actor, clock.now()
    if not can_see_meetings(actor):
        raise NotAllowed(_("只有参加会议的人才有会议日历。"))
    new_address = ""
    if request.method == "POST":
        _feed, secret = make_feed(actor=actor, at=at)
        new_address = request.build_absolute_uri(reverse("calendar-feed-file", args=[secret]))
    context = {"feed": feed_of(actor.somebody), "new_address": new_address, "now": at}
    return render(request, "meetings/calendar_feed.html", context)


@require_POST
def calendar_feed_end(request: SignedInRequest) -> HttpResponse:
    """Make the address useless."""
    end_feed(actor=request.actor, at=clock.now())
    toast(request, _("日历地址已作废"))
    return HttpResponseRedirect(reverse("calendar-feed"))


@login_not_required
@before_first_password
@require_safe
def calendar_feed_file(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar, for whatever client knows the secret; what is revoked is not there."""
    at = clock.now()
    feed = feed_by(secret, at)
    if feed is None:
        raise NotFound
    note_read(feed, at)
    content = calendar_file(feed.person, meetings_of_person(feed.person, at))
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = 'inline; filename="meetings.ics"'
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


urlpatterns: list[URLPattern] = [
    path("calendar-feed/", calendar_feed, name="calendar-feed"),
    path("calendar-feed/end/", calendar_feed_end, name="calendar-feed-end"),
    path("calendar-feed/<str:secret>.ics", calendar_feed_file, name="calendar-feed-file"),
]
