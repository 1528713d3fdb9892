"""The list of roll-ups (W6): every week that can be rolled up, and where it stands."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core import clock
from core.chips import chip
from core.errors import NotFound
from core.formats import moment, week_name
from core.lists import Column, RowLinks, keyset_page, own_address, work_table
from core.parts import Segment
from core.periods import Week, local_date
from core.requests import SignedInRequest, whole_number
from duties.models import DutyPeriod
from organization.models import Branch
from worklogs.board_table import minutes_text
from worklogs.rollup_queries import STATES, weeks_to_roll_up

ORDER: Final = ("-key", "branch_code", "pk")
STATE_WORDS: Final = {
    "": gettext_lazy("全部"),
    "unsent": gettext_lazy("未发送"),
    "sent": gettext_lazy("待签收"),
    "received": gettext_lazy("已签收"),
    "late": gettext_lazy("迟发"),
}


def _state_cell(row: Any, at: datetime) -> str:
    if row.received_at:
        return chip("received")
    if row.sent_at:
        return chip("sent")
    return chip("overdue", _("逾期未发")) if at > row.deadline_at else chip("unsent")


def _columns(at: datetime, is_wide: bool) -> tuple[Column[Any], ...]:
    branch = (Column[Any]("branch", gettext_lazy("分公司"), lambda row: row.branch.name),)
    return (
        Column("week", gettext_lazy("周"), lambda row: week_name(Week.parse(row.key))),
        *(branch if is_wide else ()),
        Column(
            "state",
            gettext_lazy("周汇总"),
            lambda row: row.sent_at or "",
            cell=lambda row: _state_cell(row, at),
            is_bare=True,
        ),
        Column("deadline", gettext_lazy("截止"), lambda row: moment(row.deadline_at, at)),
        Column(
            "sent", gettext_lazy("发送"), lambda row: moment(row.sent_at, at) if row.sent_at else ""
        ),
        Column(
            "late",
            gettext_lazy("迟发"),
            lambda row: row.minutes_late or "",
            cell=lambda row: (
                chip("late", minutes_text(row.minutes_late)) if row.minutes_late else ""
            ),
        ),
        Column(
            "received",
            gettext_lazy("签收时间"),
            lambda row: moment(row.received_at, at) if row.received_at else "",
        ),
        Column("archive", gettext_lazy("档案号"), lambda row: row.archive_number or ""),
    )


class RollUpFilterForm(forms.Form):
    """What is asked of the list; kept in the address."""

    def __init__(self, data: Any, branches: list[Branch]) -> None:
        """``branches`` can be chosen by those who see several."""
        super().__init__(data)
        choices = [("", "—"), *((str(one.pk), one.name) for one in branches)]
        self.fields["branch"] = forms.ChoiceField(
            label=_("分公司"), required=False, choices=choices
        )


@require_safe
def rollups(request: SignedInRequest) -> HttpResponse:
    """The weeks to roll up and rolled up, newest first; NotFound for who leads no branch."""
    at = clock.now()
    actor = request.actor
    if not (actor.reads_all or actor.led_branches):
        raise NotFound
    rows = weeks_to_roll_up(actor, at)
    asked = request.GET.get("state", "")
    if asked in STATES:
        rows = rows.filter(STATES[asked])
    branches = _branches_seen(request, at)
    form = RollUpFilterForm(request.GET, branches)
    chosen = whole_number(request.GET.get("branch"))
    if chosen is not None:
        rows = rows.filter(branch_id=chosen)
    page = keyset_page(rows, order=ORDER, cursor=request.GET.get("cursor", ""))
    context = {
        "form": form if len(branches) > 1 else None,
        "state": asked,
        "states": [
            Segment(word, own_address(request, state=key), key == asked)
            for key, word in STATE_WORDS.items()
        ],
        "is_filtered": bool(asked or chosen),
        "table": work_table(
            request,
            page,
            _columns(at, len(branches) > 1),
            RowLinks[DutyPeriod](key=lambda row: row.pk, action=_row_action),
            key="rollups",
            caption=_("周汇总"),
        ),
    }
    return render(request, "worklogs/rollups.html", context)


def _row_action(row: DutyPeriod) -> str:
    return render_link(reverse("rollup", args=[row.key, row.branch_id]), _("打开"), row)


def render_link(url: str, word: str, row: DutyPeriod) -> str:
    """A row's link, told apart for the ear by its week and branch."""
    return format_html(
        '<a href="{}" aria-label="{} {} {}">{}</a>', url, word, row.branch.name, row.key, word
    )


def _branches_seen(request: SignedInRequest, at: datetime) -> list[Branch]:
    found = Branch.objects.open_on(local_date(at))
    if not request.actor.reads_all:
        found = found.filter(pk__in=request.actor.led_branches)
    return list(found)
