"""The only writer of what the company asks of its branches (T1)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Problem, Refused, Stale
from core.periods import Month
from core.unique import unless_taken
from kpi.models import Indicator, Requirement
from kpi.target_entries import REASON_AT_MOST, Cell, is_fitting
from kpi.target_permissions import can_require
from organization.models import Branch


@transaction.atomic
def set_requirements(
    *, month: Month, cells: Sequence[Cell], expected_version: int, actor: Actor, at: datetime
) -> int:
    """Write cells of the month's grid (row: the branch's id); the grid's new version.

    All of them or none: Refused names every wrong cell as ``cell:<branch>:<code>``. Stale when
    somebody wrote into the month meanwhile. The same statements for any number of cells, one
    more for each distinct version among those that change.
    """
    if not can_require(actor):
        raise NotAllowed(_("对分公司的要求由市场部下达。"))
    branches = {branch.pk: branch for branch in Branch.objects.open_on(month.last)}
    indicators = {each.code: each for each in Indicator.objects.all()}
    _check(cells, branches, indicators)
    stored = {
        (row.branch_id, row.indicator.code): row
        for row in Requirement.objects.filter(month=month.key).select_related("indicator")
    }
    version = sum(row.version for row in stored.values())
    if version != expected_version:
        raise _stale(month, stored)
    changed, new, before, after = [], [], {}, {}
    for cell in cells:
        row = stored.get((cell.row, cell.code))
        old = row.value if row else None
        note = cell.note.strip()
        if old == cell.value and (row is None or row.note == note):
            continue
        name = f"{branches[cell.row].name} {cell.code}"
        before[name], after[name] = _plain(old), _plain(cell.value)
        if row is None:
            row = Requirement(
                indicator=indicators[cell.code], branch_id=cell.row, month=month.key, version=1
            )
            new.append(row)
        else:
            changed.append(row)
        row.value, row.note, row.set_at, row.set_by_id = cell.value, note, at, actor.somebody
    _raise_versions(changed, month, stored)
    Requirement.objects.bulk_update(changed, ["value", "note", "set_at", "set_by"])

    def taken() -> None:
        raise _stale(month, stored)

    with unless_taken(taken):
        Requirement.objects.bulk_create(new)
    if changed or new:
        audit.record(
            actor=actor,
            at=at,
            what="kpi.set_requirements",
            target_type="requirements",
            target_id=month.key,
            target_label=month.key,
            before=before,
            after=after,
        )
    return version + len(changed) + len(new)


def grid_version(month: Month) -> int:
    """The version of the month's grid: it rises with every cell that is written."""
    total = Requirement.objects.filter(month=month.key).aggregate(total=Sum("version"))["total"]
    return total or 0


def _check(
    cells: Sequence[Cell], branches: dict[int, Branch], indicators: dict[str, Indicator]
) -> None:
    problems = []
    for cell in cells:
        field = f"cell:{cell.row}:{cell.code}"
        indicator = indicators.get(cell.code)
        if cell.row not in branches:
            problems.append(Problem(field, _("没有这个分公司，或已停用。")))
        elif indicator is None or indicator.is_closed:
            problems.append(Problem(field, _("没有这个指标，或已停用。")))
        elif cell.value is not None and not is_fitting(cell.value, indicator.places):
            problems.append(
                Problem(
                    field,
                    _("应填不小于 0 的数，最多 %(n)d 位小数。") % {"n": indicator.places},
                )
            )
        elif len(cell.note) > REASON_AT_MOST:
            problems.append(Problem(field, _("最多 %(n)d 个字") % {"n": REASON_AT_MOST}))
    if problems:
        raise Refused(problems[0].message, problems=problems)


def _raise_versions(
    rows: Sequence[Requirement], month: Month, stored: dict[Any, Requirement]
) -> None:
    """Compare-and-set each row's version, those of one version at once."""
    by_version: dict[int, list[Requirement]] = {}
    for row in rows:
        by_version.setdefault(row.version, []).append(row)
    for version, own in by_version.items():
        updated = Requirement.objects.filter(
            pk__in=[row.pk for row in own], version=version
        ).update(version=version + 1)
        if updated != len(own):
            raise _stale(month, stored)
        for row in own:
            row.version = version + 1


def _stale(month: Month, stored: dict[Any, Requirement]) -> Stale:
    return Stale(
        {
            "version": grid_version(month),
            "cells": {
                f"cell:{branch}:{code}": _plain(row.value) for (branch, code), row in stored.items()
            },
        }
    )


def _plain(value: Decimal | None) -> str:
    return "" if value is None else str(value)
