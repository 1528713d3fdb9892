"""The ways to pages by role: for the sidebar, the phone's tabs and go-anywhere."""

from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.actors import Actor
from core.pages import Text
from organization.choices import Role


@dataclass(frozen=True)
class Way:
    """A way of the sidebar: the page's route name, its label (short for the phone), its icon.

    ``also`` are addresses of pages that belong to it and begin otherwise.
    """

    route: str
    label: Text
    icon: str
    short: Text = ""
    also: tuple[str, ...] = ()


HOME: Final = Way("home", _("今天"), "sun")
SUMMARIES: Final = Way("summaries", _("周报"), "notebook")
LOGS: Final = Way("logs", _("服务日志"), "map-pin", _("日志"))
CUSTOMERS: Final = Way("customers", _("客户"), "building")
BOARD: Final = Way("board-now", _("本周看板"), "layout-board", _("看板"))
ROLLUPS: Final = Way("rollups", _("周汇总"), "stack-2")
COMPANY: Final = Way("company-now", _("全司周报"), "report", _("全司"))
OVERVIEW: Final = Way("overview-now", _("履职总览"), "layout-grid", _("履职"))
DUTY_MATRIX: Final = Way("duty-matrix-now", _("履职矩阵"), "columns", _("矩阵"))
SPOT_CHECK: Final = Way("spot-check-now", _("抽查报告"), "clipboard-check", _("抽查"))
FINDINGS: Final = Way("findings", _("问题与整改"), "alert-triangle", pgettext_lazy("导航", "问题"))
BULLETINS: Final = Way("bulletins", _("工作通报"), "file-text", _("通报"))
TARGETS: Final = Way("targets-now", _("目标"), "target")
SCORES: Final = Way("sheets", _("得分"), "chart-donut-3", also=("/marks/",))
ASSESSMENT: Final = Way("sheets", _("考核"), "chart-donut-3", also=("/marks/",))
CASES: Final = Way(
    "cases",
    _("加减分"),
    "adjustments",
    pgettext_lazy("导航", "加减分"),
    ("/complaints/",),
)
TODOS: Final = Way("todos", _("待办"), "checkbox")
MEETINGS: Final = Way(
    "meetings",
    pgettext_lazy("导航", "会议"),
    "users",
    also=("/meeting-actions/", "/absences/", "/documents/", "/cases-and-questions/"),
)
SCHEMES: Final = Way("schemes", _("考核方案"), "certificate", _("方案"))
IMPORTS: Final = Way("imports", _("导入"), "file-import")
PEOPLE: Final = Way("people", _("人员"), "user")
BRANCHES: Final = Way("branches", _("机构"), "building-community")
CALENDAR: Final = Way("calendar", _("日历"), "calendar")
SETTINGS: Final = Way("settings", _("设置"), "settings")
AUDIT: Final = Way("audit", _("审计"), "shield-check")
ACCOUNT: Final = Way("account", _("我"), "user")
MORE: Final = Way("more", _("更多"), "dots")

# Role by role, in the order of the sidebar; somebody with two roles gets both. Whose home is a
# page of its own (the supervisor's board, the market department's matrix) has no other way there.
WAYS: Final[dict[str, tuple[Way, ...]]] = {
    Role.MANAGER: (
        HOME,
        SUMMARIES,
        CUSTOMERS,
        SCORES,
        LOGS,
        MEETINGS,
        CASES,
        TARGETS,
        TODOS,
        BULLETINS,
    ),
    Role.SUPERVISOR: (
        BOARD,
        ROLLUPS,
        LOGS,
        CUSTOMERS,
        MEETINGS,
        ASSESSMENT,
        CASES,
        TARGETS,
        TODOS,
        FINDINGS,
        SPOT_CHECK,
        BULLETINS,
        IMPORTS,
    ),
    Role.GM: (
        HOME,
        BOARD,
        ROLLUPS,
        LOGS,
        CUSTOMERS,
        MEETINGS,
        ASSESSMENT,
        CASES,
        TARGETS,
        TODOS,
        FINDINGS,
        SPOT_CHECK,
        BULLETINS,
        IMPORTS,
    ),
    Role.DEPUTY: (
        HOME,
        BOARD,
        ROLLUPS,
        LOGS,
        CUSTOMERS,
        MEETINGS,
        ASSESSMENT,
        CASES,
        TARGETS,
        TODOS,
        FINDINGS,
        SPOT_CHECK,
        BULLETINS,
        IMPORTS,
    ),
    Role.MARKET: (
        COMPANY,
        OVERVIEW,
        DUTY_MATRIX,
        ASSESSMENT,
        CASES,
        TARGETS,
        TODOS,
        SCHEMES,
        FINDINGS,
        BULLETINS,
        ROLLUPS,
        LOGS,
        CUSTOMERS,
        MEETINGS,
        IMPORTS,
    ),
    Role.GROUP_OFFICE: (
        HOME,
        COMPANY,
        ROLLUPS,
        LOGS,
        CUSTOMERS,
        OVERVIEW,
        ASSESSMENT,
        CASES,
        TARGETS,
        FINDINGS,
        BULLETINS,
    ),
    Role.CONFIDENTIALITY: (HOME,),
    Role.SYSADMIN: (HOME, PEOPLE, BRANCHES, CALENDAR, SETTINGS, IMPORTS),
    Role.SECADMIN: (HOME, PEOPLE, SETTINGS),
    Role.AUDITOR: (HOME, AUDIT),
}


def address(route: str, *args: object) -> str:
    """The address of a page, "" where it is not installed."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


def ways_of(actor: Actor) -> list[Way]:
    """Every way that the actor's roles give and that is installed, each page once."""
    found: dict[str, Way] = {}
    for role in Role:
        for way in WAYS[role] if actor.has_role(role) else ():
            found.setdefault(way.route, way)
    return [way for way in found.values() if address(way.route)]
