"""Reads for the pages of the weekly summary: a manager's week, what logs say, own weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.actors import Actor
from core.drafts import draft_of
from core.errors import NotFound
from core.lists import KeysetPage, keyset_page
from core.models import Draft
from core.parts import Difference
from core.periods import Week
from duties.models import DutyPeriod
from duties.queries import timetable
from duties.rules import DutyTimes
from organization.models import Branch, Person
from worklogs import figures, rules
from worklogs.belonging import owed_branch, owed_periods
from worklogs.choices import Standing, SummaryState, TextPart
from worklogs.entries import SummaryEntry, draft_key
from worklogs.models import ServiceLog, Summary, SummaryReturn, SummaryVersion
from worklogs.queries import (
    manager_for,
    newest_version,
    period_of,
    sees_week,
    summary_for,
)

# Which of a log's fields a part of the summary can be filled from.
FROM_LOGS: Final = {
    TextPart.NEEDS: "needs",
    TextPart.BEHAVIOUR: "behaviour",
    TextPart.PROBLEMS: "problems",
    TextPart.COMPETITORS: "competitors",
}


@dataclass(frozen=True)
class ManagersWeek:
    """A manager's week as a page shows it; ``times`` is None where no duty is."""

    week: Week
    manager: Person
    branch: Branch
    times: DutyTimes | None
    standing: str
    summary: Summary | None
    newest: SummaryVersion | None
    given_back: SummaryReturn | None
    draft: Draft | None
    at: datetime
    # Up to when logs are counted: now, or what the branch he has left had received.
    cut: datetime

    @property
    def is_open(self) -> bool:
        """Whether it can be filed: not yet, or given back."""
        return self.summary is None or self.summary.state == SummaryState.RETURNED

    @property
    def deadline_at(self) -> datetime:
        """By when services count and the summary is due."""
        if self.summary is not None:
            return self.summary.deadline_at
        return self.times.deadline_at if self.times else self.at

    def counted(self) -> dict[str, int]:
        """The system's figures as they stand now; one statement a source."""
        found = figures.counted([self.manager.pk], self.week, self.deadline_at, self.cut)
        return found[self.manager.pk]

    @property
    def may_file_again(self) -> bool:
        """Whether a filed one may be replaced: before the deadline, while unread."""
        return (
            self.summary is not None
            and not self.is_open
            and self.summary.reviewed_at is None
            and self.at <= self.summary.deadline_at
        )


def managers_week(actor: Actor, manager_id: int, week: Week, at: datetime) -> ManagersWeek:
    """The week of a manager whom the actor may see; NotFound otherwise."""
    manager = manager_for(actor, manager_id, week)
    summary = summary_for(actor, manager_id, week)
    branch = owed_branch(manager, week) or (summary.branch if summary else manager.branch)
    newest = newest_version(summary) if summary else None
    is_seen = newest is None or sees_week(actor, manager_id, branch.pk)
    times = _times(branch, week)
    return ManagersWeek(
        week=week,
        manager=manager,
        branch=branch,
        times=times,
        standing=rules.standing(
            received_at=summary.received_at if summary else None,
            minutes_late=summary.minutes_late if summary else 0,
            is_returned=summary is not None and summary.state == SummaryState.RETURNED,
            deadline_at=times.deadline_at,
            at=at,
        )
        if times
        else Standing.NOT_DUE.value,
        summary=summary,
        newest=newest,
        given_back=getattr(newest, "given_back", None) if newest else None,
        draft=draft_of(manager_id, draft_key(week)),
        at=at,
        cut=at if is_seen or newest is None else newest.submitted_at,
    )


def _times(branch: Branch, week: Week) -> DutyTimes | None:
    """From the row, else from the rule: a week that nobody has planned yet."""
    row = period_of("summary", branch.pk, week)
    if row is not None:
        return DutyTimes(row.opens_at, row.deadline_at)
    return timetable(week.monday, week.sunday).times("summary", branch.pk, week)


# What the logs say, part by part


def texts_from_logs(found: ManagersWeek) -> dict[str, list[str]]:
    """For each part that logs can fill, a line a log: who, and what was written; one query."""
    logs = (
        figures.week_logs([found.manager.pk], found.week, found.deadline_at, found.at)
        .select_related("customer")
        .order_by("occurred_at", "pk")
    )
    lines: dict[str, list[str]] = {part: [] for part in (TextPart.RESPONSE, *FROM_LOGS)}
    for log in logs:
        for part, field in FROM_LOGS.items():
            if text := getattr(log, field).strip():
                lines[part].append(_line(log, text))
        if response := _response(log):
            lines[TextPart.RESPONSE].append(_line(log, response))
    return lines


def _line(log: ServiceLog, text: str) -> str:
    return _("%(label)s：%(text)s") % {"label": log.customer.name, "text": text}


