"""Targets, schemes, marks and scores over the API, a subject a file."""

from duties import converters as converters
from kpi.api import marks, objections, sheets

urlpatterns = [
    *sheets.urlpatterns,
    *objections.urlpatterns,
    *marks.urlpatterns,
]
