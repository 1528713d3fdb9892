"""The agenda at hand: what a meeting has before it, as things stand (M1, M2.1, M3.1, A2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, F, Q, Sum

from confidentiality.choices import Level
from core.actors import Actor
from core.periods import Month, Week, instant, local_date
from customers.choices import CustomerKind, CustomerState
from customers.models import Customer
from duties.models import DutyPeriod, ToDo
from duties.operations_to_dos import BY_HAND
from meetings.choices import ContributionState, MeetingKind, TopicKind
from meetings.minutes_permissions import can_read_minutes
from meetings.minutes_rules import level_borne
from meetings.models import (
    Action,
    Contribution,
    Document,
    DocumentReader,
    Meeting,
    MinutesVersion,
)
from meetings.models.minutes import ActionQuerySet
from meetings.passing_permissions import can_read_words
from meetings.queries.occurrences import kinds_of, sitting_of
from worklogs.choices import Category, Channel, TextPart
from worklogs.models import ServiceLog, SummaryVersion
from worklogs.queries import BoardRow, board

# A contract that ends within so many days is spoken of in the GM session.
ENDING_WITHIN: Final = timedelta(days=90)


@dataclass(frozen=True)
class ToPassOn:
    """A document whose words are still to be passed on, and to how many of the branch.

    ``is_readable`` whether whoever reads the agenda may read its words (annex 9.1).
    """

    document: Document
    untold: int
    is_readable: bool = True

    @property
    def gist(self) -> str:
        """The words, as far as they may be read."""
        return self.document.gist if self.is_readable else ""

    @property
    def is_secret(self) -> bool:
        """Whether not everybody of the branch is to know of it."""
        return self.document.level > Level.INTERNAL


@dataclass(frozen=True)
class Priority:
    """What matters now: as the last minutes concluded, or as a leader set somebody to do.

    ``who`` and ``due_on`` are those of a to-do, "" and None of the minutes' own; ``minutes`` is
    the version of these.
    """

    text: str
    who: str = ""
    due_on: date | None = None
    minutes: MinutesVersion | None = None

    @property
    def level(self) -> int:
        """The level of the minutes that say it; a to-do is internal (annex 9.1)."""
        if self.minutes is None:
            return Level.INTERNAL
        return level_borne(self.minutes.content["level"], self.minutes.minutes.meeting.level)


@dataclass(frozen=True)
class Report:
    """A manager's week beside his name: how the summary stands, and what it concludes."""

    row: BoardRow
    conclusions: str


@dataclass(frozen=True)
class CustomersMonth:
    """A month of the group customers, or of the personal key customers, of a branch (M3.1).

    ``revenue`` is theirs of a month, in yuan; services are those of the month so far, beside
    those of the whole month before.
    """

    kind: str
    customers: int = 0
    revenue: Decimal = Decimal(0)
    lost: int = 0
    warned: int = 0
    ending: int = 0
    served: int = 0
    services: int = 0
    on_site: int = 0
    complaints: int = 0
    services_before: int = 0

    @property
    def label(self) -> str:
        """集团客户 or 个人大客户."""
        return str(CustomerKind(self.kind).label)


