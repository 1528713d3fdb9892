"""The live checks of a scheme: everything that would make it score nonsense. Pure.

Another frame than the regulation's is no fault (see ``departs``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from kpi.scheme.formula_checks import CHECKS, Found
from kpi.scheme.parts import (
    CASES,
    GROUP_KINDS,
    Band,
    ConsequenceSpec,
    Fault,
    Group,
    Item,
    SchemeContent,
)

HUNDRED: Final = Decimal(100)
ITEMS_AT_MOST: Final = 100
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,11}")
_CONSEQUENCES: Final = ("months", "quarters", "rise", "bottom")


def faults(content: SchemeContent) -> list[Fault]:
    """What is wrong, in the order of the scheme; nothing: it can be proposed."""
    return [
        Fault(path, code, values)
        for check in (_whole, _groups, _items, _bands, _consequences)
        for path, code, values in check(content)
    ]


def _whole(content: SchemeContent) -> Iterator[Found]:
    yield from _named(content.names, "names")
    if not 0 <= content.unrated_below <= 1:
        yield "unrated_below", "out_of_range", _range(content.unrated_below, 0, 1)
    weights = sum((item.weight for item in content.items), Decimal(0))
    if weights != HUNDRED:
        yield "items", "weights_not_hundred", {"sum": f"{weights:f}"}
    if len(content.items) > ITEMS_AT_MOST:
        yield "items", "too_many", {"most": str(ITEMS_AT_MOST)}


def _range(value: Decimal, least: int, most: int) -> dict[str, str]:
    return {"value": f"{value:f}", "least": str(least), "most": str(most)}


def _coded(path: str, codes: Iterable[str], *, pattern: re.Pattern[str] = _CODE) -> Iterator[Found]:
    """Codes that are not codes, or stand twice."""
    seen: set[str] = set()
    for n, code in enumerate(codes):
        if not pattern.fullmatch(code):
            yield f"{path}.{n}.code", "not_a_code", {"value": code}
        elif code in seen:
            yield f"{path}.{n}.code", "twice", {"value": code}
        seen.add(code)


def _groups(content: SchemeContent) -> Iterator[Found]:
    yield from _coded("groups", (group.code for group in content.groups))
    if not any(group.kind != CASES for group in content.groups):
        yield "groups", "no_groups", {}
    for n, group in enumerate(content.groups):
        path = f"groups.{n}"
        yield from _named(group.names, f"{path}.names")
        if group.kind not in GROUP_KINDS:
            yield f"{path}.kind", "not_a_choice", {"value": group.kind}
        if not group.minimum <= 0 <= group.maximum or group.minimum == group.maximum:
            yield f"{path}.maximum", "empty_bounds", {}
        yield from _two_places(group.minimum, f"{path}.minimum")
        yield from _two_places(group.maximum, f"{path}.maximum")
        yield from _coded(f"{path}.topics", (topic.code for topic in group.topics))
        for number, topic in enumerate(group.topics):
            yield from _named(topic.names, f"{path}.topics.{number}.names")
        yield from _weights_of(content, group, path)


def _weights_of(content: SchemeContent, group: Group, path: str) -> Iterator[Found]:
    items = content.items_of(group.code)
    if not items:
        yield path, "no_items", {"code": group.code}
        return
    if group.kind == CASES:
        return
    weights = content.weight_of(group.code)
    values = {"sum": f"{weights:f}", "most": f"{group.maximum:f}"}
    if not weights:
        yield path, "no_weight", {"code": group.code}
    elif weights > group.maximum:
        yield f"{path}.maximum", "weights_above_maximum", values
    elif sum((_reach(item) for item in items), Decimal(0)) < group.maximum:
        yield f"{path}.maximum", "weights_below_maximum", values


def _reach(item: Item) -> Decimal:
    """The most points an item can give: above its weight by a cap, or by cases."""
    try:
        cap = Decimal(str(item.formula.settings.get("cap", 1)))
    except ArithmeticError:
        return item.weight
    if item.formula.kind == "CASE":
        return cap if item.formula.settings.get("sign") == "+" else Decimal(0)
    return item.weight * cap if item.formula.kind == "RATE" else item.weight


def _named(names: Mapping[str, Mapping[str, str]], path: str) -> Iterator[Found]:
    """Names without Chinese: of telecom always, of the bank where it has any."""
    for label_set in dict.fromkeys(("telecom", *names)):
        if not names.get(label_set, {}).get("zh-hans"):
            yield f"{path}.{label_set}.zh-hans", "missing", {}


def _two_places(number: Decimal, path: str) -> Iterator[Found]:
    if number != number.quantize(Decimal("0.01")):
        yield path, "two_places", {"value": f"{number:f}"}


def _items(content: SchemeContent) -> Iterator[Found]:
    yield from _coded("items", (item.code for item in content.items))
    groups = {group.code: group for group in content.groups}
    for n, item in enumerate(content.items):
        path = f"items.{n}"
        yield from _named(item.names, f"{path}.names")
        group = groups.get(item.group)
        if group is None:
            yield f"{path}.group", "unknown_group", {"value": item.group}
        elif item.topic and item.topic not in {topic.code for topic in group.topics}:
            yield f"{path}.topic", "unknown_topic", {"value": item.topic}
        if not item.metric:
            yield f"{path}.metric", "missing", {}
        yield from _weight(item, group, path)
        check = CHECKS.get(item.formula.kind)
        if check is None:
            yield f"{path}.formula.kind", "not_a_choice", {"value": item.formula.kind}
            continue
        for place, code, values in check(item.formula.settings, item.weight):
            yield f"{path}.formula.{place}", code, values


def _weight(item: Item, group: Group | None, path: str) -> Iterator[Found]:
    is_without = item.formula.kind == "CASE"
    if is_without and item.weight:
        yield f"{path}.weight", "cases_weigh_nothing", {}
    elif not is_without and item.weight <= 0:
        yield f"{path}.weight", "not_positive", {}
    if not is_without and group is not None and group.kind == CASES:
        yield f"{path}.group", "only_cases", {"value": item.group}
    yield from _two_places(item.weight, f"{path}.weight")


def _bands(content: SchemeContent) -> Iterator[Found]:
    bands = content.bands
    yield from _coded("bands", (band.code for band in bands))
    if not bands:
        yield "bands", "no_bands", {}
        return
    for n, band in enumerate(bands):
        yield from _band(band, bands[n - 1] if n else None, f"bands.{n}")
    if bands[-1].since:
        yield f"bands.{len(bands) - 1}.from", "last_band_not_zero", {}
    if content.veto_band not in {band.code for band in bands}:
        yield "veto_band", "not_a_choice", {"value": content.veto_band}


def _band(band: Band, above: Band | None, path: str) -> Iterator[Found]:
    yield from _named(band.names, f"{path}.names")
    yield from _two_places(band.since, f"{path}.from")
    if above is not None and band.since >= above.since:
        yield f"{path}.from", "not_descending", {"above": f"{above.since:f}"}
    if not 0 <= band.coefficient <= 10:
        yield f"{path}.coefficient", "out_of_range", _range(band.coefficient, 0, 10)


def _consequences(content: SchemeContent) -> Iterator[Found]:
    codes = {band.code for band in content.bands}
    pattern = re.compile(r"[a-z][a-z0-9_]{0,19}")
    yield from _coded("consequences", (spec.code for spec in content.consequences), pattern=pattern)
    for n, spec in enumerate(content.consequences):
        path = f"consequences.{n}"
        yield from _named(spec.names, f"{path}.names")
        if spec.kind not in _CONSEQUENCES:
            yield f"{path}.kind", "not_a_choice", {"value": spec.kind}
        elif spec.kind == "bottom":
            if spec.share is None or not 0 < spec.share < 1:
                yield f"{path}.share", "out_of_range", _range(spec.share or Decimal(0), 0, 1)
        else:
            yield from _run(spec, codes, path)


def _run(spec: ConsequenceSpec, codes: set[str], path: str) -> Iterator[Found]:
    if not 1 <= spec.count <= 24:
        yield f"{path}.count", "out_of_range", _range(Decimal(spec.count), 1, 24)
    if spec.band not in codes:
        yield f"{path}.band", "not_a_choice", {"value": spec.band}
    if spec.kind == "rise" and spec.best not in codes:
        yield f"{path}.best", "not_a_choice", {"value": spec.best}
