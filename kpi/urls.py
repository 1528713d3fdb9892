"""Pages of targets, results and what follows: each subject keeps its own addresses."""

from django.urls import URLPattern, URLResolver

from kpi.views import (
    case,
    case_new,
    cases,
    company_targets,
    complaint,
    complaints,
    consequences,
    corrections,
    indicators,
    marks,
    objections,
    own_targets,
    requirements,
    results,
    schemes,
    sheet,
    sheets,
    target_files,
    targets,
    work_items,
)

urlpatterns: list[URLPattern | URLResolver] = [
    *indicators.urlpatterns,
    *requirements.urlpatterns,
    *company_targets.urlpatterns,
    *own_targets.urlpatterns,
    *targets.urlpatterns,
    *target_files.urlpatterns,
    *work_items.urlpatterns,
    *results.urlpatterns,
    *schemes.urlpatterns,
    *cases.urlpatterns,
    *case_new.urlpatterns,
    *case.urlpatterns,
    *complaints.urlpatterns,
    *complaint.urlpatterns,
    *sheets.urlpatterns,
    *consequences.urlpatterns,
    *corrections.urlpatterns,
    *objections.urlpatterns,
    *sheet.urlpatterns,
    *marks.urlpatterns,
]
