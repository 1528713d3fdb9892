"""Reads over targets: a branch's sheet as it stands, what was issued, who has acknowledged."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F, OuterRef, Subquery

from core.actors import Actor
from core.errors import NotFound
from core.periods import Month
from kpi.choices import Method
from kpi.models import (
    Acknowledgement,
    Indicator,
    Requirement,
    Result,
    TargetLine,
    TargetSheet,
    TargetVersion,
    WorkItem,
)
from kpi.queries.bases import managers_of
from kpi.queries.indicators import open_indicators
from kpi.target_contents import Content
from kpi.target_entries import LineEntry, TargetEntry
from kpi.target_permissions import sees_targets
from kpi.targets_rules import Bar, LineState, bars, lacking
from organization.choices import BranchKind, Role
from organization.models import Branch, Person

WORK_ITEM = "kpi.work_item"


def target_branch(actor: Actor, branch_id: int) -> Branch:
    """A branch whose targets the actor sees, perhaps only once they are issued."""
    found = Branch.objects.filter(pk=branch_id, kind=BranchKind.BRANCH).first()
    is_own = found is not None and actor.is_at(found.pk, Role.MANAGER)
    if found is None or not (is_own or sees_targets(actor, found.pk)):
        raise NotFound
    return found


def led_branch(actor: Actor, branch_id: int) -> Branch:
    """A branch whose targets and results the actor sees as a whole."""
    found = target_branch(actor, branch_id)
    if not sees_targets(actor, found.pk):
        raise NotFound
    return found


def manager_for(actor: Actor, manager_id: int) -> Person:
    """A manager whose targets the actor may see: the own, of a led branch, or any."""
    found = Person.objects.select_related("branch").filter(pk=manager_id).first()
    if found is None:
        raise NotFound
    if found.pk == actor.person_id or actor.reads_all:
        return found
    held = set(found.grants.values_list("branch_id", flat=True))
    if not (held | {found.branch_id}) & actor.led_branches:
        raise NotFound
    return found


def sheet_of(branch: Branch, month: Month) -> TargetSheet:
    """The branch's sheet, perhaps not begun (version 0, no id)."""
    found = TargetSheet.objects.filter(branch=branch, month=month.key).first()
    return found or TargetSheet(branch=branch, month=month.key, version=0)


def issued_version(sheet: TargetSheet, number: int | None = None) -> TargetVersion:
    """The newest version that was issued, or the one with the number; NotFound for none."""
    found = None
    if sheet.pk:
        found = (
            sheet.versions.select_related("issued_by", "sheet__branch")
            .filter(number=number or sheet.newest)
            .first()
        )
    if found is None:
        raise NotFound
    return found


def requirements_of(branch_id: int, month: Month) -> dict[str, Decimal]:
    """What the company asks of the branch, by indicator; one query."""
    rows = Requirement.objects.filter(branch_id=branch_id, month=month.key, value__isnull=False)
    return {
        code: value
        for code, value in rows.values_list("indicator__code", "value")
        if value is not None
    }


def lines_of(sheet: TargetSheet) -> list[TargetLine]:
    """The sheet's lines with indicator and parts; two queries."""
    if not sheet.pk:
        return []
    return list(sheet.lines.select_related("indicator").prefetch_related("allocations"))


def entry_of(sheet: TargetSheet, lines: Sequence[TargetLine]) -> TargetEntry:
    """The sheet as it would be written again."""
    return TargetEntry(
        priorities=sheet.priorities,
        resources=sheet.resources,
        why_no_items=sheet.why_no_items,
        lines={
            line.indicator.code: LineEntry(
                value=line.value,
                method=line.method,
                why_not_required=line.why_not_required,
                why_not_sum=line.why_not_sum,
                parts={part.manager_id: part.value for part in line.allocations.all()},
            )
            for line in lines
        },
    )


def items_of(sheet: TargetSheet) -> list[WorkItem]:
    """The sheet's work items by manager and day; one query."""
    if not sheet.pk:
        return []
    return list(
        sheet.items.select_related("indicator", "manager").order_by(
            "manager__sort_key", "manager_id", "due_on", "pk"
        )
    )


@dataclass(frozen=True)
class LineView:
    """One indicator on a branch's sheet, whether a target is set yet or not."""

    indicator: Indicator
    required: Decimal | None
    value: Decimal | None
    method: str
    why_not_required: str
    why_not_sum: str
    parts: Mapping[int, Decimal]
    # Whether anybody of the branch reached something a year ago, to give out by.
    has_last_year: bool

    @property
    def given(self) -> Decimal:
        """What is given out."""
        return sum(self.parts.values(), Decimal(0))

    @property
    def lacking(self) -> Decimal:
        """What is not (negative: too much)."""
        if self.value is None:
            return Decimal(0)
        return lacking(self.value, self.parts.values(), self.indicator.adding)

    @property
    def differs(self) -> bool:
        """Whether the target is another than what the company requires."""
        return None not in (self.required, self.value) and self.required != self.value

    def state(self) -> LineState:
        """As issuing judges it."""
        return LineState(
            code=self.indicator.code,
            adding=self.indicator.adding,
            required=self.required,
            value=self.value,
            method=self.method,
            parts=self.parts,
            why_not_required=self.why_not_required,
            why_not_sum=self.why_not_sum,
        )


