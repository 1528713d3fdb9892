"""Reports over the API, a subject a file: spot checks, bulletins, files."""

from duties import converters as converters
from reports.api import bulletins, files, spot_checks

urlpatterns = [*spot_checks.urlpatterns, *bulletins.urlpatterns, *files.urlpatterns]
