"""A branch's target sheet: where it is prepared, issued and revised (T1, T2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.drafts import save_in_turn
from core.errors import NotFound, Refused, Stale
from core.formats import month_name, number
from core.pages import toast
from core.parts import ErrorLink, FormPart
from core.periods import Month, local_date
from core.queries import calendar
from core.requests import SignedInRequest, autosaved
from duties.month_queries import month_end_of
from kpi.choices import Adding, Method, TargetState
from kpi.labels import indicator_name, label_set_of, unit_name
from kpi.models import Indicator, TargetVersion
from kpi.operations.targets import branch_to_prepare, issue_targets, write_targets
from kpi.queries.targets import LineView, TargetView, entry_of, lines_of, target_branch, target_view
from kpi.target_entries import TargetEntry
from kpi.target_fields import applied, fields_of
from kpi.target_permissions import can_issue, can_prepare, sees_targets
from kpi.target_words import bar_problems
from kpi.targets_rules import targets_due_at
from kpi.views.shared import neighbours, posted, seen_branches
from kpi.views.target_pages import issued_page, unissued_page
from kpi.views.target_rows import part_rows, work_groups
from organization.choices import Role
from organization.in_force import settings_of
from organization.models import Branch


@require_safe
def targets_now(request: SignedInRequest) -> HttpResponse:
    """This month's: a manager's own, a leader's branch, the market department's company."""
    actor = request.actor
    month = Month.containing(local_date(clock.now())).key
    if actor.has_role(Role.MANAGER) and not actor.led_branches:
        return HttpResponseRedirect(reverse("target-of", args=[month, actor.somebody]))
    if actor.reads_all:
        return HttpResponseRedirect(reverse("targets-company", args=[month]))
    branches = seen_branches(actor)
    if not branches:
        raise NotFound
    return HttpResponseRedirect(reverse("targets", args=[month, branches[0].pk]))


@require_safe
def targets(request: SignedInRequest, month: Month, branch: int) -> HttpResponse:
    """Where the sheet is prepared; whoever only reads, and everybody once it is issued, gets
    what was issued with its progress."""
    at = clock.now()
    actor = request.actor
    found = target_branch(actor, branch)
    view = target_view(found, month)
    may_write = can_prepare(actor, found.pk) and at <= month_end_of(month).frozen_at
    is_edited = view.sheet.state != TargetState.ISSUED or "edit" in request.GET
    if may_write and is_edited and "issued" not in request.GET:
        return edit_page(request, view, at)
    if view.sheet.newest:
        return issued_page(request, found, month, view.sheet, at)
    if not sees_targets(actor, found.pk):
        raise NotFound
    return unissued_page(request, view, at)


@dataclass(frozen=True)
class LineRow:
    """An indicator's line on the page."""

    code: str
    name: str
    unit: str
    required: str
    fields: Mapping[str, str]
    methods: Sequence[tuple[str, str]]
    is_mean: bool
    differs: bool
    lacks: bool
    given: str
    wrong: str = ""

    @property
    def value(self) -> str:
        """The branch's target."""
        return self.fields[f"value:{self.code}"]

    @property
    def method(self) -> str:
        """How it is given out."""
        return self.fields[f"method:{self.code}"]

    @property
    def why(self) -> str:
        """Why it is not what the company requires."""
        return self.fields[f"why:{self.code}"]

    @property
    def why_sum(self) -> str:
        """Why the parts do not add up."""
        return self.fields[f"why_sum:{self.code}"]


