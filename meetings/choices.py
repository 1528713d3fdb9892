"""Kinds and states of meetings and of what belongs to them (annex 3.5)."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MeetingKind(TextChoices):
    """The regulation's meetings (M1, M2, M3, A1); also the kinds of their duties."""

    STANDUP = "standup", _("每日晨会")
    WEEKLY = "weekly", _("每周例会")
    GM = "gm", _("总经理沟通会")
    ANALYSIS = "analysis", _("分析会")


class MeetingState(TextChoices):
    """How an occurrence stands; "not held" is computed: planned, and its time is over."""

    PLANNED = "planned", pgettext_lazy("会议", "待召开")
    RUNNING = "running", pgettext_lazy("会议", "进行中")
    HELD = "held", pgettext_lazy("会议", "已召开")
    CANCELLED = "cancelled", pgettext_lazy("会议", "已取消")


class Presence(TextChoices):
    """How somebody expected stands to a meeting (annex 3.5)."""

    OPEN = "open", pgettext_lazy("签到", "未签")
    PRESENT = "present", pgettext_lazy("签到", "已到")
    LATE = "late", pgettext_lazy("签到", "迟到")
    EXCUSED = "excused", pgettext_lazy("签到", "请假")
    ABSENT = "absent", pgettext_lazy("签到", "缺席")
    TRIP = "trip", pgettext_lazy("签到", "外出")


class SignInWay(TextChoices):
    """How a presence came to be written."""

    CODE = "code", pgettext_lazy("签到", "本人扫码")
    HAND = "hand", pgettext_lazy("签到", "主持人点名")
    NOTICE = "notice", pgettext_lazy("签到", "请假单")


class AbsenceState(TextChoices):
    """A notice of absence (M1.2): it counts by rule until the supervisor decides."""

    GIVEN = "given", pgettext_lazy("请假", "已请假")
    ACCEPTED = "accepted", pgettext_lazy("请假", "准假")
    REFUSED = "refused", pgettext_lazy("请假", "不准")
    WITHDRAWN = "withdrawn", pgettext_lazy("请假", "已撤回")


class AbsenceKind(TextChoices):
    """Why somebody cannot come: leave, or out with a customer."""

    LEAVE = "leave", pgettext_lazy("请假", "请假")
    TRIP = "trip", pgettext_lazy("请假", "外出拜访")


class Refusal(TextChoices):
    """Why a sign-in by code was refused; the holder sees it."""

    EXPIRED = "expired", _("码已过期")
    WRONG = "wrong", _("码不对")
    NUMBER = "number", _("屏幕上的数不对")
    SPENT = "spent", _("屏幕上的数两次不对")
    STRANGER = "stranger", _("不在应到名单")
    BORROWED = "borrowed", _("这部手机已替别人签到")
    CLOSED = "closed", _("签到没有开放")


class MinutesState(TextChoices):
    """Where the minutes stand (annex 3.5); until the first submission they are a draft."""

    SUBMITTED = "submitted", pgettext_lazy("纪要", "待审批")
    RETURNED = "returned", pgettext_lazy("纪要", "已退回")
    APPROVED = "approved", pgettext_lazy("纪要", "已归档")


class TopicKind(TextChoices):
    """What an agenda item is (annex 3.5); of the weekly meeting also what was gathered (M2.1)."""

    DOCUMENT = "document", _("文件传达")
    PRIORITY = "priority", _("重点安排")
    DIFFICULTY = "difficulty", _("难点解释")
    REPORT = "report", _("工作汇报")
    INFORMATION = "information", _("信息汇总")
    CASE = "case", _("案例分析")
    EXPERIENCE = "experience", _("经验交流")
    ANSWER = "answer", _("答疑")
    STRATEGY = "strategy", _("战略宣贯")
    DEVELOPMENT = "development", _("动态分析")


class ActionState(TextChoices):
    """An action comes back on the next agenda until it is closed."""

    OPEN = "open", pgettext_lazy("行动项", "未结")
    DONE = "done", pgettext_lazy("行动项", "已结")
    DROPPED = "dropped", pgettext_lazy("行动项", "已取消")


class ContributionKind(TextChoices):
    """What a manager hands in for the analysis meeting (A2)."""

    CASE = "case", pgettext_lazy("分析会", "案例")
    QUESTION = "question", pgettext_lazy("分析会", "问题")


class ContributionState(TextChoices):
    """Handed in, answered, or taken back."""

    OPEN = "open", pgettext_lazy("分析会", "待答复")
    ANSWERED = "answered", pgettext_lazy("分析会", "已答复")
    WITHDRAWN = "withdrawn", pgettext_lazy("分析会", "已撤回")


class ToldWay(TextChoices):
    """How a document reached somebody (M1.1, M2.1)."""

    MEETING = "meeting", pgettext_lazy("传达", "会上传达")
    READ = "read", pgettext_lazy("传达", "阅后签名")


class ScanPart(TextChoices):
    """Which signed paper was scanned."""

    SIGN_IN = "sign_in", _("签到表")
    MINUTES = "minutes", _("会议纪要")


# Kinds that need minutes and a sign-in sheet (M2.2, M3.2, A3); of a stand-up notes are optional.
MINUTED: Final = (MeetingKind.WEEKLY, MeetingKind.GM, MeetingKind.ANALYSIS)
# Who was there in body.
CAME: Final = (Presence.PRESENT, Presence.LATE)
# Refusals of a number that does not stand on the screen.
MISREAD: Final = (Refusal.NUMBER, Refusal.SPENT)
# What needs no further word.
SETTLED: Final = tuple(state for state in Presence if state != Presence.OPEN)
# Notices that stand.
STANDING_ABSENCES: Final = (AbsenceState.GIVEN, AbsenceState.ACCEPTED)
# What must be talked about (M3.1, A2), and what an inspector marks (annex 3.8).
CONTENT: Final[dict[str, tuple[TopicKind, ...]]] = {
    MeetingKind.GM: (
        TopicKind.STRATEGY,
        TopicKind.DEVELOPMENT,
        TopicKind.EXPERIENCE,
        TopicKind.ANSWER,
    ),
    MeetingKind.ANALYSIS: (TopicKind.CASE, TopicKind.EXPERIENCE, TopicKind.ANSWER),
}
