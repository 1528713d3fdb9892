"""A branch's targets as they were issued: progress, who has acknowledged, the versions (T1, T2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from core.chips import chip
from core.formats import month_day, month_name, number
from core.periods import Month, local_date
from core.requests import SignedInRequest
from kpi.choices import Adding
from kpi.labels import label_set_of, name_of, unit_name
from kpi.models import Indicator, TargetSheet, TargetVersion, WorkItem
from kpi.queries.results import (
    Progress,
    Reached,
    days_of,
    progress_of,
    results_at,
)
from kpi.queries.targets import (
    TargetView,
    acknowledged_by,
    issued_version,
    managers_in,
)
from kpi.target_contents import Content, changes
from kpi.target_permissions import can_prepare, sees_targets
from kpi.views.shared import neighbours
from kpi.views.target_rows import progress_row, shown
from organization.models import Branch

# Issued


def unissued_page(request: SignedInRequest, view: TargetView, at: datetime) -> HttpResponse:
    """For those who see the branch and do not prepare its targets: not issued yet."""
    previous_url, next_url = neighbours("targets", view.month, view.branch.pk)
    context = {
        "month": view.month,
        "branch": view.branch,
        "previous_url": previous_url,
        "next_url": next_url,
        "title": _("%(month)s目标还没有下达") % {"month": month_name(view.month)},
    }
    return render(request, "kpi/targets_unissued.html", context)


def issued_page(
    request: SignedInRequest, branch: Branch, month: Month, sheet: TargetSheet, at: datetime
) -> HttpResponse:
    """What was issued, how far everybody is, who has acknowledged."""
    version = issued_version(sheet)
    content = version.content
    label_set = label_set_of(month)
    actor = request.actor
    done = acknowledged_by(version)
    ids = managers_in(content)
    reached = results_at(month, ids, at)
    indicators = content_indicators(content)
    progress = branch_progress(content, indicators, reached, month, at)
    items = _standing_items(content)
    previous_url, next_url = neighbours("targets", month, branch.pk)
    sees_all = sees_targets(actor, branch.pk)
    waiting = [one["name"] for one in content["managers"] if one["id"] not in done]
    context = {
        "month": month,
        "branch": branch,
        "sheet": sheet,
        "version": version,
        "title": _issued_headline(month, content, done),
        "at": at,
        "progress": [progress_row(one, label_set) for one in progress],
        "heads": [
            (name_of(line["labels"], label_set), unit_name(line["unit"]))
            for line in content["lines"]
        ],
        "people": [
            _person_row(one, content, reached, items, done, month) for one in content["managers"]
        ],
        "totals": _totals(content),
        "waiting": waiting if sees_all else [],
        "priorities": content["priorities"],
        "resources": content["resources"],
        "why_no_items": content["why_no_items"],
        "reasons": reasons_of(content, label_set),
        "versions": version_lines(sheet, label_set),
        "may_revise": can_prepare(actor, branch.pk),
        "sees_all": sees_all,
        "previous_url": previous_url,
        "next_url": next_url,
    }
    return render(request, "kpi/targets_issued.html", context)


def content_indicators(content: Content) -> dict[str, Indicator]:
    """The indicators of a content as they were when it was issued."""
    return {
        line["code"]: Indicator(
            code=line["code"],
            labels=line["labels"],
            unit=line["unit"],
            places=line["places"],
            direction=line["direction"],
            adding=line["adding"],
        )
        for line in content["lines"]
    }


def branch_progress(
    content: Content,
    indicators: Mapping[str, Indicator],
    reached: Mapping[tuple[int, str], Reached],
    month: Month,
    at: datetime,
) -> list[Progress]:
    """The branch's progress by indicator; one query for the working days."""
    days, today = days_of(month), local_date(at)
    ids = managers_in(content)
    return [
        progress_of(
            indicators[line["code"]],
            Decimal(line["value"]),
            [reached[each, line["code"]] for each in ids if (each, line["code"]) in reached],
            days,
            today,
        )
        for line in content["lines"]
    ]


