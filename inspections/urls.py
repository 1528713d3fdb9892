"""Addresses of findings and of the inspection sheet."""

from inspections.views import contents, duties, finding, findings, items

urlpatterns = [
    *findings.urlpatterns,
    *finding.urlpatterns,
    *items.urlpatterns,
    *duties.urlpatterns,
    *contents.urlpatterns,
]