def edit_page(
    request: SignedInRequest,
    view: TargetView,
    at: datetime,
    *,
    fields: Mapping[str, str] | None = None,
    links: Sequence[ErrorLink] = (),
    status: int = 200,
) -> HttpResponse:
    """The form; ``fields`` are what was typed when it was refused."""
    month, branch, sheet = view.month, view.branch, view.sheet
    label_set = label_set_of(month)
    people = {one.pk: one.name for one in view.managers}
    indicators = {line.indicator.code: line.indicator for line in view.lines}
    shown = fields_of(entry_of(sheet, lines_of(sheet)), indicators, people) | dict(fields or {})
    problems = bar_problems(view)
    previous_url, next_url = neighbours("targets", month, branch.pk)
    newest = TargetVersion.objects.filter(sheet_id=sheet.pk, number=sheet.newest).first()
    context = {
        "month": month,
        "branch": branch,
        "sheet": sheet,
        "version": sheet.version,
        "newest": newest,
        "title": _headline(view, problems, may_issue=can_issue(request.actor, branch.pk)),
        "at": at,
        "due_at": _due_at(branch, month),
        "lines": [_row(line, shown, label_set) for line in view.lines],
        "rows": part_rows(view, shown, label_set),
        "texts": {name: shown[name] for name in ("priorities", "resources", "why_no_items")},
        "work": work_groups(view.items, month),
        "has_items": bool(view.items),
        "why_revised": shown.get("why_revised", ""),
        "may_issue": can_issue(request.actor, branch.pk),
        "bars": problems,
        "parts": _parts(view, problems),
        "links": links,
        "wrong_ids": {link.anchor for link in links},
        "previous_url": previous_url,
        "next_url": next_url,
    }
    return render(request, "kpi/targets_edit.html", context, status=status)


def _due_at(branch: Branch, month: Month) -> datetime:
    days = calendar(month.year, month.next.year)
    own = settings_of(branch.pk, month.first)
    return targets_due_at(month, days, own.targets_day, own.close_of_business)


def _headline(view: TargetView, problems: Sequence[Any], *, may_issue: bool) -> str:
    name = month_name(view.month)
    if view.sheet.state == TargetState.ISSUED:
        return _("%(month)s目标：第 %(n)d 版已下达，改动后要重新下达") % {
            "month": name,
            "n": view.sheet.newest,
        }
    if view.sheet.state == TargetState.REVISING:
        return _("%(month)s目标：修订中，未下达") % {"month": name}
    if not view.sheet.pk:
        return _("%(month)s目标还没有编制") % {"month": name}
    apart = next((line for line in view.lines if line.lacking), None)
    if apart is not None:
        values = {
            "month": name,
            "name": indicator_name(apart.indicator, label_set_of(view.month)),
            "n": number(abs(apart.lacking), apart.indicator.places),
        }
        if apart.lacking > 0:
            return _("%(month)s目标：%(name)s还差 %(n)s 没有分下去") % values
        return _("%(month)s目标：%(name)s多分了 %(n)s") % values
    if problems:
        return _("%(month)s目标：都分下去了，还有 %(n)d 处要补") % {
            "month": name,
            "n": len(problems),
        }
    if not may_issue:
        return _("%(month)s目标：都分下去了，等总经理或副总经理下达") % {"month": name}
    return _("%(month)s目标：都分下去了，可以下达") % {"month": name}


def _row(line: LineView, shown: Mapping[str, str], label_set: str) -> LineRow:
    indicator = line.indicator
    return LineRow(
        code=indicator.code,
        name=indicator_name(indicator, label_set),
        unit=unit_name(indicator.unit),
        required="" if line.required is None else number(line.required, indicator.places),
        fields=shown,
        methods=[(str(value), str(label)) for value, label in Method.choices],
        is_mean=indicator.adding == Adding.MEAN,
        differs=line.differs,
        lacks=bool(line.lacking),
        given=given_text(line),
    )


def given_text(line: LineView) -> str:
    """What is given out of a line, and what is not."""
    if line.value is None:
        return ""
    places = line.indicator.places
    if line.indicator.adding == Adding.MEAN:
        return _("取平均，不相加")
    if not line.lacking:
        return _without_basis(line) or _("都分下去了")
    values = {"n": number(abs(line.lacking), places), "given": number(line.given, places)}
    if line.lacking > 0:
        return _("已分 %(given)s，还差 %(n)s") % values
    return _("已分 %(given)s，多分 %(n)s") % values


