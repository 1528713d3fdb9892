"""Inspections over the API, a subject a file: findings, the inspection sheet."""

from inspections.api import findings, items

urlpatterns = [*findings.urlpatterns, *items.urlpatterns]
