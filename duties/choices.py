"""Kinds of notices, states of to-dos."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NoticeKind(TextChoices):
    """What a notice is about; notices of one kind and key are shown as one group."""

    REMINDER = "reminder", pgettext_lazy("通知", "提醒")
    RETURNED = "returned", pgettext_lazy("通知", "退回")
    FILED = "filed", pgettext_lazy("通知", "收到")
    MISSING = "missing", pgettext_lazy("通知", "缺报")
    ROLLUP = "rollup", pgettext_lazy("通知", "周汇总")
    CONSOLIDATION = "company", pgettext_lazy("通知", "全司汇总")
    CONFIRM = "confirm", pgettext_lazy("通知", "待确认")
    CUSTOMER = "customer", pgettext_lazy("通知", "客户")
    ACCOUNT = "account", pgettext_lazy("通知", "帐号")
    TARGET = "target", pgettext_lazy("通知", "目标")
    SCORE = "score", pgettext_lazy("通知", "考核")
    CASE = "case", pgettext_lazy("通知", "加减分")
    FINDING = "finding", pgettext_lazy("通知", "问题与整改")
    MEETING = "meeting", pgettext_lazy("通知", "会议")
    BULLETIN = "bulletin", pgettext_lazy("通知", "工作通报")


class ToDoState(TextChoices):
    """A to-do is open until its source closes it."""

    OPEN = "open", _("待办")
    DONE = "done", _("已办")
    DROPPED = "dropped", _("已取消")
