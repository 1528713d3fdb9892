"""A month's figures as the bulletin freezes them (B1, M2.3, annex 8).

They are a function of the month and the moment: drafted three days late they are the same, for
everything is read as it stood then. What no source has judged is not in them: no number is made
up for it. The statements do not grow with branches and managers.

{"month", "cut_at", "frozen_at", "good", "pass", "issuer", "signed_by",
 "people": {id: {"job_number", "name", "branch"}}, with "also" the new name of who has another,
 "branches": [{"id", "code", "name", "managers", "failed", "score", "grade", "kept", "checked",
               "rank", "previous_rank", "previous_score", "problems", "summaries", "rollups",
               "logs", "meetings", "url"}],
 "items": [{"code", "name", "points", "clause", "is_checked", "lines": [{"branch",
            "is_checked", "kept", "lost", "share", "right", "counted", "faults": {kind: n}}],
            "past": [{"branch", "right", "counted"}] of the month before}],
 "problems": [{"branch", "item", "person", "fact", "points", "evidence", "due_on", "url"}],
 "findings": [{"id", "number", "month", "branch", "item", "owner", "title", "due_on", "state",
               "is_overdue", "is_new", "url"}],
 "trend": [{"month", "highest", "mean", "lowest", "scores": {branch: score}}],
 "targets": [{"branch", "code", "name", "unit", "places", "target", "actual", "done",
              "forecast"}],
 "sheets": {"is_locked", "bands": [{"code", "name"}], "managers": [{"manager", "branch",
            "total", "band", "url"}]},
 "cases": [{"number", "manager", "branch", "name", "points", "url"}],
 "praised": {"attendance": [{"manager", "branch", "came", "url"}],
             "contents": [{"meeting", "branch", "name", "on", "topics", "url"}]}}

Numbers are decimal text, null where there is none; names of managers stand in "people" alone.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import override

from core.numbers import percent, rounded
from core.periods import Month
from duties.month_queries import company_settings, month_end_of
from inspections.models import Finding
from inspections.sources.summaries import figure_labels
from inspections.words import in_language, sentence
from kpi.roster import Roster, roster_of
from organization.models import Person
from reports.choices import Phase
from reports.figures_found import findings_at
from reports.figures_praised import praised_at
from reports.figures_scored import cases_at, sheets_at, targets_of
from reports.masking import Masking
from reports.models import SpotCheck
from reports.spot_check_queries import costs_of, origin_of
from reports.spot_checks import Content, spot_checks

# The language of the company's record, whoever drafts it.
WRITTEN_IN: Final = "zh-hans"
TREND_MONTHS: Final = 6

Figures = dict[str, Any]


def month_figures(month: Month, cut: datetime) -> Figures:
    """The figures of a month as they stood at the cut; inputs as they were frozen (annex 2)."""
    with override(WRITTEN_IN):
        end, settings = month_end_of(month), company_settings(month)
        contents = _contents(month, end.frozen_at)
        roster = roster_of(month, named_at=end.frozen_at)
        findings = findings_at(month, cut)
        people = _people(roster, contents, [one.finding.owner for one in findings])
        masking = Masking(people)
        problems = _problems(month, contents, [one.finding for one in findings], masking)
        return {
            "month": month.key,
            "cut_at": cut.astimezone(UTC).isoformat(),
            "frozen_at": end.frozen_at.isoformat(),
            "good": settings.inspection_good,
            "pass": settings.inspection_pass,
            "issuer": settings.bulletin_issuer,
            "signed_by": settings.bulletin_issuer.removesuffix("文件"),
            "people": people,
            "branches": _branches(month, contents, roster, problems),
            "items": _items(contents, _before(month)),
            "problems": problems,
            "findings": [one.as_json(masking) for one in findings],
            "trend": _trend(month, contents),
            "targets": targets_of(roster, end.frozen_at),
            "sheets": sheets_at(month, cut, end),
            "cases": cases_at(month, cut),
            "praised": praised_at(month, roster, end.frozen_at),
        }


# Branches and items


def _contents(month: Month, frozen_at: datetime) -> list[Content]:
    """The frozen spot-check reports, by branch; judged anew where the worker was late."""
    rows = SpotCheck.objects.filter(month=month.key, phase=Phase.FROZEN)
    found = list(rows.order_by("branch__code").values_list("content", flat=True))
    if found:
        return found
    return [one.content for one in spot_checks(month, frozen_at, phase=Phase.FROZEN.value)]


def _before(month: Month) -> list[Content]:
    """The frozen reports of the month before; one query."""
    rows = SpotCheck.objects.filter(month=month.previous.key, phase=Phase.FROZEN)
    return list(rows.order_by("branch__code").values_list("content", flat=True))


def _branches(
    month: Month, contents: Sequence[Content], roster: Roster, problems: Sequence[Figures]
) -> list[Figures]:
    held: dict[int, int] = {}
    for member in roster.members:
        held[member.branch.pk] = held.get(member.branch.pk, 0) + 1
    found: dict[int, int] = {}
    for problem in problems:
        found[problem["branch"]] = found.get(problem["branch"], 0) + 1
    copied = ("failed", "score", "grade", "kept", "checked", "rank", "previous_rank",
              "previous_score", "summaries", "rollups", "logs")  # fmt: skip
    return [
        {
            **content["branch"],
            "managers": held.get(content["branch"]["id"], 0),
            **{key: content[key] for key in copied},
            # Reports that were frozen before meetings were judged tell nothing of them.
            "meetings": content.get("meetings", {}),
            "problems": found.get(content["branch"]["id"], 0),
            "url": reverse("spot-check", args=[month, content["branch"]["id"]]),
        }
        for content in contents
    ]


def _items(contents: Sequence[Content], before: Sequence[Content]) -> list[Figures]:
    """Each check item with its line of every branch; what nobody could check says so."""
    heads: dict[str, Content] = {}
    lines: dict[str, list[Figures]] = {}
    for content in contents:
        for item in content["items"]:
            heads.setdefault(item["code"], item)
            lines.setdefault(item["code"], []).append(_line(content["branch"]["id"], item))
    past: dict[str, list[Figures]] = {}
    for content in before:
        for item in content["items"]:
            line = _line(content["branch"]["id"], item)
            told = {key: line[key] for key in ("branch", "right", "counted")}
            past.setdefault(item["code"], []).append(told)
    return [
        {
            "code": code,
            "name": in_language(head["names"]),
            "points": head["points"],
            "clause": head["clause"],
            "is_checked": any(line["is_checked"] for line in lines[code]),
            "lines": lines[code],
            "past": past.get(code, []),
        }
        for code, head in heads.items()
    ]


def _line(branch_id: int, item: Content) -> Figures:
    kinds: dict[str, int] = {}
    for fault in item["faults"]:
        kinds[fault["kind"]] = kinds.get(fault["kind"], 0) + 1
    counted = item["counted"] if item["is_checked"] else 0
    wrong = len({fault["url"] for fault in item["faults"]})
    return {
        "branch": branch_id,
        "is_checked": item["is_checked"],
        "kept": item["kept"],
        "lost": item["lost"],
        "share": item["share"],
        "right": max(0, counted - wrong),
        "counted": counted,
        "faults": kinds,
    }


def share_of(lines: Sequence[Mapping[str, Any]]) -> Decimal | None:
    """How much of what was looked at was right, in per cent; None where nothing was."""
    looked = sum(line["counted"] for line in lines)
    return percent(sum(line["right"] for line in lines), looked)


def _trend(month: Month, contents: Sequence[Content]) -> list[Figures]:
    """Six months' scores: the frozen ones, this month's as it is printed; one query."""
    months = [month.plus(-back).key for back in range(TREND_MONTHS - 1, 0, -1)]
    rows = SpotCheck.objects.filter(month__in=months, phase=Phase.FROZEN).order_by("branch_id")
    scores: dict[str, dict[str, Decimal | None]] = {}
    for key, branch_id, score in rows.values_list("month", "branch_id", "score"):
        scores.setdefault(key, {})[str(branch_id)] = score
    scores[month.key] = {
        str(content["branch"]["id"]): None
        if content["score"] is None
        else Decimal(content["score"])
        for content in contents
    }
    return [_point(key, scores.get(key, {})) for key in [*months, month.key]]


def _point(key: str, scores: Mapping[str, Decimal | None]) -> Figures:
    known = [score for score in scores.values() if score is not None]
    return {
        "month": key,
        "highest": _text(max(known, default=None)),
        "mean": _text(mean_of(known)),
        "lowest": _text(min(known, default=None)),
        "scores": {branch: _text(score) for branch, score in scores.items()},
    }


def mean_of(values: Sequence[Decimal]) -> Decimal | None:
    """The mean, rounded half up to two places; None of nothing."""
    return rounded(sum(values, Decimal(0)) / len(values)) if values else None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


# People and problems


def _people(
    roster: Roster, contents: Sequence[Content], owners: Sequence[Person]
) -> dict[str, Figures]:
    """Whoever is spoken of, by id: the only place where managers' names stand."""
    people = {
        str(member.manager_id): {
            "job_number": member.job_number,
            "name": member.name,
            "branch": member.branch.pk,
            # Renamed since the freeze: whoever writes now knows the new name.
            **({"also": member.name_now} if member.name_now != member.name else {}),
        }
        for member in roster.members
    }
    for content in contents:
        for item in content["items"]:
            for fault in item["faults"]:
                if fault["person"] and "number" in fault["facts"]:
                    people.setdefault(
                        str(fault["person"]),
                        {
                            "job_number": fault["facts"]["number"],
                            "name": fault["facts"]["name"],
                            "branch": content["branch"]["id"],
                        },
                    )
    for owner in owners:
        people.setdefault(
            str(owner.pk),
            {"job_number": owner.job_number, "name": owner.name, "branch": owner.branch_id},
        )
    return people


