"""What the worker does for reports: the spot checks of a month, all branches at once."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import number
from core.jobs import Effect, Progress
from core.periods import Month, local_date
from duties.choices import NoticeKind
from duties.models import Notice
from duties.notices import notice_to
from duties.operations import notify_all
from organization.choices import LEADERS, Role
from organization.queries import holders_of, role_holders
from reports.choices import Phase
from reports.models import SpotCheck
from reports.spot_checks import Report, spot_checks


def make_spot_checks(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Judge all branches as of the due moment and keep the reports (P3, B1).

    Reports that stand are left alone; only where one could not be made are they made anew,
    from the same state, so that a branch whose data were mended gets its place.
    """
    month, phase = Month.parse(args["month"]), Phase(args["phase"])
    due_at = datetime.fromisoformat(args["due_at"])
    standing = SpotCheck.objects.filter(month=month.key, phase=phase)
    if standing.exists() and not standing.exclude(content__failed="").exists():
        return lambda: {"made": 0, "failed": {}}
    reports = spot_checks(month, due_at, phase=phase.value)
    notices = _notices(month, phase, reports, at)

    def write() -> dict[str, Any]:
        SpotCheck.objects.bulk_create(
            [_row(month, phase, report, due_at) for report in reports],
            update_conflicts=True,
            unique_fields=["month", "branch", "phase"],
            update_fields=[
                "content",
                "digest",
                "kept",
                "checked",
                "score",
                "rank",
                "previous_rank",
                "previous_score",
            ],
            batch_size=200,
        )
        notify_all(notices)
        failed = {report.branch.code: report.failed for report in reports if report.failed}
        return {"made": len(reports) - len(failed), "failed": failed}

    return write


def _row(month: Month, phase: Phase, report: Report, due_at: datetime) -> SpotCheck:
    return SpotCheck(
        month=month.key,
        branch=report.branch,
        phase=phase,
        content=report.content,
        digest=report.digest,
        kept=report.kept,
        checked=report.checked,
        score=report.score,
        rank=report.rank,
        previous_rank=report.previous_rank,
        previous_score=report.previous_score,
        due_at=due_at,
    )


# Who is told


def _notices(month: Month, phase: Phase, reports: Sequence[Report], at: datetime) -> list[Notice]:
    """Leaders hear of their branch, the market department of all."""
    on = local_date(at)
    leaders = role_holders(LEADERS, on)
    notices = [
        notice_to(
            person,
            kind=NoticeKind.FINDING,
            group=f"spot-check:{month.key}",
            key=f"spot-check:{month.key}:{phase.value}:{report.branch.pk}",
            title=partial(_branch_title, month, phase, report),
            url=reverse("spot-check", args=[month, report.branch.pk]),
            at=at,
        )
        for report in reports
        if not report.failed
        for person in leaders.get(report.branch.pk, [])
    ]
    failed = [report.branch.name for report in reports if report.failed]
    notices += [
        notice_to(
            person,
            kind=NoticeKind.FINDING,
            group=f"spot-check:{month.key}",
            key=f"spot-check:{month.key}:{phase.value}:{len(failed)}",
            title=partial(_company_title, month, phase, len(reports), len(failed)),
            body="\n".join(failed),
            url=reverse("overview", args=[month]),
            at=at,
        )
        for person in holders_of([Role.MARKET], on)
    ]
    return notices


def _branch_title(month: Month, phase: Phase, report: Report) -> str:
    if report.score is None:
        words = _("%(n)d 月抽查（%(phase)s）：没有可查的项目")
        return words % {"n": month.number, "phase": phase.label}
    return _("%(n)d 月抽查（%(phase)s）：%(score)s 分，第 %(rank)d 名") % {
        "n": month.number,
        "phase": phase.label,
        "score": number(report.score, 2),
        "rank": report.rank,
    }


def _company_title(month: Month, phase: Phase, branches: int, failed: int) -> str:
    values = {"n": month.number, "phase": phase.label, "branches": branches, "failed": failed}
    if failed:
        words = _("%(n)d 月抽查（%(phase)s）：%(failed)d 家没有做成，看原因")
        return words % values
    return (
        ngettext(
            "%(n)d 月抽查（%(phase)s）已出：%(branches)d 家分公司",
            "%(n)d 月抽查（%(phase)s）已出：%(branches)d 家分公司",
            branches,
        )
        % values
    )
