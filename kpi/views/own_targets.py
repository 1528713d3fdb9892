"""A manager's own month: targets and progress, priorities, resources, work (T3, T4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import NotFound
from core.formats import month_name
from core.pages import toast
from core.periods import Month
from core.requests import SignedInRequest, whole_number
from kpi.choices import Adding
from kpi.labels import label_set_of
from kpi.models import Acknowledgement, TargetSheet, TargetVersion, WorkItem
from kpi.operations.targets import acknowledge_targets
from kpi.queries.indicators import open_indicators
from kpi.queries.results import (
    Progress,
    manager_progress,
)
from kpi.queries.targets import (
    issued_version,
    manager_for,
    own_versions,
    target_branch,
)
from kpi.target_contents import Content
from kpi.views.shared import neighbours
from kpi.views.target_pages import content_indicators
from kpi.views.target_rows import progress_row, work_line
from organization.models import Person


@require_safe
def target_of(request: SignedInRequest, month: Month, manager: int) -> HttpResponse:
    """A manager's month: targets and progress, priorities, resources, work (T3, T4)."""
    at = clock.now()
    person = manager_for(request.actor, manager)
    is_own = person.pk == request.actor.person_id
    versions = own_versions(request.actor, month, person.pk)
    label_set = label_set_of(month)
    contents = [version.content for version in versions]
    indicators = {each.code: each for each in open_indicators()}
    for content in contents:
        indicators |= content_indicators(content)
    progress = manager_progress(month, person.pk, at, list(indicators.values()))
    done = {
        one.issued_id: one.acknowledged_at
        for one in Acknowledgement.objects.filter(issued__in=versions, manager=person)
    }
    work = [work_line(item, at) for content in contents for item in _own_items(content, person.pk)]
    previous_url, next_url = neighbours("target-of", month, person.pk)
    context = {
        "month": month,
        "person": person,
        "is_own": is_own,
        "title": _own_headline(month, versions, progress, done, person, is_own=is_own),
        "at": at,
        "sheets": [(version, done.get(version.pk)) for version in versions],
        "progress": [progress_row(one, label_set) for one in progress],
        "work": work,
        "work_done": sum(1 for one in work if one.is_done),
        "previous_url": previous_url,
        "next_url": next_url,
    }
    return render(request, "kpi/target_of.html", context)


def _own_items(content: Content, manager_id: int) -> list[WorkItem]:
    """The manager's issued items, as they were issued, with what is done of them; one query."""
    issued = {item["id"]: item for item in content["items"] if item["manager"] == manager_id}
    found = WorkItem.objects.select_related("indicator").filter(pk__in=issued)
    items = []
    for item in found.order_by("due_on", "pk"):
        one = issued[item.pk]
        item.what, item.quantity, item.unit = one["what"], one["quantity"], one["unit"]
        item.resource = one["resource"]
        items.append(item)
    return items


def _own_headline(
    month: Month,
    versions: Sequence[TargetVersion],
    progress: Sequence[Progress],
    done: Mapping[int, datetime],
    person: Person,
    *,
    is_own: bool,
) -> str:
    name = month_name(month)
    whose = name if is_own else f"{person.name} {name}"
    if not versions:
        return _("%(month)s目标还没有下达") % {"month": whose}
    if is_own and any(version.pk not in done for version in versions):
        return _("%(month)s目标已下达，请确认") % {"month": whose}
    said = _behind_words(progress)
    if said:
        return _("%(month)s目标：%(said)s") % {"month": whose, "said": said}
    if any(one.pace.actual is not None for one in progress):
        return _("%(month)s目标：都跟上了进度") % {"month": whose}
    return _("%(month)s目标：还没有结果") % {"month": whose}


def _behind_words(progress: Sequence[Progress]) -> str:
    """How many add up too slowly, and how many means miss their target; "" for none."""
    behind = [one for one in progress if one.pace.is_behind]
    means = sum(one.indicator.adding == Adding.MEAN for one in behind)
    found = []
    if len(behind) > means:
        found.append(_("%(n)d 项落后进度") % {"n": len(behind) - means})
    if means:
        found.append(_("%(n)d 项未达目标") % {"n": means})
    return _("，").join(found)


@require_POST
def target_acknowledge(request: SignedInRequest, month: Month, branch: int) -> HttpResponse:
    """A manager acknowledges what was issued."""
    at = clock.now()
    found = target_branch(request.actor, branch)
    sheet = TargetSheet.objects.filter(branch=found, month=month.key).first()
    if sheet is None:
        raise NotFound
    version = issued_version(sheet, whole_number(request.POST.get("number")))
    acknowledge_targets(version_id=version.pk, actor=request.actor, at=at)
    toast(request, _("已确认"))
    return HttpResponseRedirect(reverse("target-of", args=[month.key, request.actor.somebody]))


urlpatterns = [
    path("targets/<month:month>/of/<int:manager>/", target_of, name="target-of"),
    path(
        "targets/<month:month>/<int:branch>/acknowledge/",
        target_acknowledge,
        name="target-acknowledge",
    ),
]
