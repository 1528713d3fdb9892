"""Branches, people, roles, settings and ways in over the API, by the same operations as pages."""

from organization.api import access, branches, people, settings, trail

urlpatterns = [
    *branches.urlpatterns,
    *people.urlpatterns,
    *settings.urlpatterns,
    *access.urlpatterns,
    *trail.urlpatterns,
]
