"""Meetings over the API, a subject a file."""

from duties import converters as converters
from meetings.api import absences, contributions, documents, feeds, meetings, rooms

urlpatterns = [
    *rooms.urlpatterns,
    *absences.urlpatterns,
    *feeds.urlpatterns,
    *documents.urlpatterns,
    *contributions.urlpatterns,
    *meetings.urlpatterns,
]
