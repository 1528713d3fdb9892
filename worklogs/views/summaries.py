"""The weekly summary (W4, W5): own weeks, and a week as form, receipt or reading page."""

from typing import Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core import clock
from core.chips import chip
from core.errors import NotFound
from core.formats import moment, week_name, week_span
from core.lists import Column, KeysetPage, RowLinks, keyset_page, work_table
from core.periods import Week
from core.requests import SignedInRequest
from worklogs import permissions
from worklogs.choices import Standing, SummaryState
from worklogs.models import Summary
from worklogs.summary_queries import ManagersWeek, WeekRow, managers_week, own_weeks
from worklogs.views import summary_form, summary_pages, summary_review
from worklogs.views.summary_ways import CHIPS, entry_of


def _standing_chip(row: WeekRow) -> str:
    text = ""
    if row.standing == Standing.LATE and row.summary is not None:
        text = _("迟交 %(n)d 分") % {"n": row.summary.minutes_late}
    elif row.standing == Standing.NOT_DUE:
        text = _("未交，还没到期")
    elif row.standing == Standing.ON_TIME:
        text = _("已交，按时")
    return chip(CHIPS[row.standing], text)


OWN_COLUMNS: Final[tuple[Column[WeekRow], ...]] = (
    Column("week", gettext_lazy("周"), lambda row: week_name(row.week)),
    Column("span", gettext_lazy("日期"), lambda row: week_span(row.week), is_bare=True),
    Column(
        "state",
        gettext_lazy("状态"),
        lambda row: str(Standing(row.standing).label),
        cell=_standing_chip,
        is_bare=True,
    ),
    Column("due", gettext_lazy("截止"), lambda row: moment(row.period.deadline_at)),
    Column(
        "received",
        gettext_lazy("收到"),
        lambda row: moment(row.summary.received_at) if row.summary else "",
    ),
    Column(
        "versions",
        gettext_lazy("版本"),
        lambda row: row.summary.newest if row.summary else None,
        is_number=True,
    ),
    Column(
        "reviewed",
        gettext_lazy("批阅"),
        lambda row: _("已阅") if row.summary and row.summary.reviewed_at else "",
        is_bare=True,
    ),
)
FILED_COLUMNS: Final[tuple[Column[Summary], ...]] = (
    Column("manager", gettext_lazy("客户经理"), lambda row: row.manager.name),
    Column("week", gettext_lazy("周"), lambda row: week_name(Week.parse(row.week)), is_bare=True),
    Column("branch", gettext_lazy("分公司"), lambda row: row.branch.name, is_bare=True),
    Column(
        "state",
        gettext_lazy("状态"),
        lambda row: str(SummaryState(row.state).label),
        cell=lambda row: _filed_chip(row),
        is_bare=True,
    ),
    Column("received", gettext_lazy("收到"), lambda row: moment(row.received_at)),
    Column("versions", gettext_lazy("版本"), lambda row: row.newest, is_number=True),
    Column(
        "reviewed",
        gettext_lazy("批阅"),
        lambda row: _("已阅") if row.reviewed_at else _("未阅"),
        is_bare=True,
    ),
)


def _filed_chip(row: Summary) -> str:
    if row.state == SummaryState.RETURNED:
        return chip("returned")
    if row.minutes_late:
        return chip("late", _("迟交 %(n)d 分") % {"n": row.minutes_late})
    return chip("on_time")


def _week_link(row: WeekRow) -> SafeString:
    words = {Standing.NOT_DUE: _("填写"), Standing.MISSING: _("补交"), Standing.RETURNED: _("去改")}
    return format_html(
        '<a href="{}">{}</a>',
        reverse("summary", args=[row.week]),
        words.get(Standing(row.standing), _("看回执")),
    )


def _filed_link(row: Summary) -> SafeString:
    url = reverse("summary-of", args=[row.week, row.manager_id])
    return format_html('<a href="{}">{}</a>', url, _("打开"))


