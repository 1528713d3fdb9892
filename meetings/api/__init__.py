"""Meetings over the API, a subject a file."""

from duties import converters as converters
from meetings.api import (
    absences,
    actions,
    attendance,
    contributions,
    documents,
    feeds,
    meetings,
    minutes,
    rooms,
    scans,
)

urlpatterns = [
    *rooms.urlpatterns,
    *absences.urlpatterns,
    *feeds.urlpatterns,
    *meetings.urlpatterns,
    *documents.urlpatterns,
    *contributions.urlpatterns,
    *minutes.urlpatterns,
    *actions.urlpatterns,
    *attendance.urlpatterns,
    *scans.urlpatterns,
]
