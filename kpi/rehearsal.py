"""A draft of the scheme tried on the last three closed months: who and which points change.

Stored sheets give the inputs, also adjusted ones; what the draft counts anew is asked of the
metrics at the same cut, for all managers at once. Nothing is stored but the report::

    {"months": [{"month", "people", "changed", "mean_before", "mean_after",
                 "bands_before": {band: people}, "bands_after": {…}, "recounted": [codes],
                 "lines": [{"manager": {…}, "branch": {…},
                            "before": {"total", "band", "why_not"}, "after": {…},
                            "groups": [{"code", "before", "after"}],
                            "items": [{"code", "names", "before", "after", "weight_before",
                                       "weight_after", "inputs_before", "inputs_after"}]}]}],
     "is_outdated": false}

``lines`` are those whose total, band or any item's points change, the largest loss first; a band
"" is not rated. Outdated: the draft was changed before the worker came to it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import F

from core.jobs import Effect, Progress
from core.periods import Month, local_date
from kpi.breakdown import NO_SOURCE, plain
from kpi.computing import ByManager, counted_inputs, presence_in, scored_as_far
from kpi.inputs import Inputs
from kpi.models import Rehearsal, Scheme, ScoreSheet, SheetVersion
from kpi.rules import mean_of
from kpi.scheme import Item, SchemeContent, parsed

MONTHS: Final = 3
_BATCH: Final = 500


def rehearse(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """The job: make the report of one rehearsal."""
    rehearsal = Rehearsal.objects.select_related("scheme").get(pk=args["rehearsal"])
    scheme = rehearsal.scheme
    report: dict[str, Any] = {"months": [], "is_outdated": True}
    if scheme.digest == rehearsal.scheme_digest:
        content, months = parsed(scheme.content), closed_months(at)
        report = {"months": [], "is_outdated": False}
        for done, month in enumerate(months):
            progress.report(done, len(months))
            report["months"].append(rehearsed_month(content, month))

    def write() -> dict[str, Any]:
        Rehearsal.objects.filter(pk=rehearsal.pk).update(report=report, made_at=at)
        return {"rehearsal": rehearsal.pk}

    return write


def closed_months(at: datetime) -> list[Month]:
    """The last three months with sheets that have ended, earliest first."""
    current = Month.containing(local_date(at)).key
    keys = (
        ScoreSheet.objects.filter(month__lt=current)
        .order_by("-month")
        .values_list("month", flat=True)
        .distinct()[:MONTHS]
    )
    return sorted(Month.parse(key) for key in keys)


def rehearsed_month(scheme: SchemeContent, month: Month) -> dict[str, Any]:
    """One month under another scheme; the statements follow the items that are counted anew."""
    sheets = ScoreSheet.objects.filter(month=month.key).order_by()
    anew = _counted_anew(scheme, sheets.values_list("scheme_id", flat=True).distinct())
    counted = {
        cut: _recounted(
            scheme, anew, month, sheets.filter(cut_at=cut).values_list("manager_id", flat=True), cut
        )
        for cut in sheets.values_list("cut_at", flat=True).distinct()
    }
    compared = [
        comparison(content, scheme, counted[cut].get(manager_id, {}))
        for content, manager_id, cut in SheetVersion.objects.filter(
            sheet__month=month.key, number=F("sheet__newest")
        )
        .order_by("sheet__branch__code", "sheet__manager__sort_key", "sheet_id")
        .values_list("content", "sheet__manager_id", "sheet__cut_at")
        .iterator(chunk_size=_BATCH)
    ]
    return {"month": month.key, "recounted": sorted(anew), **_summed_up(compared)}


def _counted_anew(scheme: SchemeContent, scheme_ids: Iterable[int]) -> frozenset[str]:
    """Items that some sheet's scheme does not have, or counts in another way."""
    contents = Scheme.objects.filter(pk__in=list(scheme_ids)).values_list("content", flat=True)
    olds = [parsed(content).by_code for content in contents]
    return frozenset(
        item.code
        for item in scheme.items
        if any(not _is_same_source(item, old.get(item.code)) for old in olds)
    )