def _without_basis(line: LineView) -> str:
    """That a year ago there is nothing to give out by, where the parts rest on it."""
    if line.method != Method.LAST_YEAR or line.has_last_year:
        return ""
    return _("去年同期没有完成数，按平均分")


def _parts(view: TargetView, problems: Sequence[Any]) -> list[FormPart]:
    """The parts of the form in the rail."""
    fields = [problem.field.partition(":")[0] for problem in problems]
    told = {
        "lines": sum(1 for each in fields if each in ("value", "why", "")),
        "people": sum(1 for each in fields if each in ("part", "why_sum")),
        "work": sum(1 for each in fields if each == "why_no_items"),
    }
    done = sum(1 for line in view.lines if line.value is not None)
    texts = [view.sheet.priorities, view.sheet.resources]
    return [
        FormPart(
            _("一 指标"),
            "lacking" if told["lines"] else "confirmed",
            f"{done}/{len(view.lines)}",
            "lines",
        ),
        FormPart(
            _("二 分解"),
            "lacking" if told["people"] else "confirmed",
            _("%(n)d 人") % {"n": len(view.managers)},
            "people",
        ),
        FormPart(
            _("三 工作内容"),
            "lacking" if told["work"] else "confirmed",
            _("%(n)d 件") % {"n": len(view.items)},
            "work",
        ),
        FormPart(
            _("四 重点与资源"),
            "confirmed" if all(texts) else "late",
            "",
            "texts",
        ),
    ]


# Writing


@require_http_methods(["PATCH", "POST"])
def target_write(request: SignedInRequest, month: Month, branch: int) -> HttpResponse:
    """What is typed, as it is typed; parts are computed and told."""
    at = clock.now()
    found = branch_to_prepare(request.actor, branch, month, at)
    view = target_view(found, month)
    sent = (autosaved if request.method == "PATCH" else posted)(request)
    fields = sent.fields
    people = {one.pk: one.name for one in view.managers}
    indicators = {line.indicator.code: line.indicator for line in view.lines}
    typed = applied(entry_of(view.sheet, lines_of(view.sheet)), fields, indicators, people)
    try:
        version = save_in_turn(
            owner_id=request.actor.somebody,
            thing=f"targets:{month.key}:{found.pk}",
            expected_version=sent.version,
            at=at,
            window=sent.window,
            save=lambda version: (
                write_targets(
                    branch_id=found.pk,
                    month=month,
                    entry=typed.entry,
                    expected_version=version,
                    actor=request.actor,
                    at=at,
                ).version
            ),
        )
    except Stale as stale:
        if request.method == "PATCH":
            raise Stale(_as_fields(stale.current, indicators, people, at)) from stale
        return _stale_page(request, view, at, fields)
    here = reverse("targets", args=[month.key, found.pk])
    if request.method == "POST":
        if typed.wrong:
            links = [ErrorLink(why, f"id-{name}") for name, why in typed.wrong.items()]
            fresh = target_view(found, month)
            wrong = {name: str(fields[name]) for name in typed.wrong}
            return edit_page(request, fresh, at, fields=wrong, links=links, status=422)
        toast(request, _("已保存"))
        return HttpResponseRedirect(f"{here}?edit=1")
    may_issue = can_issue(request.actor, found.pk)
    return JsonResponse(
        _followed(target_view(found, month), fields, typed.wrong, version, at, may_issue=may_issue)
    )


