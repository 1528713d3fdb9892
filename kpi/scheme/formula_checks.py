"""What is wrong with a formula's settings, kind by kind (kpi.formulas says what they mean). Pure.

A check gives (place below the formula, code, values) and never raises, whatever was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from kpi.expressions import ExpressionFault, compiled

Found = tuple[str, str, Mapping[str, str]]
Settings = Mapping[str, Any]
Check = Callable[[Settings, Decimal], Iterator[Found]]

OPTIONS_AT_MOST: Final = 30
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
_ANY, _POSITIVE = Decimal("-1e12"), Decimal("0.0001")
_ZERO, _MOST = Decimal(0), Decimal("1e12")
_RESERVED: Final = frozenset({"weight", "min", "max", "round", "if"})


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _known(settings: Settings, keys: Collection[str], place: str = "") -> Iterator[Found]:
    for key in settings:
        if key not in keys:
            yield f"{place}{key}", "unknown_key", {"key": str(key)}


def _number(
    settings: Settings,
    key: str,
    *,
    least: Decimal = _ZERO,
    most: Decimal = _MOST,
    is_required: bool = False,
    place: str = "",
) -> Iterator[Found]:
    """A number that is missing, none, or out of bounds."""
    value = settings.get(key)
    if value is None:
        if is_required:
            yield f"{place}{key}", "missing", {}
        return
    number = _decimal(value)
    if number is None:
        yield f"{place}{key}", "not_a_number", {"value": str(value)[:40]}
    elif least == _POSITIVE and number <= 0:
        yield f"{place}{key}", "not_positive", {}
    elif not least <= number <= most:
        bounds = {"least": f"{least:f}", "most": f"{most:f}"}
        yield f"{place}{key}", "out_of_range", {"value": f"{number:f}", **bounds}


def _rate(settings: Settings, weight: Decimal) -> Iterator[Found]:
    yield from _known(settings, ("floor", "cap"))
    yield from _number(settings, "floor", most=Decimal(1))
    yield from _number(settings, "cap", least=Decimal("0.5"), most=Decimal(3))
    floor, cap = _decimal(settings.get("floor", 0)), _decimal(settings.get("cap", 1))
    if floor is not None and cap is not None and floor > cap:
        yield "floor", "above", {"other": f"{cap:f}"}


def _ratio(settings: Settings, weight: Decimal) -> Iterator[Found]:
    yield from _known(settings, ())


def _step(settings: Settings, weight: Decimal) -> Iterator[Found]:
    keys = ("loss", "size", "target", "direction", "base", "gain", "lost_at_most")
    yield from _known(settings, keys)
    yield from _number(settings, "loss", least=_POSITIVE, is_required=True)
    yield from _number(settings, "size", least=_POSITIVE, is_required=True)
    yield from _number(settings, "target", least=_ANY)
    yield from _number(settings, "base", most=weight)
    yield from _number(settings, "gain")
    yield from _number(settings, "lost_at_most")
    if settings.get("direction", "up") not in ("up", "down"):
        yield "direction", "not_a_choice", {"value": str(settings["direction"])[:40]}


def _tier(settings: Settings, weight: Decimal) -> Iterator[Found]:
    yield from _known(settings, ("rows", "otherwise", "of"))
    if settings.get("of", "value") not in ("value", "rate"):
        yield "of", "not_a_choice", {"value": str(settings["of"])[:40]}
    yield from _number(settings, "otherwise", most=weight)
    rows = settings.get("rows")
    if not isinstance(rows, list) or not rows:
        yield "rows", "missing", {}
        return
    for n, row in enumerate(rows):
        yield from _tier_row(row, weight, f"rows.{n}")
    yield from _overlaps(rows)


def _tier_row(row: Any, weight: Decimal, place: str) -> Iterator[Found]:
    if not isinstance(row, Mapping):
        yield place, "not_an_object", {}
        return
    yield from _known(row, ("from", "from_in", "to", "to_in", "points", "share"), f"{place}.")
    yield from _number(row, "from", least=_ANY, place=f"{place}.")
    yield from _number(row, "to", least=_ANY, place=f"{place}.")
    yield from _number(row, "points", most=weight, place=f"{place}.")
    yield from _number(row, "share", most=Decimal(1), place=f"{place}.")
    for key in ("from_in", "to_in"):
        if not isinstance(row.get(key, True), bool):
            yield f"{place}.{key}", "not_a_choice", {"value": str(row[key])[:40]}
    if ("points" in row) == ("share" in row):
        yield f"{place}.points", "points_or_share", {}
    lower, upper = _decimal(row.get("from")), _decimal(row.get("to"))
    if lower is not None and upper is not None and not _Span(row).holds_something:
        yield f"{place}.to", "empty_bounds", {}


class _Span:
    """The values of a row, as far as its bounds can be read."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.lower, self.upper = _decimal(row.get("from")), _decimal(row.get("to"))
        self.lower_in = row.get("from_in", True) is True
        self.upper_in = row.get("to_in", True) is True

    @property
    def holds_something(self) -> bool:
        if self.lower is None or self.upper is None:
            return True
        return self.lower < self.upper or (
            self.lower == self.upper and self.lower_in and self.upper_in
        )

    def meets(self, other: _Span) -> bool:
        """Whether there is a value in both."""
        both = _Span({})
        both.lower, both.lower_in = max(
            (self.lower, self.lower_in),
            (other.lower, other.lower_in),
            key=lambda b: (_ANY if b[0] is None else b[0], not b[1]),
        )
        both.upper, both.upper_in = min(
            (self.upper, self.upper_in),
            (other.upper, other.upper_in),
            key=lambda b: (_MOST if b[0] is None else b[0], b[1]),
        )
        return both.holds_something


