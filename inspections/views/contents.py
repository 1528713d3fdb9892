"""Content marks (M3.3, A3): the month's sittings to mark, and the page on which one is marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.actions import Again, action_context, perform, status_of
from core.chips import chip
from core.formats import plain_day
from core.lists import Column, KeysetPage, RowLinks, work_table
from core.pages import toast
from core.parts import Choice
from core.periods import Month, local_date
from core.requests import SignedInRequest
from duties.month_queries import month_end_of
from inspections.content_forms import MARKS, ContentForm
from inspections.content_queries import Marking, ToMark, contents_for, marking_of
from inspections.models import ContentMark
from inspections.operations.contents import mark_contents
from inspections.permissions import can_inspect
from inspections.rules import is_content_poor
from meetings.choices import TopicKind
from meetings.models import MinutesVersion
from meetings.words import short_name, sitting_name

TABLE: Final = "contents"


# The month's list


@require_safe
def contents_now(request: SignedInRequest) -> HttpResponse:
    """The month that runs."""
    at = clock.now()
    return _list(request, Month.containing(local_date(at)), at)


@require_safe
def contents(request: SignedInRequest, month: Month) -> HttpResponse:
    """The sittings of a month whose content is marked, of all branches."""
    return _list(request, month, clock.now())


def _list(request: SignedInRequest, month: Month, at: datetime) -> HttpResponse:
    current = Month.containing(local_date(at))
    rows = contents_for(request.actor, month, at)
    frozen_at = month_end_of(month).frozen_at
    context = {
        "month": month,
        "headline": _headline(rows),
        "until": frozen_at if at < frozen_at else None,
        "table": work_table(
            request,
            KeysetPage(rows),
            _columns(),
            RowLinks[ToMark](key=lambda row: row.meeting.pk),
            key=TABLE,
            caption=_("评会议内容"),
        ),
        "previous_url": reverse("contents", args=[month.previous]),
        "next_url": reverse("contents", args=[month.next]) if month < current else "",
        "matrix_url": reverse("duty-matrix", args=[month]),
        "at": at,
    }
    return render(request, "inspections/contents.html", context)


def _headline(rows: Sequence[ToMark]) -> str:
    waiting = sum(row.has_minutes and not row.is_marked for row in rows)
    if waiting:
        return ngettext("%(n)d 场会议待评内容", "%(n)d 场会议待评内容", waiting) % {"n": waiting}
    return _("没有待评的会议内容")


def _columns() -> tuple[Column[ToMark], ...]:
    return (
        Column(
            "meeting",
            gettext_lazy("会议"),
            lambda row: short_name(row.kinds),
            cell=lambda row: format_html(
                '<a class="strong" href="{}">{}</a>',
                reverse("content", args=[row.meeting.pk]),
                short_name(row.kinds),
            ),
        ),
        Column("branch", gettext_lazy("分公司"), lambda row: row.meeting.branch.name),
        Column("on", gettext_lazy("日期"), lambda row: plain_day(row.meeting.on)),
        Column("state", gettext_lazy("状态"), lambda row: _state(row)[1], cell=_state_chip,
               is_bare=True),
        Column("marks", gettext_lazy("各项得分"), _marks_text),
    )  # fmt: skip


def _state(row: ToMark) -> tuple[str, str]:
    if not row.has_minutes:
        return "not_due", _("还没有纪要")
    if not row.is_marked:
        return "waiting", _("待评")
    poor = sum(map(is_content_poor, row.marks.values()))
    if poor:
        return "lacking", ngettext("%(n)d 项不到 3 分", "%(n)d 项不到 3 分", poor) % {"n": poor}
    return "done", _("已评")


def _state_chip(row: ToMark) -> SafeString:
    return chip(*_state(row))


def _marks_text(row: ToMark) -> str:
    return _("，").join(
        f"{TopicKind(topic).label} {row.marks[topic]}" for topic in row.topics if topic in row.marks
    )


# One sitting


@dataclass(frozen=True)
class TopicShown:
    """A kind of content: what the minutes say of it, the mark that stands, the fields."""

    key: str
    label: str
    items: Sequence[object]
    mark: ContentMark | None
    is_poor: bool
    value: str
    note: str
    error: str


@require_safe
def content(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a sitting's minutes say, kind by kind, with the marks."""
    at = clock.now()
    return _page(request, marking_of(request.actor, pk, at), at)


