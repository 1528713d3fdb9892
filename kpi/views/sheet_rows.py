"""The rows of a month's table of sheets, and what is to be done with each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.actors import Actor
from core.chips import chip
from core.formats import number, signed
from core.lists import Column, RowLinks, WorkTable, work_table
from core.parts import AgendaItem
from core.periods import Month, local_date
from core.requests import SignedInRequest
from duties.month_end import MonthEnd
from kpi import permissions, rules
from kpi.choices import ObjectionState, SheetState
from kpi.labels import name_of
from kpi.models import Correction, Objection, ScoreSheet
from kpi.queries.sheet_branches import SoFar
from kpi.queries.sheets import GroupHead, SheetRow, SheetTable
from kpi.scheme import SchemeContent
from kpi.scheme_texts import why_not
from kpi.views.sheet_shown import SHEET_CHIPS, bounds
from kpi.views.sheet_ways import sheet_url
from organization.choices import HEADS, Role
from organization.models import Branch
from organization.queries import holders_of

TABLE = "sheets"


@dataclass(frozen=True)
class Signing:
    """What the reader signs in this table, if anything: the route, its words, who else signs."""

    route: str
    word: str
    is_head: bool
    end: MonthEnd
    at: datetime
    supervisors: frozenset[int]

    def is_ready(self, actor: Actor, row: SheetRow) -> bool:
        """Whether the reader could sign the sheet now; the operation has the last word."""
        sheet = row.sheet
        if self.at >= self.end.locks_at:
            return False
        answered = rules.is_answered(
            sheet.state,
            has_open_objections=bool(row.open_objections),
            at=self.at,
            objections_until=self.end.objections_until,
        )
        if not self.is_head:
            is_due = rules.supervision_due(sheet.state, answered=answered)
            return is_due and permissions.can_supervise(actor, sheet)
        others = self.supervisors - {sheet.manager_id, actor.person_id}
        is_due = rules.approval_due(
            sheet.state, answered=answered, has_other_supervisor=bool(others)
        )
        return is_due and permissions.can_approve_sheet(actor, sheet)


def signing_for(actor: Actor, branch: Branch | None, end: MonthEnd, at: datetime) -> Signing | None:
    """What the actor signs in a branch: a head approves, a supervisor signs; one query."""
    if branch is None:
        return None
    supervisors = frozenset(
        one.pk for one in holders_of([Role.SUPERVISOR], local_date(at), branch.pk)
    )
    if actor.is_at(branch.pk, *HEADS):
        return Signing("sheets-approve", _("审批"), True, end, at, supervisors)
    if actor.is_at(branch.pk, Role.SUPERVISOR):
        return Signing("sheets-supervise", _("审核"), False, end, at, supervisors)
    return None


def state_chip(sheet: ScoreSheet) -> SafeString:
    """Where a sheet stands."""
    state = SheetState(sheet.state)
    return chip(SHEET_CHIPS[state], state.label)


def sheet_columns(heads: Sequence[GroupHead], *, with_branch: bool) -> tuple[Column[SheetRow], ...]:
    """The table's columns; those of the groups follow the month's scheme."""
    branch: tuple[Column[SheetRow], ...] = (
        Column("branch", gettext_lazy("分公司"), lambda row: row.sheet.branch.name),
    )
    return (
        Column(
            "manager",
            gettext_lazy("客户经理"),
            lambda row: row.sheet.manager.name,
            cell=lambda row: format_html(
                '<a href="{}">{}</a>',
                sheet_url(row.sheet.month, row.sheet.manager_id),
                row.sheet.manager.name,
            ),
        ),
        *(branch if with_branch else ()),
        Column(
            "state",
            gettext_lazy("状态"),
            lambda row: row.sheet.get_state_display(),
            cell=lambda row: state_chip(row.sheet),
            is_bare=True,
        ),
        *(_group_column(head) for head in heads),
        Column(
            "total",
            gettext_lazy("总分"),
            lambda row: row.sheet.total,
            cell=lambda row: format_html("<b>{}</b>", number(row.sheet.total, 2)),
            is_number=True,
        ),
        Column("band", pgettext_lazy("考核", "等级"), lambda row: row.band_name or row.why_not),
        Column("note", gettext_lazy("留意"), _note),
        Column(
            "job_number",
            gettext_lazy("工号"),
            lambda row: row.sheet.manager.job_number,
            is_shown=False,
        ),
    )


def _group_column(head: GroupHead) -> Column[SheetRow]:
    is_signed = head.minimum < 0
    write = signed if is_signed else number
    of = bounds(head.minimum, head.maximum)
    return Column(
        f"group-{head.code}",
        head.name,
        lambda row: row.groups.get(head.code),
        cell=lambda row: of_bounds(write(row.groups.get(head.code), 2), of),
        is_number=True,
    )


def of_bounds(score: str, of: str) -> SafeString:
    """A group's points out of what it can give: 30.67 / 40, −2.00 (±20)."""
    text = of if of.startswith("/") else f"({of})"
    return format_html("{} <small>{}</small>", score, text)


