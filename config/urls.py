"""Every page's address; the API's addresses are in config.api_urls."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

PAGES = (
    ("", "desk.urls"),
    ("", "organization.urls"),
    ("", "duties.urls"),
    ("customers/", "customers.urls"),
    ("", "worklogs.urls"),
    ("import/", "core.imports.urls"),
    ("api/v1/", "config.api_urls"),
)


def _stands(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


urlpatterns: list[URLPattern | URLResolver] = [
    *(path(prefix, include(module)) for prefix, module in PAGES if _stands(module)),
]

handler400 = "core.pages.bad_request"
handler403 = "core.pages.permission_denied"
handler404 = "core.pages.not_found"
handler500 = "core.pages.server_error"
