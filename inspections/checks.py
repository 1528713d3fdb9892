"""What a check is: it judges all branches of a month at once, by the state at a cut.

The installed ones stand in config.tables.CHECKS by key; a check item names its check by key,
and one whose check is not installed yet is "not checked" (annex 3.8).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.utils.functional import Promise
from django.utils.module_loading import import_string

from config import tables
from core.periods import Month
from inspections.judged import Judged


@dataclass(frozen=True)
class Check:
    """A source of deductions.

    ``judge(month, branch_ids, cut)`` gives each branch's judgement as things stood at ``cut``,
    in a number of statements that does not grow with the branches; a branch that is absent was
    not checked.
    """

    key: str
    label: str | Promise
    judge: Callable[[Month, Collection[int], datetime], Mapping[int, Judged]]


@cache
def checks() -> Mapping[str, Check]:
    """The installed checks by key."""
    return {key: import_string(path) for key, path in tables.CHECKS.items()}
