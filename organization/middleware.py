"""Who is signed in, at every request: the actor, the first password, the language, no-store."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation

from core import clock
from organization.passwords import must_change
from organization.queries import actor_of
from organization.sign_in import address_of, person_in

Answer = Callable[[HttpRequest], HttpResponse]
View = TypeVar("View", bound=Callable[..., Any])
API_PREFIX: Final = "/api/"


def before_first_password(view: View) -> View:
    """Mark a page that can be used while a new password is due."""
    setattr(view, "stands_before_first_password", True)  # noqa: B010 (functions have attributes)
    return view


class SignedInMiddleware:
    """Gives pages ``request.actor``; sends whoever is not signed in to the sign-in.

    ``django.contrib.auth.decorators.login_not_required`` marks the pages that are open to all.
    While a password is due every other page leads to the page where it is set; the API, which
    authenticates by itself, answers so (organization.api_auth).
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Recognise, answer, and keep the answer out of caches."""
        request.actor = None  # type: ignore[attr-defined]
        request.must_change_password = False  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            self._recognise(request, clock.now())
        is_signed_in = request.actor is not None or "Authorization" in request.headers  # type: ignore[attr-defined]
        response = self.get_response(request)
        if is_signed_in:
            response["Cache-Control"] = "no-store"
        return response

    def _recognise(self, request: HttpRequest, at: datetime) -> None:
        person = person_in(request, at=at)
        if person is None:
            return
        request.actor = actor_of(person, at=at).coming_by(  # type: ignore[attr-defined]
            "page",
            address=address_of(request),
            request_id=getattr(request, "request_id", ""),
        )
        request.must_change_password = must_change(person, at)  # type: ignore[attr-defined]
        translation.activate(person.language)
        request.LANGUAGE_CODE = person.language

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> HttpResponse | None:
        """Let through, or lead to the sign-in or to the first password."""
        if request.path.startswith(API_PREFIX):
            return None
        if request.actor is None:  # type: ignore[attr-defined]
            is_open = not getattr(view, "login_required", True)
            return None if is_open else _to_sign_in(request)
        is_let_by = getattr(view, "stands_before_first_password", False)
        if request.must_change_password and not is_let_by:  # type: ignore[attr-defined]
            return _lead(request, reverse("first-password"))
        return None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    back = request.get_full_path() if request.method == "GET" else "/"
    url = reverse("sign-in")
    return _lead(request, url if back == "/" else f"{url}?{urlencode({'next': back})}")


def _lead(request: HttpRequest, url: str) -> HttpResponse:
    """A redirect; scripts, which would swap the page into a fragment, are told 401 instead."""
    is_script = "HX-Request" in request.headers or "X-Requested-With" in request.headers
    if is_script:
        return HttpResponse(status=401, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
