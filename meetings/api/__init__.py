"""Meetings over the API, a subject a file."""

from duties import converters as converters
from meetings.api import absences, feeds, meetings, rooms

urlpatterns = [
    *rooms.urlpatterns,
    *absences.urlpatterns,
    *feeds.urlpatterns,
    *meetings.urlpatterns,
]