def _overlaps(rows: list[Any]) -> Iterator[Found]:
    spans = [_Span(row) for row in rows if isinstance(row, Mapping)]
    for n, span in enumerate(spans):
        for earlier in range(n):
            if span.meets(spans[earlier]):
                yield f"rows.{n}.from", "overlaps", {"row": str(earlier + 1)}
                break


def _deduct(settings: Settings, weight: Decimal) -> Iterator[Found]:
    yield from _known(settings, ("options", "lost_at_most"))
    yield from _number(settings, "lost_at_most")
    yield from _options(settings, is_deduct=True)


def _case(settings: Settings, weight: Decimal) -> Iterator[Found]:
    yield from _known(settings, ("sign", "cap", "options", "highest_per_event", "is_veto"))
    if settings.get("sign") not in ("+", "-"):
        yield "sign", "not_a_choice", {"value": str(settings.get("sign", ""))[:40]}
    yield from _number(settings, "cap", most=Decimal(1000), is_required=True)
    for key in ("highest_per_event", "is_veto"):
        if not isinstance(settings.get(key, False), bool):
            yield key, "not_a_choice", {"value": str(settings[key])[:40]}
    yield from _options(settings, is_deduct=False)


def _options(settings: Settings, *, is_deduct: bool) -> Iterator[Found]:
    options = settings.get("options")
    if not isinstance(options, list) or not options:
        yield "options", "missing", {}
        return
    if len(options) > OPTIONS_AT_MOST:
        yield "options", "too_many", {"most": str(OPTIONS_AT_MOST)}
    yield from _codes(options, "options", _CODE)
    for n, option in enumerate(options):
        if isinstance(option, Mapping):
            yield from _option(option, f"options.{n}.", is_deduct=is_deduct)


def _codes(rows: list[Any], place: str, pattern: re.Pattern[str]) -> Iterator[Found]:
    """Rows that are none, without a name, or whose code is none or stands twice."""
    seen: set[str] = set()
    for n, row in enumerate(rows):
        if not isinstance(row, Mapping):
            yield f"{place}.{n}", "not_an_object", {}
            continue
        code = str(row.get("code", ""))
        if not pattern.fullmatch(code):
            yield f"{place}.{n}.code", "not_a_code", {"value": code[:40]}
        elif code in seen:
            yield f"{place}.{n}.code", "twice", {"value": code}
        seen.add(code)
        names = row.get("names")
        if not isinstance(names, Mapping) or not names.get("telecom", {}).get("zh-hans"):
            yield f"{place}.{n}.names", "missing", {}


