"""What wraps every request: an id to find it by, marked days, refusals turned into answers."""

import re
import uuid
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse

from core import pages
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.marked_days import days_marked
from core.queries import calendar, calendars_kept

Answer = Callable[[HttpRequest], HttpResponse]
READING: Final = ("GET", "HEAD")
_GREATEST_ID = 2**63 - 1
_ID = re.compile(r"[0-9A-Za-z-]{8,36}")


class RequestIdMiddleware:
    """Gives each request an id, taken from a proxy in front when it sends a sane one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Stamp request and answer."""
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if _ID.fullmatch(given) else str(uuid.uuid4())  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response


class MarkedDaysMiddleware:
    """Lets every day that a page shows bear its 休 or 班, for one query at most.

    Whoever only reads asks for the days of the same years once.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; the API says days in no words and bears no marks."""
        with calendars_kept() if request.method in READING else nullcontext():
            if request.path.startswith("/api/"):
                return self.get_response(request)
            with days_marked(calendar):
                return self.get_response(request)


class RefusalMiddleware:
    """Turns an operation's no into a page: 404, 403, 409 or the refusal's own words.

    Views catch what they can show beside the field; this is for what they do not expect. The
    API has its own translation (core.api.problem).
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Refuse texts with a NUL, which no database stores; the API's parsers do so too. An id
        greater than a database counts names nothing."""
        numbers = [value for value in _kwargs(_view) if isinstance(value, int)]
        if numbers and max(numbers) > _GREATEST_ID:
            raise Http404
        if not request.path.startswith("/api/") and _has_nul(request):
            return pages.refusal(request, 400)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for the errors of core.errors; everything else stays a fault."""
        if isinstance(exception, NotFound):
            return pages.not_found(request)
        if isinstance(exception, NotAllowed):
            return pages.not_allowed(request, str(exception))
        if isinstance(exception, Stale):
            return pages.stale(request, exception)
        if isinstance(exception, Refused):
            return pages.refused(request, exception)
        return None


def _kwargs(view: tuple[object, ...]) -> Iterable[object]:
    """The values in the address, of what Django tells of a view: function, args, kwargs."""
    named = view[-1]
    return named.values() if isinstance(named, dict) else ()


def _has_nul(request: HttpRequest) -> bool:
    return any(
        "\0" in text
        for given in (request.GET, request.POST)
        for _name, texts in given.lists()
        for text in texts
    )
