"""The sign-for list of a bulletin as a workbook: the rows of its page."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.actors import Actor
from core.exports import table_bytes
from core.lists import Column
from core.marked_days import days_marked
from reports.models import Bulletin, SignFor
from reports.queries.bulletins import receipts_of
from worklogs.table_workbooks import TableWorkbook

COLUMNS: tuple[Column[SignFor], ...] = (
    Column("branch", gettext_lazy("分公司"), lambda one: one.branch.name),
    Column("job_number", gettext_lazy("工号"), lambda one: one.person.job_number),
    Column("name", gettext_lazy("姓名"), lambda one: one.person.name),
    Column("signed_at", pgettext_lazy("通报", "签收"), lambda one: one.signed_at),
    Column("reminders", gettext_lazy("提醒次数"), lambda one: one.reminders),
    Column("reminded_at", gettext_lazy("最近提醒"), lambda one: one.reminded_at),
)


def receipts_workbook(bulletin: Bulletin, actor: Actor) -> TableWorkbook:
    """Who has signed and who has not, as far as the actor sees it."""
    rows = receipts_of(bulletin, actor)
    name = _("%(number)s签收表") % {"number": bulletin.document_number or bulletin.title}
    with days_marked(None):  # the same bytes over every door
        return TableWorkbook(name, table_bytes(name, COLUMNS, rows, heading=[name]), len(rows))