@dataclass(frozen=True)
class Agenda:
    """What a sitting has before it; what does not belong to its kinds is empty.

    ``documents``, ``actions`` and ``priorities`` are every meeting's; ``reports`` (of
    ``week``) the weekly's; ``figures`` (of ``month``) the GM session's; ``contributions``
    the analysis meeting's.
    """

    documents: tuple[ToPassOn, ...] = ()
    actions: tuple[Action, ...] = ()
    priorities: tuple[Priority, ...] = ()
    week: Week | None = None
    reports: tuple[Report, ...] = ()
    month: Month | None = None
    figures: tuple[CustomersMonth, ...] = ()
    contributions: tuple[Contribution, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to talk about yet."""
        return not any(
            (
                self.documents,
                self.actions,
                self.priorities,
                self.reports,
                self.figures,
                self.contributions,
            )
        )


def agenda_of(meeting: Meeting, at: datetime) -> Agenda:
    """What the meeting's sitting has before it; the same few queries for any size."""
    lead = sitting_of(meeting)
    kinds = kinds_of(lead)
    agenda = Agenda(
        documents=_documents(lead),
        actions=tuple(open_actions(lead.branch_id)),
        priorities=(*_concluded(lead), *_set_to_do(lead)),
    )
    if MeetingKind.WEEKLY in kinds:
        agenda = _with_reports(agenda, lead, at)
    if MeetingKind.GM in kinds:
        month = Month.containing(lead.on)
        agenda = replace(agenda, month=month, figures=_customers_month(lead, month, at))
    if MeetingKind.ANALYSIS in kinds:
        agenda = replace(agenda, contributions=_contributions(lead))
    return agenda


def agenda_for(actor: Actor, meeting: Meeting, at: datetime) -> Agenda:
    """The same as far as its reader may see: of summaries and revenue only who leads or inspects.

    A manager hears the others' reports in the room, and reads his own; of what secret minutes said
    he sees what he could read there (C2). Of documents that are
    secret only those appear that are for the reader, and their words by their level (annex 9.1).
    """
    agenda = agenda_of(meeting, at)
    agenda = replace(agenda, documents=_documents_for(actor, agenda.documents))
    if actor.reads_all or meeting.branch_id in actor.led_branches:
        return agenda
    own = tuple(one for one in agenda.reports if one.row.manager.pk == actor.person_id)
    return replace(
        agenda,
        actions=tuple(open_actions_for(actor, meeting.branch_id)),
        priorities=tuple(one for one in agenda.priorities if _may_know(actor, one)),
        reports=own,
        month=None,
        figures=(),
    )


def _may_know(actor: Actor, priority: Priority) -> bool:
    if priority.minutes is None:
        return True
    return can_read_minutes(actor, priority.minutes.minutes.meeting, priority.level)


def open_actions(branch_id: int) -> list[Action]:
    """The branch's actions that are not closed, by due date (annex 3.5)."""
    return _open_actions(Action.objects.all(), branch_id)


def open_actions_for(actor: Actor, branch_id: int) -> list[Action]:
    """The same as far as the actor sees them."""
    return _open_actions(Action.objects.visible_to(actor), branch_id)


def _open_actions(actions: ActionQuerySet, branch_id: int) -> list[Action]:
    return list(
        actions.open()
        .filter(branch_id=branch_id)
        .select_related("owner", "meeting")
        .prefetch_related("helpers")
        .order_by("due_on", "pk")
    )


def _documents(lead: Meeting) -> tuple[ToPassOn, ...]:
    """Documents that somebody of the branch has not been told yet (M1.1, M2.1)."""
    untold = dict(
        DocumentReader.objects.filter(
            branch_id=lead.branch_id, told_at__isnull=True, document__withdrawn_at__isnull=True
        )
        .order_by()
        .values_list("document_id")
        .annotate(Count("pk"))
    )
    found = Document.objects.filter(pk__in=untold).order_by("tell_by", "pk")
    return tuple(ToPassOn(document, untold[document.pk]) for document in found)


def _documents_for(actor: Actor, documents: Sequence[ToPassOn]) -> tuple[ToPassOn, ...]:
    """Those of which the reader is to know; one query."""
    wanted = [one.document.pk for one in documents]
    seen = set(
        Document.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True)
    )
    return tuple(
        replace(one, is_readable=can_read_words(actor, one.document))
        for one in documents
        if one.document.pk in seen
    )


def _concluded(lead: Meeting) -> list[Priority]:
    """The priorities that the branch's last minutes before this meeting concluded.

    What the chair gave back to be mended does not stand.
    """
    last = (
        MinutesVersion.objects.filter(
            returned_at__isnull=True,
            minutes__meeting__branch_id=lead.branch_id,
            minutes__meeting__starts_at__lt=lead.starts_at,
        )
        .select_related("minutes__meeting")
        .order_by("-minutes__meeting__starts_at", "-number")
        .first()
    )
    if last is None:
        return []
    return [
        Priority(item["conclusion"] or item["topic"], minutes=last)
        for item in last.content["items"]
        if item["kind"] == TopicKind.PRIORITY
    ]


