"""The group-customer office's day (W6): what to sign for, what is to come, what to archive."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock
from core.formats import moment
from core.marked_days import filled
from core.parts import AgendaItem
from core.periods import Week, local_date
from core.requests import SignedInRequest
from desk.office_queries import ToArchive, ToCome, to_archive, to_come, to_receive
from worklogs.models import RollUpVersion


def home(request: SignedInRequest) -> HttpResponse:
    """Everything that waits, the oldest first."""
    at = clock.now()
    waiting, coming = to_receive(), to_come(at)
    archiving = to_archive(at, [one.week for one in coming if not one.is_overdue])
    context = {
        "at": at,
        "week": Week.containing(local_date(at)),
        "headline": _headline(len(waiting), len(archiving), coming),
        "waiting": [_receiving(version, at) for version in waiting],
        "archiving": [_archiving(one) for one in archiving],
        "coming": [_coming(one, at) for one in coming],
    }
    return render(request, "desk/office.html", context)


def _headline(waiting: int, archiving: int, coming: list[ToCome]) -> str:
    found = []
    if waiting:
        found.append(_("%(n)d 份汇总待签收") % {"n": waiting})
    if archiving:
        found.append(_("%(n)d 周待归档") % {"n": archiving})
    overdue = sum(one.branches for one in coming if one.is_overdue)
    if overdue:
        found.append(_("%(n)d 份汇总逾期") % {"n": overdue})
    return _("，").join(found) if found else _("都签收归档了")


def _week_word(week: Week) -> str:
    return _("第 %(n)d 周") % {"n": week.number}


def _receiving(version: RollUpVersion, at: datetime) -> AgendaItem:
    rollup = version.rollup
    about = [
        _week_word(Week.parse(rollup.week)),
        version.sent_by.name,
        moment(version.sent_at, at),
        version.archive_number,
    ]
    if version.number > 1:
        about.append(_("更正 第 %(n)d 版") % {"n": version.number})
    return AgendaItem(
        rollup.branch.name,
        about,
        when=_("签收"),
        url=reverse("rollup-version", args=[rollup.week, rollup.branch_id, version.number]),
    )


def _archiving(one: ToArchive) -> AgendaItem:
    about = [_("到了 %(n)d 家") % {"n": one.arrived}]
    if one.is_correction:
        about.append(_("归档后又有汇总到达"))
    return AgendaItem(
        _("全司第 %(n)d 周汇总") % {"n": one.week.number},
        about,
        when=_("更正") if one.is_correction else _("归档"),
        url=reverse("company-week", args=[one.week.key]),
    )


def _coming(one: ToCome, at: datetime) -> AgendaItem:
    return AgendaItem(
        _week_word(one.week),
        [
            _("%(n)d 家未到") % {"n": one.branches},
            filled(_("%(when)s 截止"), when=moment(one.deadline_at, at)),
        ],
        when="" if one.is_overdue else _("等待"),
        state="overdue" if one.is_overdue else "",
        url=f"{reverse('company-week', args=[one.week.key])}?only=unsent",
    )