def _option(option: Settings, place: str, *, is_deduct: bool) -> Iterator[Found]:
    keys = ["code", "names", "points", "least", "most"]
    yield from _known(
        option, [*keys, "tiers", "tiers_are", "is_bonus"] if is_deduct else keys, place
    )
    forms = [key for key in ("points", "most", "tiers") if key in option]
    if len(forms) != 1 or ("least" in option and forms != ["most"]):
        yield f"{place}points", "one_form", {}
    yield from _number(option, "points", place=place)
    yield from _number(option, "least", place=place)
    yield from _number(option, "most", place=place)
    least, most = _decimal(option.get("least")), _decimal(option.get("most"))
    if least is not None and most is not None and least > most:
        yield f"{place}least", "above", {"other": f"{most:f}"}
    if not isinstance(option.get("is_bonus", False), bool):
        yield f"{place}is_bonus", "not_a_choice", {"value": str(option["is_bonus"])[:40]}
    if "tiers" in option:
        yield from _tiers(option, place)


def _tiers(option: Settings, place: str) -> Iterator[Found]:
    tiers = option["tiers"]
    if option.get("tiers_are", "total") not in ("total", "each"):
        yield f"{place}tiers_are", "not_a_choice", {"value": str(option["tiers_are"])[:40]}
    if not isinstance(tiers, list) or not tiers or not all(isinstance(t, Mapping) for t in tiers):
        yield f"{place}tiers", "missing", {}
        return
    before = _ZERO
    for n, tier in enumerate(tiers):
        row = f"{place}tiers.{n}."
        yield from _known(tier, ("from", "points"), row)
        yield from _number(tier, "from", least=Decimal(1), is_required=True, place=row)
        yield from _number(tier, "points", is_required=True, place=row)
        start = _decimal(tier.get("from"))
        if start is not None and (start <= before or start != start.to_integral_value()):
            yield f"{row}from", "not_ascending", {}
        before = start or before


def _exam(settings: Settings, weight: Decimal) -> Iterator[Found]:
    yield from _known(settings, ("pass_mark", "full_mark"))
    full = _decimal(settings.get("full_mark", 100)) or Decimal(100)
    yield from _number(settings, "full_mark", least=Decimal(1), most=Decimal(1000))
    yield from _number(settings, "pass_mark", most=full)


def _rate5(settings: Settings, weight: Decimal) -> Iterator[Found]:
    yield from _known(settings, ("questions", "best"))
    yield from _number(settings, "best", least=Decimal(1), most=Decimal(100))
    questions = settings.get("questions")
    if not isinstance(questions, list) or not questions:
        yield "questions", "missing", {}
    else:
        yield from _codes(questions, "questions", _CODE)


def _expr(settings: Settings, weight: Decimal) -> Iterator[Found]:
    yield from _known(settings, ("expression", "names", "least", "most"))
    yield from _number(settings, "least", least=_ANY)
    yield from _number(settings, "most", least=_ANY)
    names = settings.get("names", [])
    if not isinstance(names, list):
        yield "names", "not_a_list", {}
        return
    yield from _codes(names, "names", _NAME)
    known = [str(name.get("code")) for name in names if isinstance(name, Mapping)]
    for n, name in enumerate(known):
        if name in _RESERVED:
            yield f"names.{n}.code", "reserved", {"value": name}
    expression = settings.get("expression")
    if not isinstance(expression, str) or not expression.strip():
        yield "expression", "missing", {}
        return
    try:
        compiled(expression, (*known, "weight"))
    except ExpressionFault as fault:
        yield "expression", fault.code, {"part": fault.part}


CHECKS: Final[Mapping[str, Check]] = {
    "RATE": _rate,
    "RATIO": _ratio,
    "STEP": _step,
    "TIER": _tier,
    "DEDUCT": _deduct,
    "EXAM": _exam,
    "RATE5": _rate5,
    "CASE": _case,
    "EXPR": _expr,
}
