"""The bell's list of notices, and the calendar that administrators keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock, pages
from core.calendar import LIBRARY_SOURCE, NOTICE_SOURCE, Calendar
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.formats import short_day
from core.models import CalendarYear
from core.parts import DayCell, ErrorLink, Segment
from core.periods import Month, local_date
from core.queries import calendar as calendar_of
from core.requests import SignedInRequest
from duties import operations
from duties.calendar_files import PublishedYear, read_calendar_file, read_package
from duties.forms import OFF, WORKED, ClearForm, DayForm, YearFileForm
from duties.permissions import can_edit_calendar
from duties.queries import notice_groups, unread_count

FIRST_YEAR, LAST_YEAR = 1990, 2199


# Notices


@require_GET
def notices(request: SignedInRequest) -> HttpResponse:
    """What the reader should know, in groups, newest first; at first only what is unread."""
    person_id = _reader(request)
    unread = unread_count(person_id)
    shows_all = request.GET.get("show") == "all" or not unread
    return render(
        request,
        "duties/notices.html",
        {
            "groups": notice_groups(person_id, is_unread_only=not shows_all),
            "unread": unread,
            "now": clock.now(),
            "views": [
                Segment(_("未读"), reverse("notices"), not shows_all, unread),
                Segment(_("全部"), f"{reverse('notices')}?show=all", shows_all),
            ],
        },
    )


@require_POST
def notice_read(request: SignedInRequest, notice_id: int) -> HttpResponse:
    """Note that a notice was seen, and go where it leads."""
    at = clock.now()
    notice = operations.mark_read(notice_id=notice_id, actor=request.actor, at=at)
    return HttpResponseRedirect(notice.url or reverse("notices"))


@require_POST
def notices_read(request: SignedInRequest) -> HttpResponse:
    """Note that a group of notices, or all of them, were seen."""
    at = clock.now()
    if group := request.POST.get("group", ""):
        operations.mark_group_read(group=group, actor=request.actor, at=at)
    else:
        operations.mark_all_read(actor=request.actor, at=at)
    return HttpResponseRedirect(reverse("notices"))


def _reader(request: SignedInRequest) -> int:
    if request.actor.person_id is None:
        raise NotFound
    return request.actor.person_id


# The calendar


@dataclass(frozen=True)
class MonthOfYear:
    """A month of the year's page, with the links of its days."""

    month: Month
    cells: Mapping[date, DayCell]


@require_GET
def calendar(request: SignedInRequest) -> HttpResponse:
    """A year's working days; for administrators each day leads to its form."""
    return _year_page(request, _year(request.GET.get("year", "")))


@require_http_methods(["GET", "HEAD", "POST"])
def calendar_day(request: SignedInRequest, on: date) -> HttpResponse:
    """One day beside its year: what it is, and what it shall be."""
    _may_edit(request)
    known = calendar_of(on.year, on.year)
    form = DayForm(
        request.POST or None,
        initial={
            "version": _version(on.year),
            "kind": WORKED if known.is_workday(on) else OFF,
            "name": known.name(on),
        },
    )
    status = 200
    if request.method == "POST":
        if form.is_valid() and (answer := _mark(request, form, on)) is not None:
            return answer
        status = 422
    return _year_page(request, on.year, day=on, form=form, status=status)


@require_POST
def calendar_clear(request: SignedInRequest, on: date) -> HttpResponse:
    """Take a day's mark away."""
    at = clock.now()
    form = ClearForm(request.POST)
    if not form.is_valid():
        raise Refused(_("页面放得太久，请重新打开这一天。"))
    operations.clear_day(
        on=on,
        why="",
        expected_version=form.cleaned_data["version"],
        actor=request.actor,
        at=at,
    )
    pages.toast(request, _("%(day)s 的标记已取消") % {"day": short_day(on)})
    return HttpResponseRedirect(_url_of(on.year))


@require_POST
def calendar_load(request: SignedInRequest) -> HttpResponse:
    """Take over a published year from a file, or from the installed package."""
    _may_edit(request)
    at = clock.now()
    shown = _year(request.POST.get("year", ""))
    form = YearFileForm(request.POST, request.FILES)
    try:
        published = _published(form, request, shown)
        counts = operations.load_year(
            year=published.year,
            days=published.days,
            source=published.source,
            expected_version=_version(published.year),
            actor=request.actor,
            at=at,
        )
    except Refused as refused:
        problems = [ErrorLink(problem.message, "id_file") for problem in refused.problems]
        return _year_page(request, shown, problems=problems, status=422)
    pages.toast(
        request,
        _("%(year)s 年已载入：新增 %(new)s 天，改动 %(changed)s 天，取消 %(removed)s 天")
        % {"year": published.year, **counts},
    )
    return HttpResponseRedirect(_url_of(published.year))


