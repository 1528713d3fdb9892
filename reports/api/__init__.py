"""Reports over the API, a subject a file: spot checks."""

from duties import converters as converters
from reports.api import spot_checks

urlpatterns = [*spot_checks.urlpatterns]
