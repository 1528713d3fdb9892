"""A manager's month before there is a sheet: what stands so far, marked as not final (暂计)."""

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotFound
from core.formats import moment, number, short_day, signed
from core.marked_days import filled
from core.parts import AgendaItem
from core.periods import Month, local, local_date
from core.requests import SignedInRequest
from duties.month_end import MonthEnd
from duties.month_queries import month_end_of
from kpi import scoring
from kpi.amending import checked_inputs
from kpi.breakdown import Breakdown, inputs_of
from kpi.computing import presence_in, provisional, scheme_for
from kpi.inputs import Inputs
from kpi.labels import label_set_of, name_of
from kpi.next_points import NextPoint, next_points
from kpi.queries.results import unchecked_at
from kpi.queries.sheet_views import GroupView, line_view
from kpi.queries.sheets import counted_rows
from kpi.scheme import SchemeContent, parsed
from kpi.scheme_texts import why_not
from kpi.scheme_words import band_told
from kpi.views.line_panel import plain_panel
from kpi.views.sheet_shown import parts_of, shown_groups
from kpi.views.sheet_ways import month_ways, sheet_url, table_url, title_of
from kpi.views.what_if import Ground, answer
from organization.models import Person


def _person_seen(actor: Actor, manager_id: int) -> Person:
    """The manager, if the actor may see the month so far."""
    found = Person.objects.select_related("branch").filter(pk=manager_id).first()
    is_seen = found is not None and (
        found.pk == actor.person_id or actor.reads_all or found.branch_id in actor.led_branches
    )
    if found is None or not is_seen:
        raise NotFound
    return found


def month_page(
    request: SignedInRequest, month: Month, manager_id: int, at: datetime
) -> HttpResponse:
    """The month so far, line by line, with the panel of the line that the address names."""
    manager = _person_seen(request.actor, manager_id)
    running = Month.containing(local_date(at))
    if month > running:
        raise NotFound
    end = month_end_of(month)
    is_mine = manager.pk == request.actor.person_id
    content, duties, open_points = _so_far(manager_id, month, end, at)
    context: dict[str, Any] = {
        "month": month,
        "manager": manager,
        "is_mine": is_mine,
        "title": title_of(month, manager.name, is_mine),
        "at": at,
        "end": end,
        "table_url": "" if is_mine else table_url(month, branch=manager.branch_id),
        "own_path": sheet_url(month, manager_id),
        **month_ways(request, month, manager_id, at),
    }
    if content is None:
        context |= _nothing(manager, month, running)
        return render(request, "kpi/sheet_none.html", context)
    label_set = label_set_of(month)
    cut = min(at, end.frozen_at)
    unchecked = unchecked_at(month, [manager_id], cut).get(manager_id, frozenset())
    groups = groups_of(content, label_set, unchecked)
    lines = {line.code: line for group in groups for line in group.lines}
    code = request.GET.get("line", "")
    if code and code not in lines:
        raise NotFound

    def link(line: str) -> str:
        return sheet_url(month, manager_id, line=line)

    total = _decimal(content["total"])
    scheme = scheme_for(month, at)
    context |= {
        "content": content,
        "groups": shown_groups(groups, label_set, link, code),
        "parts": parts_of(groups),
        "total": number(total, 2),
        "band_name": name_of(content["band_names"], label_set) if content["band_names"] else "",
        "band_meaning": band_told(
            parsed(scheme.content).bands if scheme else (),
            content["band"],
            _decimal(content["coefficient"]),
            is_vetoed=content["is_vetoed"],
        ),
        "why_not": why_not(content["why_not"]),
        "is_vetoed": content["is_vetoed"],
        "departs": content["scheme"]["departs"],
        "scheme_url": reverse("scheme", args=[content["scheme"]["number"]]),
        "scheme_number": content["scheme"]["number"],
        "duties": [point_item(one, at) for one in duties],
        "open_points": signed(open_points, 2) if open_points else "",
        "is_running": month == running,
        "is_frozen": at > end.frozen_at,
    }
    if code:
        context |= plain_panel(
            lines[code],
            groups,
            rows=counted_rows(request.actor, month, manager_id, cut, lines[code].line),
            close_url=sheet_url(month, manager_id),
            link=link,
            label_set=label_set,
        )
        context |= {
            "line_duties": [point_item(one, at) for one in duties if one.item == code],
            "what_if": _answer(request, content, parsed(scheme.content), lines, label_set)
            if scheme
            else None,
            "what_if_url": reverse("sheet", args=[month.key, manager_id]),
        }
    return render(request, "kpi/sheet_so_far.html", context)