def _published(form: YearFileForm, request: SignedInRequest, year: int) -> PublishedYear:
    if request.POST.get("from") == "package":
        if (published := read_package(year)) is None:
            raise Refused(_("内置日历还没有 %(year)s 年。") % {"year": year})
        return published
    if not form.is_valid():
        raise Refused(_("请选择文件。"), field="file")
    file = form.cleaned_data["file"]
    return read_calendar_file(file.read(), file.name)


def _mark(request: SignedInRequest, form: DayForm, on: date) -> HttpResponse | None:
    """Mark the day; None when it was refused, which the form then says."""
    given = form.cleaned_data
    try:
        operations.mark_day(
            on=on,
            is_workday=given["kind"] == WORKED,
            name=given["name"],
            why=given["why"],
            expected_version=given["version"],
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refused:
        for problem in refused.problems:
            form.add_error(problem.field or None, str(problem.message))
        return None
    except Stale as stale:
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["version"] = stale.current["version"]  # type: ignore[index]
        form.add_error(
            None, _("别处刚改过这一年的日历，左边已是最新；再保存一次就以这里写的为准。")
        )
        return _year_page(request, on.year, day=on, form=form, status=409)
    pages.toast(request, _("%(day)s 已改，未到的截止时间已随之调整") % {"day": short_day(on)})
    return HttpResponseRedirect(_url_of(on.year))


def _may_edit(request: SignedInRequest) -> None:
    if not can_edit_calendar(request.actor):
        raise NotAllowed(_("工作日历由系统管理员维护。"))


def _year(text: str) -> int:
    if text and not (text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise NotFound
    return int(text) if text else local_date(clock.now()).year


def _version(year: int) -> int:
    found = CalendarYear.objects.filter(year=year).values_list("version", flat=True).first()
    return found or 0


def _url_of(year: int) -> str:
    return f"{reverse('calendar')}?year={year}"


def _year_page(
    request: SignedInRequest,
    year: int,
    *,
    day: date | None = None,
    form: DayForm | None = None,
    problems: list[ErrorLink] | None = None,
    status: int = 200,
) -> HttpResponse:
    at = clock.now()
    known = calendar_of(year, year)
    row = CalendarYear.objects.filter(year=year).first()
    can_edit = can_edit_calendar(request.actor)
    context = {
        "year": year,
        "row": row,
        "source": source_in_words(row.source) if row else "",
        "version": row.version if row else 0,
        "calendar": known,
        "months": [_month(year, number, can_edit) for number in range(1, 13)],
        "off": _count(known, year, is_workday=False),
        "makeup": _count(known, year, is_workday=True),
        "today": local_date(at),
        "now": at,
        "can_edit": can_edit,
        "year_url": _url_of(year),
        "previous_url": _url_of(year - 1) if year > FIRST_YEAR else "",
        "next_url": _url_of(year + 1) if year < LAST_YEAR else "",
        "file_form": YearFileForm() if can_edit else None,
        "in_package": can_edit and row is None and read_package(year) is not None,
        "problems": problems or [],
        "day": day,
        "day_form": form,
        "has_mark": day is not None and day in known.days,
    }
    return render(request, "duties/calendar.html", context, status=status)


def source_in_words(source: str) -> str:
    """Where a year's days come from, for people: a file by its name."""
    if source == LIBRARY_SOURCE:
        return _("程序内置的放假安排")
    return _("放假通知文件") if source == NOTICE_SOURCE else source


def _month(year: int, number: int, can_edit: bool) -> MonthOfYear:
    month = Month(year, number)
    if not can_edit:
        return MonthOfYear(month, {})
    cells = {on: DayCell(on, url=reverse("calendar-day", args=[on])) for on in month.days}
    return MonthOfYear(month, cells)


def _count(known: Calendar, year: int, *, is_workday: bool) -> int:
    """How many days of the year bear 休, or 班."""
    wanted: Any = "班" if is_workday else "休"
    return sum(on.year == year and known.mark(on) == wanted for on in known.days)
