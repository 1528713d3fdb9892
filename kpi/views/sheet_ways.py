"""What the pages of score sheets share: addresses, months, pages that may not be installed."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from core.formats import month_name
from core.parts import ErrorLink
from core.periods import Month, local_date
from core.requests import SignedInRequest
from kpi.models import ScoreSheet


def installed(route: str, *args: object) -> str:
    """The address of a page, "" where there is none of that name."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


def sheet_url(month: Month | str, manager_id: int, **query: object) -> str:
    """The address of somebody's sheet; empty values of the query are left out."""
    key = month if isinstance(month, str) else month.key
    return with_values(reverse("sheet", args=[key, manager_id]), **query)


def table_url(month: Month, **query: object) -> str:
    """The address of a month's table."""
    return with_values(reverse("sheets"), month=month.key, **query)


def with_values(url: str, **query: object) -> str:
    """An address with the values of the query that are not empty."""
    kept = {name: value for name, value in query.items() if value not in ("", None)}
    return f"{url}?{urlencode(kept)}" if kept else url


def around(months: Sequence[Month], here: Month) -> tuple[Month | None, Month | None]:
    """The month before and the month after among those there are."""
    before = max((one for one in months if one < here), default=None)
    after = min((one for one in months if one > here), default=None)
    return before, after


def title_of(month: Month, name: str, is_mine: bool) -> str:
    """What the page is about: 2026年11月考核表, of others with the name."""
    words = {"month": month_name(month), "name": name}
    return _("%(month)s考核表") % words if is_mine else _("%(name)s %(month)s考核表") % words


def month_ways(
    request: SignedInRequest, month: Month, manager_id: int, at: datetime
) -> dict[str, str]:
    """The addresses of the neighbouring months of which there is something to see."""
    keys = (
        ScoreSheet.objects.visible_to(request.actor)
        .filter(manager_id=manager_id)
        .order_by()
        .values_list("month", flat=True)
    )
    months = [*map(Month.parse, keys), Month.containing(local_date(at))]
    before, after = around(months, month)
    return {
        "previous_url": sheet_url(before, manager_id) if before else "",
        "next_url": sheet_url(after, manager_id) if after else "",
    }


def exports(month: Month, manager_id: int) -> list[tuple[str, str]]:
    """The sheet as paper and as a workbook, where they are installed."""
    offered = (
        (_("A4 打印"), installed("sheet-print", month.key, manager_id)),
        (_("下载 PDF"), installed("sheet-paper", month.key, manager_id)),
        (_("导出 XLSX"), installed("sheet-workbook", month.key, manager_id)),
    )
    return [(label, url) for label, url in offered if url]


def labelled(label: str, text: str, anchor: str = "") -> ErrorLink:
    """What is wrong with what, as a line of the summary of errors."""
    return ErrorLink(_("%(label)s：%(text)s") % {"label": label, "text": text}, anchor)
