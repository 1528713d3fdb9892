"""The archived company weeks (W6): the list, an issue with its workbook, issues compared."""

from datetime import datetime

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core import clock
from core.errors import NotFound
from core.formats import file_size, moment, week_name
from core.lists import Column, RowLinks, keyset_page, work_table
from core.parts import Fact, Progress, checksum
from core.periods import Week
from core.requests import SignedInRequest, whole_number
from worklogs import permissions
from worklogs.choices import TextPart
from worklogs.company_queries import (
    consolidation_for,
    consolidations_for,
    issue_differences,
    making_of,
)
from worklogs.models import Consolidation
from worklogs.rollup_queries import total_lines
from worklogs.views.downloads import archived

ORDER = ("-week", "-number", "-pk")


@require_safe
def archive(request: SignedInRequest) -> HttpResponse:
    """Every archived issue, newest week first."""
    at = clock.now()
    if not permissions.can_see_company(request.actor):
        raise NotFound
    page = keyset_page(
        consolidations_for(request.actor), order=ORDER, cursor=request.GET.get("cursor", "")
    )
    table = work_table(
        request,
        page,
        _columns(at),
        RowLinks[Consolidation](key=lambda issue: issue.pk, action=_link),
        key="company-archive",
        caption=_("全司汇总档案"),
    )
    return render(request, "worklogs/company_archive.html", {"table": table})


def _columns(at: datetime) -> tuple[Column[Consolidation], ...]:
    return (
        Column("week", gettext_lazy("周"), lambda one: week_name(Week.parse(one.week))),
        Column("archive", gettext_lazy("档案号"), lambda one: one.archive_number),
        Column("issued", gettext_lazy("归档"), lambda one: moment(one.issued_at, at)),
        Column("by", gettext_lazy("归档人"), lambda one: one.issued_by.name),
        Column("absent", gettext_lazy("缺报"), lambda one: _("、").join(one.content["missing"])),
        Column("why", gettext_lazy("更正原因"), lambda one: one.why_corrected),
    )


def _link(issue: Consolidation) -> str:
    url = reverse("company-issue-page", args=[issue.week, issue.number])
    return format_html(
        '<a href="{}" aria-label="{} {}">{}</a>', url, _("打开"), issue.archive_number, _("打开")
    )


@require_safe
def issue_page(request: SignedInRequest, week: Week, number: int) -> HttpResponse:
    """An issue as it was archived: number, digest, workbook, its frozen content."""
    at = clock.now()
    issue = consolidation_for(request.actor, week, number)
    others = list(consolidations_for(request.actor).filter(week=week.key).exclude(pk=issue.pk))
    against = whole_number(request.GET.get("against"))
    compared = next((one for one in others if one.number == against), None)
    own = reverse("company-issue-page", args=[week.key, number])
    content = issue.content
    newest = max([issue, *others], key=lambda one: one.number)
    making = making_of(issue)
    context = {
        "week": week,
        "issue": issue,
        "at": at,
        "title": _("全司第 %(n)d 周汇总") % {"n": week.number},
        "facts": _facts(issue, week),
        "run": Progress(
            _("生成工作簿"),
            making.done,
            making.total,
            reverse("company-progress", args=[week.key, number]),
            note=making.note,
            state=making.state,
        )
        if making.state in ("running", "failed")
        else None,
        "content": content,
        "totals": total_lines(content),
        "groups": [
            (TextPart(group["part"]).label, group["items"])
            for group in content["texts"]
            if group["items"]
        ],
        "newest_url": reverse("company-issue-page", args=[week.key, newest.number])
        if newest is not issue
        else "",
        "may_issue": permissions.can_consolidate(request.actor),
        "versions": [
            (one, f"{own}?against={one.number}#versions", one is compared) for one in others
        ],
        "compared": compared,
        "differences": issue_differences(compared.content, content) if compared else [],
    }
    return render(request, "worklogs/company_issue.html", context)


def _facts(issue: Consolidation, week: Week) -> list[Fact]:
    found = [
        Fact(_("档案号"), issue.archive_number, copies=True),
        Fact(_("版本"), _("第 %(n)d 版") % {"n": issue.number}),
        Fact(_("归档人"), issue.issued_by.name),
        checksum(_("内容校验码"), issue.digest),
    ]
    if issue.why_corrected:
        found.insert(2, Fact(_("更正原因"), issue.why_corrected))
    if issue.file:
        url = reverse("company-workbook", args=[week.key, issue.number])
        found += [
            Fact(_("工作簿"), f"{issue.file.name}（{file_size(issue.file.size)}）", url),
            checksum(_("工作簿校验码"), issue.file.sha256),
        ]
    return found


@require_safe
def issue_progress(request: SignedInRequest, week: Week, number: int) -> JsonResponse:
    """How far the worker has come: {"state", "done", "total", "note"}."""
    making = making_of(consolidation_for(request.actor, week, number))
    return JsonResponse(
        {"state": making.state, "done": making.done, "total": making.total, "note": making.note}
    )


@require_safe
def issue_workbook(request: SignedInRequest, week: Week, number: int) -> HttpResponse:
    """The archived workbook, unchanged; NotFound until the worker has made it."""
    issue = consolidation_for(request.actor, week, number)
    return archived(request, issue.file, rows=len(issue.content["branches"]))
