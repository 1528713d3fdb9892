"""A line's arithmetic as it is drawn: each number under its name, the signs between them.

Everything comes out of a line of the frozen content (kpi.breakdown); nothing is computed anew
but how the numbers are written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formats import number, signed
from kpi.labels import name_of, unit_name
from kpi.line_words import scaled, worth

Line = Mapping[str, Any]
Settings = Mapping[str, Any]

# More cases than these are drawn as their sum.
CASES_DRAWN: Final = 3

# What "met" and "total" of a ratio are called, by metric.
_RATIO_NAMES: Final[Mapping[str, tuple[str | Promise, str | Promise]]] = {
    "summaries.on_time": (gettext_lazy("按时"), gettext_lazy("应交")),
    "logs.in_time": (gettext_lazy("及时"), gettext_lazy("全部")),
    "complaints.in_time": (gettext_lazy("按时"), gettext_lazy("应答复")),
}


@dataclass(frozen=True)
class Figure:
    """A number with its name above it; without a name it is a sign between two numbers."""

    text: str
    label: str = ""

    @property
    def is_sign(self) -> bool:
        """Whether it is a sign."""
        return not self.label


@dataclass(frozen=True)
class Drawn:
    """A line's formula with its numbers, the result last, and what must be said beside it."""

    figures: Sequence[Figure]
    note: str = ""


def plain(value: object) -> str:
    """A number without zeros at its end: 12.00 → 12, −0.50 → −0.5."""
    exact = Decimal(str(value))
    return number(exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else
                  exact.normalize())  # fmt: skip


def as_counted(value: object) -> str:
    """A number with the places it was recorded with: 182.40; a whole one without any."""
    exact = Decimal(str(value))
    return plain(exact) if exact == exact.to_integral_value() else number(exact)


def share(value: object) -> str:
    """A share in per cent: 0.6 → 60%."""
    return f"{plain(Decimal(str(value)) * 100)}%"


def drawn(line: Line) -> Drawn | None:
    """The formula with its numbers; None for a line that does not apply."""
    if not line["is_applicable"] or line["inputs"] is None:
        return None
    formula = line["formula"]
    return _DRAWN[formula["kind"]](line, formula, line["inputs"])


def _of(settings: Settings, key: str, default: object) -> Decimal:
    value = settings.get(key)
    return Decimal(str(default if value is None else value))


def _weight(line: Line) -> Figure:
    return Figure(plain(line["effective"]), _("分值"))


def _result(line: Line) -> tuple[Figure, Figure]:
    score = Decimal(line["score"])
    is_case = line["formula"]["kind"] == "CASE"
    return Figure("="), Figure(signed(score, 2) if is_case else number(score, 2), _("得分"))


def _rate(line: Line, settings: Settings, inputs: Settings) -> Drawn:
    actual, target = Decimal(str(inputs["actual"])), Decimal(str(inputs["target"]))
    floor, cap = _of(settings, "floor", "0.6"), _of(settings, "cap", 1)
    part, whole = (
        Figure(as_counted(actual), _("完成")),
        Figure(as_counted(target), _("目标")),
    )
    if actual < floor * target:
        reached = actual / target
        note = _("完成 %(share)s，低于 %(floor)s 不得分") % {
            "share": share(round(reached, 4)),
            "floor": share(floor),
        }
        return Drawn((part, Figure("÷"), whole, *_result(line)), note)
    if actual > cap * target:
        return Drawn((part, Figure("÷"), whole, *_result(line)), _("完成超过目标，得满分"))
    return Drawn((_weight(line), Figure("×"), part, Figure("÷"), whole, *_result(line)))


def _ratio(line: Line, settings: Settings, inputs: Settings) -> Drawn:
    met, total = _RATIO_NAMES.get(line["metric"], (_("做到"), _("应做")))
    return Drawn(
        (
            _weight(line),
            Figure("×"),
            Figure(as_counted(inputs["met"]), str(met)),
            Figure("÷"),
            Figure(as_counted(inputs["total"]), str(total)),
            *_result(line),
        )
    )


