"""Branch settings as people read and write them: a label, an example, text both ways."""

import re
from dataclasses import dataclass
from datetime import time
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organization.choices import Role
from organization.settings import DEFAULTS, WORDS


@dataclass(frozen=True)
class SettingLabel:
    """What a setting is called, how its value is written, where it comes from, from when it acts
    where that is not the day itself."""

    label: str | Promise
    example: str
    source: str
    unit: str | Promise = ""
    note: str | Promise = ""


_NEXT_MONTH: Final = _("月中改的，从次月的会起；当月的会仍在原定那天，要动请在会议页改期")

LABELS: Final[dict[str, SettingLabel]] = {
    "summary_due": SettingLabel(_("周报截止"), "17:30", "W5"),
    "close_of_business": SettingLabel(_("下班时间（周汇总截止）"), "18:00", "W6"),
    "rollup_lag_weeks": SettingLabel(_("周汇总滞后"), "1", "W6", pgettext_lazy("单位", "周")),
    "standup_time": SettingLabel(_("晨会时间"), "08:30", "M1"),
    "standup_minutes": SettingLabel(_("晨会时长"), "20", "M1", pgettext_lazy("单位", "分钟")),
    "standup_attendees": SettingLabel(_("晨会应到"), "客户经理", "M1"),
    "standup_holders": SettingLabel(_("晨会主持"), "客户经理主管", "M1"),
    "weekly_meeting_day": SettingLabel(_("例会在星期几（1 为周一）"), "1", "M2"),
    "weekly_meeting_time": SettingLabel(_("例会时间"), "08:30", "M2"),
    "weekly_minutes": SettingLabel(_("例会时长"), "30", "M2", pgettext_lazy("单位", "分钟")),
    "weekly_attendees": SettingLabel(_("例会应到"), "客户经理", "M2"),
    "weekly_holders": SettingLabel(_("例会主持"), "客户经理主管", "M2"),
    "gm_day": SettingLabel(_("沟通会在当月第几个工作日"), "12", "M3", note=_NEXT_MONTH),
    "gm_time": SettingLabel(_("沟通会时间"), "15:00", "M3"),
    "gm_minutes": SettingLabel(_("沟通会时长"), "90", "M3", pgettext_lazy("单位", "分钟")),
    "gm_attendees": SettingLabel(_("沟通会应到"), "客户经理 客户经理主管", "M3"),
    "gm_holders": SettingLabel(_("沟通会主持"), "总经理 副总经理", "M3"),
    "analysis_day": SettingLabel(_("分析会在当月第几个工作日"), "18", "A1", note=_NEXT_MONTH),
    "analysis_time": SettingLabel(_("分析会时间"), "15:00", "A1"),
    "analysis_minutes": SettingLabel(_("分析会时长"), "90", "A1", pgettext_lazy("单位", "分钟")),
    "analysis_attendees": SettingLabel(_("分析会应到"), "客户经理 客户经理主管", "A1"),
    "analysis_holders": SettingLabel(_("分析会召集"), "总经理 副总经理", "A1"),
    "analysis_chaired_by_convener": SettingLabel(_("分析会须由召集人主持"), "是", "A1"),
    "other_combinations": SettingLabel(_("另外允许的合并召开"), "沟通会+例会", "A1"),
    "leave_cutoff": SettingLabel(_("请假最迟在前一天（自然日、工作日）"), "自然日", "M1.2"),
    "minutes_due": SettingLabel(_("纪要在次一工作日几点前"), "17:30", "M2.2"),
    "approval_days": SettingLabel(
        _("纪要提交后主持人审批时限"),
        "1",
        "",
        _("个工作日"),
        note=_("制度没有写明几天，由本系统定"),
    ),
    "meeting_evening": SettingLabel(_("会议前一晚提醒时刻"), "18:00", "M1"),
    "meeting_place": SettingLabel(_("会议地点"), "三楼会议室", "M2"),
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

# Codes as people write them.
_NAMES: Final[dict[str, str | Promise]] = {
    "manager": Role.MANAGER.label,
    "supervisor": Role.SUPERVISOR.label,
    "gm": Role.GM.label,
    "deputy": Role.DEPUTY.label,
    "yes": pgettext_lazy("设置", "是"),
    "no": pgettext_lazy("设置", "否"),
    "calendar_day": pgettext_lazy("设置", "自然日"),
    "working_day": pgettext_lazy("设置", "工作日"),
    "gm+weekly": pgettext_lazy("设置", "沟通会+例会"),
    "standup+analysis": pgettext_lazy("设置", "晨会+分析会"),
    "standup+gm": pgettext_lazy("设置", "晨会+沟通会"),
    "standup+weekly": pgettext_lazy("设置", "晨会+例会"),
}


def _is_named(key: str) -> bool:
    named = key in WORDS and key != "label_set"
    return named or key.endswith(("_attendees", "_holders"))


def _code(word: str) -> str:
    """The code of a word as the page writes it; a code stays one."""
    bare = word.replace(" ", "").casefold()
    written = {str(name).replace(" ", "").casefold(): code for code, name in _NAMES.items()}
    return written.get(bare, bare)


def _named_value(key: str, text: str) -> Any:
    """Codes of the words somebody wrote, between commas or, where each is one word, spaces."""
    words = [word.strip() for word in re.split(r"[，,、;；\n]", text) if word.strip()]
    if len(words) == 1 and _code(words[0]) not in _NAMES:
        words = text.split()
    codes = [_code(word) for word in words]
    return codes if isinstance(getattr(DEFAULTS, key), tuple) else "".join(codes)


def value_in(key: str, text: str) -> Any:
    """The JSON value that somebody wrote; what it cannot be is organization.settings' to say."""
    default = getattr(DEFAULTS, key)
    if _is_named(key):
        return _named_value(key, text)
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
    if _is_named(key):
        codes = value if isinstance(value, tuple) else (value,)
        return ", ".join(str(_NAMES[code]) for code in codes)
    if key == "work_hours":
        return " ".join(f"{text_of('', start)}-{text_of('', end)}" for start, end in value)
    if isinstance(value, tuple):
        return " ".join(text_of("", one) for one in value)
    return str(value)
