"""Branch settings as people read and write them: a label, an example, text both ways."""

from dataclasses import dataclass
from datetime import time
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organization.settings import DEFAULTS


@dataclass(frozen=True)
class SettingLabel:
    """What a setting is called, how its value is written, where it comes from."""

    label: str | Promise
    example: str
    source: str
    unit: str | Promise = ""


LABELS: Final[dict[str, SettingLabel]] = {
    "summary_due": SettingLabel(_("周报截止"), "17:30", "W5"),
    "close_of_business": SettingLabel(_("下班时间（周汇总截止）"), "18:00", "W6"),
    "rollup_lag_weeks": SettingLabel(_("周汇总滞后"), "1", "W6", pgettext_lazy("单位", "周")),
    "standup_time": SettingLabel(_("晨会时间"), "08:30", "M1"),
    "weekly_meeting_time": SettingLabel(_("例会时间"), "08:30", "M2"),
    "reminder_times": SettingLabel(_("周报提醒时刻"), "09:40 15:10 17:07", "W5"),
    "reminder_pause_minutes": SettingLabel(
        _("两次提醒至少间隔"), "60", "W6", pgettext_lazy("单位", "分钟")
    ),
    "reminders_a_day": SettingLabel(_("每人每天最多提醒"), "3", "W6", _("次")),
    "digest_times": SettingLabel(_("通知邮件时刻"), "08:10 11:50 17:40", ""),
    "answer_within_hours": SettingLabel(_("被动服务答复时限"), "2", "", _("工作小时")),
    "work_hours": SettingLabel(_("工作时段"), "08:30-12:00 13:30-17:30", ""),
    "log_within_days": SettingLabel(_("服务日志可补记"), "31", "W3", _("天内")),
    "log_correct_within_days": SettingLabel(_("服务日志可更正"), "45", "W3", _("天内")),
    "rollup_recipients": SettingLabel(
        _("周汇总收件人（工号，空为集团客户室全体）"), "100002", "W6"
    ),
    "targets_day": SettingLabel(_("目标下达在当月第几个工作日"), "3", "T1"),
    "provisional_time": SettingLabel(_("月末暂计报告时刻"), "20:00", "P3"),
    "freeze_day": SettingLabel(_("数据冻结在次月第几个工作日"), "2", "K4"),
    "freeze_time": SettingLabel(_("数据冻结时刻"), "12:00", "K4"),
    "sheet_day": SettingLabel(_("考核表出表在次月第几个工作日"), "3", "K4"),
    "objection_end_day": SettingLabel(_("申诉截止在次月第几个工作日"), "8", "K4"),
    "draft_day": SettingLabel(_("通报草稿在次月第几个工作日"), "5", "B1"),
    "comment_days": SettingLabel(_("通报征求意见"), "3", "B1", _("个工作日")),
    "lock_day": SettingLabel(_("考核表锁定在次月第几个工作日"), "9", "K4"),
    "bulletin_day": SettingLabel(_("通报发布在次月第几个工作日"), "10", "B1"),
    "finding_answer_days": SettingLabel(_("问题确认或异议时限"), "3", "P3.5", _("个工作日")),
    "rectify_days": SettingLabel(_("整改时限"), "5", "P3.5", _("个工作日")),
    "inspection_good": SettingLabel(_("检查得分为好"), "90", "P3.6", _("分起")),
    "inspection_pass": SettingLabel(_("检查得分合格"), "80", "P3.6", _("分起")),
    "complaint_answer_days": SettingLabel(_("投诉答复时限"), "3", "K3.6", _("个工作日")),
    "case_step_days": SettingLabel(_("加减分每一步的时限"), "2", "K3", _("个工作日")),
    "label_set": SettingLabel(_("名称用语（telecom 电信、bank 银行）"), "telecom", ""),
    "bulletin_issuer": SettingLabel(_("通报发文机关标志"), "公司市场部文件", "B1"),
    "bulletin_series": SettingLabel(_("通报文号代字"), "市通报", "B1"),
}


def value_in(key: str, text: str) -> Any:
    """The JSON value that somebody wrote; what it cannot be is organization.settings' to say."""
    default = getattr(DEFAULTS, key)
    words = text.replace("，", " ").replace(",", " ").replace("、", " ").replace("：", ":").split()
    if isinstance(default, str):
        return text.strip()
    if isinstance(default, time | int):
        return " ".join(words)
    if key == "work_hours":
        return [word.replace("–", "-").replace("—", "-").split("-") for word in words]
    return words


def text_of(key: str, value: Any) -> str:
    """The value (as the setting's own type) as it is written."""
    if isinstance(value, time):
        return value.isoformat("minutes")
    if key == "work_hours":
        return " ".join(f"{text_of('', start)}-{text_of('', end)}" for start, end in value)
    if isinstance(value, tuple):
        return " ".join(text_of("", one) for one in value)
    return str(value)
