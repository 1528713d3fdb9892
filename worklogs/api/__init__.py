"""The week over the API, a subject a file: logs, summaries, roll-ups, the company."""

from worklogs import converters as converters
from worklogs.api import company, logs, rollups, summaries

urlpatterns = [
    *logs.urlpatterns,
    *summaries.urlpatterns,
    *rollups.urlpatterns,
    *company.urlpatterns,
]