def _is_same_source(item: Item, old: Item | None) -> bool:
    return old is not None and old.metric == item.metric and old.formula.kind == item.formula.kind


def _recounted(
    scheme: SchemeContent,
    anew: Collection[str],
    month: Month,
    manager_ids: Iterable[int],
    cut: datetime,
) -> ByManager:
    if not anew:
        return {}
    return counted_inputs(scheme, month, list(manager_ids), cut, only=anew)


@dataclass(frozen=True)
class Comparison:
    """One manager's month before and after; ``line`` is None where nothing changes."""

    before: Decimal | None
    after: Decimal | None
    band_before: str
    band_after: str
    line: Mapping[str, Any] | None


def comparison(
    content: Mapping[str, Any], scheme: SchemeContent, counted: Mapping[str, Inputs | None]
) -> Comparison:
    """A frozen sheet beside what the scheme makes of its inputs.

    ``counted`` gives the inputs of items that the sheet does not hold in this form.
    """
    lines = _lines(content)
    made, _wrong = scored_as_far(scheme, _inputs(lines, scheme, counted), presence_in(content))
    new = plain(made)
    before = None if content["total"] is None else Decimal(content["total"])
    heads = [_head(content), _head(new)]
    items = _changed_items(lines, _lines(new))
    line = None
    if heads[0] != heads[1] or items:
        line = {
            "manager": content["manager"],
            "branch": content["branch"],
            "before": heads[0],
            "after": heads[1],
            "groups": _changed_groups(content, new),
            "items": items,
        }
    return Comparison(before, made.total, content["band"], made.band, line)


def _head(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: content[key] for key in ("total", "band", "why_not")}


def _lines(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {item["code"]: item for group in content["groups"] for item in group["items"]}


def _inputs(
    lines: Mapping[str, Mapping[str, Any]],
    scheme: SchemeContent,
    counted: Mapping[str, Inputs | None],
) -> dict[str, Inputs | None]:
    """What the sheet holds where it was counted in the same way; what was counted anew else."""
    found: dict[str, Inputs | None] = {}
    for item in scheme.items:
        line = lines.get(item.code)
        is_held = (
            line is not None
            and line["metric"] == item.metric
            and line["formula"]["kind"] == item.formula.kind
        )
        if line is not None and is_held:
            if line["why_not"] != NO_SOURCE:
                found[item.code] = line["inputs"]
        elif item.code in counted:
            found[item.code] = counted[item.code]
    return found


def _changed_items(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Items whose points differ, those that are gone last; no points where there is no line."""
    changed = []
    for code in dict.fromkeys([*new, *old]):
        one, two = old.get(code), new.get(code)
        before, after = one and one["score"], two and two["score"]
        if before == after:
            continue
        known = two or one
        changed.append(
            {
                "code": code,
                "names": known and known["names"],
                "before": before,
                "after": after,
                "weight_before": one and one["effective"],
                "weight_after": two and two["effective"],
                "inputs_before": one and one["inputs"],
                "inputs_after": two and two["inputs"],
            }
        )
    return changed


def _changed_groups(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    one = {group["code"]: group["score"] for group in old["groups"]}
    two = {group["code"]: group["score"] for group in new["groups"]}
    return [
        {"code": code, "before": one.get(code), "after": two.get(code)}
        for code in dict.fromkeys([*two, *one])
        if one.get(code) != two.get(code)
    ]


def _summed_up(compared: Collection[Comparison]) -> dict[str, Any]:
    changed = [one for one in compared if one.line is not None]
    changed.sort(key=lambda one: (one.after or Decimal(0)) - (one.before or Decimal(0)))
    return {
        "people": len(compared),
        "changed": len(changed),
        "mean_before": _text(mean_of([one.before for one in compared])),
        "mean_after": _text(mean_of([one.after for one in compared])),
        "bands_before": dict(Counter(one.band_before for one in compared)),
        "bands_after": dict(Counter(one.band_after for one in compared)),
        "lines": [one.line for one in changed],
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"