def _problems(
    month: Month, contents: Sequence[Content], findings: Sequence[Finding], masking: Masking
) -> list[Figures]:
    """Every fault of the reports with what it really cost, then what was found by hand.

    An item costs no more than its points: what exceeds them costs nothing, so that the rows
    add up to the points lost. Of an item that gives points in proportion no row has a cost.
    """
    labels = figure_labels()
    by_origin = {one.origin: one for one in findings if one.origin}
    found: list[Figures] = []
    for content in contents:
        branch, number = content["branch"], 0
        for item in content["items"]:
            raised = by_origin.get(origin_of(month, branch["id"], item["code"]))
            for fault, cost in zip(item["faults"], costs_of(item), strict=True):
                number += 1
                said = sentence(fault["kind"], fault["facts"], labels) or fault["label"]
                found.append(
                    {
                        "branch": branch["id"],
                        "item": item["code"],
                        "person": fault["person"],
                        "fact": masking.marked(said),
                        "points": None if item["taking"] == "share" else str(cost),
                        "evidence": raised.number
                        if raised
                        else f"{branch['code']}-{month.key[2:4]}{month.key[5:]}-{number:03}",
                        "due_on": raised.due_on.isoformat() if raised else "",
                        "url": fault["url"],
                    }
                )
    names = {content["branch"]["id"] for content in contents}
    return found + [
        {
            "branch": one.branch_id,
            "item": one.item,
            "person": one.owner_id,
            "fact": masking.marked(one.title),
            "points": str(one.deduction),
            "evidence": one.number,
            "due_on": one.due_on.isoformat(),
            "url": reverse("finding", args=[one.pk]),
        }
        for one in findings
        if one.month == month.key and not one.origin and one.branch_id in names
    ]
