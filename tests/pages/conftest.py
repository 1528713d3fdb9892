"""What stories of pages share with the domain's."""

from tests.beginnings import checked as checked
from tests.beginnings import scored_november as scored_november