@require_safe
def summaries(request: SignedInRequest) -> HttpResponse:
    """A manager's own weeks with their states; for others what they may read, newest first."""
    actor = request.actor
    cursor = request.GET.get("cursor", "")
    at = clock.now()
    if actor.has_role("manager"):
        weeks = own_weeks(actor, at, cursor)
        own = RowLinks[WeekRow](key=lambda row: row.period.key, action=_week_link)
        table = work_table(request, weeks, OWN_COLUMNS, own, key="weeks", caption=_("我的周报"))
        waiting = sum(
            1 for row in weeks.rows if row.standing in (Standing.MISSING, Standing.RETURNED)
        )
    else:
        rows = Summary.objects.seen_by(actor).select_related("manager", "branch")
        found: KeysetPage[Summary] = keyset_page(
            rows, order=("-week", "manager__sort_key", "pk"), cursor=cursor
        )
        links = RowLinks[Summary](key=lambda row: row.pk, action=_filed_link)
        table = work_table(request, found, FILED_COLUMNS, links, key="summaries", caption=_("周报"))
        waiting = 0
    context = {"table": table, "waiting": waiting, "is_own": actor.has_role("manager")}
    return render(request, "worklogs/summaries.html", context)


@require_safe
def summary(request: SignedInRequest, week: Week) -> HttpResponse:
    """The own week; somebody without one is led to the branch's board."""
    actor = request.actor
    if actor.led_branches and not actor.has_role("manager"):
        try:
            return HttpResponseRedirect(reverse("board", args=[week]))
        except NoReverseMatch:
            raise NotFound from None
    return _shown(request, managers_week(actor, actor.somebody, week, clock.now()))


@require_safe
def summary_of(request: SignedInRequest, week: Week, manager: int) -> HttpResponse:
    """The week of a manager whom the reader leads, or the own one."""
    return _shown(request, managers_week(request.actor, manager, week, clock.now()))


def _shown(request: SignedInRequest, found: ManagersWeek) -> HttpResponse:
    """A form while it can be filed, a receipt for its writer, a reading page for others."""
    actor = request.actor
    is_own = actor.person_id == found.manager.pk
    edits = "edit" in request.GET and found.may_file_again
    if is_own and found.times and (found.is_open or edits):
        return summary_form.form_page(request, found, entry_of(found))
    fills = "fill" in request.GET and permissions.can_file_summary(
        actor, found.manager, found.branch.pk
    )
    if fills and found.times and found.is_open:
        return summary_form.form_page(request, found, entry_of(found))
    if found.summary is None:
        return summary_pages.unfiled_page(request, found, is_own)
    if is_own:
        return summary_pages.receipt_page(request, found)
    return summary_pages.reading_page(request, found)


_OF = "weeks/<week:week>/of/<int:manager>/"
urlpatterns = [
    path("weeks/", summaries, name="summaries"),
    path("weeks/<week:week>/", summary, name="summary"),
    path(_OF, summary_of, name="summary-of"),
    path(f"{_OF}draft/", summary_form.summary_draft, name="summary-draft"),
    path(f"{_OF}submit/", summary_form.summary_submit, name="summary-submit"),
    path(f"{_OF}import/<slug:part>/", summary_form.summary_import, name="summary-import"),
    path(f"{_OF}figures/<slug:key>/", summary_pages.summary_figure, name="summary-figure"),
    path(f"{_OF}return/", summary_review.summary_return, name="summary-return"),
    path(f"{_OF}review/", summary_review.summary_review, name="summary-review"),
    path(f"{_OF}confirm/", summary_review.summary_confirm, name="summary-confirm"),
    path(f"{_OF}versions/", summary_review.summary_versions, name="summary-versions"),
    path(f"{_OF}paper.pdf", summary_review.summary_paper, name="summary-paper"),
    path(f"{_OF}print/", summary_review.summary_print, name="summary-print"),
]