def _note(row: SheetRow) -> str:
    """What is open about a sheet, or was changed in it."""
    found = []
    if row.open_objections:
        found.append(
            ngettext("%(n)d 条申诉", "%(n)d 条申诉", row.open_objections)
            % {"n": row.open_objections}
        )
    if row.open_corrections:
        found.append(_("更正待复核"))
    if row.is_adjusted:
        found.append(_("有调整"))
    if row.is_unchecked:
        found.append(_("结果未复核"))
    return _("，").join(found)


def work_of(
    request: SignedInRequest,
    table: SheetTable,
    signing: Signing | None,
    *,
    exports: Sequence[tuple[str, str]],
    with_branch: bool,
) -> WorkTable:
    """The table, with the reader's button in every row that can be signed."""
    actor = request.actor
    ready = {row.sheet.pk for row in table.page.rows if signing and signing.is_ready(actor, row)}

    def action(row: SheetRow) -> SafeString | str:
        if signing is None or row.sheet.pk not in ready:
            return ""
        return format_html(
            '<button class="btn-text" form="sign-one" name="only" value="{}" aria-label="{} {}">{}'
            "</button>",
            _key(row),
            signing.word,
            row.sheet.manager.name,
            signing.word,
        )

    return work_table(
        request,
        table.page,
        sheet_columns(table.heads, with_branch=with_branch),
        RowLinks[SheetRow](key=_key, action=action),
        key=TABLE,
        caption=_("考核表"),
        is_selectable=bool(ready),
        exports=exports,
    )


def _key(row: SheetRow) -> str:
    """A row as it is signed: the sheet and its version."""
    return f"{row.sheet.pk}-{row.sheet.version}"


def sign_url(request: SignedInRequest, signing: Signing, month: Month) -> str:
    """Where chosen rows go; the filters of the table go along."""
    query = request.GET.urlencode()
    url = reverse(signing.route, args=[month.key])
    return f"{url}?{query}" if query else url


# What waits


def objection_items(
    actor: Actor, objections: Sequence[Objection], names: Mapping[tuple[int, str], str]
) -> list[AgendaItem]:
    """Open objections; those first on which it is the reader's turn."""
    ranked = sorted(objections, key=lambda one: not is_turn(actor, one))
    return [_objection_item(actor, one, names) for one in ranked]


def is_turn(actor: Actor, one: Objection) -> bool:
    """Whether the reader is the one who answers or decides next."""
    if one.state == ObjectionState.OPEN:
        return permissions.can_supervise(actor, one.sheet)
    return permissions.can_decide_objection(actor, one)


def _objection_item(
    actor: Actor, one: Objection, names: Mapping[tuple[int, str], str]
) -> AgendaItem:
    is_mine = is_turn(actor, one)
    if one.state == ObjectionState.OPEN:
        when = _("请答复") if is_mine else _("待主管")
    else:
        when = _("请决定") if is_mine else _("待总经理")
    item = f"{one.item} {names.get((one.sheet.scheme_id, one.item), '')}".strip()
    return AgendaItem(
        f"{one.sheet.manager.name} {item}",
        [one.text],
        when=when,
        state="objected",
        url=sheet_url(one.sheet.month, one.sheet.manager_id, line=one.item),
    )


def correction_items(
    actor: Actor, corrections: Sequence[Correction], names: Mapping[tuple[int, str], str]
) -> list[AgendaItem]:
    """Corrections that wait for a second person."""
    return [
        AgendaItem(
            f"{one.sheet.manager.name} {one.item} "
            f"{names.get((one.sheet.scheme_id, one.item), '')}".strip(),
            [_("%(name)s提出") % {"name": one.proposed_by.name}, one.why],
            when=_("请复核") if permissions.can_decide_correction(actor, one) else _("待复核"),
            state="check",
            url=sheet_url(one.sheet.month, one.sheet.manager_id, line=one.item),
        )
        for one in corrections
    ]


# Before there are sheets


@dataclass(frozen=True)
class SoFarRow:
    """A manager of the month so far."""

    name: str
    url: str
    groups: Sequence[str]
    total: str
    band: str


def heads_of(scheme: SchemeContent, label_set: str) -> list[str]:
    """The heads of the groups' columns."""
    return [name_of(one.names, label_set) for one in scheme.groups]


def so_far_of(found: SoFar, month: Month, label_set: str) -> list[SoFarRow]:
    """The branch's month so far, manager by manager."""
    return [
        SoFarRow(
            member.name,
            sheet_url(month, member.manager_id),
            [
                of_bounds(
                    _group_text(group.score, group.kind), bounds(group.minimum, group.maximum)
                )
                for group in made.groups
            ],
            number(made.total, 2),
            name_of(made.band_names, label_set) if made.band_names else why_not(made.why_not),
        )
        for member, made in found.rows
    ]


def _group_text(score: Decimal | None, kind: str) -> str:
    return signed(score, 2) if kind == "cases" else number(score, 2)
