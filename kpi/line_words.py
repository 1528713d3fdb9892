"""A line's arithmetic in words and numbers: how the points came about, and what goes into them.

Every function takes a line of the frozen content (kpi.breakdown); nothing is computed anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from core.formats import number, signed
from core.numbers import rounded
from kpi.formulas import is_chosen
from kpi.labels import name_of, unit_name

Line = Mapping[str, Any]
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class InputField:
    """A number that goes into a line: its key in a form, its name, what it is now ("" for none).

    ``note`` says what it is in (a unit, what one case counts).
    """

    key: str
    label: str
    value: str
    note: str = ""


def scaled(line: Line, points: object) -> Decimal:
    """Points of the line's own weight as points of what it weighs after spreading (annex 11.7)."""
    own, exact = Decimal(line["weight"]), Decimal(str(points))
    return rounded(exact * Decimal(line["effective"]) / own) if own else exact


def _n(value: object) -> str:
    """A number as people write it: 182.40, −2."""
    return number(Decimal(str(value)))


def _p(value: object) -> str:
    """A share in per cent: 0.60 → 60%."""
    return f"{number((Decimal(str(value)) * 100).normalize())}%"


def _of(settings: Settings, key: str, default: object) -> object:
    value = settings.get(key)
    return default if value is None else value


# How it is computed, without the month's numbers


def rule(line: Line) -> str:
    """The formula in a sentence: 完成率 × 分值，低于 60% 不得分。"""
    formula = line["formula"]
    return _RULES[formula["kind"]](formula)


def _rate_rule(settings: Settings) -> str:
    return _("分值 × 完成 ÷ 目标，低于 %(floor)s 不得分，最高 %(cap)s") % {
        "floor": _p(_of(settings, "floor", "0.6")),
        "cap": _p(_of(settings, "cap", 1)),
    }


def _step_rule(settings: Settings) -> str:
    return _("比目标每差 %(size)s 扣 %(loss)s 分，不足 %(size)s 不扣") % {
        "size": _n(_of(settings, "size", 1)),
        "loss": _n(_of(settings, "loss", 0)),
    }


def _exam_rule(settings: Settings) -> str:
    return _("分值 × 成绩 ÷ %(full)s，低于 %(pass)s 不得分") % {
        "full": _n(_of(settings, "full_mark", 100)),
        "pass": _n(_of(settings, "pass_mark", 60)),
    }


def _case_rule(settings: Settings) -> str:
    cap = settings.get("cap")
    is_penalty = settings.get("sign") == "-"
    if cap is None:
        return _("按认定的事项扣分") if is_penalty else _("按认定的事项加分")
    if is_penalty:
        return _("按认定的事项扣分，最多扣 %(cap)s 分") % {"cap": _n(cap)}
    return _("按认定的事项加分，最多加 %(cap)s 分") % {"cap": _n(cap)}


_RULES: Final[Mapping[str, Callable[[Settings], str]]] = {
    "RATE": _rate_rule,
    "RATIO": lambda _settings: _("分值 × 做到 ÷ 应做"),
    "STEP": _step_rule,
    "TIER": lambda _settings: _("按数值分档计分"),
    "EXAM": _exam_rule,
    "RATE5": lambda settings: (
        _("分值 × 得分合计 ÷ 满分，每问 0–%(best)s 分") % {"best": _n(_of(settings, "best", 5))}
    ),
    "DEDUCT": lambda _settings: _("满分起扣，没有发生得满分"),
    "CASE": _case_rule,
    "EXPR": lambda settings: str(settings["expression"]),
}


# The month's numbers put into it


def calculation(line: Line) -> str:
    """The formula with its numbers: 6.00 × 2 ÷ 3 = 4.00; "" where the line does not apply."""
    if not line["is_applicable"] or line["inputs"] is None:
        return ""
    formula = line["formula"]
    left = _CALCULATIONS[formula["kind"]](line, formula, line["inputs"])
    score = line["score"]
    shown = signed(Decimal(score)) if formula["kind"] == "CASE" else _n(score)
    return f"{left} = {shown}" if left else shown


