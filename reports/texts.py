"""Words about editions, and how much is in one."""

from django.utils.translation import gettext as _

from reports.models import Edition


def edition_name(edition: Edition) -> str:
    """Whose edition it is: the company's or a branch's."""
    return edition.branch.name if edition.branch else _("全司版")


def rows_in(edition: Edition) -> int:
    """How many rows its tables hold: the number of records in its files."""
    return sum(len(table["rows"]) for part in edition.content["parts"] for table in part["tables"])
