"""The scheme as a value: its parts, its JSON, its live checks, and two versions compared. Pure."""

from kpi.scheme.checks import faults
from kpi.scheme.differences import Difference, differences
from kpi.scheme.parts import (
    CASES,
    GROUP_KINDS,
    PROCESS,
    TARGET,
    Band,
    ConsequenceSpec,
    Fault,
    FormulaSpec,
    Group,
    Item,
    Names,
    SchemeContent,
    SchemeFaults,
    Topic,
    departs,
    text_of,
)
from kpi.scheme.reading import as_json, decimal_text, parsed

__all__ = [
    "CASES",
    "GROUP_KINDS",
    "PROCESS",
    "TARGET",
    "Band",
    "ConsequenceSpec",
    "Difference",
    "Fault",
    "FormulaSpec",
    "Group",
    "Item",
    "Names",
    "SchemeContent",
    "SchemeFaults",
    "Topic",
    "as_json",
    "decimal_text",
    "departs",
    "differences",
    "faults",
    "parsed",
    "text_of",
]
