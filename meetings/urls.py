"""Pages of meetings: each subject keeps its own addresses."""

from django.urls import URLPattern, URLResolver

from duties import converters as converters
from meetings.views import arranging, feeds, meeting, months

urlpatterns: list[URLPattern | URLResolver] = [
    *months.urlpatterns,
    *meeting.urlpatterns,
    *arranging.urlpatterns,
    *feeds.urlpatterns,
]
