"""Every page's address; the API's addresses are in config.api_urls."""

from django.urls import URLPattern, URLResolver, include, path

PAGES = (
    ("", "desk.urls"),
    ("", "organization.urls"),
    ("", "duties.urls"),
    ("customers/", "customers.urls"),
    ("", "worklogs.urls"),
    ("", "meetings.urls"),
    ("", "inspections.urls"),
    ("", "kpi.urls"),
    ("", "reports.urls"),
    ("import/", "core.imports.urls"),
    ("api/v1/", "config.api_urls"),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path(prefix, include(module)) for prefix, module in PAGES
]

handler400 = "core.pages.bad_request"
handler403 = "core.pages.permission_denied"
handler404 = "core.pages.not_found"
handler500 = "core.pages.server_error"
