"""What a roll-up and a company consolidation contain, as plain values that can be frozen.

A content is JSON: it is digested in canonical form, rendered to page, mail and workbook from
the very same value, and never computed again once sent.

Roll-up content::

    {"branch": {"id", "code", "name"}, "week", "monday", "sunday",
     "deadline_at", "cut_at", "comment",
     "people": [{"id", "job_number", "name", "standing", "received_at", "minutes_late",
                 "version", "filed_by", "services", "figures": {key: declared}}],
     "counts": {standing: n},
     "totals": [{"key", "label", "unit", "system", "declared"}],
     "texts": [{"part", "label", "items": [{"id", "author", "job_number", "text", "is_in"}]}],
     "supplement": {"services", "active", "passive", "people": [{"name", "services"}]}}

Consolidation content::

    {"week", "monday", "sunday", "comment", "cut_at",
     "branches": [{"id", "code", "name", "owing", "on_time", "late", "returned", "missing",
                   "sent_at", "minutes_late", "archive_number", "comment", "supplement"}],
     "missing": [branch name],
     "totals": [{"key", "label", "unit", "system", "declared"}],
     "texts": [{"part", "label", "items": [{"branch", "author", "text"}]}]}
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.utils.translation import override

from core.periods import Week
from organization.models import Branch
from worklogs import figures
from worklogs.choices import TextPart
from worklogs.models import RollUpVersion, ServiceLog, SummaryVersion
from worklogs.queries import Board, BoardRow, board, company_week

Content = dict[str, Any]
# Frozen content is the company's record: its labels are in the company's first language.
RECORD_LANGUAGE = "zh-hans"


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _newest_versions(rows: Collection[BoardRow]) -> dict[int, SummaryVersion]:
    """The standing version of each filed summary, by manager; one query."""
    wanted = {row.summary.pk: row.summary for row in rows if row.summary}
    versions = SummaryVersion.objects.filter(summary__in=wanted).select_related("filed_by")
    return {
        wanted[version.summary_id].manager_id: version
        for version in versions
        if version.number == wanted[version.summary_id].newest
    }


def _person(row: BoardRow, version: SummaryVersion | None) -> Content:
    return {
        "id": row.manager.pk,
        "job_number": row.manager.job_number,
        "name": row.manager.name,
        "standing": str(row.standing),
        "received_at": _moment(row.summary.received_at if row.summary else None),
        "minutes_late": row.minutes_late,
        "version": version.number if version else 0,
        "filed_by": version.filed_by.name
        if version and version.filed_by_id != row.manager.pk
        else "",
        "services": row.services,
        "figures": {key: one["declared"] for key, one in version.figures.items()}
        if version
        else {},
    }


def _totals(versions: Collection[SummaryVersion]) -> list[Content]:
    """Sums of what the system counted and of what was declared, figure by figure.

    A figure that none of those who filed had, because its source came later, is absent.
    """
    return [
        {
            "key": key,
            "label": str(figure.label),
            "unit": str(figure.unit),
            "system": sum(int(one.figures[key]["value"]) for one in versions if key in one.figures),
            "declared": sum(
                int(one.figures[key]["declared"]) for one in versions if key in one.figures
            ),
        }
        for key, figure in figures.figures().items()
        if not versions or any(key in one.figures for one in versions)
    ]


def _texts(
    rows: Collection[BoardRow],
    versions: dict[int, SummaryVersion],
    left_out: Collection[str],
) -> list[Content]:
    """What was written, by kind, with its author; what the supervisor leaves out is marked."""
    return [
        {
            "part": part.value,
            "label": str(part.label),
            "items": [
                {
                    "id": f"{row.manager.pk}:{part.value}",
                    "author": row.manager.name,
                    "job_number": row.manager.job_number,
                    "text": versions[row.manager.pk].texts[part.value],
                    "is_in": f"{row.manager.pk}:{part.value}" not in left_out,
                }
                for row in sorted(rows, key=lambda row: row.manager.sort_key)
                if row.manager.pk in versions
                and versions[row.manager.pk].texts.get(part.value, "").strip()
            ],
        }
        for part in TextPart
    ]


def supplement(branch_id: int, week: Week, deadline_at: datetime, cut: datetime) -> Content:
    """Services of the week that no summary counted, as they stood at the cut: after the deadline,
    or first logged after the summary was filed (annex 2, annex 7.4; ``rules.is_supplement``)."""
    first = ServiceLog.objects.filter(thread_id=OuterRef("thread_id"), number=1)
    standing = SummaryVersion.objects.filter(
        summary__manager=OuterRef("manager"),
        summary__week=week.key,
        number=F("summary__newest"),
    )
    late = (
        ServiceLog.objects.counted_at(cut)
        .filter(branch_id=branch_id, occurred_on__gte=week.monday, occurred_on__lte=week.sunday)
        .alias(
            first_at=Subquery(first.values("recorded_at")[:1]),
            filed_at=Subquery(standing.values("submitted_at")[:1]),
        )
        .filter(Q(occurred_at__gt=deadline_at) | Q(first_at__gt=F("filed_at")))
    )
    people = (
        late.order_by("manager__sort_key")
        .values_list("manager__name")
        .annotate(
            services=Count("pk"),
            active=Count("pk", filter=Q(initiator="active")),
            passive=Count("pk", filter=Q(initiator="passive")),
        )
    )
    found = list(people)
    return {
        "services": sum(one[1] for one in found),
        "active": sum(one[2] for one in found),
        "passive": sum(one[3] for one in found),
        "people": [{"name": name, "services": services} for name, services, _, _ in found],
    }


def rollup_content(
    branch: Branch,
    week: Week,
    *,
    comment: str,
    left_out: Collection[str],
    cut: datetime,
    on_board: Board | None = None,
) -> Content:
    """A branch's week as it stands at the cut (W6); the same number of queries for any size."""
    with override(RECORD_LANGUAGE):
        state = on_board or board(branch, week, cut)
        versions = _newest_versions(state.rows)
        deadline_at = state.period.deadline_at if state.period else cut
        people = sorted(state.rows, key=lambda row: row.manager.sort_key)
        return {
            "branch": {"id": branch.pk, "code": branch.code, "name": branch.name},
            "week": week.key,
            "monday": week.monday.isoformat(),
            "sunday": week.sunday.isoformat(),
            "deadline_at": _moment(deadline_at),
            "cut_at": _moment(cut),
            "comment": comment,
            "people": [_person(row, versions.get(row.manager.pk)) for row in people],
            "counts": state.counts,
            "totals": _totals(list(versions.values())),
            "texts": _texts(state.rows, versions, left_out),
            "supplement": supplement(branch.pk, week, deadline_at, cut),
        }


