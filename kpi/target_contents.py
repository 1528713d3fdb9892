"""A target sheet as it is issued: one frozen value for page, paper, workbook and API.

::

    {"month", "branch": {"id", "code", "name"}, "priorities", "resources", "why_no_items",
     "lines": [{"code", "labels", "unit", "places", "direction", "adding",
                "required", "value", "why_not_required", "method", "why_not_sum", "lacking",
                "parts": [{"manager", "value", "basis"}]}],
     "managers": [{"id", "job_number", "name"}],
     "items": [{"id", "manager", "code", "what", "quantity", "unit", "due_on", "resource"}]}

Numbers are decimal text, days ISO; labels hold every set and language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.formats import number
from kpi.labels import name_of, unit_name
from kpi.models import Allocation, TargetLine, WorkItem
from kpi.targets_rules import lacking
from organization.models import Branch, Person

Content = dict[str, Any]


def target_content(
    branch: Branch,
    month: str,
    *,
    texts: Mapping[str, str],
    lines: list[TargetLine],
    required: Mapping[str, Decimal],
    managers: list[Person],
    items: list[WorkItem],
) -> Content:
    """The content; ``lines`` have a target and come with their indicator and allocations,
    ``texts`` are the sheet's priorities, resources and why_no_items."""
    return {
        "month": month,
        "branch": {"id": branch.pk, "code": branch.code, "name": branch.name},
        **texts,
        "lines": [_line(line, required.get(line.indicator.code)) for line in lines],
        "managers": [
            {"id": one.pk, "job_number": one.job_number, "name": one.name} for one in managers
        ],
        "items": [
            {
                "id": item.pk,
                "manager": item.manager_id,
                "code": item.indicator.code if item.indicator else "",
                "what": item.what,
                "quantity": item.quantity,
                "unit": item.unit,
                "due_on": item.due_on.isoformat(),
                "resource": item.resource,
            }
            for item in items
        ],
    }


def _line(line: TargetLine, required: Decimal | None) -> dict[str, Any]:
    indicator = line.indicator
    parts = list(line.allocations.all())
    return {
        "code": indicator.code,
        "labels": indicator.labels,
        "unit": indicator.unit,
        "places": indicator.places,
        "direction": indicator.direction,
        "adding": indicator.adding,
        "required": _text(required, indicator.places),
        "value": _text(line.value, indicator.places),
        "why_not_required": line.why_not_required,
        "method": line.method,
        "why_not_sum": line.why_not_sum,
        "lacking": _text(
            lacking(line.value or Decimal(0), [part.value for part in parts], indicator.adding),
            indicator.places,
        ),
        "parts": [_part(part, indicator.places) for part in parts],
    }


def _part(part: Allocation, places: int) -> dict[str, Any]:
    return {
        "manager": part.manager_id,
        "value": _text(part.value, places),
        "basis": None if part.basis is None else str(part.basis),
    }


def _text(value: Decimal | None, places: int) -> str | None:
    return None if value is None else f"{value:.{places}f}"


def part_of(content: Content, manager_id: int, code: str) -> Decimal | None:
    """What a manager was given of an indicator; None where nothing."""
    for line in content["lines"]:
        if line["code"] == code:
            for part in line["parts"]:
                if part["manager"] == manager_id:
                    return Decimal(part["value"])
    return None


@dataclass(frozen=True)
class Change:
    """What a revision changed: of what, the old value and the new, "" where there was none."""

    label: str
    old: str
    new: str


def changes(old: Content, new: Content, label_set: str) -> list[Change]:
    """What differs between two issued contents, line by line, in the page's order."""
    before, after = _flat(old, label_set), _flat(new, label_set)
    return [
        Change(label, before.get(label, ""), after.get(label, ""))
        for label in dict.fromkeys([*after, *before])
        if before.get(label, "") != after.get(label, "")
    ]


def _flat(content: Content, label_set: str) -> dict[str, str]:
    people = {one["id"]: one["name"] for one in content["managers"]}
    flat: dict[str, str] = {}
    for line in content["lines"]:
        name = name_of(line["labels"], label_set)
        places = line["places"]
        flat[name] = f"{number(Decimal(line['value']), places)} {unit_name(line['unit'])}"
        for part in line["parts"]:
            who = people.get(part["manager"], str(part["manager"]))
            flat[f"{name} {who}"] = number(Decimal(part["value"]), places)
    flat[_("工作重点")] = content["priorities"]
    flat[_("可利用资源")] = content["resources"]
    for item in content["items"]:
        who = people.get(item["manager"], str(item["manager"]))
        flat[f"{who} {item['what']}"] = (
            f"{item['quantity']} {unit_name(item['unit'])} {item['due_on']}"
        )
    return {label: text for label, text in flat.items() if text}
