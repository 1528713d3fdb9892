"""Meetings over the API, a subject a file."""

from meetings.api import meetings

urlpatterns = [*meetings.urlpatterns]
