"""The only writer of results: typed or imported, then checked by somebody else (annex 5.1)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Problem, Refused, Stale
from core.periods import Month
from core.unique import unless_taken
from kpi.choices import ResultSource
from kpi.models import Indicator, Result
from kpi.queries.bases import managers_of
from kpi.queries.results import grid_version
from kpi.queries.targets import led_branch
from kpi.target_entries import Cell, is_fitting
from kpi.target_permissions import can_check, can_record
from organization.models import Branch, Person

SIZE = 1000


@transaction.atomic
def record_results(
    *,
    branch_id: int,
    month: Month,
    cells: Sequence[Cell],
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> int:
    """Write cells of a branch's grid (row: the manager's id); the grid's new version.

    A change is a new row that supersedes, unchecked; None takes a result back. All cells or
    none: Refused names every wrong one as ``cell:<manager>:<code>``. Stale when somebody wrote
    meanwhile. The same statements for any number of cells.
    """
    branch = led_branch(actor, branch_id)
    if not can_record(actor, branch.pk):
        raise NotAllowed(_("结果由本分公司的主管、总经理或市场部录入。"))
    managers = {one.pk: one for one in managers_of(branch.pk, month)}
    indicators = {each.code: each for each in Indicator.objects.all()}
    _check(cells, managers, indicators)
    if grid_version(branch.pk, month) != expected_version:
        raise _stale(branch, month)
    standing = standing_results(month, list(managers))
    changed = [
        cell
        for cell in cells
        if cell.value != (old.value if (old := standing.get((cell.row, cell.code))) else None)
    ]
    if changed:
        _supersede(
            [
                standing[cell.row, cell.code]
                for cell in changed
                if (cell.row, cell.code) in standing
            ],
            branch,
            month,
            at,
        )
        new = [
            Result(
                indicator=indicators[cell.code],
                manager_id=cell.row,
                branch=branch,
                month=month.key,
                value=cell.value,
                source=ResultSource.TYPED,
                origin=cell.note[:200],
                recorded_at=at,
                recorded_by_id=actor.somebody,
            )
            for cell in changed
            if cell.value is not None
        ]

        def taken() -> None:
            raise _stale(branch, month)

        with unless_taken(taken):
            Result.objects.bulk_create(new, batch_size=SIZE)
        named = {
            (cell.row, cell.code): f"{managers[cell.row].name} {cell.code}" for cell in changed
        }
        _record(
            actor,
            at,
            "kpi.record_results",
            branch,
            month,
            before={
                name: str(standing[key].value) for key, name in named.items() if key in standing
            },
            after={
                named[cell.row, cell.code]: str(cell.value)
                for cell in changed
                if cell.value is not None
            },
        )
    return grid_version(branch.pk, month)


@transaction.atomic
def check_results(
    *, branch_id: int, month: Month, expected_version: int, actor: Actor, at: datetime
) -> int:
    """The market department has checked a branch's results as they stand; how many.

    Those rows and no others: Stale where one was written, superseded or checked meanwhile. Not
    those that the checker recorded: they wait for another one (annex 11.11).
    """
    branch = led_branch(actor, branch_id)
    if not can_check(actor):
        raise NotAllowed(_("结果由市场部复核。"))
    # The rows first, then the version: what is written in between is another version, what is
    # written afterwards is not among these rows.
    seen = unchecked_results(branch.pk, month)
    if grid_version(branch.pk, month) != expected_version:
        raise _stale(branch, month)
    theirs = [pk for pk, recorded_by in seen if recorded_by != actor.somebody]
    if seen and not theirs:
        raise Refused(_("剩下的都是您自己录入的，要由别人复核。"))
    if not theirs:
        raise Refused(_("没有待复核的结果。"))
    checked = (
        Result.objects.standing()
        .filter(pk__in=theirs, checked_at__isnull=True)
        .update(checked_at=at, checked_by_id=actor.somebody)
    )
    if checked != len(theirs):
        raise _stale(branch, month)
    _record(actor, at, "kpi.check_results", branch, month, after={"checked": checked})
    return checked


def unchecked_results(branch_id: int, month: Month) -> list[tuple[int, int | None]]:
    """The standing results that nobody has checked, and who recorded each; one query."""
    rows = Result.objects.standing().filter(
        branch_id=branch_id, month=month.key, checked_at__isnull=True
    )
    return list(rows.values_list("pk", "recorded_by_id"))


def standing_results(month: Month, manager_ids: Sequence[int]) -> dict[tuple[int, str], Result]:
    """(manager, code) → the stored result that holds now; one query."""
    rows = Result.objects.standing().filter(month=month.key, manager_id__in=manager_ids)
    return {
        (row.manager_id, row.indicator.code): row
        for row in rows.select_related("indicator").order_by()
    }


def _supersede(rows: Sequence[Result], branch: Branch, month: Month, at: datetime) -> None:
    updated = (
        Result.objects.standing().filter(pk__in=[row.pk for row in rows]).update(superseded_at=at)
    )
    if updated != len(rows):
        raise _stale(branch, month)


def _check(
    cells: Sequence[Cell], managers: dict[int, Person], indicators: dict[str, Indicator]
) -> None:
    problems = []
    for cell in cells:
        field = f"cell:{cell.row}:{cell.code}"
        indicator = indicators.get(cell.code)
        if cell.row not in managers:
            problems.append(Problem(field, _("这位不是本分公司当月的客户经理。")))
        elif indicator is None or indicator.is_closed:
            problems.append(Problem(field, _("没有这个指标，或已停用。")))
        elif cell.value is not None and not is_fitting(
            cell.value, indicator.places, may_be_negative=True
        ):
            said = _("应填数字，最多 %(n)d 位小数。") % {"n": indicator.places}
            problems.append(Problem(field, said))
    if problems:
        raise Refused(problems[0].message, problems=problems)


def _stale(branch: Branch, month: Month) -> Stale:
    rows = Result.objects.standing().filter(branch=branch, month=month.key)
    return Stale(
        {
            "version": grid_version(branch.pk, month),
            "cells": {
                f"cell:{manager_id}:{code}": _plain(value)
                for manager_id, code, value in rows.values_list(
                    "manager_id", "indicator__code", "value"
                )
            },
        }
    )


def _plain(value: Decimal | None) -> str:
    return "" if value is None else str(value)


def _record(
    actor: Actor,
    at: datetime,
    what: str,
    branch: Branch,
    month: Month,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="results",
        target_id=f"{branch.pk}:{month.key}",
        target_label=f"{branch.name} {month.key}",
        branch_id=branch.pk,
        before=before,
        after=after,
    )
