"""Inspections over the API, a subject a file."""

from inspections.api import contents, duties, findings, items

urlpatterns = [
    *findings.urlpatterns,
    *items.urlpatterns,
    *duties.urlpatterns,
    *contents.urlpatterns,
]
