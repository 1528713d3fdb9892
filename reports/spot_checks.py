"""A month's spot-check report of each branch (P3, B1): judged by the system, item by item.

The content is a function of the month, the branches and the moment it is due: made three days
late it is the same, for everything is read as it stood at that moment. What has no source is
"not checked": it neither gives nor takes points.

{"month", "phase", "cut_at", "branch": {"id", "code", "name"}, "failed": why not, or "",
 "items": [{"code", "names", "clause", "points", "taking", "is_checked", "counted", "kept",
            "lost", "share", "faults": [{"kind", "label", "note", "url", "points", "person",
            "facts"}]}],
 "kept", "checked", "score", "grade", "rank", "previous_rank", "previous_score",
 "summaries": {"owed", "done", "late", "missing"}, "rollups": {…}, "logs": {…},
 "meetings": counts of inspections.sources.meetings.Records}

Numbers are decimal text, null where there is none. "points" of a fault are what it really cost:
an item loses no more than its points, so that the rows add up to what is lost.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from core import canonical
from core.numbers import rounded
from core.periods import Month
from duties.month_queries import company_settings
from inspections import rules
from inspections.checks import checks
from inspections.judged import Judged
from inspections.models import CheckItem
from inspections.queries import check_items
from inspections.sources.counts import Counted, logs_counted, rollups_counted
from inspections.sources.meetings import RECORDS, Records, records_counted
from inspections.sources.summaries import PUNCTUALITY
from organization.former_names import NamesThen, names_at
from organization.models import Branch
from organization.queries import branches_open_in
from organization.settings import BranchSettings
from reports.choices import Phase
from reports.models import SpotCheck
from reports.rules import costs, ranks

logger = logging.getLogger(__name__)

Content = dict[str, Any]
REASON_AT_MOST: Final = 300


@dataclass(frozen=True)
class Report:
    """One branch's month as it was judged; ``failed`` says why it could not be."""

    branch: Branch
    content: Content
    kept: Decimal
    checked: Decimal
    score: Decimal | None
    rank: int | None = None
    previous_rank: int | None = None
    previous_score: Decimal | None = None
    failed: str = ""

    @property
    def digest(self) -> str:
        """What makes two reports the same."""
        return canonical.digest(self.content)


def spot_checks(
    month: Month, cut: datetime, *, phase: str = "", branches: Sequence[Branch] | None = None
) -> list[Report]:
    """The reports of all branches as of the cut (P3), with rank and what was a month before.

    Of some ``branches`` only, without rank. The statements do not grow with branches and
    managers; a branch whose data cannot be judged is reported with its reason and stops none.
    """
    judged = _judge(
        month, branches_open_in(month.first, month.last) if branches is None else branches, cut
    )
    header = {"month": month.key, "phase": phase, "cut_at": cut.astimezone(UTC).isoformat()}
    settings = company_settings(month)
    made = [_report(branch, judged, header, settings) for branch in judged.branches]
    if branches is not None:
        return made
    before = _month_before(month)
    places = ranks({report.branch.pk: report.score for report in made})
    return [
        _ranked(report, places[report.branch.pk], before.get(report.branch.pk, (None, None)))
        for report in made
    ]


@dataclass(frozen=True)
class _Judged:
    """What the checks say of all branches at once, and of whom they could say nothing."""

    branches: Sequence[Branch]
    items: Sequence[CheckItem]
    by_check: Mapping[str, Mapping[int, Judged]]
    reasons: Mapping[int, str]
    rollups: Mapping[int, Counted]
    logs: Mapping[int, Counted]
    meetings: Mapping[int, Records]
    names: NamesThen


def _judge(month: Month, branches: Sequence[Branch], cut: datetime) -> _Judged:
    items = check_items(month)
    branch_ids = [branch.pk for branch in branches]
    wanted = {item.judged_by for item in items} | {PUNCTUALITY.key}
    by_check: dict[str, Mapping[int, Judged]] = {}
    reasons: dict[int, str] = {}
    for key in sorted(wanted & set(checks())):
        by_check[key], failed = _judged_by(key, month, branch_ids, cut)
        reasons.update({pk: why for pk, why in failed.items() if pk not in reasons})
    return _Judged(
        branches,
        items,
        by_check,
        reasons,
        rollups_counted(month, branch_ids, cut),
        logs_counted(month, branch_ids, cut),
        records_counted(month, [pk for pk in branch_ids if pk not in reasons], cut)
        if RECORDS.key in wanted
        else {},
        names_at(cut),
    )


def _judged_by(
    key: str, month: Month, branch_ids: Collection[int], cut: datetime
) -> tuple[Mapping[int, Judged], dict[int, str]]:
    """One check over all branches at once; branch by branch only when that breaks."""
    judge = checks()[key].judge
    try:
        with transaction.atomic():
            return judge(month, branch_ids, cut), {}
    except Exception:
        logger.exception("check %s of %s: looking branch by branch", key, month)
    found: dict[int, Judged] = {}
    failed: dict[int, str] = {}
    for branch_id in branch_ids:
        try:
            with transaction.atomic():
                found.update(judge(month, [branch_id], cut))
        except Exception as error:  # whatever it is, the others go on
            failed[branch_id] = _reason(key, error)
    return found, failed


