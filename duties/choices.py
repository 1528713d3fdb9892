"""Kinds of notices."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NoticeKind(TextChoices):
    """What a notice is about; notices of one kind and key are shown as one group."""

    REMINDER = "reminder", _("提醒")
    RETURNED = "returned", _("退回")
    FILED = "filed", _("收到")
    MISSING = "missing", _("缺报")
    ROLLUP = "rollup", _("周汇总")
    CONSOLIDATION = "company", _("全司汇总")
    CONFIRM = "confirm", _("待确认")
    CUSTOMER = "customer", _("客户")
    ACCOUNT = "account", _("帐号")
