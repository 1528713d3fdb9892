"""A roll-up as it was sent (W6): receipt, delivery, workbook, the office's signature."""

from datetime import datetime

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import NotFound, Refused
from core.formats import file_size, moment, span
from core.marked_days import filled
from core.models import OutboxMessage
from core.pages import toast
from core.panels import page_under
from core.parts import Fact, NextStep, Progress, checksum
from core.periods import Week
from core.requests import SignedInRequest, whole_number
from worklogs import permissions
from worklogs.board_queries import text_groups
from worklogs.board_table import minutes_text
from worklogs.contents import RECORD_LANGUAGE
from worklogs.letters import rollup_body, rollup_subject
from worklogs.models import RollUpVersion
from worklogs.operations.rollups import receive_rollup
from worklogs.rollup_queries import (
    Dispatch,
    MailShown,
    dispatch_of,
    person_lines,
    rollup_version,
    total_lines,
    version_differences,
)
from worklogs.views.downloads import archived


@require_safe
def version_page(request: SignedInRequest, week: Week, branch: int, number: int) -> HttpResponse:
    """The receipt of a sent version with its frozen content."""
    at = clock.now()
    return _page(request, rollup_version(request.actor, branch, week, number), week, at)


def _page(
    request: SignedInRequest,
    version: RollUpVersion,
    week: Week,
    at: datetime,
    *,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    rollup = version.rollup
    others = list(rollup.versions.exclude(pk=version.pk))
    against = whole_number(request.GET.get("against"))
    compared = next((one for one in others if one.number == against), None)
    dispatch = dispatch_of(version)
    content = version.content
    groups = text_groups(content)
    may_receive = (
        permissions.can_receive(request.actor, version)
        and version.received_at is None
        and version.number == rollup.newest
    )
    context = {
        "week": week,
        "branch": rollup.branch,
        "version": version,
        "at": at,
        "trouble": trouble,
        "title": _("%(branch)s第 %(n)d 周汇总") % {"branch": rollup.branch.name, "n": week.number},
        "state": "late" if version.minutes_late else "on_time",
        "state_text": _("迟发 %(span)s") % {"span": minutes_text(version.minutes_late)}
        if version.minutes_late
        else _("已发，按时"),
        "note": _against_deadline(version),
        "facts": _facts(version, at),
        "dispatch": dispatch,
        "run": _run(version, week, dispatch),
        "is_newest": version.number == rollup.newest,
        "newest_url": _url(version, rollup.newest),
        "may_receive": may_receive,
        "may_write": False,
        "may_correct": permissions.can_roll_up(request.actor, rollup.branch)
        and version.number == rollup.newest,
        "steps": _next_steps(version, at),
        "people": person_lines(content),
        "totals": total_lines(content),
        "groups": groups,
        "supplement": content["supplement"],
        "content": content,
        "lacking_count": content["counts"]["missing"] + content["counts"]["not_due"],
        "has_texts": any(group.items for group in groups),
        "versions": _versions(version, others, against),
        "compared": compared,
        "differences": version_differences(compared.content, content) if compared else [],
    }
    return render(request, "worklogs/rollup_version.html", context, status=status)


def _url(version: RollUpVersion, number: int) -> str:
    return reverse("rollup-version", args=[version.rollup.week, version.rollup.branch_id, number])


def _against_deadline(version: RollUpVersion) -> str:
    """How far before or after the deadline it came."""
    seconds = int((version.deadline_at - version.sent_at).total_seconds())
    if seconds >= 0:
        return _("早于截止 %(span)s") % {"span": span(seconds)}
    return _("晚于截止 %(span)s") % {"span": span(seconds)}


def _facts(version: RollUpVersion, at: datetime) -> list[Fact]:
    rollup = version.rollup
    found = [
        Fact(_("档案号"), version.archive_number, copies=True),
        Fact(_("版本"), _("第 %(n)d 版") % {"n": version.number}),
        Fact(_("发送"), version.sent_by.name),
        checksum(_("内容校验码"), version.digest),
    ]
    if version.why_corrected:
        found.insert(2, Fact(_("更正原因"), version.why_corrected))
    if version.file:
        url = reverse("rollup-workbook", args=[rollup.week, rollup.branch_id, version.number])
        found += [
            Fact(_("工作簿"), f"{version.file.name}（{file_size(version.file.size)}）", url),
            checksum(_("工作簿校验码"), version.file.sha256),
        ]
    if version.message_id:
        found.append(
            Fact(
                _("邮件编号"),
                version.message_id,
                note=_("Message-ID：邮件没有收到时，邮件管理员凭它查投递。"),
                is_proof=True,
            )
        )
    if version.received_at and version.received_by:
        found.append(
            Fact(
                _("签收人"),
                filled(
                    "%(name)s %(when)s",
                    name=version.received_by.name,
                    when=moment(version.received_at, at),
                ),
            )
        )
    return found


def _run(version: RollUpVersion, week: Week, dispatch: Dispatch) -> Progress | None:
    """The worker's progress, while there is any to wait for."""
    if dispatch.state in ("done", "none"):
        return None
    return Progress(
        _("生成工作簿并发送邮件"),
        dispatch.done,
        dispatch.total,
        reverse("rollup-progress", args=[week.key, version.rollup.branch_id, version.number]),
        note=dispatch.note,
        state=dispatch.state,
    )


def _next_steps(version: RollUpVersion, at: datetime) -> list[NextStep]:
    if version.received_at:
        return []
    return [NextStep("waiting", _("集团客户室签收"), _("签收后这里和通知里都会显示。"))]


def _versions(
    version: RollUpVersion, others: list[RollUpVersion], against: int | None
) -> list[tuple[RollUpVersion, str, bool]]:
    """The other versions: each, the address that compares with it, whether it is compared."""
    return [
        (
            one,
            f"{_url(version, version.number)}?against={one.number}#versions",
            one.number == against,
        )
        for one in others
    ]


def mail_of(version: RollUpVersion) -> MailShown:
    """The mail as it was posted, or as the worker will post it."""
    message = OutboxMessage.objects.filter(message_id=version.message_id).first()
    if version.message_id and message is not None:
        return MailShown(message.subject, message.body)
    return posted_mail(version)


def posted_mail(version: RollUpVersion) -> MailShown:
    """What the worker will post."""
    with override(RECORD_LANGUAGE):
        return MailShown(rollup_subject(version), rollup_body(version))


@require_safe
def rollup_progress(request: SignedInRequest, week: Week, branch: int, number: int) -> JsonResponse:
    """How far the worker has come: {"state", "done", "total", "note"}."""
    dispatch = dispatch_of(rollup_version(request.actor, branch, week, number))
    return JsonResponse(
        {
            "state": dispatch.state,
            "done": dispatch.done,
            "total": dispatch.total,
            "note": dispatch.note,
        }
    )


@require_POST
def rollup_receive(request: SignedInRequest, week: Week, branch: int) -> HttpResponse:
    """The group-customer office signs for the version it has before it."""
    at = clock.now()
    number = whole_number(request.POST.get("number"))
    if number is None:
        raise NotFound
    version = rollup_version(request.actor, branch, week, number)
    try:
        receive_rollup(version_id=version.pk, actor=request.actor, at=at)
    except Refused as refusal:
        return _page(request, version, week, at, trouble=str(refusal.message), status=422)
    toast(request, _("已签收"), detail=version.archive_number)
    return HttpResponseRedirect(page_under(request, _url(version, number)))


@require_safe
def rollup_workbook(request: SignedInRequest, week: Week, branch: int, number: int) -> HttpResponse:
    """The archived workbook, unchanged; NotFound until the worker has made it."""
    version = rollup_version(request.actor, branch, week, number)
    return archived(request, version.file, rows=len(version.content["people"]))