def _rate_left(line: Line, settings: Settings, inputs: Settings) -> str:
    share = Decimal(str(inputs["actual"])) / Decimal(str(inputs["target"]))
    floor, cap = (Decimal(str(_of(settings, k, d))) for k, d in (("floor", "0.6"), ("cap", 1)))
    values = f"{_n(inputs['actual'])} ÷ {_n(inputs['target'])}"
    if share < floor:
        return _("%(values)s 低于 %(floor)s") % {"values": values, "floor": _p(floor)}
    if share > cap:
        return f"{_n(line['effective'])} × {_p(cap)}"
    return f"{_n(line['effective'])} × {values}"


def _ratio_left(line: Line, _settings: Settings, inputs: Settings) -> str:
    return f"{_n(line['effective'])} × {_n(inputs['met'])} ÷ {_n(inputs['total'])}"


def _step_left(line: Line, settings: Settings, inputs: Settings) -> str:
    actual = Decimal(str(inputs["actual"]))
    target = Decimal(str(inputs.get("target") or settings["target"]))
    ahead = target - actual if settings.get("direction") == "down" else actual - target
    base = settings.get("base")
    start = Decimal(line["effective"]) if base is None else scaled(line, base)
    if ahead >= 0 and not settings.get("gain"):
        return _n(start)
    steps = abs(ahead) // Decimal(str(_of(settings, "size", 1)))
    sign, step = ("+", settings.get("gain")) if ahead >= 0 else ("−", settings.get("loss"))
    each = Decimal(str(step or 0))
    left = f"{_n(start)} {sign} {_n(each)} × {_n(steps)}"
    if ahead >= 0 or start - each * steps == Decimal(line["score"]):
        return left
    most = settings.get("lost_at_most")
    if most is None or Decimal(line["score"]) == 0:
        return _("%(left)s，扣完为止") % {"left": left}
    return _("%(left)s，最多扣 %(most)s 分") % {"left": left, "most": _n(most)}


def _exam_left(line: Line, settings: Settings, inputs: Settings) -> str:
    lowest = _of(settings, "pass_mark", 60)
    if Decimal(str(inputs["mark"])) < Decimal(str(lowest)):
        return _("%(values)s 低于 %(floor)s") % {"values": _n(inputs["mark"]), "floor": _n(lowest)}
    full = _n(_of(settings, "full_mark", 100))
    return f"{_n(line['effective'])} × {_n(inputs['mark'])} ÷ {full}"


def _rate5_left(line: Line, settings: Settings, inputs: Settings) -> str:
    given = [Decimal(str(one)) for one in inputs["ratings"].values() if one not in (None, "")]
    whole = Decimal(str(_of(settings, "best", 5))) * len(given)
    return f"{_n(line['effective'])} × {_n(sum(given))} ÷ {_n(whole)}"


def _cases_left(line: Line, settings: Settings, inputs: Settings) -> str:
    is_deduct = settings["kind"] == "DEDUCT"
    if not inputs["cases"]:
        return _n(line["effective"]) if is_deduct else ""
    sizes = [worth(settings, case) for case in inputs["cases"]]
    whole, score = sum(sizes, Decimal(0)), Decimal(line["score"])
    if is_deduct:
        lost = Decimal(line["effective"]) - score
        # By a table on the number of cases, with a bonus, or to the bound: what it came to.
        taken = _joined(sizes) if whole == lost else _n(lost)
        return f"{_n(line['effective'])} − {taken}"
    left = " + ".join(map(_n, sizes))
    if settings.get("sign") == "-":
        left = f"−{_joined(sizes)}"
    is_whole = whole == abs(score) or settings.get("cap") is None
    words = {"sum": left, "cap": _n(settings.get("cap", 0))}
    return left if is_whole else _("%(sum)s，最多 %(cap)s 分") % words


def _joined(sizes: Sequence[Decimal]) -> str:
    """Numbers as a sum, within brackets if there are several."""
    text = " + ".join(map(_n, sizes))
    return text if len(sizes) == 1 else f"({text})"


def worth(settings: Settings, case: Settings) -> Decimal:
    """The size of a case: its own points, or its option's, as often as it happened."""
    options = {option["code"]: option for option in settings.get("options", ())}
    own = case.get("points")
    if own in (None, ""):
        option = options.get(case.get("option"), {})
        own = option.get("points") or option.get("least") or 0
    return abs(Decimal(str(own))) * int(case.get("count", 1))


def _sum_of(settings: Settings, cases: Sequence[Settings]) -> Decimal:
    return sum((worth(settings, case) for case in cases), Decimal(0))


