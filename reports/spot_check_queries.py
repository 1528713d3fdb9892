"""Reads over spot checks: a month as it was kept, or as it stands now; service quality (P3.6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from core.actors import Actor
from core.errors import NotFound
from core.periods import Month
from duties.month_end import MonthEnd
from duties.month_queries import month_end_of
from inspections.checks import checks
from inspections.models import Finding
from inspections.queries import check_items, findings_of_lines
from inspections.sources.summaries import figure_labels
from inspections.words import chip_state, in_language, sentence, short_word
from organization.models import Branch
from organization.queries import branches_open_in
from reports.choices import MonthPhase, Phase
from reports.models import SpotCheck
from reports.rules import costs, rise
from reports.spot_checks import Content, spot_checks

# The month as it stands at this moment: judged now, kept nowhere.
NOW: Final = MonthPhase.NOW.value


# Service quality


@dataclass(frozen=True)
class ServiceQuality:
    """A branch's service quality of a month (P3.6): the newest report that stands."""

    score: Decimal | None
    grade: str
    rank: int | None
    previous_score: Decimal | None
    previous_rank: int | None
    kept: Decimal
    checked: Decimal
    phase: str


def service_quality(month: Month) -> dict[int, ServiceQuality]:
    """Each branch's service quality (P3.6), by id: as frozen, else as provisional; one query."""
    found: dict[int, ServiceQuality] = {}
    rows = SpotCheck.objects.filter(month=month.key).order_by("branch_id", "-phase")
    for row in rows:  # "provisional" before "frozen", so that the frozen one stays
        found[row.branch_id] = ServiceQuality(
            row.score,
            row.content["grade"],
            row.rank,
            row.previous_score,
            row.previous_rank,
            row.kept,
            row.checked,
            row.phase,
        )
    return found


def newest_report(branch_id: int | None) -> Month | None:
    """The newest month of which a branch (None: any) has a report; None for none; one query."""
    rows = SpotCheck.objects.order_by("-month")
    if branch_id is not None:
        rows = rows.filter(branch_id=branch_id)
    newest = rows.values_list("month", flat=True).first()
    return Month.parse(newest) if newest else None


def items_judged(month: Month) -> set[str]:
    """The codes of the month's items that an installed check judges."""
    return {item.code for item in check_items(month) if item.judged_by in checks()}


# A month of one or all branches


@dataclass(frozen=True)
class Fault:
    """A deviation as a page shows it, in the reader's language."""

    kind: str
    text: str
    url: str
    points: Decimal


@dataclass(frozen=True)
class Line:
    """An item of a branch's report."""

    code: str
    name: str
    clause: str
    points: Decimal
    is_checked: bool
    counted: int
    kept: Decimal | None
    lost: Decimal | None
    share: Decimal | None
    faults: tuple[Fault, ...]
    person_ids: tuple[int, ...]
    frozen: Content

    @property
    def kinds(self) -> dict[str, int]:
        """How many faults of each kind, in the order of their first."""
        counts: dict[str, int] = {}
        for fault in self.faults:
            counts[fault.kind] = counts.get(fault.kind, 0) + 1
        return counts

    @property
    def right(self) -> int:
        """How many of the things looked at were as they should be."""
        return max(0, self.counted - len({fault.url for fault in self.faults}))

    @property
    def spent_at(self) -> int | None:
        """Before which fault the item's points have gone, so that nothing more can be lost."""
        costly = [place for place, fault in enumerate(self.faults, 1) if fault.points]
        if self.kept != 0 or not costly or costly[-1] == len(self.faults):
            return None
        return costly[-1]

    @property
    def chips(self) -> list[tuple[str, str]]:
        """What deviates, as chips: state and word."""
        return [(chip_state(kind), short_word(kind, n)) for kind, n in self.kinds.items()]


@dataclass(frozen=True)
class BranchMonth:
    """A branch's month as a page shows it, of a report that was kept or of now."""

    branch_id: int
    name: str
    code: str
    phase: str
    cut_at: datetime
    failed: str
    lines: tuple[Line, ...]
    kept: Decimal
    checked: Decimal
    score: Decimal | None
    grade: str
    rank: int | None
    previous_score: Decimal | None
    previous_rank: int | None
    content: Content
    digest: str

    def line(self, code: str) -> Line | None:
        """The item of this code."""
        return next((line for line in self.lines if line.code == code), None)

    @property
    def faults(self) -> int:
        """How many things were not done or not as they should be."""
        return sum(len(line.faults) for line in self.lines)

    @property
    def deviates(self) -> bool:
        """Whether anything was found, or nothing could be."""
        others = ("rollups", "logs")
        is_behind = any(self.content[key]["late"] or self.content[key]["missing"] for key in others)
        return bool(self.faults or self.failed or is_behind)

    @property
    def rise(self) -> int | None:
        """By how many places it has risen since the month before."""
        return rise(self.rank, self.previous_rank)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def read_content(content: Content, digest: str) -> BranchMonth:
    """A report's content as pages show it, labels in the reader's language."""
    figures = figure_labels()
    return BranchMonth(
        branch_id=content["branch"]["id"],
        name=content["branch"]["name"],
        code=content["branch"]["code"],
        phase=content["phase"] or NOW,
        cut_at=datetime.fromisoformat(content["cut_at"]),
        failed=content["failed"],
        lines=tuple(_line(item, figures) for item in content["items"]),
        kept=Decimal(content["kept"]),
        checked=Decimal(content["checked"]),
        score=_decimal(content["score"]),
        grade=content["grade"],
        rank=content["rank"],
        previous_score=_decimal(content["previous_score"]),
        previous_rank=content["previous_rank"],
        content=content,
        digest=digest,
    )


