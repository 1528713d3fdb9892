"""Kinds of notices."""

from django.db.models import TextChoices
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
