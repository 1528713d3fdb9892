"""Actions as a list: what each column says."""

from datetime import datetime
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.chips import chip
from core.formats import plain_day
from core.lists import Column
from core.periods import local_date
from meetings.choices import ActionState
from meetings.models import Action
from meetings.words import SHORT_KINDS

CHIPS: Final = {
    ActionState.OPEN: "waiting",
    ActionState.DONE: "done",
    ActionState.DROPPED: "stopped",
}


def is_past(action: Action, at: datetime) -> bool:
    """Whether it is open and its day is over."""
    return action.state == ActionState.OPEN and action.due_on < local_date(at)


def state_words(action: Action, at: datetime) -> str:
    """How it stands, in words."""
    return _("逾期") if is_past(action, at) else str(ActionState(action.state).label)


def state_chip(action: Action, at: datetime) -> SafeString:
    """How it stands, as shape and word."""
    state = "overdue" if is_past(action, at) else CHIPS[ActionState(action.state)]
    return chip(state, state_words(action, at))


def origin(action: Action) -> str:
    """The meeting that decided it: 例会 2026-11-23."""
    return f"{SHORT_KINDS[action.meeting.kind]} {plain_day(action.meeting.on)}"


def hands(action: Action) -> str:
    """Whose it is: the owner, then who helps."""
    return _("、").join((action.owner.name, *(one.name for one in action.helpers.all())))


def action_columns(at: datetime) -> tuple[Column[Action], ...]:
    """The list's columns as of a moment."""
    return (
        Column(
            "content",
            gettext_lazy("要办什么"),
            lambda row: row.content,
            cell=lambda row: format_html('<span class="action-what">{}</span>', row.content),
        ),
        Column(
            "state",
            gettext_lazy("状态"),
            lambda row: state_words(row, at),
            cell=lambda row: state_chip(row, at),
            is_bare=True,
        ),
        Column("owner", gettext_lazy("责任人"), hands),
        Column(
            "due_on",
            gettext_lazy("期限"),
            lambda row: row.due_on,
            cell=lambda row: plain_day(row.due_on),
        ),
        Column("meeting", gettext_lazy("哪次会议"), origin),
        Column("branch", gettext_lazy("分公司"), lambda row: row.branch.name, is_shown=False),
        Column("evidence", gettext_lazy("完成凭证"), lambda row: row.evidence, is_shown=False),
        Column("result", gettext_lazy("结果"), lambda row: row.result, is_shown=False),
    )