def _followed(
    view: TargetView,
    fields: Mapping[str, Any],
    wrong: Mapping[str, str],
    version: int,
    at: datetime,
    *,
    may_issue: bool,
) -> dict[str, Any]:
    """What the script shows: the computed parts, what is left, which reasons are asked for."""
    people = {one.pk: one.name for one in view.managers}
    indicators = {line.indicator.code: line.indicator for line in view.lines}
    now = fields_of(entry_of(view.sheet, lines_of(view.sheet)), indicators, people)
    problems = bar_problems(view)
    touched = {name.split(":")[1] for name in fields if ":" in name}
    return {
        "version": str(version),
        "saved_at": at.isoformat(),
        "fields": {
            name: value
            for name, value in now.items()
            if name.split(":")[0] in ("part", "method") and name.split(":")[1] in touched
            and name not in wrong
        },
        "errors": dict(wrong),
        "right": [name for name in fields if name not in wrong],
        "bars": [
            {"field": problem.field, "message": str(problem.message)} for problem in problems
        ],
        "rail": render_to_string("components/rail_parts.html", {"parts": _parts(view, problems)}),
        "texts": {
            "title": _headline(view, view.bars, may_issue=may_issue),
            **{f"given:{line.indicator.code}": given_text(line) for line in view.lines},
        },
        "shown": {
            **{f"why:{line.indicator.code}": line.differs for line in view.lines},
            **{f"why_sum:{line.indicator.code}": bool(line.lacking) for line in view.lines},
        },
    }  # fmt: skip


def _as_fields(
    current: Mapping[str, Any],
    indicators: Mapping[str, Indicator],
    people: Mapping[int, str],
    at: datetime,
) -> dict[str, Any]:
    """What stands now, by the form's names."""
    entry: TargetEntry = current["entry"]
    return {
        "version": str(current["version"]),
        "saved_at": at.isoformat(),
        "fields": fields_of(entry, indicators, people),
    }


def _stale_page(
    request: SignedInRequest, view: TargetView, at: datetime, fields: Mapping[str, Any]
) -> HttpResponse:
    """The form with what was typed, on the version that stands now."""
    typed = {name: str(value) for name, value in fields.items() if name != "version"}
    said = ErrorLink(_("别处刚改过这张目标表；再按一次，就以这里写的为准。"))
    return edit_page(request, view, at, fields=typed, links=[said], status=409)


@require_POST
def target_issue(request: SignedInRequest, month: Month, branch: int) -> HttpResponse:
    """Issue what stands in the form; nothing typed is lost when it cannot be issued."""
    at = clock.now()
    found = branch_to_prepare(request.actor, branch, month, at)
    sent = posted(request)
    fields, version = sent.fields, sent.version
    view = target_view(found, month)
    people = {one.pk: one.name for one in view.managers}
    indicators = {line.indicator.code: line.indicator for line in view.lines}
    before = entry_of(view.sheet, lines_of(view.sheet))
    typed = applied(before, fields, indicators, people)
    if typed.wrong:
        links = [ErrorLink(why, f"id-{name}") for name, why in typed.wrong.items()]
        return edit_page(request, view, at, fields=_plain(fields), links=links, status=422)
    try:
        with transaction.atomic():
            if typed.entry != before:
                version = write_targets(
                    branch_id=found.pk,
                    month=month,
                    entry=typed.entry,
                    expected_version=version,
                    actor=request.actor,
                    at=at,
                ).version
            issued = issue_targets(
                branch_id=found.pk,
                month=month,
                expected_version=version,
                why=str(fields.get("why_revised", "")),
                actor=request.actor,
                at=at,
            )
    except Refused as refused:
        links = [
            ErrorLink(one.message, f"id-{one.field}" if one.field else "")
            for one in refused.problems
        ]
        return edit_page(request, view, at, fields=_plain(fields), links=links, status=422)
    except Stale:
        return _stale_page(request, target_view(found, month), at, fields)
    toast(
        request,
        _("目标已下达（第 %(n)d 版），已通知 %(people)d 人")
        % {"n": issued.number, "people": len(people)},
    )
    return HttpResponseRedirect(reverse("targets", args=[month.key, found.pk]))


def _plain(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in fields.items() if name != "version"}


_ONE = "targets/<month:month>/<int:branch>/"
urlpatterns = [
    path("targets/", targets_now, name="targets-now"),
    path(_ONE, targets, name="targets"),
    path(f"{_ONE}write/", target_write, name="target-write"),
    path(f"{_ONE}issue/", target_issue, name="target-issue"),
]
