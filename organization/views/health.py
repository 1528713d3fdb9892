"""What a supervisor of processes asks: is it alive, is it ready. Nothing internal is told."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.guards import is_ready


@login_not_required
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers, is migrated, and its trail is guarded; 503 otherwise."""
    ready = is_ready()
    text = "ready\n" if ready else "not ready\n"
    return HttpResponse(text, status=200 if ready else 503, content_type="text/plain")