def _step(line: Line, settings: Settings, inputs: Settings) -> Drawn:
    actual = Decimal(str(inputs["actual"]))
    target = _goal(settings, inputs)
    is_down = settings.get("direction") == "down"
    ahead = target - actual if is_down else actual - target
    size = _of(settings, "size", 1)
    steps = abs(ahead) // size
    base = settings.get("base")
    start = plain(line["effective"] if base is None else scaled(line, base))
    if ahead >= 0 and not settings.get("gain"):
        sign = "≤" if is_down else "≥"
        figures = (Figure(as_counted(actual), _("完成")), Figure(sign),
                   Figure(as_counted(target), _("目标")))  # fmt: skip
        return Drawn((*figures, *_result(line)), _("达到目标，得满分"))
    each = settings.get("gain" if ahead >= 0 else "loss") or 0
    note = _("完成 %(actual)s，目标 %(target)s，每 %(size)s 算一档，不足不算") % {
        "actual": as_counted(actual),
        "target": as_counted(target),
        "size": plain(size),
    }
    return Drawn(
        (
            Figure(start, _("分值")),
            Figure("+" if ahead >= 0 else "−"),
            Figure(plain(each), _("每档")),
            Figure("×"),
            Figure(plain(steps), _("档数")),
            *_result(line),
        ),
        note,
    )


def _goal(settings: Settings, inputs: Settings) -> Decimal:
    given = inputs.get("target")
    return Decimal(str(settings["target"] if given in (None, "") else given))


def _exam(line: Line, settings: Settings, inputs: Settings) -> Drawn:
    mark = Figure(as_counted(inputs["mark"]), _("成绩"))
    lowest, full = _of(settings, "pass_mark", 60), _of(settings, "full_mark", 100)
    whole = Figure(plain(full), _("满分"))
    if Decimal(str(inputs["mark"])) < lowest:
        note = _("低于 %(floor)s 不得分") % {"floor": plain(lowest)}
        return Drawn((mark, Figure("÷"), whole, *_result(line)), note)
    return Drawn((_weight(line), Figure("×"), mark, Figure("÷"), whole, *_result(line)))


def _ratings(settings: Settings, inputs: Settings) -> tuple[Decimal, Decimal]:
    """What was given, and the best that could have been."""
    given = [Decimal(str(one)) for one in inputs["ratings"].values() if one not in (None, "")]
    return sum(given, Decimal(0)), _of(settings, "best", 5) * len(given)


def _rate5(line: Line, settings: Settings, inputs: Settings) -> Drawn:
    given, whole = _ratings(settings, inputs)
    return Drawn(
        (
            _weight(line),
            Figure("×"),
            Figure(as_counted(given), _("得分合计")),
            Figure("÷"),
            Figure(as_counted(whole), _("满分")),
            *_result(line),
        )
    )


def _tier(line: Line, settings: Settings, inputs: Settings) -> Drawn:
    return Drawn((Figure(as_counted(_tier_value(inputs)), _("数值")), *_result(line)))


def _tier_value(inputs: Settings) -> object:
    return next((inputs[key] for key in ("value", "actual", "mark") if inputs.get(key)), 0)


def _deduct(line: Line, settings: Settings, inputs: Settings) -> Drawn:
    lost = Decimal(line["effective"]) - Decimal(line["score"])
    return Drawn(
        (_weight(line), Figure("−"), Figure(number(lost, 2), _("扣分")), *_result(line)),
        "" if inputs["cases"] else _("没有发生，得满分"),
    )


