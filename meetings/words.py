"""How meetings are said: what a sitting is called, how it stands, why it is not as planned."""

from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.chips import chip
from meetings.choices import MeetingKind
from meetings.models import Meeting
from meetings.queries.occurrences import kinds_of, standing

# What the rule itself did to an occurrence, as its reason; translated where it is shown.
BY_RULE: Final = gettext_noop("工作日历或会议设置有变")
GIVEN_WAY: Final = gettext_noop("当天开每周例会，不另开晨会")

SHORT_KINDS: Final[dict[str, str | Promise]] = {
    MeetingKind.STANDUP: pgettext_lazy("会议", "晨会"),
    MeetingKind.WEEKLY: pgettext_lazy("会议", "例会"),
    MeetingKind.GM: pgettext_lazy("会议", "沟通会"),
    MeetingKind.ANALYSIS: pgettext_lazy("会议", "分析会"),
}
STANDINGS: Final[dict[str, str | Promise]] = {
    "planned": pgettext_lazy("会议", "待召开"),
    "running": pgettext_lazy("会议", "进行中"),
    "held": pgettext_lazy("会议", "已召开"),
    "not_held": pgettext_lazy("会议", "没有召开"),
    "cancelled": pgettext_lazy("会议", "已取消"),
    "joined": pgettext_lazy("会议", "合并召开"),
    "moved": pgettext_lazy("会议", "已改期"),
}
# The states of core.chips whose shape and tone show a standing.
CHIPS: Final[dict[str, str]] = {
    "planned": "waiting",
    "running": "running",
    "held": "confirmed",
    "not_held": "undone",
    "cancelled": "stopped",
    "joined": "unchanged",
    "moved": "changed",
}


def standing_chip(meeting: Meeting, at: datetime) -> SafeString:
    """How a meeting stands, as shape and word."""
    now = standing(meeting, at)
    return chip(CHIPS[now], STANDINGS[now])


def sitting_name(meeting: Meeting) -> str:
    """What a sitting is called: 每日晨会, 每周例会＋分析会."""
    return "＋".join(str(MeetingKind(kind).label) for kind in kinds_of(meeting))


def short_name(kinds: tuple[str, ...]) -> str:
    """The same where there is little room: 例会＋分析会."""
    return "＋".join(str(SHORT_KINDS[kind]) for kind in kinds)


def reason_of(meeting: Meeting) -> str:
    """Why it is not as planned: a person's words, or the rule's in the reader's language."""
    return _(meeting.reason) if meeting.reason in (BY_RULE, GIVEN_WAY) else meeting.reason


def chair_words(meeting: Meeting) -> str:
    """Who held it, and for whom where he was delegated (M1.3): 冯雅琴（受李建国委托）."""
    if meeting.chair is None:
        return ""
    if meeting.acts_for is None:
        return meeting.chair.name
    return _("%(name)s（受%(giver)s委托）") % {
        "name": meeting.chair.name,
        "giver": meeting.acts_for.name,
    }
