"""Score sheets as people find them: a branch's or the company's month, and a line's rows.

One sheet with its lines is kpi.queries.sheet_views.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from core.actors import Actor
from core.errors import NotFound
from core.lists import KeysetPage, keyset_page
from core.periods import Month
from duties.month_end import MonthEnd
from duties.month_queries import month_end_of
from kpi import permissions
from kpi.amending import scheme_of
from kpi.choices import OBJECTION_OPEN, CorrectionState, SheetState
from kpi.labels import label_set_of, name_of
from kpi.metrics import CountedRow, metrics
from kpi.models import ScoreSheet, SheetVersion
from kpi.queries.results import unchecked_at
from kpi.rules import mean_of
from kpi.scheme_texts import why_not
from organization.models import Branch

ORDER: Final = ("branch__code", "manager__sort_key", "pk")
Content = Mapping[str, Any]


def sheets_for(actor: Actor, month: Month, branch_id: int | None = None) -> QuerySet[ScoreSheet]:
    """The sheets of a month the actor sees, of all branches or one."""
    found = ScoreSheet.objects.visible_to(actor).filter(month=month.key)
    return found if branch_id is None else found.filter(branch_id=branch_id)


def led_branch(actor: Actor, branch_id: int) -> Branch:
    """A branch whose sheets the actor sees as a whole."""
    found = Branch.objects.filter(pk=branch_id).first()
    if found is None or not (actor.reads_all or found.pk in actor.led_branches):
        raise NotFound
    return found


def sheet_seen(actor: Actor, month: Month, manager_id: int) -> ScoreSheet:
    """Somebody's sheet of a month, if the actor may see it."""
    found = (
        sheets_for(actor, month)
        .select_related("manager", "branch", "scheme", "supervised_by", "approved_by")
        .filter(manager_id=manager_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def months_with_sheets(actor: Actor) -> list[Month]:
    """The months of which the actor sees sheets, newest first."""
    keys = ScoreSheet.objects.visible_to(actor).order_by("-month").values_list("month", flat=True)
    return [Month.parse(key) for key in keys.distinct()]


# The table


@dataclass(frozen=True)
class SheetRow:
    """A line of the table: the sheet, its groups' scores, what is open about it."""

    sheet: ScoreSheet
    groups: Mapping[str, Decimal | None]
    why_not: str
    band_name: str
    open_objections: int
    open_corrections: int
    is_adjusted: bool
    is_unchecked: bool


@dataclass(frozen=True)
class GroupHead:
    """A column of the table: a group of the scheme and its bounds."""

    code: str
    name: str
    minimum: Decimal
    maximum: Decimal


@dataclass(frozen=True)
class SheetTable:
    """A branch's or the company's month as a table, with counts of all that is filtered by."""

    month: Month
    branch: Branch | None
    end: MonthEnd
    page: KeysetPage[SheetRow]
    heads: tuple[GroupHead, ...]
    states: Mapping[str, int]
    bands: Mapping[str, int]
    band_names: Mapping[str, str]
    mean: Decimal | None
    departs: bool
    # How many stand approved; all of them: the branch can be locked.
    approved: int
    can_lock: bool

    @property
    def total(self) -> int:
        """How many sheets there are."""
        return sum(self.states.values())


def sheet_table(
    actor: Actor,
    month: Month,
    *,
    branch: Branch | None = None,
    state: str = "",
    band: str = "",
    words: str = "",
    cursor: str = "",
) -> SheetTable:
    """The month's sheets, one page of them; a fixed number of queries.

    ``band`` "-" are those not rated; ``words`` search names and job numbers.
    """
    sheets = sheets_for(actor, month, branch.pk if branch else None)
    counts = Counter[str]()
    by_band = Counter[str]()
    for row in sheets.order_by().values("state", "band").annotate(n=Count("pk")):
        counts[row["state"]] += row["n"]
        by_band[row["band"]] += row["n"]
    totals = [
        total for total in sheets.order_by().values_list("total", flat=True) if total is not None
    ]
    shown = filtered(sheets, state=state, band=band, words=words)
    page = keyset_page(
        shown.select_related("manager", "branch", "scheme").annotate(
            open_objections=Count(
                "objections", filter=Q(objections__state__in=OBJECTION_OPEN), distinct=True
            ),
            open_corrections=Count(
                "corrections",
                filter=Q(corrections__state=CorrectionState.PROPOSED),
                distinct=True,
            ),
        ),
        order=ORDER,
        cursor=cursor,
    )
    label_set = label_set_of(month)
    contents = contents_of(page.rows)
    unchecked = _unchecked(page.rows, month)
    rows = [
        _row(sheet, contents[sheet.pk], label_set, is_unchecked=sheet.pk in unchecked)
        for sheet in page.rows
    ]
    first: ScoreSheet | None = page.rows[0] if page.rows else None
    scheme = scheme_of(first) if first else None
    left = sum(counts.values()) - counts[SheetState.LOCKED]
    return SheetTable(
        month=month,
        branch=branch,
        end=month_end_of(month),
        page=KeysetPage(rows, page.after, page.before),
        heads=tuple(
            GroupHead(one.code, name_of(one.names, label_set), one.minimum, one.maximum)
            for one in (scheme.groups if scheme else ())
        ),
        states={one.value: counts[one.value] for one in SheetState},
        bands=dict(by_band),
        band_names={
            one.code: name_of(one.names, label_set) for one in (scheme.bands if scheme else ())
        },
        mean=mean_of(totals),
        departs=bool(first and first.scheme.departs),
        approved=counts[SheetState.APPROVED],
        can_lock=bool(
            branch
            and permissions.can_lock_branch(actor, branch.pk)
            and left
            and left == counts[SheetState.APPROVED]
        ),
    )


def filtered(
    sheets: QuerySet[ScoreSheet], *, state: str, band: str, words: str
) -> QuerySet[ScoreSheet]:
    """The sheets in a state, of a band ("-": not rated), of people who are found by the words."""
    if state:
        sheets = sheets.filter(state=state)
    if band:
        sheets = sheets.filter(band="" if band == "-" else band)
    for word in words.lower().split():
        sheets = sheets.filter(manager__search_text__contains=word)
    return sheets


def contents_of(sheets: Sequence[ScoreSheet]) -> dict[int, Content]:
    """The newest contents of these sheets; one query."""
    versions = SheetVersion.objects.filter(sheet__in=sheets).order_by("number")
    return {version.sheet_id: version.content for version in versions}


def _unchecked(sheets: Sequence[ScoreSheet], month: Month) -> set[int]:
    """The sheets with results that no second person had checked by the cut; a query a cut."""
    found: set[int] = set()
    for cut in {sheet.cut_at for sheet in sheets}:
        of_cut = {sheet.manager_id: sheet.pk for sheet in sheets if sheet.cut_at == cut}
        found |= {of_cut[manager_id] for manager_id in unchecked_at(month, [*of_cut], cut)}
    return found


def _row(sheet: Any, content: Content, label_set: str, *, is_unchecked: bool) -> SheetRow:
    return SheetRow(
        sheet=sheet,
        groups={
            group["code"]: None if group["score"] is None else Decimal(group["score"])
            for group in content["groups"]
        },
        why_not=why_not(content["why_not"]),
        band_name=name_of(content["band_names"], label_set) if content["band_names"] else "",
        open_objections=sheet.open_objections,
        open_corrections=sheet.open_corrections,
        is_adjusted=bool(sheet.adjusted),
        is_unchecked=is_unchecked,
    )


def rows_of(actor: Actor, month: Month, manager_id: int, item: str) -> Sequence[CountedRow]:
    """The rows that a line of a sheet counted, as they held at its cut; NotFound for no line."""
    sheet = sheet_seen(actor, month, manager_id)
    content = sheet.versions.get(number=sheet.newest).content
    for group in content["groups"]:
        for line in group["items"]:
            if line["code"] == item:
                return counted_rows(actor, month, manager_id, sheet.cut_at, line)
    raise NotFound


def counted_rows(
    actor: Actor, month: Month, manager_id: int, cut: datetime, line: Content
) -> list[CountedRow]:
    """The rows a frozen line counted, as they held at the cut and as the actor may open them.

    None of a line that counted nothing, though its metric has been installed since.
    """
    metric = metrics().get(line["metric"])
    if metric is None or not line["is_applicable"]:
        return []
    return [row.seen_by(actor) for row in metric.rows(month, manager_id, cut, line["code"])]