def _so_far(
    manager_id: int, month: Month, end: MonthEnd, at: datetime
) -> tuple[Mapping[str, Any] | None, tuple[NextPoint, ...], Decimal]:
    """The content of the month as it stands, what can still be won in a running one, the sum."""
    nothing = Decimal(0)
    if local_date(at) in month:
        found = next_points(manager_id, at)
        return (found.content, found.duties, found.open_points) if found else (None, (), nothing)
    if at >= end.locks_at:
        return None, (), nothing
    made = provisional(manager_id, month, min(at, end.frozen_at))
    return (made.content if made else None), (), nothing


def _nothing(manager: Person, month: Month, running: Month) -> dict[str, str]:
    """Why there is nothing to see."""
    if month == running:
        return {
            "none_title": _("这个月还没有得分"),
            "none_why": _("只给当月担任客户经理的人计分；考核方案批准后才开始计。"),
        }
    return {
        "none_title": _("这个月没有考核表"),
        "none_why": _("%(name)s 当月不是客户经理，或那时还没有用本系统考核。")
        % {"name": manager.name},
    }


def groups_of(
    content: Mapping[str, Any], label_set: str, unchecked: Collection[str] = ()
) -> list[GroupView]:
    """The groups of a content that is not stored, with their lines."""
    return [
        GroupView(
            code=group["code"],
            name=name_of(group["names"], label_set),
            clause=group["clause"],
            kind=group["kind"],
            minimum=Decimal(group["min"]),
            maximum=Decimal(group["max"]),
            score=_decimal(group["score"]),
            lines=tuple(line_view(line, label_set, unchecked=unchecked) for line in group["items"]),
        )
        for group in content["groups"]
    ]


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _answer(
    request: SignedInRequest,
    content: Mapping[str, Any],
    scheme: SchemeContent,
    lines: Mapping[str, Any],
    label_set: str,
) -> Any:
    def ask(changes: Mapping[str, Inputs]) -> Breakdown:
        for code, inputs in changes.items():
            checked_inputs(scheme, code, inputs, field=code)
        return scoring.what_if(scheme, inputs_of(content), changes, presence_in(content))

    ground = Ground(lines, _decimal(content["total"]), content["band"], label_set, ask)
    return answer(ground, request.GET.get("line", ""), request.GET)


def point_item(point: NextPoint, at: datetime) -> AgendaItem:
    """An open duty as a line: +0.50, what, in which line of the sheet, by when.

    Where nothing is won, what is lost if it is left undone.
    """
    about = [point.item_name, _by_when(point.due_at, at)]
    if not point.points:
        about.append(_("不做会失 %(n)s 分") % {"n": number(point.at_stake, 2)})
    return AgendaItem(
        point.label,
        about,
        when=signed(point.points, 2) if point.points else _("保分"),
        url=point.url,
        is_gain=bool(point.points),
    )


def _by_when(due_at: datetime, at: datetime) -> str:
    """By when: an hour, or the whole of a day that ends with it."""
    if local(due_at).time() != time.min:
        return filled(_("%(when)s 前"), when=moment(due_at, at))
    last = due_at - timedelta(seconds=1)
    if local_date(last) == local_date(at):
        return _("今天之内")
    return filled(_("%(day)s之内"), day=short_day(last))
