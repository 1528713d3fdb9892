"""Words about bulletins and their editions, and how much is in one."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import month_name
from core.periods import Month
from reports.models import Bulletin, Edition


def bulletin_name(bulletin: Bulletin) -> str:
    """Which bulletin it is: its month, and the number of a supplement."""
    name = month_name(Month.parse(bulletin.month))
    if bulletin.supplement:
        return _("%(month)s 补充 %(n)d") % {"month": name, "n": bulletin.supplement}
    return name


def changed_words(bulletin: Bulletin) -> str:
    """What taking the figures anew changed: 表1 得分 2 行、附件3 客户经理考核得分 3 行."""
    return _("、").join(
        ngettext("%(table)s %(n)d 行", "%(table)s %(n)d 行", one["rows"])
        % {"table": one["table"], "n": one["rows"]}
        if one["rows"]
        else str(one["table"])
        for one in bulletin.changed
    )


def edition_name(edition: Edition) -> str:
    """Whose edition it is: the company's or a branch's."""
    return edition.branch.name if edition.branch else _("全司版")


def rows_in(edition: Edition) -> int:
    """How many rows its tables hold: the number of records in its files."""
    return sum(len(table["rows"]) for part in edition.content["parts"] for table in part["tables"])