def _page(
    request: SignedInRequest, marking: Marking, at: datetime, again: Again | None = None
) -> HttpResponse:
    lead = marking.meeting
    may_mark = (
        bool(marking.topics) and marking.is_ready and can_inspect(request.actor, lead.branch_id)
    )
    forms = {"mark": ContentForm(marking)} if may_mark else {}
    month_url = reverse("contents", args=[Month.containing(lead.on)])
    context = action_context(request, forms, again, list_url=month_url)
    form = context["forms"].get("mark")
    shown = _topics(marking, form, at)
    context |= {
        "marking": marking,
        "name": sitting_name(lead),
        "lead": lead,
        "headline": _("%(meeting)s的内容") % {"meeting": sitting_name(lead)},
        "topics": shown,
        "marks": [Choice(mark, mark) for mark in MARKS],
        "form": form,
        "month": Month.containing(lead.on),
        "month_url": month_url if request.actor.reads_all else reverse("meeting", args=[lead.pk]),
        "at": at,
    }
    return render(request, "inspections/content.html", context, status=status_of(again))


def _topics(marking: Marking, form: ContentForm | None, at: datetime) -> list[TopicShown]:
    items = _items(marking, at)
    found = []
    for topic in marking.topics:
        mark = marking.marks.get(topic)
        key = topic.value
        found.append(
            TopicShown(
                key=key,
                label=str(topic.label),
                items=[item for item in items if item["kind"] == key],
                mark=mark,
                is_poor=mark is not None and is_content_poor(mark.mark),
                value=str(form[key].value() or "") if form else "",
                note=str(form[f"note_{key}"].value() or "") if form else "",
                error=str(next(iter((*form[key].errors, *form[f"note_{key}"].errors)), ""))
                if form
                else "",
            )
        )
    return found


def _items(marking: Marking, at: datetime) -> list[dict[str, str]]:
    """The rows of the minutes as they stand: approved last, else submitted last."""
    versions = MinutesVersion.objects.filter(
        minutes__meeting=marking.meeting, submitted_at__lte=at
    ).order_by("-number")
    stands = versions.exclude(approved_at=None).first() or versions.first()
    return list(stands.content["items"]) if stands else []


@require_POST
def content_mark(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark what was chosen."""
    at = clock.now()
    form = ContentForm(marking_of(request.actor, pk, at), request.POST)
    return perform(
        request,
        "mark",
        form,
        lambda given, acting: mark_contents(
            meeting_id=pk, marks=form.marks(), notes=form.notes(), **acting
        ),
        at=at,
        find=lambda: marking_of(request.actor, pk, at),
        show=lambda marking, again: _page(request, marking, at, again),
        meanwhile=lambda marking: _("刚才有人先评了分。下面是现在的分数，核对后再保存。"),
        done=lambda marking: _done(request, marking),
    )


def _done(request: SignedInRequest, marking: Marking) -> HttpResponse:
    toast(request, _("已评分"))
    return HttpResponseRedirect(reverse("content", args=[marking.meeting.pk]))


_ONE = "meeting-contents/meeting/<int:pk>/"
urlpatterns = [
    path("meeting-contents/", contents_now, name="contents-now"),
    path("meeting-contents/<month:month>/", contents, name="contents"),
    path(_ONE, content, name="content"),
    path(f"{_ONE}mark/", content_mark, name="content-mark"),
]
