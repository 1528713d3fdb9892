""" "What if": a sheet with other numbers in some lines, by the server's own arithmetic.

Nothing of it is kept. What is asked stands in the address: ``P3c.met=4`` is the number "met" of
the line P3c.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from core.errors import Refused
from core.formats import number, signed
from kpi.breakdown import Breakdown
from kpi.inputs import Inputs
from kpi.labels import name_of
from kpi.line_figures import as_counted, plain, with_unit
from kpi.line_words import InputField, inputs_from
from kpi.queries.sheet_views import LineView

# The number that work moves, by kind of formula; of the other kinds all numbers are asked.
_MOVED: Final[Mapping[str, str]] = {
    "RATIO": "met",
    "RATE": "actual",
    "STEP": "actual",
    "EXAM": "mark",
}
# So many lines that lose most stand beside the one that is open.
BESIDE: Final = 2
LINES_AT_MOST: Final = 12
TYPED_AT_MOST: Final = 24

Ask = Callable[[Mapping[str, Inputs]], Breakdown]


@dataclass(frozen=True)
class AskedNumber:
    """A number with its steps: its field, what it is called, what it is out of."""

    name: str
    label: str
    value: str
    whole: str


@dataclass(frozen=True)
class AskedLine:
    """A line one asks about: its numbers, its points then, and what they win or lose."""

    code: str
    name: str
    numbers: Sequence[AskedNumber]
    score: str
    change: str
    is_less: bool


@dataclass(frozen=True)
class Answer:
    """What would be: the lines asked about, the total before and then, its band."""

    lines: Sequence[AskedLine]
    others: Sequence[tuple[str, str]]
    before: str
    total: str
    change: str
    is_less: bool
    band: str
    trouble: str = ""

    @property
    def out_ids(self) -> str:
        """The places that change with an answer, for htmx."""
        return ",".join(f"#if-{line.code}" for line in self.lines)


@dataclass(frozen=True)
class Ground:
    """What is asked about: a sheet, or a month so far."""

    lines: Mapping[str, LineView]
    total: Decimal | None
    band: str
    label_set: str
    ask: Ask


def answer(ground: Ground, code: str, given: Mapping[str, Any]) -> Answer:
    """What the numbers in the address would make of the sheet; ``code`` is the line that is open.

    ``given`` is a query: only numbers of the sheet's lines are read from it.
    """
    asked = _asked_codes(ground, code, given)
    typed = {one: _typed(ground.lines[one], given) for one in asked}
    changes: dict[str, Inputs] = {}
    for one, values in typed.items():
        line = ground.lines[one]
        base = {each.key: each.value for each in line.fields}
        if values and {**base, **values} != base:
            changes[one] = inputs_from(line.line, {**base, **values})
    made, trouble = None, ""
    if changes:
        try:
            made = ground.ask(changes)
        except Refused as refused:
            trouble = f"{refused.field} {refused.message}".strip()
    total = made.total if made else ground.total
    difference = None if total is None or ground.total is None else total - ground.total
    return Answer(
        lines=[_asked_line(ground.lines[one], typed[one], made) for one in asked],
        others=[
            (line.code, f"{line.code} {line.name}")
            for line in ground.lines.values()
            if line.code not in asked and line.fields
        ],
        before=number(ground.total, 2),
        total=number(total, 2),
        change=signed(difference, 2) if difference else "",
        is_less=bool(difference and difference < 0),
        band=_band(ground, made),
        trouble=trouble,
    )


def _asked_codes(ground: Ground, code: str, given: Mapping[str, Any]) -> list[str]:
    """The open line, those with a number in the address, the one added, those that lose most."""
    named = [name.partition(".")[0] for name in given if "." in name]
    found = dict.fromkeys([code, *named, str(given.get("also", ""))])
    losing = sorted(
        (line for line in ground.lines.values() if line.lost and _is_moved(line)),
        key=lambda line: -(line.lost or Decimal(0)),
    )
    room = max(0, 1 + BESIDE - sum(one in ground.lines for one in found))
    fillers = [line.code for line in losing if line.code not in found][:room]
    asked = [one for one in [*found, *fillers] if one in ground.lines and ground.lines[one].fields]
    return asked[:LINES_AT_MOST]


def _is_moved(line: LineView) -> bool:
    return line.line["formula"]["kind"] in _MOVED and line.line["inputs"] is not None


def _typed(line: LineView, given: Mapping[str, Any]) -> dict[str, str]:
    keys = {each.key for each in line.fields}
    return {
        key: str(given[f"{line.code}.{key}"]).strip()[:TYPED_AT_MOST]
        for key in keys
        if f"{line.code}.{key}" in given
    }


def _asked_line(line: LineView, typed: Mapping[str, str], made: Breakdown | None) -> AskedLine:
    kind = line.line["formula"]["kind"]
    fields = line.fields
    if _is_moved(line):
        fields = tuple(each for each in fields if each.key == _MOVED[kind])
    score = made.items[line.code].score if made else line.score
    before = line.score or Decimal(0)
    change = (score or Decimal(0)) - before
    return AskedLine(
        line.code,
        line.name,
        [
            AskedNumber(
                f"{line.code}.{each.key}",
                line.name if len(fields) == 1 else each.label,
                typed.get(each.key, _plain_text(each.value)),
                _whole(line, each),
            )
            for each in fields
        ],
        signed(score, 2) if kind == "CASE" else number(score, 2),
        signed(change, 2) if change else "",
        change < 0,
    )


def _plain_text(value: str) -> str:
    """A number as an editor holds it: 88.00 → 88."""
    return plain(value).replace(",", "").replace("−", "-") if value else ""


def _whole(line: LineView, each: InputField) -> str:
    """What the number is out of, or what it is in."""
    inputs, settings = line.line["inputs"] or {}, line.line["formula"]
    kind = settings["kind"]
    if kind == "RATIO" and each.key == "met" and "total" in inputs:
        return with_unit(f"/ {as_counted(inputs['total'])}", line.unit)
    if kind == "RATE" and each.key == "actual" and "target" in inputs:
        return with_unit(f"/ {as_counted(inputs['target'])}", line.unit)
    if kind == "EXAM":
        return f"/ {plain(settings.get('full_mark') or 100)}"
    if kind == "RATE5":
        return f"/ {plain(settings.get('best') or 5)}"
    goal = inputs.get("target") or settings.get("target")
    if kind == "STEP" and each.key == "actual" and goal:
        return _("目标 %(n)s") % {"n": with_unit(as_counted(goal), line.unit)}
    return each.note


def _band(ground: Ground, made: Breakdown | None) -> str:
    """Which band it would be, and whether that is another."""
    if made is None or not made.band_names:
        return ""
    name = {"band": name_of(made.band_names, ground.label_set)}
    if made.band == ground.band:
        return _("仍为%(band)s") % name
    return _("变为%(band)s") % name