def costs_of(item: Content) -> list[Decimal]:
    """What each fault of a report's item cost: the rows add up to what the item lost."""
    nominal = [Decimal(fault["points"]) for fault in item["faults"]]
    return costs(nominal, Decimal(item["lost"] or 0))


def _line(item: Content, figures: Mapping[str, str]) -> Line:
    each = costs_of(item)
    return Line(
        code=item["code"],
        name=in_language(item["names"]),
        clause=item["clause"],
        points=Decimal(item["points"]),
        is_checked=item["is_checked"],
        counted=item["counted"],
        kept=_decimal(item["kept"]),
        lost=_decimal(item["lost"]),
        share=_decimal(item["share"]),
        faults=tuple(
            _fault(fault, cost, figures) for fault, cost in zip(item["faults"], each, strict=True)
        ),
        person_ids=tuple(
            dict.fromkeys(fault["person"] for fault in item["faults"] if fault["person"])
        ),
        frozen=item,
    )


def _fault(fault: Content, cost: Decimal, figures: Mapping[str, str]) -> Fault:
    said = sentence(fault["kind"], fault["facts"], figures)
    name = fault["facts"].get("name", "")
    text = f"{name} {said}".strip() if said else fault["label"]
    return Fault(fault["kind"], text, fault["url"], cost)


@dataclass(frozen=True)
class MonthView:
    """What can be looked at of a month: the phases that were kept, and the one that is shown."""

    month: Month
    end: MonthEnd
    kept: tuple[str, ...]
    phase: str
    lines: tuple[BranchMonth, ...]

    @property
    def cut_at(self) -> datetime:
        """As of when."""
        if self.lines:
            return self.lines[0].cut_at
        return self.end.frozen_at

    @property
    def is_final(self) -> bool:
        """Whether nothing of it moves any more."""
        return self.phase == Phase.FROZEN


def month_view(
    month: Month, at: datetime, *, asked: str = "", branch: Branch | None = None
) -> MonthView:
    """All branches of a month, or one (without rank while it is judged now).

    The frozen report where it stands, else the month as it is now; ``asked`` is another phase,
    one that does not stand is not there. A fixed number of queries.
    """
    end = month_end_of(month)
    rows = SpotCheck.objects.filter(month=month.key)
    if branch is not None:
        rows = rows.filter(branch=branch)
    by_phase: dict[str, list[SpotCheck]] = {}
    for row in rows.order_by("branch__code"):
        by_phase.setdefault(row.phase, []).append(row)
    kept = tuple(phase.value for phase in Phase if phase.value in by_phase)
    phase = _chosen(asked, kept)
    if phase != NOW:
        lines = [read_content(row.content, row.digest) for row in by_phase[phase]]
    else:
        cut = min(at, end.frozen_at)
        own = None if branch is None else [branch]
        reports = spot_checks(month, cut, branches=own)
        lines = [read_content(report.content, report.digest) for report in reports]
    return MonthView(month, end, kept, phase, tuple(lines))


def _chosen(asked: str, kept: Sequence[str]) -> str:
    if asked and asked != NOW:
        if asked not in kept:
            raise NotFound
        return asked
    if Phase.FROZEN in kept:
        return Phase.FROZEN.value
    return NOW


def origin_of(month: Month, branch_id: int, item: str) -> str:
    """The name of a report's line, the same for all its phases: it becomes one finding."""
    return f"spot-check:{month.key}:{branch_id}:{item}"


def findings_of(month: Month, lines: Iterable[BranchMonth]) -> dict[tuple[int, str], Finding]:
    """The findings that were made of a month's lines, by branch and item; one query."""
    origins = {
        origin_of(month, one.branch_id, line.code): (one.branch_id, line.code)
        for one in lines
        for line in one.lines
        if line.faults
    }
    return {origins[origin]: one for origin, one in findings_of_lines(list(origins)).items()}


# Who may see what


def can_see_overview(actor: Actor) -> bool:
    """The market department and its group-customer office see all branches beside each other."""
    return actor.reads_all


def branch_seen(actor: Actor, branch_id: int, month: Month) -> Branch:
    """A branch whose report the actor may see; NotFound otherwise."""
    found = next(
        (one for one in branches_open_in(month.first, month.last) if one.pk == branch_id), None
    )
    if found is None or not (actor.reads_all or branch_id in actor.led_branches):
        raise NotFound
    return found


def totals(view: MonthView) -> dict[str, int]:
    """How many things were not done, came late or differ, and were done.

    And how many items nobody was checked on, how many branches could not be judged.
    """
    counts: dict[str, int] = {"missing": 0, "late": 0, "done": 0, "unchecked": 0, "failed": 0}
    known: set[str] = set()
    checked: set[str] = set()
    for one in view.lines:
        counts["failed"] += bool(one.failed)
        for line in one.lines:
            missing = line.kinds.get("missing", 0)
            counts["missing"] += missing
            counts["late"] += len(line.faults) - missing
            counts["done"] += line.right
            known.add(line.code)
            if line.is_checked:
                checked.add(line.code)
        rollups = one.content["rollups"]
        counts["missing"] += rollups["missing"]
        counts["late"] += rollups["late"]
        counts["done"] += rollups["done"]
    counts["unchecked"] = len(known - checked)
    return counts