@dataclass(frozen=True)
class TargetView:
    """A branch's targets of a month as they stand on the desk."""

    branch: Branch
    month: Month
    sheet: TargetSheet
    lines: tuple[LineView, ...]
    managers: tuple[Person, ...]
    items: tuple[WorkItem, ...]

    @property
    def bars(self) -> list[Bar]:
        """What bars it from being issued."""
        return bars(
            [line.state() for line in self.lines],
            [one.pk for one in self.managers],
            has_items=bool(self.items),
            why_no_items=self.sheet.why_no_items,
        )


def target_view(branch: Branch, month: Month) -> TargetView:
    """The sheet with all that its page shows; a fixed number of queries."""
    sheet = sheet_of(branch, month)
    stored = {line.indicator.code: line for line in lines_of(sheet)}
    required = requirements_of(branch.pk, month)
    managers = tuple(managers_of(branch.pk, month))
    known = _known_last_year(managers, month)
    return TargetView(
        branch=branch,
        month=month,
        sheet=sheet,
        lines=tuple(
            _line_view(
                indicator,
                stored.get(indicator.code),
                required.get(indicator.code),
                has_last_year=indicator.code in known,
            )
            for indicator in open_indicators({*stored, *required})
        ),
        managers=managers,
        items=tuple(items_of(sheet)),
    )


def _known_last_year(managers: Sequence[Person], month: Month) -> frozenset[str]:
    """The indicators of which these managers have results of the same month last year."""
    rows = Result.objects.standing().filter(month=month.plus(-12).key, manager__in=managers)
    return frozenset(rows.order_by().values_list("indicator__code", flat=True).distinct())


def _line_view(
    indicator: Indicator,
    line: TargetLine | None,
    required: Decimal | None,
    *,
    has_last_year: bool,
) -> LineView:
    if line is None:
        return LineView(indicator, required, None, Method.EQUAL, "", "", {}, has_last_year)
    return LineView(
        indicator,
        required,
        line.value,
        line.method,
        line.why_not_required,
        line.why_not_sum,
        {part.manager_id: part.value for part in line.allocations.all()},
        has_last_year,
    )


# What was issued


def versions_at(
    month: Month, cut: datetime, branch_ids: Collection[int] | None = None
) -> dict[int, TargetVersion]:
    """Branch → the version in force at a moment, of all branches or these; one query."""
    issued = TargetVersion.objects.filter(sheet__month=month.key, issued_at__lte=cut)
    if branch_ids is not None:
        issued = issued.filter(sheet__branch_id__in=branch_ids)
    newest = (
        TargetVersion.objects.filter(sheet=OuterRef("sheet"), issued_at__lte=cut)
        .order_by("-number")
        .values("pk")[:1]
    )
    rows = issued.filter(pk=Subquery(newest)).select_related("sheet", "issued_by")
    return {version.sheet.branch_id: version for version in rows}


def targets_at(
    month: Month,
    manager_ids: Collection[int],
    cut: datetime,
    branch_ids: Collection[int] | None = None,
) -> dict[tuple[int, str], Decimal]:
    """(manager, code of the indicator) → the target in force at a cut (T2); one query.

    Of somebody who was given targets by two branches in one month they are added up; what is
    averaged is taken from the branch with the higher id.
    """
    wanted = set(manager_ids)
    found: dict[tuple[int, str], Decimal] = {}
    for _branch, version in sorted(versions_at(month, cut, branch_ids).items()):
        for line in version.content["lines"]:
            for part in line["parts"]:
                key = part["manager"], line["code"]
                if part["manager"] not in wanted:
                    continue
                value = Decimal(part["value"])
                is_sum = line["adding"] == "sum"
                found[key] = found.get(key, Decimal(0)) + value if is_sum else value
    return found


def acknowledged_by(version: TargetVersion) -> dict[int, datetime]:
    """Manager → when the version was acknowledged; one query."""
    rows = Acknowledgement.objects.filter(issued=version)
    return dict(rows.values_list("manager_id", "acknowledged_at"))


def managers_in(content: Content) -> list[int]:
    """To whom a content gives targets or work."""
    return [one["id"] for one in content["managers"]]


def own_versions(actor: Actor, month: Month, manager_id: int) -> list[TargetVersion]:
    """The newest versions that give the manager something (T3), if the actor may see them."""
    rows = (
        TargetVersion.objects.filter(
            sheet__month=month.key,
            sheet__in=TargetSheet.objects.visible_to(actor),
            number=F("sheet__newest"),
        )
        .select_related("sheet__branch", "issued_by")
        .order_by("sheet__branch_id")
    )
    return [version for version in rows if manager_id in managers_in(version.content)]
