"""Every address of the API, under /api/v1/; each app's ``api.urlpatterns`` names its own."""

from typing import Final

from django.urls import URLPattern, URLResolver, include, path, re_path

from core.api.description import DocsView, SchemaView
from core.api.views import UnknownView

RESOURCES: Final[tuple[str, ...]] = (
    "core.api.own",
    "core.imports.api",
    "organization.api",
    "duties.api",
    "confidentiality.api",
    "customers.api",
    "worklogs.api",
    "meetings.api",
    "inspections.api",
    "kpi.api",
    "reports.api",
)


urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
    *(path("", include(module)) for module in RESOURCES),
    re_path(r"^.*$", UnknownView.as_view(), name="api-unknown"),
]