def _set_to_do(lead: Meeting) -> list[Priority]:
    """What a leader set somebody of the branch to do by the meeting's day (P2.1)."""
    ends = instant(lead.on + timedelta(days=1), time.min)
    found = (
        ToDo.objects.open()
        .filter(branch_id=lead.branch_id, source_type=BY_HAND, due_at__lt=ends)
        .exclude(created_by_id=None)
        .select_related("owner")
    )
    return [
        Priority(one.title, one.owner.name, local_date(one.due_at))
        for one in found
        if one.created_by_id != one.owner_id
    ]


def _with_reports(agenda: Agenda, lead: Meeting, at: datetime) -> Agenda:
    """Each manager's summary of the last week that was due before the meeting (M2.1)."""
    period = (
        DutyPeriod.objects.filter(
            kind="summary", branch_id=lead.branch_id, deadline_at__lt=lead.starts_at
        )
        .order_by("-deadline_at")
        .first()
    )
    if period is None:
        return agenda
    week = Week.parse(period.key)
    rows = board(lead.branch, week, at).rows
    concluded = {
        version.summary_id: version.texts.get(TextPart.CONCLUSIONS, "")
        for version in SummaryVersion.objects.filter(
            summary_id__in=[row.summary.pk for row in rows if row.summary]
        ).order_by("number")
    }
    reports = (
        Report(row, concluded.get(row.summary.pk, "") if row.summary else "")
        for row in sorted(rows, key=lambda row: row.manager.sort_key)
    )
    return replace(agenda, week=week, reports=tuple(reports))


def _customers_month(lead: Meeting, month: Month, at: datetime) -> tuple[CustomersMonth, ...]:
    """The branch's customers and the services to them, one line a kind; three statements."""
    stock = _by_kind(
        Customer.objects.filter(branch_id=lead.branch_id)
        .order_by()
        .values("kind")
        .annotate(
            customers=Count("pk", filter=~Q(state=CustomerState.LOST)),
            revenue=Sum("monthly_revenue", filter=~Q(state=CustomerState.LOST)),
            lost=Count("pk", filter=_became(CustomerState.LOST, month)),
            warned=Count("pk", filter=Q(state=CustomerState.WARNED)),
            ending=Count(
                "pk",
                filter=~Q(state=CustomerState.LOST)
                & Q(contract_ends_on__range=(lead.on, lead.on + ENDING_WITHIN)),
            ),
        )
    )
    logs = ServiceLog.objects.counted_at(at).filter(branch_id=lead.branch_id).order_by()
    now = _by_kind(
        logs.filter(occurred_on__range=(month.first, month.last))
        .values(kind=F("customer__kind"))
        .annotate(
            served=Count("customer", distinct=True),
            services=Count("pk"),
            on_site=Count("pk", filter=Q(channel=Channel.ON_SITE)),
            complaints=Count("pk", filter=Q(category=Category.COMPLAINT)),
        )
    )
    earlier = month.previous
    before = _by_kind(
        logs.filter(occurred_on__range=(earlier.first, earlier.last))
        .values(kind=F("customer__kind"))
        .annotate(services_before=Count("pk"))
    )
    return tuple(
        CustomersMonth(
            kind,
            **_filled(stock.get(kind, {})),
            **now.get(kind, {}),
            **before.get(kind, {}),
        )
        for kind in CustomerKind.values
    )


def _became(state: str, month: Month) -> Q:
    return Q(state=state, state_since__range=(month.first, month.last))


def _by_kind(rows: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        kind = row.pop("kind")
        found[kind] = row
    return found


def _filled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: Decimal(0) if value is None else value for key, value in row.items()}


def _contributions(lead: Meeting) -> tuple[Contribution, ...]:
    """The cases and questions that this sitting takes up: its own, and those of no meeting (A2)."""
    ids = [lead.pk, *(one.pk for one in lead.joined.all())]
    waiting = Q(meeting__isnull=True, state=ContributionState.OPEN)
    return tuple(
        Contribution.objects.filter(branch_id=lead.branch_id)
        .filter(Q(meeting_id__in=ids) | waiting)
        .exclude(state=ContributionState.WITHDRAWN)
        .select_related("author", "answered_by")
        .order_by("kind", "handed_in_at", "pk")
    )
