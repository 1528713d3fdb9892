"""Addresses of spot checks, and of what is made of them."""

from duties import converters as converters
from reports.views import spot_checks

urlpatterns = [*spot_checks.urlpatterns]
