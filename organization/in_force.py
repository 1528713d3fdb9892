"""Which settings hold on a day: a branch's own, else the company's, else the shipped ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from organization.models import BranchSetting
from organization.settings import KEYS, BranchSettings, parsed

# The settings of the company itself: those that hold for no branch in particular.
COMPANY: Final = 0


def _newest(
    rows: Iterable[tuple[int | None, str, Any]],
) -> dict[int | None, dict[str, Any]]:
    """Per branch (None: company), key by key, the value in force; rows come oldest first."""
    found: dict[int | None, dict[str, Any]] = {}
    for branch_id, key, value in rows:
        if key in KEYS:
            found.setdefault(branch_id, {})[key] = parsed(key, value)
    return found


def settings_on(on: date, branch_ids: Iterable[int]) -> Mapping[int, BranchSettings]:
    """The settings of each branch on a day, in one query."""
    wanted = list(branch_ids)
    rows = (
        BranchSetting.objects.filter(valid_from__lte=on)
        .order_by("valid_from", "pk")
        .values_list("branch_id", "key", "value")
    )
    found = _newest(rows)
    company = found.get(None, {})
    return {
        branch_id: BranchSettings(**{**company, **found.get(branch_id, {})}) for branch_id in wanted
    }


def settings_of(branch_id: int, on: date) -> BranchSettings:
    """The settings of one branch on a day."""
    return settings_on(on, [branch_id])[branch_id]


@dataclass(frozen=True)
class SettingsHistory:
    """Every setting up to a day, so that many days are answered without asking again."""

    rows: tuple[tuple[date, int | None, str, Any], ...]

    def of(self, branch_id: int, on: date) -> BranchSettings:
        """The settings of one branch on a day of the span."""
        found = _newest(
            row[1:] for row in self.rows if row[0] <= on and row[1] in (None, branch_id)
        )
        return BranchSettings(**{**found.get(None, {}), **found.get(branch_id, {})})


def settings_through(last: date) -> SettingsHistory:
    """The settings of all branches on every day up to ``last``, in one query."""
    rows = (
        BranchSetting.objects.filter(valid_from__lte=last)
        .order_by("valid_from", "pk")
        .values_list("valid_from", "branch_id", "key", "value")
    )
    return SettingsHistory(tuple(rows))
