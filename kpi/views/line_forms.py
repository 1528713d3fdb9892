"""The numbers of a line as fields of a form, and back as the inputs an operation takes."""

from collections.abc import Mapping
from typing import Any

from core.periods import Month
from kpi import line_words
from kpi.amending import newest_version
from kpi.labels import label_set_of
from kpi.line_words import InputField
from kpi.models import ScoreSheet
from kpi.sheet_forms import WithInputs
from kpi.views.sheet_shown import lines_by_code

Line = Mapping[str, Any]


def line_now(sheet: ScoreSheet, code: str) -> Line | None:
    """A line of the sheet as it stands, by its code; None for no such line."""
    return lines_by_code(newest_version(sheet).content).get(code)


def fields_of(line: Line | None, month: Month) -> tuple[InputField, ...]:
    """The line's numbers, named."""
    return line_words.input_fields(line, label_set_of(month)) if line else ()


def typed_inputs(line: Line | None, form: WithInputs) -> dict[str, Any]:
    """What was typed, as the line's inputs; of a form that is valid."""
    return line_words.inputs_from(line, form.values()) if line else {}
