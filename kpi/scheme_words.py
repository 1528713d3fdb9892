"""A scheme told in words: how an item is scored, what a case costs, what a band means."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from core.formats import number
from kpi.labels import name_of, unit_name
from kpi.scheme import Band, ConsequenceSpec, Item, SchemeContent

Settings = Mapping[str, Any]

KIND_NAMES: Final[Mapping[str, str | Promise]] = {
    "RATE": gettext_lazy("完成率"),
    "RATIO": gettext_lazy("做到 ÷ 应做"),
    "STEP": gettext_lazy("差一档扣分"),
    "TIER": gettext_lazy("按数值分档"),
    "DEDUCT": gettext_lazy("满分起扣"),
    "EXAM": gettext_lazy("考试成绩"),
    "RATE5": gettext_lazy("几问评分"),
    "CASE": gettext_lazy("按事项加减分"),
    "EXPR": gettext_lazy("算式"),
}
GROUP_KIND_NAMES: Final[Mapping[str, str | Promise]] = {
    "target": gettext_lazy("目标考核"),
    "process": gettext_lazy("过程考核"),
    "cases": gettext_lazy("加减分"),
}
LABEL_SETS: Final[Mapping[str, str | Promise]] = {
    "telecom": gettext_lazy("电信"),
    "bank": gettext_lazy("银行"),
}


def plain_number(value: object) -> str:
    """A number as people write it, without needless zeros: 12, 0.2, 1,000."""
    exact = Decimal(str(value))
    return number(exact.quantize(Decimal(1)) if exact == exact.to_integral() else exact.normalize())


def share(value: object) -> str:
    """A share in per cent: 0.6 → 60%."""
    return f"{plain_number(Decimal(str(value)) * 100)}%"


def band_told(
    bands: Sequence[Band], code: str, coefficient: Decimal | None, *, is_vetoed: bool = False
) -> str:
    """What a month's band means (annex 5): from which total to which, and the pay it suggests.

    A veto leads to its band whatever the total; "" where there is no band.
    """
    place = next((n for n, band in enumerate(bands) if band.code == code), None)
    if place is None or coefficient is None:
        return ""
    pay = _("绩效系数 %(n)s") % {"n": plain_number(coefficient)}
    if is_vetoed:
        return pay
    since = plain_number(bands[place].since)
    if place == 0:
        bounds = _("%(since)s 分起") % {"since": since}
    else:
        values = {"since": since, "below": plain_number(bands[place - 1].since)}
        is_last = place == len(bands) - 1
        bounds = (
            _("不到 %(below)s 分") if is_last else _("%(since)s 分到不足 %(below)s 分")
        ) % values
    return _("%(bounds)s，%(pay)s") % {"bounds": bounds, "pay": pay}


def told(item: Item, label_set: str, veto_band: str = "") -> str:
    """How an item is scored, with its weight: 12 × 完成率，低于 60% 不得分，最多 100%.

    ``veto_band`` is the name of the band that a veto leads to. "" for a formula of no known kind.
    """
    if item.formula.settings.get("is_veto"):
        return _("一票否决：当月等级最高为“%(band)s”") % {"band": veto_band}
    teller = _TELLERS.get(item.formula.kind)
    return teller(item, item.formula.settings, label_set) if teller else ""


def _joined(*parts: str) -> str:
    return _("，").join(part for part in parts if part)


def _measured(value: object, unit: str) -> str:
    name = unit_name(unit)
    gap = " " if name[:1].isascii() and name[:1].isalpha() else ""
    return f"{plain_number(value)}{gap}{name}"


def _at_most(settings: Settings) -> str:
    if settings.get("lost_at_most") is None:
        return ""
    return _("最多扣 %(n)s 分") % {"n": plain_number(settings["lost_at_most"])}


def _rate(item: Item, settings: Settings, label_set: str) -> str:
    floor, cap = settings.get("floor", "0.6"), settings.get("cap", "1")
    return _joined(
        _("%(weight)s × 完成率") % {"weight": plain_number(item.weight)},
        pgettext("怎样计分", "低于 %(floor)s 不得分") % {"floor": share(floor)}
        if Decimal(str(floor)) > 0
        else "",
        _("最多 %(cap)s") % {"cap": share(cap)},
    )


def _ratio(item: Item, settings: Settings, label_set: str) -> str:
    return _("%(weight)s × 做到 ÷ 应做") % {"weight": plain_number(item.weight)}


def _step(item: Item, settings: Settings, label_set: str) -> str:
    is_down = settings.get("direction") == "down"
    weight = plain_number(item.weight)
    values = {
        "size": _measured(settings["size"], item.unit),
        "loss": plain_number(settings["loss"]),
        "weight": weight,
    }
    lost = (
        _("每高 %(size)s 扣 %(loss)s 分") if is_down else _("每低 %(size)s 扣 %(loss)s 分")
    ) % values
    begin = _("%(weight)s 分起") % values
    if settings.get("base") is not None:
        begin = _("达到目标得 %(base)s 分") % {"base": plain_number(settings["base"])}
    gained = ""
    if Decimal(str(settings.get("gain", 0))) > 0:
        values["gain"] = plain_number(settings["gain"])
        gained = (
            _("每低 %(size)s 加 %(gain)s 分，加到 %(weight)s 分")
            if is_down
            else _("每高 %(size)s 加 %(gain)s 分，加到 %(weight)s 分")
        ) % values
    target = ""
    if settings.get("target") is not None:
        target = _("目标 %(n)s") % {"n": _measured(settings["target"], item.unit)}
    return _joined(begin, target, gained, lost, _at_most(settings))


def bounds(row: Settings) -> str:
    """The values of a row of thresholds: ≥ 80 且 < 90."""
    parts = []
    if row.get("from") is not None:
        parts.append(f"{'≥' if row.get('from_in', True) else '>'} {plain_number(row['from'])}")
    if row.get("to") is not None:
        parts.append(f"{'≤' if row.get('to_in', True) else '<'} {plain_number(row['to'])}")
    return _(" 且 ").join(parts) or _("任何值")


def _tier(item: Item, settings: Settings, label_set: str) -> str:
    rows = []
    for row in settings["rows"]:
        if row.get("share") is not None:
            worth = share(row["share"])
            rows.append(
                _("%(bounds)s 得满分的 %(share)s") % {"bounds": bounds(row), "share": worth}
            )
        else:
            points = plain_number(row["points"])
            rows.append(
                _("%(bounds)s 得 %(points)s 分") % {"bounds": bounds(row), "points": points}
            )
    other = plain_number(settings.get("otherwise", 0))
    of_what = _("按完成率的百分数：") if settings.get("of") == "rate" else _("按数值：")
    return of_what + _("；").join([*rows, _("其余 %(n)s 分") % {"n": other}])


def _deduct(item: Item, settings: Settings, label_set: str) -> str:
    told_parts = [option_told(option, "-", label_set) for option in settings["options"]]
    told_parts += [each for each in (_at_most(settings), _("没有发生得满分")) if each]
    return _("%(weight)s 分起扣：%(options)s") % {
        "weight": plain_number(item.weight),
        "options": _("；").join(told_parts),
    }


def _case(item: Item, settings: Settings, label_set: str) -> str:
    sign = str(settings["sign"])
    cap = f"{'−' if sign == '-' else '+'}{plain_number(settings['cap'])}"
    told_parts = [option_told(option, sign, label_set) for option in settings["options"]]
    told_parts.append(_("本项最多 %(cap)s") % {"cap": cap})
    if settings.get("highest_per_event"):
        told_parts.append(_("同一事项只计最高"))
    return _("；").join(told_parts)


def option_told(option: Settings, sign: str, label_set: str) -> str:
    """A kind of case and its points: A 类客户 +3; 迟到 −1 至 −3; by their number where they are."""
    mark = "+" if option.get("is_bonus") or sign == "+" else "−"
    return f"{name_of(option['names'], label_set)} {_worth(option, mark)}"


def _worth(option: Settings, mark: str) -> str:
    if option.get("points") is not None:
        return f"{mark}{plain_number(option['points'])}"
    if "tiers" in option:
        is_each = option.get("tiers_are") == "each"
        found = _("，").join(_tier_told(tier, mark) for tier in option["tiers"])
        template = _("每次按次数：%(tiers)s") if is_each else _("合计按次数：%(tiers)s")
        return template % {"tiers": found}
    least = plain_number(option.get("least", 0))
    return _("%(mark)s%(least)s 至 %(mark)s%(most)s，由评定人选") % {
        "mark": mark,
        "least": least,
        "most": plain_number(option["most"]),
    }


def _tier_told(tier: Settings, mark: str) -> str:
    return _("第 %(n)s 次起 %(points)s") % {
        "n": plain_number(tier["from"]),
        "points": f"{mark}{plain_number(tier['points'])}",
    }


def _exam(item: Item, settings: Settings, label_set: str) -> str:
    return _("%(weight)s × 成绩 ÷ %(full)s，低于 %(pass)s 不得分") % {
        "weight": plain_number(item.weight),
        "full": plain_number(settings.get("full_mark", 100)),
        "pass": plain_number(settings.get("pass_mark", 60)),
    }


def _rate5(item: Item, settings: Settings, label_set: str) -> str:
    count = len(settings["questions"])
    return ngettext(
        "%(weight)s × 得分合计 ÷ 满分，%(n)d 问，每问 0–%(best)s 分",
        "%(weight)s × 得分合计 ÷ 满分，%(n)d 问，每问 0–%(best)s 分",
        count,
    ) % {
        "weight": plain_number(item.weight),
        "n": count,
        "best": plain_number(settings.get("best", 5)),
    }


def _expr(item: Item, settings: Settings, label_set: str) -> str:
    return _("%(expression)s，限 %(least)s 到 %(most)s 分") % {
        "expression": settings["expression"],
        "least": plain_number(settings.get("least", 0)),
        "most": plain_number(settings.get("most", item.weight)),
    }


_TELLERS: Final[Mapping[str, Callable[[Item, Settings, str], str]]] = {
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


def parts_of(item: Item, label_set: str) -> Iterator[str]:
    """What stands behind the sentence: the questions of a rating, the names of an expression."""
    for question in item.questions:
        yield name_of(question["names"], label_set)
    for name in item.formula.settings.get("names", ()):
        yield f"{name['code']} = {name_of(name['names'], label_set)}"


def bound_text(minimum: Decimal, maximum: Decimal) -> str:
    """A group's bounds: 40, ±20, −5…20."""
    if minimum == -maximum and minimum:
        return f"±{plain_number(maximum)}"
    if not minimum:
        return plain_number(maximum)
    return f"{plain_number(minimum)}…{plain_number(maximum)}"


def consequence_told(spec: ConsequenceSpec, content: SchemeContent, label_set: str) -> str:
    """When a consequence is suggested; a person decides on every one (annex 5)."""
    bands = {band.code: name_of(band.names, label_set) for band in content.bands}
    values: dict[str, Any] = {
        "n": spec.count,
        "band": bands.get(spec.band, spec.band),
        "best": bands.get(spec.best, spec.best),
    }
    if spec.kind == "bottom":
        return _("当月得分最低的 %(share)s") % {"share": share(spec.share or 0)}
    if spec.kind == "months":
        return ngettext("%(n)d 个月“%(band)s”", "连续 %(n)d 个月“%(band)s”", spec.count) % values
    if spec.kind == "quarters":
        return (
            ngettext("%(n)d 个季度“%(band)s”", "连续 %(n)d 个季度“%(band)s”", spec.count) % values
        )
    return _("连续 %(n)d 个季度不低于“%(band)s”，其中至少一个“%(best)s”") % values
