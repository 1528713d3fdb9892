"""Whatever goes wrong outside a view of the API is a problem document too."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from core.api.problems import CONTENT_TYPE, plain_problem

PREFIX: Final = "/api/"
# Everything else that was said of the answer (the policies, what is allowed) still holds.
OF_THE_BODY: Final = frozenset(
    {"Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "ETag"}
)


class ProblemMiddleware:
    """Replaces Django's own error pages under /api/ (unknown host, body too large, fault)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, and translate what is not one of the API's own answers."""
        response = self.get_response(request)
        is_ours = response.headers.get("Content-Type", "").startswith(CONTENT_TYPE)
        if not request.path.startswith(PREFIX) or response.status_code < 400 or is_ours:
            return response
        with translation.override(translation.get_language_from_request(request)):
            problem = plain_problem(request, response.status_code)
        for name, value in response.headers.items():
            if name not in OF_THE_BODY:
                problem.headers.setdefault(name, value)
        return problem