def consolidation_content(week: Week, *, comment: str, cut: datetime) -> Content:
    """The company's week from the roll-ups that have arrived (W6): newest version of each."""
    with override(RECORD_LANGUAGE):
        branches = company_week(week, cut)
        newest: dict[int, RollUpVersion] = {}
        for version in (
            RollUpVersion.objects.filter(rollup__week=week.key, sent_at__lte=cut)
            .select_related("rollup")
            .order_by("number")
        ):
            newest[version.rollup.branch_id] = version
        contents = [newest[one.branch.pk].content for one in branches if one.branch.pk in newest]
        return {
            "week": week.key,
            "monday": week.monday.isoformat(),
            "sunday": week.sunday.isoformat(),
            "comment": comment,
            "cut_at": _moment(cut),
            "branches": [
                {
                    "id": one.branch.pk,
                    "code": one.branch.code,
                    "name": one.branch.name,
                    "owing": one.owing,
                    "on_time": one.on_time,
                    "late": one.late,
                    "returned": one.returned,
                    "missing": one.missing + one.not_due,
                    "sent_at": _moment(one.rollup_sent_at),
                    "minutes_late": one.rollup_minutes_late,
                    "archive_number": newest[one.branch.pk].archive_number
                    if one.branch.pk in newest
                    else "",
                    "comment": newest[one.branch.pk].content["comment"]
                    if one.branch.pk in newest
                    else "",
                    "supplement": newest[one.branch.pk].content["supplement"]["services"]
                    if one.branch.pk in newest
                    else 0,
                }
                for one in branches
            ],
            "missing": [one.branch.name for one in branches if one.branch.pk not in newest],
            "totals": _summed([content["totals"] for content in contents]),
            "texts": [
                {
                    "part": part.value,
                    "label": str(part.label),
                    "items": [
                        {
                            "branch": content["branch"]["name"],
                            "author": item["author"],
                            "text": item["text"],
                        }
                        for content in contents
                        for group in content["texts"]
                        if group["part"] == part.value
                        for item in group["items"]
                        if item["is_in"]
                    ],
                }
                for part in TextPart
            ],
        }


def _summed(tables: Collection[list[Content]]) -> list[Content]:
    """Branch totals added up, figure by figure, in the form's order."""
    sums: dict[str, Content] = {}
    for table in tables:
        for line in table:
            known = sums.setdefault(line["key"], {**line, "system": 0, "declared": 0})
            known["system"] += line["system"]
            known["declared"] += line["declared"]
    order = {key: place for place, key in enumerate(figures.figures())}
    return sorted(sums.values(), key=lambda line: order.get(line["key"], len(order)))
