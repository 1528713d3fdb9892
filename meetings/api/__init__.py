"""Meetings over the API, a subject a file."""

from duties import converters as converters
from meetings.api import feeds, meetings

urlpatterns = [*meetings.urlpatterns, *feeds.urlpatterns]
