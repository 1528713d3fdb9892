"""A manager's week as it stands, filed or not, and how it is shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rest_framework import serializers

from core.actors import Actor
from core.api.fields import BranchRef, PersonRef
from core.periods import Week
from duties.models import DutyPeriod
from organization.models import Branch, Person
from worklogs import figures, rules
from worklogs.belonging import owed_branch
from worklogs.choices import Standing, SummaryState
from worklogs.models import Summary, SummaryReturn, SummaryVersion
from worklogs.queries import (
    manager_for,
    newest_version,
    period_of,
    sees_week,
    summary_for,
)


@dataclass(frozen=True)
class ManagersWeek:
    """A manager's week as it stands: the duty, what was filed, what the system counts."""

    week: Week
    manager: Person
    branch: Branch
    period: DutyPeriod | None
    standing: str
    summary: Summary | None
    version: int
    newest: SummaryVersion | None
    given_back: SummaryReturn | None
    counted: dict[str, int]
    # Up to when logs are counted: now, or what the branch he has left had received.
    cut: datetime


def managers_week(actor: Actor, manager_id: int, week: Week, at: datetime) -> ManagersWeek:
    """The week of a manager whom the actor may see; NotFound otherwise."""
    manager = manager_for(actor, manager_id, week)
    summary = summary_for(actor, manager_id, week)
    branch = owed_branch(manager, week) or (summary.branch if summary else manager.branch)
    period = period_of("summary", branch.pk, week)
    newest = newest_version(summary) if summary else None
    deadline_at = summary.deadline_at if summary else period.deadline_at if period else at
    is_seen = newest is None or sees_week(actor, manager_id, branch.pk)
    cut = at if is_seen or newest is None else newest.submitted_at
    return ManagersWeek(
        week=week,
        manager=manager,
        branch=branch,
        period=period,
        standing=rules.standing(
            received_at=summary.received_at if summary else None,
            minutes_late=summary.minutes_late if summary else 0,
            is_returned=summary is not None and summary.state == SummaryState.RETURNED,
            deadline_at=period.deadline_at,
            at=at,
        )
        if period
        else Standing.NOT_DUE.value,
        summary=summary,
        version=summary.version if summary else 0,
        newest=newest,
        given_back=getattr(newest, "given_back", None) if newest else None,
        counted=figures.counted([manager_id], week, deadline_at, cut)[manager_id],
        cut=cut,
    )


class FigureShown(serializers.Serializer[Any]):
    """A figure: what the system counted, what was declared, why they differ."""

    value = serializers.CharField()
    declared = serializers.CharField()
    reason = serializers.CharField()


class VersionShown(serializers.ModelSerializer[SummaryVersion]):
    """What was filed, for ever."""

    filed_by = PersonRef()
    figures = serializers.DictField(child=FigureShown())
    texts = serializers.DictField(child=serializers.CharField())
    nothing = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = SummaryVersion
        fields = (
            "number",
            "receipt",
            "submitted_at",
            "filed_by",
            "why_filed_for",
            "confirmed_at",
            "figures",
            "texts",
            "nothing",
            "log_count",
            "digest",
        )


class GivenBackShown(serializers.ModelSerializer[SummaryReturn]):
    """Remarks on the fields to be mended."""

    remarks = serializers.DictField(child=serializers.CharField())
    returned_by = PersonRef()

    class Meta:
        model = SummaryReturn
        fields = ("remarks", "returned_at", "returned_by")


class SummaryShown(serializers.ModelSerializer[Summary]):
    """A filed summary, without what it says."""

    manager = PersonRef()
    branch = BranchRef()
    reviewed_by = PersonRef(allow_null=True)

    class Meta:
        model = Summary
        fields = (
            "id",
            "version",
            "week",
            "manager",
            "branch",
            "state",
            "newest",
            "received_at",
            "deadline_at",
            "minutes_late",
            "opinion",
            "reviewed_at",
            "reviewed_by",
            "updated_at",
        )


class WeekShown(serializers.Serializer[Any]):
    """A manager's week; ``summary`` and ``newest`` are null until it is filed."""

    week = serializers.CharField(source="week.key")
    version = serializers.IntegerField()
    manager = PersonRef()
    branch = BranchRef()
    opens_at = serializers.DateTimeField(source="period.opens_at", default=None, allow_null=True)
    deadline_at = serializers.DateTimeField(
        source="period.deadline_at", default=None, allow_null=True
    )
    standing = serializers.ChoiceField(choices=Standing.choices)
    counted = serializers.DictField(child=serializers.IntegerField())
    summary = SummaryShown(allow_null=True)
    newest = VersionShown(allow_null=True)
    given_back = GivenBackShown(allow_null=True)
