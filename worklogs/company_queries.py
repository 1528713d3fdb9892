"""Reads for the company's week: what deviates where, what arrived, what was archived."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.actors import Actor
from core.choices import JobState
from core.errors import NotFound
from core.models import Job
from core.parts import Difference
from core.periods import Week
from worklogs import figures, permissions
from worklogs.choices import TextPart
from worklogs.contents import Content
from worklogs.models import Consolidation, RollUpVersion
from worklogs.queries import BranchWeek, company_week
from worklogs.rollup_queries import Dispatch

# What is read across branches first (W6); the archived page has all of them.
ASKED: Final = (TextPart.NEEDS, TextPart.PROBLEMS, TextPart.SUGGESTIONS)


@dataclass(frozen=True)
class BranchLine:
    """A branch in the company's week, with the newest roll-up that arrived."""

    week: BranchWeek
    version: RollUpVersion | None
    is_overdue: bool

    @property
    def filed(self) -> int:
        """Summaries that came in, late or not."""
        return self.week.on_time + self.week.late

    @property
    def deviates(self) -> bool:
        """Whether anything here was not done or came late."""
        return bool(
            self.week.missing
            or self.week.late
            or self.week.returned
            or self.is_overdue
            or self.week.rollup_minutes_late
        )

    @property
    def rank(self) -> tuple[int, int, int, int, int]:
        """What deviates most sorts first."""
        week = self.week
        return (
            -week.missing,
            -int(self.is_overdue),
            -week.returned,
            -week.late,
            -int(bool(week.rollup_minutes_late)),
        )

    def written(self, part: TextPart) -> int:
        """How many items of a kind the roll-up brought."""
        return len(items_of(self.version.content, part)) if self.version else 0


# What the tallies filter by.
ONLY: Final[Mapping[str, Callable[[BranchLine], bool]]] = {
    "missing": lambda line: line.week.missing > 0,
    "returned": lambda line: line.week.returned > 0,
    "late": lambda line: line.week.late > 0,
    "overdue": lambda line: line.is_overdue,
    "unsent": lambda line: line.version is None,
    "sent": lambda line: line.version is not None and line.version.received_at is None,
    "received": lambda line: line.version is not None and line.version.received_at is not None,
}


def items_of(content: Content, part: TextPart) -> list[Content]:
    """What a roll-up's content brings of a kind: items that were taken in."""
    return [
        item
        for group in content["texts"]
        if group["part"] == part.value
        for item in group["items"]
        if item["is_in"]
    ]


def newest_rollups(week: Week) -> dict[int, RollUpVersion]:
    """The newest version of each branch's roll-up of a week; one query."""
    found: dict[int, RollUpVersion] = {}
    for version in (
        RollUpVersion.objects.filter(rollup__week=week.key)
        .select_related("rollup__branch", "sent_by", "received_by")
        .order_by("number")
    ):
        found[version.rollup.branch_id] = version
    return found


def branch_lines(week: Week, at: datetime) -> list[BranchLine]:
    """All branches, what deviates first; a fixed number of queries."""
    versions = newest_rollups(week)
    lines = [
        BranchLine(
            one,
            versions.get(one.branch.pk),
            is_overdue=one.rollup_sent_at is None
            and one.rollup_deadline_at is not None
            and at > one.rollup_deadline_at,
        )
        for one in company_week(week, at)
    ]
    return sorted(lines, key=lambda line: (line.rank, line.week.branch.code))


def written_by_branch(
    lines: Iterable[BranchLine], part: TextPart
) -> list[tuple[str, list[Content]]]:
    """What was written of a kind, of each branch whose roll-up arrived with any, by code."""
    return [
        (line.week.branch.name, items)
        for line in sorted(lines, key=lambda line: line.week.branch.code)
        if line.version and (items := items_of(line.version.content, part))
    ]


def consolidations_for(actor: Actor) -> QuerySet[Consolidation]:
    """The archived company weeks; none for who does not see every branch."""
    found = Consolidation.objects.select_related("issued_by", "file")
    return found if permissions.can_see_company(actor) else found.none()


def consolidation_for(actor: Actor, week: Week, number: int) -> Consolidation:
    """One issue; NotFound where there is none for this actor."""
    found = consolidations_for(actor).filter(week=week.key, number=number).first()
    if found is None:
        raise NotFound
    return found


def making_of(issue: Consolidation) -> Dispatch:
    """How far the worker has come with an issue's workbook."""
    if issue.file_id:
        return Dispatch(1, 1, "done", "", ())
    job = Job.objects.filter(kind="worklogs.post_consolidation", key=str(issue.pk)).first()
    if job is None:
        return Dispatch(0, 1, "none", "", ())
    if job.state == JobState.FAILED:
        return Dispatch(0, 1, "failed", _("没有做成，系统管理员已能看到原因"), ())
    return Dispatch(0, 1, "running", _("正在生成工作簿"), ())


def issue_differences(old: Content, new: Content) -> list[Difference]:
    """What a correction of the company's week changed: branches, figures, the comment."""
    return [
        *_branches_changed(old["branches"], new["branches"]),
        *_totals_changed(old["totals"], new["totals"]),
        *(
            [Difference(_("集团客户室意见"), old["comment"], new["comment"])]
            if old["comment"] != new["comment"]
            else []
        ),
    ]


def _branch_words(one: Content | None) -> str:
    if one is None:
        return ""
    filed = _("已交 %(filed)d/%(owing)d") % {
        "filed": one["on_time"] + one["late"],
        "owing": one["owing"],
    }
    return f"{filed} {one['archive_number'] or _('未报')}"


def _branches_changed(old: Collection[Content], new: Collection[Content]) -> list[Difference]:
    before = {one["id"]: one for one in old}
    after = {one["id"]: one for one in new}
    return [
        Difference((after.get(key) or before[key])["name"], was, now)
        for key in {**before, **after}
        if (was := _branch_words(before.get(key))) != (now := _branch_words(after.get(key)))
    ]


def _totals_changed(old: Collection[Content], new: Collection[Content]) -> list[Difference]:
    def pair(one: Any) -> str:
        return f"{one['system']} / {one['declared']}" if one else ""

    before = {one["key"]: one for one in old}
    after = {one["key"]: one for one in new}
    known = figures.figures()
    return [
        Difference(str(known[key].label) if key in known else key, was, now)
        for key in {**before, **after}
        if (was := pair(before.get(key))) != (now := pair(after.get(key)))
    ]
