"""The lists of the week: one tuple of Columns each, for page, column choice and export."""

from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.chips import chip
from core.formats import hour, short_day
from core.lists import Column
from worklogs.choices import Initiator
from worklogs.models import ServiceLog

CONTENT_SHOWN: Final = 60


def _whole(text: object) -> SafeString:
    """A short word that is not broken, however narrow the list."""
    return format_html('<span class="nowrap">{}</span>', text)


def _time(log: ServiceLog) -> SafeString:
    return format_html("{} {}", _whole(short_day(log.occurred_at)), _whole(hour(log.occurred_at)))


def _content(log: ServiceLog) -> SafeString:
    return format_html(
        '<span class="log-content">{}</span>', Truncator(log.content).chars(CONTENT_SHOWN)
    )


def _state(log: ServiceLog) -> SafeString:
    """Only what deviates: late, still to be answered."""
    found = []
    if log.is_late:
        found.append(chip("late", _("迟填")))
    if log.initiator == Initiator.PASSIVE and log.answered_at is None:
        found.append(chip("waiting", _("待答复")))
    return format_html_join(" ", "{}", ((one,) for one in found))


def _state_words(log: ServiceLog) -> str:
    return _("迟填") if log.is_late else _("按时")


def _read(log: ServiceLog) -> SafeString:
    if log.read_at is None:
        return chip("waiting", _("未阅"))
    return chip("done", _("有批语") if log.read_remark else _("已阅"))


LOG_COLUMNS: Final[tuple[Column[ServiceLog], ...]] = (
    Column("customer", pgettext_lazy("一户", "客户"), lambda log: log.customer.name),
    Column(
        "time",
        gettext_lazy("时间"),
        lambda log: log.occurred_at,
        cell=_time,
        is_bare=True,
    ),
    Column(
        "initiator",
        gettext_lazy("发起"),
        lambda log: log.get_initiator_display(),
        cell=lambda log: _whole(log.get_initiator_display()),
        is_bare=True,
    ),
    Column(
        "channel",
        gettext_lazy("方式"),
        lambda log: log.get_channel_display(),
        cell=lambda log: _whole(log.get_channel_display()),
        is_bare=True,
    ),
    Column(
        "category",
        gettext_lazy("类别"),
        lambda log: log.get_category_display(),
        cell=lambda log: _whole(log.get_category_display()),
        is_bare=True,
    ),
    Column(
        "content",
        gettext_lazy("内容"),
        lambda log: log.content,
        cell=_content,
        is_bare=True,
    ),
    Column("state", gettext_lazy("状态"), _state_words, cell=_state, is_bare=True),
    Column("manager", gettext_lazy("客户经理"), lambda log: log.manager.name, is_shown=False),
    Column(
        "read",
        gettext_lazy("批阅"),
        lambda log: _("已阅") if log.read_at else _("未阅"),
        cell=_read,
        is_bare=True,
        is_shown=False,
    ),
    Column("needs", gettext_lazy("客户需求"), lambda log: log.needs, is_shown=False),
    Column("problems", gettext_lazy("存在问题"), lambda log: log.problems, is_shown=False),
    Column(
        "minutes", gettext_lazy("分钟"), lambda log: log.minutes, is_number=True, is_shown=False
    ),
    Column("branch", gettext_lazy("分公司"), lambda log: log.branch.name, is_shown=False),
    Column("version", gettext_lazy("版本"), lambda log: log.number, is_number=True, is_shown=False),
)


def log_columns(is_leader: bool, sees_all: bool) -> tuple[Column[ServiceLog], ...]:
    """The columns as a reader first sees them: leaders also whose, and whether it was read."""
    usual = {"manager", "read"} if is_leader else set()
    if sees_all:
        usual = {"manager", "branch"}
    return tuple(
        Column(
            column.key,
            column.label,
            column.value,
            cell=column.cell,
            is_number=column.is_number,
            is_bare=column.is_bare,
            sort=column.sort,
            is_shown=column.is_shown or column.key in usual,
        )
        for column in LOG_COLUMNS
    )
