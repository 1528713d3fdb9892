"""Pages of meetings: each subject keeps its own addresses."""

from django.urls import URLPattern, URLResolver

from duties import converters as converters
from meetings.views import (
    absences,
    actions,
    arranging,
    attendance,
    contributions,
    documents,
    feeds,
    meeting,
    minutes,
    minutes_form,
    months,
    room,
    scans,
    sign_in,
)

urlpatterns: list[URLPattern | URLResolver] = [
    *months.urlpatterns,
    *meeting.urlpatterns,
    *arranging.urlpatterns,
    *feeds.urlpatterns,
    *room.urlpatterns,
    *sign_in.urlpatterns,
    *absences.urlpatterns,
    *attendance.urlpatterns,
    *documents.urlpatterns,
    *contributions.urlpatterns,
    *minutes.urlpatterns,
    *minutes_form.urlpatterns,
    *actions.urlpatterns,
    *scans.urlpatterns,
]
