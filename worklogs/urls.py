"""The week's pages: each subject keeps its own addresses, they stand together here."""

from django.urls import URLPattern, URLResolver

from worklogs.views import board, company, logs, rollups, summaries

urlpatterns: list[URLPattern | URLResolver] = [
    *logs.urlpatterns,
    *summaries.urlpatterns,
    *board.urlpatterns,
    *rollups.urlpatterns,
    *company.urlpatterns,
]
