"""Addresses of notices and of the calendar."""

from django.urls import path

from duties import converters as converters
from duties import todo_views, views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.notices_read, name="notices-read"),
    path("notices/<int:notice_id>/read/", views.notice_read, name="notice-read"),
    *todo_views.urlpatterns,
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/load/", views.calendar_load, name="calendar-load"),
    path("calendar/<day:on>/", views.calendar_day, name="calendar-day"),
    path("calendar/<day:on>/clear/", views.calendar_clear, name="calendar-clear"),
]
