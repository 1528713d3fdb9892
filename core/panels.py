"""The side panel as views see it: whether it asks, and which page lies under it."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def is_for_panel(request: HttpRequest) -> bool:
    """Whether the panel asks, and not a page."""
    return request.headers.get("HX-Target") == "panel"


def page_under(request: HttpRequest, otherwise: str) -> str:
    """The page named ``next``, else the one the panel lies on, when it is one of ours."""
    wanted = (
        request.POST.get("next")
        or request.GET.get("next")
        or request.headers.get("HX-Current-URL", "")
    )
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else otherwise
