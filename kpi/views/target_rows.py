"""Lines of the pages of targets: an indicator's progress, a manager's parts, a work item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from core.formats import month_day, number
from core.periods import Month, local_date
from kpi.choices import Adding
from kpi.labels import indicator_name, unit_name
from kpi.models import WorkItem
from kpi.queries.results import Progress
from kpi.queries.targets import TargetView
from kpi.views.grids import GridCell, GridRow


@dataclass(frozen=True)
class ProgressRow:
    """An indicator's progress as a line: the numbers as text, the bar in per cent."""

    name: str
    unit: str
    target: str
    actual: str
    done: str
    gone: str
    bar: str
    mark: str
    forecast: str
    method: str
    state: str
    state_text: str
    as_of: str


def progress_row(progress: Progress, label_set: str) -> ProgressRow:
    """The line of one indicator."""
    indicator, pace = progress.indicator, progress.pace
    places = indicator.places
    methods = {
        "linear": _("按工作日直线推算"),
        "level": _("取平均，按现在的水平"),
    }
    state, text = "not_due", _("还没有结果")
    is_mean = indicator.adding == Adding.MEAN
    if pace.actual is not None and pace.target is None:
        state, text = "not_applicable", _("没有目标")
    elif pace.is_behind:
        state, text = "late", _("未达目标") if is_mean else _("落后进度")
    elif pace.actual is not None:
        state, text = "done", _("达到目标") if is_mean else _("跟上进度")
    return ProgressRow(
        name=indicator_name(indicator, label_set),
        unit=unit_name(indicator.unit),
        target=shown(pace.target, places),
        actual=shown(pace.actual, places),
        done="" if pace.done is None else f"{pace.done:.1f}%",
        gone="" if pace.gone is None or is_mean else f"{pace.gone:.1f}%",
        bar=_share(pace.done),
        mark="" if is_mean else _share(pace.gone),
        forecast=shown(pace.forecast, places),
        method=methods.get(pace.method, ""),
        state=state,
        state_text=text if progress.is_checked else f"{text}，{_('待复核')}",
        as_of="" if progress.as_of is None else month_day(progress.as_of),
    )


def shown(value: Decimal | None, places: int) -> str:
    return "" if value is None else number(value, places)


def _share(value: Decimal | None) -> str:
    """Per cent for a bar of 100."""
    return "0" if value is None else f"{min(Decimal(100), max(Decimal(0), value)):.1f}"


def part_rows(view: TargetView, fields: Mapping[str, str], label_set: str) -> list[GridRow]:
    """Managers × indicators as editors."""
    return [
        GridRow(
            one.name,
            one.job_number,
            reverse("target-of", args=[view.month.key, one.pk]),
            [
                GridCell(
                    f"part:{line.indicator.code}:{one.pk}",
                    f"{one.name} {indicator_name(line.indicator, label_set)}",
                    fields.get(f"part:{line.indicator.code}:{one.pk}", ""),
                )
                for line in view.lines
            ],
        )
        for one in view.managers
    ]


@dataclass(frozen=True)
class WorkLine:
    """A work item on a page: what, how many, by when, how far."""

    pk: int
    what: str
    about: str
    due: str
    done: int
    quantity: int
    unit: str
    version: int
    state: str
    url: str
    code: str = ""

    @property
    def is_done(self) -> bool:
        """Whether all of it is done."""
        return self.done >= self.quantity


@dataclass(frozen=True)
class WorkGroup:
    """The work of one manager."""

    name: str
    lines: Sequence[WorkLine]


def work_groups(items: Sequence[WorkItem], month: Month) -> list[WorkGroup]:
    """The items by manager."""
    groups: dict[str, list[WorkLine]] = {}
    for item in items:
        groups.setdefault(item.manager.name, []).append(work_line(item, None))
    return [WorkGroup(name, lines) for name, lines in groups.items()]


def work_line(item: WorkItem, at: datetime | None) -> WorkLine:
    is_over = at is not None and item.done < item.quantity and item.due_on < local_date(at)
    state = "done" if item.done >= item.quantity else "overdue" if is_over else "waiting"
    code = item.indicator.code if item.indicator else ""
    return WorkLine(
        item.pk,
        item.what,
        item.resource,
        month_day(item.due_on),
        item.done,
        item.quantity,
        unit_name(item.unit),
        item.version,
        state,
        reverse("work-change", args=[item.pk]),
        code,
    )
