"""Addresses of spot checks and bulletins, and of what is made of them."""

from duties import converters as converters
from reports.views import (
    bulletin_editor,
    bulletin_steps,
    bulletins,
    downloads,
    spot_checks,
    verification,
)

urlpatterns = [
    *spot_checks.urlpatterns,
    *bulletins.urlpatterns,
    *bulletin_editor.urlpatterns,
    *bulletin_steps.urlpatterns,
    *downloads.urlpatterns,
    *verification.urlpatterns,
]
