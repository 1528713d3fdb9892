"""Addresses of findings and of the inspection sheet."""

from inspections.views import finding, findings, items

urlpatterns = [*findings.urlpatterns, *finding.urlpatterns, *items.urlpatterns]
