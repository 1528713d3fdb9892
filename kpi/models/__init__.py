"""Targets and results, the scheme, what people mark, cases and complaints, score sheets."""

from kpi.models.cases import Case, CaseFile, Complaint
from kpi.models.marks import Mark
from kpi.models.schemes import Rehearsal, Scheme
from kpi.models.sheets import Consequence, Correction, Objection, ScoreSheet, SheetVersion
from kpi.models.targets import (
    Acknowledgement,
    Allocation,
    Bill,
    Indicator,
    Requirement,
    Result,
    TargetLine,
    TargetSheet,
    TargetVersion,
    WorkItem,
)

__all__ = [
    "Acknowledgement",
    "Allocation",
    "Bill",
    "Case",
    "CaseFile",
    "Complaint",
    "Consequence",
    "Correction",
    "Indicator",
    "Mark",
    "Objection",
    "Rehearsal",
    "Requirement",
    "Result",
    "Scheme",
    "ScoreSheet",
    "SheetVersion",
    "TargetLine",
    "TargetSheet",
    "TargetVersion",
    "WorkItem",
]