def _reason(what: str, error: Exception) -> str:
    return f"{what}: {type(error).__name__}: {error}"[:REASON_AT_MOST]


def _report(
    branch: Branch, judged: _Judged, header: Mapping[str, str], settings: BranchSettings
) -> Report:
    """The branch's report without its rank; one that cannot be made says why."""
    named = {
        **header,
        "branch": {
            "id": branch.pk,
            "code": branch.code,
            "name": judged.names.of_branch(branch),
        },
    }
    failed = judged.reasons.get(branch.pk, "")
    if not failed:
        try:
            return _made(branch, judged, named, settings)
        except Exception as error:  # whatever it is, the others go on
            logger.exception("spot check of %s", branch.code)
            failed = _reason("report", error)
    nothing = Decimal(0)
    content = _content(named, [], nothing, nothing, None, settings, failed)
    return Report(branch, content, nothing, nothing, None, failed=failed)


def _made(
    branch: Branch, judged: _Judged, named: Mapping[str, Any], settings: BranchSettings
) -> Report:
    lines = []
    points: list[tuple[Decimal, Decimal | None]] = []
    for item in judged.items:
        said = judged.by_check.get(item.judged_by, {}).get(branch.pk)
        kept = rules.points_kept(item.points, _rates(item), said)
        points.append((item.points, kept))
        lines.append(_line(item, said, kept))
    kept_all, checked = rules.total(points)
    score = rules.score(kept_all, checked)
    content = _content(named, lines, kept_all, checked, score, settings)
    content["summaries"] = _counted(_punctual(judged, branch.pk))
    content["rollups"] = _counted(judged.rollups.get(branch.pk, Counted()))
    content["logs"] = _counted(judged.logs.get(branch.pk, Counted()))
    content["meetings"] = asdict(judged.meetings.get(branch.pk, Records()))
    return Report(branch, content, kept_all, checked, score)


def _rates(item: CheckItem) -> dict[str, Decimal]:
    return {kind: Decimal(off) for kind, off in item.faults.items()}


def _line(item: CheckItem, said: Judged | None, kept: Decimal | None) -> Content:
    """An item of the report: points kept and lost, each fault with its row."""
    rates = _rates(item)
    faults = said.faults if said and kept is not None else ()
    lost = None if kept is None else item.points - kept
    each = costs([rules.points_of(fault, rates) for fault in faults], lost or Decimal(0))
    share = said.kept_share if said else None
    return {
        "code": item.code,
        "names": item.names,
        "clause": item.clause,
        "points": _text(item.points),
        "taking": item.taking,
        "is_checked": kept is not None,
        "counted": said.checked if said else 0,
        "kept": _text(kept),
        "lost": _text(lost),
        "share": None if share is None else str(rounded(share * 100, 1)),
        "faults": [
            {
                "kind": fault.kind,
                "label": fault.label,
                "note": fault.note,
                "url": fault.url,
                "points": _text(cost),
                "person": fault.person_id,
                "facts": dict(fault.facts),
            }
            for fault, cost in zip(faults, each, strict=True)
        ],
    }


def _content(
    named: Mapping[str, Any],
    lines: list[Content],
    kept: Decimal,
    checked: Decimal,
    score: Decimal | None,
    settings: BranchSettings,
    failed: str = "",
) -> Content:
    return {
        **named,
        "failed": failed,
        "items": lines,
        "kept": _text(kept),
        "checked": _text(checked),
        "score": _text(score),
        "grade": rules.grade(score, settings),
        "rank": None,
        "previous_rank": None,
        "previous_score": None,
        "summaries": _counted(Counted()),
        "rollups": _counted(Counted()),
        "logs": _counted(Counted()),
        "meetings": asdict(Records()),
    }


def _punctual(judged: _Judged, branch_id: int) -> Counted:
    """The branch's summaries of the month, as the check of punctuality found them."""
    said = judged.by_check.get(PUNCTUALITY.key, {}).get(branch_id)
    if said is None:
        return Counted()
    kinds = [fault.kind for fault in said.faults]
    return Counted(said.checked, kinds.count("late"), kinds.count("missing"))


def _counted(found: Counted) -> dict[str, int]:
    return {
        "owed": found.owed,
        "done": found.done,
        "late": found.late,
        "missing": found.missing,
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(rounded(value))


def _month_before(month: Month) -> dict[int, tuple[int | None, Decimal | None]]:
    """Rank and score of the month before, as they were frozen; one query."""
    rows = SpotCheck.objects.filter(month=month.previous.key, phase=Phase.FROZEN).order_by()
    return {
        branch_id: (rank, score)
        for branch_id, rank, score in rows.values_list("branch_id", "rank", "score")
    }


def _ranked(report: Report, rank: int | None, before: tuple[int | None, Decimal | None]) -> Report:
    previous_rank, previous_score = before
    content = {
        **report.content,
        "rank": rank,
        "previous_rank": previous_rank,
        "previous_score": _text(previous_score),
    }
    return replace(
        report,
        content=content,
        rank=rank,
        previous_rank=previous_rank,
        previous_score=previous_score,
    )