def _response(log: ServiceLog) -> str:
    """How an offer was taken: 云桌面，接受."""
    if not log.response:
        return ""
    word = str(log.get_response_display())
    return _("，").join(filter(None, (log.product, word)))


# Versions beside each other


def version_differences(older: SummaryVersion, newer: SummaryVersion) -> list[Difference]:
    """What the newer version says otherwise: declared figures, reasons, texts."""
    found = []
    for key, figure in figures.figures().items():
        old, new = older.figures.get(key, {}), newer.figures.get(key, {})
        for name, label in (
            ("value", _("%(label)s（系统）")),
            ("declared", _("%(label)s（申报）")),
            ("reason", _("%(label)s（原因）")),
        ):
            if old.get(name, "") != new.get(name, ""):
                found.append(
                    Difference(
                        label % {"label": figure.label}, old.get(name, ""), new.get(name, "")
                    )
                )
    for part in TextPart:
        before, after = _said(older, part), _said(newer, part)
        if before != after:
            found.append(Difference(str(part.label), before, after))
    return found


def _said(version: SummaryVersion, part: TextPart) -> str:
    return _("本周无") if part.value in version.nothing else version.texts.get(part.value, "")


def labelled_remarks(version: SummaryVersion) -> list[tuple[str, str]]:
    """What was to be mended in a version that was given back: (field, remark)."""
    given_back: SummaryReturn | None = getattr(version, "given_back", None)
    remarks: dict[str, str] = given_back.remarks if given_back else {}
    labels = {f"text:{part.value}": str(part.label) for part in TextPart}
    labels |= {f"figure:{key}": str(one.label) for key, one in figures.figures().items()}
    return [(labels.get(field, field), text) for field, text in remarks.items()]


def versions_of(summary: Summary) -> QuerySet[SummaryVersion]:
    """The versions of a summary as somebody found it: up to the newest that he sees."""
    return summary.versions.filter(number__lte=summary.newest)


def version_of(summary: Summary, number: int) -> SummaryVersion:
    """One version of a summary that was found visible; NotFound for no such number."""
    found = versions_of(summary).select_related("filed_by").filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def preview_of(found: ManagersWeek, entry: SummaryEntry) -> SummaryVersion:
    """The draft as a version that is nowhere written, for the paper's preview."""
    counted = found.counted()
    lines: dict[str, Any] = {}
    for key, value in counted.items():
        declared, reason = entry.declared.get(key, ("", ""))
        lines[key] = {
            "value": str(value),
            "declared": declared or str(value),
            "reason": reason if declared and declared != str(value) else "",
        }
    summary = Summary(
        manager=found.manager,
        branch=found.branch,
        week=found.week.key,
        state=SummaryState.SUBMITTED,
        newest=1,
        received_at=found.at,
        deadline_at=found.deadline_at,
    )
    return SummaryVersion(
        summary=summary,
        number=1,
        branch=found.branch,
        receipt=_("草稿"),
        submitted_at=found.at,
        filed_by=found.manager,
        figures=lines,
        texts=dict(entry.texts),
        nothing=list(entry.nothing),
        log_count=figures.week_logs(
            [found.manager.pk], found.week, found.deadline_at, found.at
        ).count(),
    )


# Lists


@dataclass(frozen=True)
class WeekRow:
    """A week in the list of the own ones: its duty, and how it was filed."""

    period: DutyPeriod
    summary: Summary | None
    standing: str

    @property
    def week(self) -> Week:
        """The week itself."""
        return Week.parse(self.period.key)


def own_weeks(actor: Actor, at: datetime, cursor: str) -> KeysetPage[WeekRow]:
    """The weeks for which somebody owes or owed a summary, newest first; three queries."""
    periods = owed_periods(actor.somebody).filter(opens_at__lte=at)
    page = keyset_page(periods, order=("-deadline_at", "-pk"), cursor=cursor)
    filed = {
        one.week: one
        for one in Summary.objects.filter(
            manager_id=actor.somebody, week__in=[period.key for period in page.rows]
        )
    }
    rows = [_week_row(period, filed.get(period.key), at) for period in page.rows]
    return KeysetPage(rows, page.after, page.before)


def _week_row(period: DutyPeriod, summary: Summary | None, at: datetime) -> WeekRow:
    standing = rules.standing(
        received_at=summary.received_at if summary else None,
        minutes_late=summary.minutes_late if summary else 0,
        is_returned=summary is not None and summary.state == SummaryState.RETURNED,
        deadline_at=period.deadline_at,
        at=at,
    )
    return WeekRow(period, summary, standing)


def drafted_weeks(person_id: int, weeks: Sequence[Week]) -> set[str]:
    """Which of the weeks have an unfinished summary."""
    keys = [draft_key(week) for week in weeks]
    found = Draft.objects.filter(owner_id=person_id, key__in=keys).values_list("key", flat=True)
    return {key.partition(":")[2] for key in found}
