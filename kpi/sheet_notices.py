"""What people are told about score sheets, each in the own language; a branch's month is one
group at the bell."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import moment, month_name, number
from core.periods import Month
from duties.choices import NoticeKind
from duties.models import Notice
from duties.notices import notice_to
from kpi.models import Consequence, Mark, Scheme, ScoreSheet
from organization.models import Person


def _group(month: str) -> str:
    return f"scores:{month}"


def _month(key: str) -> str:
    return month_name(Month.parse(key))


def sheet_ready(
    people: Iterable[Person], month: Month, until: datetime, *, at: datetime
) -> list[Notice]:
    """To every manager: the sheet is there, confirm it or object by when."""
    return [
        notice_to(
            person,
            kind=NoticeKind.SCORE,
            group=_group(month.key),
            key=f"sheet:{month.key}",
            title=partial(_ready_title, month, until),
            url=reverse("sheet", args=[month.key, person.pk]),
            at=at,
        )
        for person in people
    ]


def _ready_title(month: Month, until: datetime) -> str:
    return _("%(month)s考核表已出，请在 %(until)s 前确认或申诉") % {
        "month": month_name(month),
        "until": moment(until),
    }


def sheet_locked(people: Iterable[Person], month: str, *, at: datetime) -> list[Notice]:
    """To every manager whose sheet was locked."""
    return [
        notice_to(
            person,
            kind=NoticeKind.SCORE,
            group=_group(month),
            key=f"sheet-locked:{month}",
            title=lambda: _("%(month)s考核表已锁定") % {"month": _month(month)},
            url=reverse("sheet", args=[month, person.pk]),
            at=at,
        )
        for person in people
    ]


def scheme_proposed(people: Iterable[Person], scheme: Scheme, *, at: datetime) -> list[Notice]:
    """To those who may approve it: a version of the scheme waits for a second person."""
    return [
        notice_to(
            person,
            kind=NoticeKind.SCORE,
            group=f"scheme:{scheme.pk}",
            key=f"scheme:{scheme.pk}:{scheme.version}:proposed",
            title=lambda: _("考核方案第 %(n)d 版等您批准") % {"n": scheme.number},
            body=scheme.why,
            url=reverse("scheme", args=[scheme.number]),
            at=at,
        )
        for person in people
    ]


def about_sheet(
    people: Iterable[Person],
    sheet: ScoreSheet,
    key: str,
    title: Callable[[], str],
    *,
    at: datetime,
    body: str = "",
) -> list[Notice]:
    """To some people, about one sheet; ``key`` says which of its events."""
    return [
        notice_to(
            person,
            kind=NoticeKind.SCORE,
            group=_group(sheet.month),
            key=f"{key}:{sheet.pk}",
            title=title,
            body=body,
            url=reverse("sheet", args=[sheet.month, sheet.manager_id]),
            at=at,
        )
        for person in people
    ]


def mark_differs(
    person: Person,
    other: Person,
    standing: Mark,
    wanted: str,
    *,
    at: datetime,
) -> Notice:
    """To one of two raters of one person (annex 5.3): who rated, what stands, what was wanted."""
    return notice_to(
        person,
        kind=NoticeKind.SCORE,
        group=_group(standing.month),
        key=f"mark:{standing.pk}:{other.pk}:{wanted}",
        title=lambda: (
            _("%(name)s 也在给 %(manager)s 的 %(item)s 打分")
            % {"name": other.name, "manager": standing.manager.name, "item": standing.item}
        ),
        body=lambda: (
            _("现在是 %(value)s 分，另一人想打 %(wanted)s 分。")
            % {"value": number(standing.value.normalize()), "wanted": wanted or "–"}
        ),
        url=reverse("marks", args=[standing.month]),
        at=at,
    )


def sheets_wrong(
    people: Iterable[Person], month: Month, names: Iterable[str], *, at: datetime
) -> list[Notice]:
    """To the market department: lines that could not be counted, whose and which."""
    lines = list(names)
    return [
        notice_to(
            person,
            kind=NoticeKind.SCORE,
            group=_group(month.key),
            key=f"sheets-wrong:{month.key}",
            title=lambda: (
                ngettext(
                    "%(month)s考核表有 %(n)d 行数据不合方案，未计分",
                    "%(month)s考核表有 %(n)d 行数据不合方案，未计分",
                    len(lines),
                )
                % {"month": month_name(month), "n": len(lines)}
            ),
            body="\n".join(lines[:50]),
            url=reverse("sheets"),
            at=at,
        )
        for person in people
    ]


def consequences_proposed(
    people: Iterable[Person], month: Month, proposed: list[Consequence], *, at: datetime
) -> list[Notice]:
    """To the heads of a branch: how many proposals wait for them (annex 5)."""
    return [
        notice_to(
            person,
            kind=NoticeKind.SCORE,
            group=_group(month.key),
            key=f"consequences:{month.key}",
            title=lambda: (
                ngettext(
                    "%(month)s考核有 %(n)d 条建议等您决定",
                    "%(month)s考核有 %(n)d 条建议等您决定",
                    len(proposed),
                )
                % {"month": month_name(month), "n": len(proposed)}
            ),
            url=reverse("consequences"),
            at=at,
        )
        for person in people
    ]