def _expr_left(_line: Line, settings: Settings, inputs: Settings) -> str:
    named = "，".join(f"{name} {_n(value)}" for name, value in sorted(inputs.items()))
    return f"{settings['expression']}（{named}）"


_CALCULATIONS: Final[Mapping[str, Callable[[Line, Settings, Settings], str]]] = {
    "RATE": _rate_left,
    "RATIO": _ratio_left,
    "STEP": _step_left,
    "TIER": lambda _line, _settings, inputs: _n(inputs["value"]),
    "EXAM": _exam_left,
    "RATE5": _rate5_left,
    "DEDUCT": _cases_left,
    "CASE": _cases_left,
    "EXPR": _expr_left,
}


# What goes in, as fields of a form, and back


def input_fields(line: Line, label_set: str) -> tuple[InputField, ...]:
    """The line's numbers, named; what a decision or a question may put in their place."""
    formula, inputs = line["formula"], line["inputs"] or {}
    kind = formula["kind"]
    if kind in ("CASE", "DEDUCT"):
        return _case_fields(formula, inputs, label_set)
    if kind == "RATE5":
        ratings = inputs.get("ratings", {})
        return tuple(
            InputField(
                str(question["code"]),
                name_of(question["names"], label_set),
                _text(ratings.get(question["code"])),
            )
            for question in formula.get("questions", ())
        )
    if kind == "EXPR":
        return tuple(
            InputField(
                str(one["code"]), name_of(one["names"], label_set), _text(inputs.get(one["code"]))
            )
            for one in formula.get("names", ())
        )
    unit = unit_name(str(line["unit"]))
    return tuple(
        InputField(key, label, _text(inputs.get(key)), unit if has_unit else "")
        for key, label, has_unit in _plain_fields(kind)
    )


def _plain_fields(kind: str) -> Sequence[tuple[str, str, bool]]:
    return {
        "RATE": (("actual", _("完成"), True), ("target", _("目标"), True)),
        "STEP": (("actual", _("完成"), True), ("target", _("目标"), True)),
        "RATIO": (("met", _("做到"), False), ("total", _("应做"), False)),
        "TIER": (("value", _("数值"), True),),
        "EXAM": (("mark", _("成绩"), False),),
    }[kind]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _case_fields(formula: Settings, inputs: Settings, label_set: str) -> tuple[InputField, ...]:
    """How often each kind of case happened; where the points are chosen, how many there were."""
    cases = inputs.get("cases", [])
    fields = []
    for option in formula.get("options", ()):
        of_option = [case for case in cases if case.get("option") == option["code"]]
        if not is_chosen(option):
            count = sum(int(case.get("count", 1)) for case in of_option)
            value, note = str(count), _("次")
        else:
            value, note = f"{_sum_of(formula, of_option):f}", _("分")
        fields.append(InputField(option["code"], name_of(option["names"], label_set), value, note))
    return tuple(fields)


def inputs_from(line: Line, values: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a form as the line's inputs; empty ones are left out.

    What is no number is left as it stands: the formula refuses it with its own sentence.
    """
    formula = line["formula"]
    given = {key: value.strip() for key, value in values.items() if value.strip()}
    if formula["kind"] == "RATE5":
        return {"ratings": given}
    if formula["kind"] in ("CASE", "DEDUCT"):
        return {"cases": _cases_from(formula, line["inputs"] or {}, given)}
    return given


def _cases_from(
    formula: Settings, inputs: Settings, given: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The cases again: those there are as long as their number stands, else plain ones."""
    found: list[dict[str, Any]] = []
    for option in formula.get("options", ()):
        code, value = option["code"], given.get(option["code"], "0")
        of_option = [dict(case) for case in inputs.get("cases", []) if case.get("option") == code]
        if is_chosen(option):
            if value == f"{_sum_of(formula, of_option):f}":
                found += of_option
            elif value.strip("0.") or not value.replace(".", "", 1).isdigit():
                found.append({"option": code, "points": value})
        elif value.isdigit():
            count = int(value)
            kept = of_option[:count]
            points = {"points": str(option["points"])} if option.get("points") is not None else {}
            new = {"option": code, **points}
            found += [*kept, *[dict(new) for _more in range(min(count, 1000) - len(kept))]]
        else:
            found.append({"option": code, "count": value})
    return found
