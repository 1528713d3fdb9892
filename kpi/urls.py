"""Pages of targets, results and what follows: each subject keeps its own addresses."""

from django.urls import URLPattern, URLResolver

from kpi.views import (
    company_targets,
    indicators,
    own_targets,
    requirements,
    results,
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
]
