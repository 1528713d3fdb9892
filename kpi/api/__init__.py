"""Targets, schemes, marks and scores over the API, a subject a file."""

from duties import converters as converters
from kpi.api import (
    cases,
    complaints,
    indicators,
    marks,
    objections,
    progress,
    results,
    scheme_looks,
    schemes,
    sheet_files,
    sheets,
    target_versions,
    targets,
    work,
)

urlpatterns = [
    *sheets.urlpatterns,
    *sheet_files.urlpatterns,
    *objections.urlpatterns,
    *marks.urlpatterns,
    *indicators.urlpatterns,
    *targets.urlpatterns,
    *target_versions.urlpatterns,
    *work.urlpatterns,
    *progress.urlpatterns,
    *results.urlpatterns,
    *schemes.urlpatterns,
    *scheme_looks.urlpatterns,
    *cases.urlpatterns,
    *complaints.urlpatterns,
]
