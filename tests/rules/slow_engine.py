"""The engine once more, obvious and slow: fractions, read straight from the JSON of a scheme.

Written from annex 5 alone; it shares no line with kpi.
"""

from fractions import Fraction
from math import floor
from typing import Any

Plain = dict[str, Any]


def to_the_cent(exact: Fraction) -> Fraction:
    """Half up, away from zero."""
    size = Fraction(floor(abs(exact) * 100 + Fraction(1, 2)), 100)
    return size if exact >= 0 else -size


def applies(formula: Plain, inputs: Plain | None) -> bool:
    kind = formula["kind"]
    if kind == "CASE":
        return True
    if inputs is None:
        return False
    if kind == "RATE":
        return Fraction(inputs.get("target") or 0) > 0 and inputs.get("actual") is not None
    if kind == "RATIO":
        return Fraction(inputs["total"]) > 0
    if kind == "RATE5":
        return any(rating is not None for rating in inputs["ratings"].values())
    if kind == "STEP":
        return inputs.get("actual") is not None
    return True


def exact_points(formula: Plain, inputs: Plain | None, w: Fraction, own: Fraction) -> Fraction:
    kind = formula["kind"]
    if kind == "CASE":
        return of_cases(formula, inputs)
    assert inputs is not None
    if kind == "RATE":
        x = Fraction(inputs["actual"]) / Fraction(inputs["target"])
        if x < Fraction(formula["floor"]) or x < 0:
            return Fraction(0)
        return w * min(x, Fraction(formula["cap"]))
    if kind == "RATIO":
        return w * Fraction(inputs["met"]) / Fraction(inputs["total"])
    if kind == "STEP":
        # Annex 5: W − d × steps. Annex 11.7 changes W alone; d is points, whatever W has become.
        target = Fraction(inputs.get("target") or formula["target"])
        shortfall = target - Fraction(inputs["actual"])
        steps = floor(shortfall / Fraction(formula["size"])) if shortfall > 0 else 0
        return max(Fraction(0), w - Fraction(formula["loss"]) * steps)
    if kind == "EXAM":
        mark = Fraction(inputs["mark"])
        return w * mark / 100 if mark >= 60 else Fraction(0)
    if kind == "RATE5":
        answers = [Fraction(one) for one in inputs["ratings"].values() if one is not None]
        return w * sum(answers) / (5 * len(answers))
    if kind == "TIER":
        return of_tiers(formula, Fraction(inputs["value"]), w, own)
    if kind == "DEDUCT":
        cost = {option["code"]: option["points"] for option in formula["options"]}
        lost = sum(Fraction(cost[one["option"]]) for one in inputs["cases"])
        return max(Fraction(0), w - lost)
    # The one expression of these months: weight × done ÷ asked, half of it beyond ten misses.
    full = w * Fraction(inputs["done"]) / Fraction(inputs["asked"])
    points = full / 2 if Fraction(inputs["missed"]) > 10 else full
    return min(max(points, Fraction(0)), w)


def of_cases(formula: Plain, inputs: Plain | None) -> Fraction:
    cases = inputs["cases"] if inputs else []
    by_event: dict[Any, Fraction] = {}
    for n, one in enumerate(cases):
        event = one.get("event", n) if formula.get("highest_per_event") else n
        by_event[event] = max(by_event.get(event, Fraction(0)), abs(Fraction(one["points"])))
    total = min(sum(by_event.values(), Fraction(0)), Fraction(formula["cap"]))
    return total if formula["sign"] == "+" else -total


def of_tiers(formula: Plain, value: Fraction, w: Fraction, own: Fraction) -> Fraction:
    for row in formula["rows"]:
        low, high = row.get("from"), row.get("to")
        above = (
            low is None
            or value > Fraction(low)
            or (value == Fraction(low) and "from_in" not in row)
        )
        below = (
            high is None
            or value < Fraction(high)
            or (value == Fraction(high) and "to_in" not in row)
        )
        if above and below:
            return (
                w * Fraction(row["share"]) if "share" in row else Fraction(row["points"]) * w / own
            )
    return Fraction(0)


def spread(items: list[Plain], inputs: Plain) -> dict[str, Fraction]:
    """Whole cents first, what is left one by one to whoever is furthest from the due."""
    left = [
        i for i in items if Fraction(i["weight"]) and applies(i["formula"], inputs.get(i["code"]))
    ]
    whole = sum(Fraction(item["weight"]) for item in items)
    kept = sum(Fraction(item["weight"]) for item in left)
    due = {item["code"]: whole * Fraction(item["weight"]) / kept for item in left}
    given = {code: Fraction(floor(share * 100), 100) for code, share in due.items()}
    while sum(given.values()) < whole and given:
        neediest = max(due, key=lambda code: due[code] - given[code])
        given[neediest] += Fraction(1, 100)
    return given


def month(scheme: Plain, inputs: Plain) -> tuple[dict[str, Fraction], Fraction | None, str]:
    """Every item's points, the total (None: not rated), the band."""
    points: dict[str, Fraction] = {}
    total: Fraction | None = Fraction(0)
    for group in scheme["groups"]:
        items = [item for item in scheme["items"] if item["group"] == group["code"]]
        weights = spread(items, inputs)
        scores = []
        for item in items:
            code, own = item["code"], Fraction(item["weight"])
            if own and code not in weights:
                continue
            exact = exact_points(item["formula"], inputs.get(code), weights.get(code, own), own)
            points[code] = to_the_cent(exact)
            scores.append(points[code])
        if any(Fraction(item["weight"]) for item in items) and not weights:
            total = None
        if total is not None:
            low, high = Fraction(group["minimum"]), Fraction(group["maximum"])
            total += min(max(sum(scores, Fraction(0)), low), high)
    if total is None:
        return points, None, ""
    standing = max(to_the_cent(total), Fraction(0))
    bands = sorted(scheme["bands"], key=lambda band: Fraction(band["from"]), reverse=True)
    band = next(band["code"] for band in bands if standing >= Fraction(band["from"]))
    vetoes = [item["code"] for item in scheme["items"] if item["formula"].get("is_veto")]
    if any((inputs.get(code) or {}).get("cases") for code in vetoes):
        band = scheme["veto_band"]
    return points, total, band