def _standing_items(content: Content) -> dict[int, WorkItem]:
    """The issued items that still stand, by id; one query."""
    ids = [item["id"] for item in content["items"]]
    return WorkItem.objects.select_related("manager", "indicator").in_bulk(ids)


@dataclass(frozen=True)
class PersonRow:
    """A manager's line in the branch's table."""

    name: str
    job_number: str
    url: str
    cells: Sequence[tuple[str, str, bool]]
    work: str
    acknowledged: str


def _person_row(
    one: Mapping[str, Any],
    content: Content,
    reached: Mapping[tuple[int, str], Reached],
    items: Mapping[int, WorkItem],
    done: Mapping[int, datetime],
    month: Month,
) -> PersonRow:
    own = [item for item in content["items"] if item["manager"] == one["id"]]
    finished = sum(
        1 for item in own if item["id"] in items and items[item["id"]].done >= item["quantity"]
    )
    acknowledged_at = done.get(one["id"])
    return PersonRow(
        one["name"],
        one["job_number"],
        reverse("target-of", args=[month.key, one["id"]]),
        [_pair(line, one["id"], reached) for line in content["lines"]],
        f"{finished}/{len(own)}" if own else "",
        chip("confirmed", month_day(acknowledged_at))
        if acknowledged_at
        else chip("unsigned", _("未确认")),
    )


def _pair(
    line: Mapping[str, Any], manager_id: int, reached: Mapping[tuple[int, str], Reached]
) -> tuple[str, str, bool]:
    """(reached, target, whether there is a result)."""
    part = next((p["value"] for p in line["parts"] if p["manager"] == manager_id), None)
    found = reached.get((manager_id, line["code"]))
    return (
        shown(found.value if found else None, line["places"]),
        shown(None if part is None else Decimal(part), line["places"]),
        found is not None,
    )


def _totals(content: Content) -> list[str]:
    """Under the parts: what is given out; nothing under what is averaged."""
    return [
        ""
        if line["adding"] == Adding.MEAN
        else number(sum((Decimal(p["value"]) for p in line["parts"]), Decimal(0)), line["places"])
        for line in content["lines"]
    ]


def reasons_of(content: Content, label_set: str) -> list[str]:
    """Why a target is not what was required, and why parts do not add up, in sentences."""
    said = []
    for line in content["lines"]:
        name = name_of(line["labels"], label_set)
        if line["why_not_required"] and line["required"] is not None:
            values = {
                "name": name,
                "required": number(Decimal(line["required"]), line["places"]),
                "why": line["why_not_required"],
            }
            said.append(_("%(name)s：公司要求 %(required)s，%(why)s") % values)
        if line["why_not_sum"] and Decimal(line["lacking"]):
            values = {
                "name": name,
                "n": number(Decimal(line["lacking"]), line["places"]),
                "why": line["why_not_sum"],
            }
            said.append(_("%(name)s：未分下去 %(n)s，%(why)s") % values)
    return said


def _issued_headline(month: Month, content: Content, done: Mapping[int, datetime]) -> str:
    waiting = sum(1 for each in managers_in(content) if each not in done)
    name = month_name(month)
    if waiting:
        return _("%(month)s目标已下达，%(n)d 人还没有确认") % {"month": name, "n": waiting}
    return _("%(month)s目标已下达，都确认了") % {"month": name}


@dataclass(frozen=True)
class VersionLine:
    """A version in the history: what it changed against the one before."""

    version: TargetVersion
    changes: Sequence[Any]


def version_lines(sheet: TargetSheet, label_set: str) -> list[VersionLine]:
    """All versions, newest first, with what each changed; one query."""
    versions = list(sheet.versions.select_related("issued_by").order_by("number"))
    found = []
    for place, version in enumerate(versions):
        before = versions[place - 1] if place else None
        told = changes(before.content, version.content, label_set) if before else []
        found.append(VersionLine(version, told))
    return found[::-1]
