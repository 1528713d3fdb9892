"""Addresses of the import's pages, under /import/."""

from django.urls import path

from core.imports import views

urlpatterns = [
    path("", views.imports, name="imports"),
    path("<int:run_id>/", views.run, name="import"),
    path("<int:run_id>/progress/", views.progress, name="import-progress"),
    path("<int:run_id>/columns/", views.correct, name="import-columns"),
    path("<int:run_id>/table/", views.switch, name="import-switch"),
    path("<int:run_id>/write/", views.write, name="import-write"),
    path("<int:run_id>/discard/", views.discard, name="import-discard"),
    path("<int:run_id>/file/", views.marked_file, name="import-file"),
]
