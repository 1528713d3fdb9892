"""States and choices of logs, summaries and roll-ups."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Initiator(TextChoices):
    """Who began the service (W3)."""

    ACTIVE = "active", _("主动")
    PASSIVE = "passive", _("被动")


class Channel(TextChoices):
    """By what way (annex 3.3)."""

    PHONE = "phone", _("电话")
    ON_SITE = "on_site", _("上门")
    WECHAT = "wechat", _("微信")
    CUSTOMER_CALLS = "customer_calls", _("来访")
    SMS = "sms", _("短信")
    MAIL = "mail", _("邮件")
    EVENT = "event", _("活动")


class Category(TextChoices):
    """What for (annex 3.3)."""

    ROUTINE = "routine", _("例行拜访")
    PROMOTION = "promotion", _("产品推广")
    BUSINESS = "business", _("业务办理")
    INQUIRY = "inquiry", _("咨询")
    FAULT = "fault", _("故障")
    COMPLAINT = "complaint", _("投诉")
    ARREARS = "arrears", _("欠费")
    RETENTION = "retention", _("挽留")
    WIN_OVER = "win_over", _("策反")
    BIRTHDAY = "birthday", _("生日关怀")
    FESTIVAL = "festival", _("节日")
    HANDOVER = "handover", _("换管告知")
    VERIFICATION = "verification", _("资料核实")


class CampaignResponse(TextChoices):
    """How the customer took a service-marketing offer (W5)."""

    ACCEPTED = "accepted", _("接受")
    CONSIDERING = "considering", _("考虑")
    DECLINED = "declined", _("拒绝")
    NOT_OFFERED = "none", _("未推介")


class LogSource(TextChoices):
    """Where a log came from."""

    TYPED = "typed", _("手工填写")
    IMPORTED = "imported", _("导入")
    API = "api", _("接口")


class SummaryState(TextChoices):
    """Where a weekly summary stands."""

    SUBMITTED = "submitted", _("已交")
    RETURNED = "returned", _("退回")


class Standing(TextChoices):
    """What the board says of a manager's week; computed, never stored."""

    ON_TIME = "on_time", _("已交")
    LATE = "late", _("迟交")
    RETURNED = "returned", _("退回")
    MISSING = "missing", _("未交")
    NOT_DUE = "not_due", _("未到期")


class RollUpState(TextChoices):
    """Where a roll-up stands."""

    OPEN = "open", _("未发送")
    SENT = "sent", _("已发送")
    RECEIVED = "received", _("已签收")


class TextPart(TextChoices):
    """The written parts of the weekly summary (W5, annex 3.4 B)."""

    RESPONSE = "response", _("营销方案响应")
    NEEDS = "needs", _("主动服务需求")
    BEHAVIOUR = "behaviour", _("消费行为及动态")
    PROBLEMS = "problems", _("服务存在的问题")
    COMPETITORS = "competitors", _("竞争动态")
    CONCLUSIONS = "conclusions", _("结论")
    SUGGESTIONS = "suggestions", _("建议")
    HELP = "help", _("需协调事项")


# A judgement is asked of everybody: the conclusions cannot be "nothing this week" (W5).
ALWAYS_WRITTEN: Final = (TextPart.CONCLUSIONS,)
# The board's order: what needs somebody first.
STANDING_ORDER: Final = (
    Standing.MISSING,
    Standing.RETURNED,
    Standing.LATE,
    Standing.ON_TIME,
    Standing.NOT_DUE,
)
FILED: Final = (Standing.ON_TIME, Standing.LATE)