def _case(line: Line, settings: Settings, inputs: Settings) -> Drawn:
    cases = inputs["cases"]
    if not cases:
        return Drawn(_result(line)[1:], _("本月没有认定的事项"))
    sign = "−" if settings.get("sign") == "-" else "+"
    sizes = [worth(settings, case) for case in cases]
    figures: list[Figure] = []
    if len(sizes) <= CASES_DRAWN:
        for place, size in enumerate(sizes):
            if place or sign == "−":
                figures.append(Figure(sign))
            figures.append(Figure(number(size, 2), str(cases[place].get("label") or _("事项"))))
    else:
        label = _("%(n)d 项合计") % {"n": len(sizes)}
        figures = [Figure(sign)] if sign == "−" else []
        figures.append(Figure(number(sum(sizes, Decimal(0)), 2), label))
    is_capped = sum(sizes, Decimal(0)) > abs(Decimal(line["score"]))
    cap = settings.get("cap")
    note = _("最多 %(cap)s 分") % {"cap": plain(cap)} if is_capped and cap is not None else ""
    return Drawn((*figures, *_result(line)), note)


def _named(inputs: Settings) -> str:
    """Numbers by their names: a 3, b 4."""
    return _("，").join(f"{name} {as_counted(value)}" for name, value in sorted(inputs.items()))


def _expression(line: Line, settings: Settings, inputs: Settings) -> Drawn:
    words = {"expression": settings["expression"], "values": _named(inputs)}
    return Drawn(_result(line)[1:], _("%(expression)s，其中 %(values)s") % words)


_DRAWN: Final[Mapping[str, Callable[[Line, Settings, Settings], Drawn]]] = {
    "RATE": _rate,
    "RATIO": _ratio,
    "STEP": _step,
    "TIER": _tier,
    "EXAM": _exam,
    "RATE5": _rate5,
    "DEDUCT": _deduct,
    "CASE": _case,
    "EXPR": _expression,
}


# What was counted, in a few words


def data_of(line: Line, label_set: str) -> str:
    """What went into a line: 182.40 / 190 万元; "" for a line that does not apply."""
    inputs = line["inputs"]
    if not line["is_applicable"] or inputs is None:
        return ""
    formula = line["formula"]
    kind, unit = formula["kind"], str(line["unit"])
    if kind in ("CASE", "DEDUCT"):
        return _cases_in_words(formula, inputs, label_set)
    if kind == "EXPR":
        return _named(inputs)
    return _plain_data(kind, formula, inputs, unit)


def _plain_data(kind: str, formula: Settings, inputs: Settings, unit: str) -> str:
    if kind == "RATE":
        return _of_whole(inputs["actual"], inputs["target"], unit)
    if kind == "RATIO":
        return _of_whole(inputs["met"], inputs["total"], unit)
    if kind == "STEP":
        return _("%(actual)s，目标 %(target)s") % {
            "actual": with_unit(as_counted(inputs["actual"]), unit),
            "target": with_unit(as_counted(_goal(formula, inputs)), unit),
        }
    if kind == "EXAM":
        return _("%(n)s 分") % {"n": as_counted(inputs["mark"])}
    if kind == "RATE5":
        given, whole = _ratings(formula, inputs)
        return _("%(n)s 分") % {"n": f"{as_counted(given)} / {as_counted(whole)}"}
    return with_unit(as_counted(_tier_value(inputs)), unit)


def _of_whole(part: object, whole: object, unit: str) -> str:
    return with_unit(f"{as_counted(part)} / {as_counted(whole)}", unit)


def with_unit(text: str, unit: str) -> str:
    """A number with its unit: 98%, 43 件."""
    return f"{text}{unit}" if unit == "%" else f"{text} {unit_name(unit)}".strip()


def _cases_in_words(formula: Settings, inputs: Settings, label_set: str) -> str:
    """What happened and how often: 超过 30 天 1."""
    counts: dict[str, int] = {}
    for case in inputs["cases"]:
        option = str(case.get("option", ""))
        counts[option] = counts.get(option, 0) + int(case.get("count", 1))
    if not counts:
        return _("没有发生")
    names = {
        option["code"]: name_of(option["names"], label_set) for option in formula.get("options", ())
    }
    return _("、").join(f"{names.get(code, code)} × {n}" for code, n in counts.items())
