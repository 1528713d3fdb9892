"""What is said of cases and complaints: their states, causes, particulars, and what is wrong."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kpi.case_rules import CaseFault, Kind
from kpi.choices import CaseState, ComplaintState

Words = Mapping[str, str | Promise]

# What the event is called by, where it has a name of its own.
SUBJECTS: Final[Words] = {
    Kind.KEPT: gettext_lazy("挽留的产品"),
    Kind.PRIZE: gettext_lazy("竞赛名称"),
    Kind.MEDIA: gettext_lazy("媒体和标题"),
    Kind.VETO: gettext_lazy("处理决定"),
    Kind.OTHER: gettext_lazy("事项名称"),
}
# What the day of the event is.
DAYS: Final[Words] = {
    Kind.KEPT: gettext_lazy("客户同意留下的日期"),
    Kind.PRIZE: gettext_lazy("获奖日期"),
    Kind.WON: gettext_lazy("签约日期"),
    Kind.ARREARS: gettext_lazy("欠费账单的日期"),
    Kind.LOST: gettext_lazy("流失日期"),
    Kind.COMPLAINT: gettext_lazy("投诉事情的日期"),
    Kind.MEDIA: gettext_lazy("曝光日期"),
    Kind.VETO: gettext_lazy("决定日期"),
    Kind.OTHER: gettext_lazy("发生日期"),
}
CAUSES: Final[Words] = {
    "closure": gettext_lazy("关停"),
    "relocation": gettext_lazy("搬迁"),
    "competitor": gettext_lazy("转到竞争对手"),
    "price": gettext_lazy("价格"),
    "service": gettext_lazy("服务"),
    "other": gettext_lazy("其他"),
}
CASE_CHIPS: Final[Mapping[str, str]] = {
    CaseState.FILED: "unsigned",
    CaseState.STATED: "running",
    CaseState.REVIEWED: "check",
    CaseState.CORRECTING: "check",
    CaseState.APPROVED: "done",
    CaseState.REJECTED: "stopped",
    CaseState.WITHDRAWN: "stopped",
}
COMPLAINT_CHIPS: Final[Mapping[str, str]] = {
    ComplaintState.OPEN: "running",
    ComplaintState.UPHELD: "check",
    ComplaintState.REJECTED: "done",
    ComplaintState.WITHDRAWN: "stopped",
}
# What still stands against approval (kpi.case_rules.lacking).
_LACKING: Final[Words] = {
    "no_warning": gettext_lazy("没有预警记录：挽留前客户资料没有标为预警，也没有挽留日志。"),
    "too_early": gettext_lazy("挽留后满 3 个月仍在用才能认定。"),
    "not_active": gettext_lazy("客户现在不是在网。"),
    "no_bill": gettext_lazy("首次出账后才能认定。"),
    "not_lost": gettext_lazy("客户资料还没有标为流失。"),
    "no_loss": gettext_lazy("关停、搬迁不算流失。"),
    "not_upheld": gettext_lazy("投诉没有认定为有理。"),
    "no_file": gettext_lazy("还没有证明材料。"),
}
_FAULTS: Final[Words] = {
    "unknown_option": gettext_lazy("方案里没有“%(value)s”这一种。"),
    "choose_points": gettext_lazy("在 %(least)s 到 %(most)s 分之间选一个分数。"),
    "points_outside": gettext_lazy("分数要在 %(least)s 到 %(most)s 之间，最多两位小数。"),
    "points_fixed": gettext_lazy("方案规定这一种就是 %(points)s 分，不能另定。"),
}


def lacking_text(code: str) -> str:
    """Why a case cannot be approved yet; "" for nothing."""
    return str(_LACKING.get(code, ""))


def fault_text(fault: CaseFault) -> str:
    """What is wrong with the option or the points."""
    return str(_FAULTS[fault.code]) % fault.values


def cause_text(code: str) -> str:
    """Why a customer went."""
    return str(CAUSES.get(code, code))


def subject_label(kind: Kind) -> str:
    """What the event's name is called."""
    return str(SUBJECTS.get(kind, "")) or _("名称")
