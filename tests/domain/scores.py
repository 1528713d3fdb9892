"""Short ways to a story's month: marks and cases given, the month's sheets computed."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from core import jobs
from core.periods import Month, Week
from kpi.models import (
    Case,
    Indicator,
    Mark,
    Result,
    ScoreSheet,
    SheetVersion,
    TargetSheet,
    TargetVersion,
)
from organization.models import Branch
from tests.cast import Cast, at
from tests.domain.week import filed, logged

NOVEMBER: Final = Month(2026, 11)
# The month's end (annex 2): WD2 12:00, WD3, the ends of WD8 and WD9 of December 2026.
FROZEN: Final = at("2026-12-02 12:00:00")
SHEETS: Final = at("2026-12-03 08:30:00")
OBJECTIONS_UNTIL: Final = at("2026-12-11 00:00:00")
LOCKS: Final = at("2026-12-12 00:00:00")
_ISSUED: Final = at("2026-11-02 16:00:00")
_MARKED: Final = at("2026-11-25 10:00:00")


def marked(
    cast: Cast,
    who: str,
    item: str,
    value: str,
    *,
    question: str = "",
    recorded_at: datetime = _MARKED,
    **more: Any,
) -> Mark:
    """A mark as it stands in the table: an exam's, or the answer to a question."""
    return Mark.objects.create(
        month=NOVEMBER.key,
        manager=cast[who],
        branch=cast[who].branch,
        item=item,
        kind="rating" if question else "exam",
        question=question,
        value=Decimal(value),
        recorded_at=recorded_at,
        recorded_by=cast["周建平" if question else "韩静"],
        **more,
    )


def approved_case(cast: Cast, who: str, number: str, points: str, **more: Any) -> Case:
    """A case as it stands in the table once the general manager has approved it."""
    values: dict[str, Any] = {
        "item": "B1",
        "option": "A",
        "month": NOVEMBER.key,
        "state": "approved",
        "decided_at": FROZEN,
        **more,
    }
    return Case.objects.create(
        number=number,
        count_key=number,
        manager=cast[who],
        branch=cast[who].branch,
        happened_on=date(2026, 11, 12),
        facts="客户续签",
        proposed=Decimal(points),
        points=Decimal(points),
        raised_at=at("2026-11-12 10:00:00"),
        raised_by=cast["周建平"],
        updated_at=at("2026-11-12 10:00:00"),
        **values,
    )


def reached(cast: Cast, who: str, code: str, value: str, **more: Any) -> Result:
    """A result as it stands in the table."""
    return Result.objects.create(
        indicator=Indicator.objects.get(code=code),
        manager=cast[who],
        branch=cast[who].branch,
        month=NOVEMBER.key,
        value=Decimal(value),
        source="typed",
        recorded_at=more.pop("recorded_at", at("2026-12-01 10:00:00")),
        recorded_by=cast["韩静"],
        **more,
    )


def issued(
    cast: Cast,
    targets: dict[str, dict[str, str]],
    *,
    branch: Branch | None = None,
    issued_at: datetime = _ISSUED,
) -> TargetVersion:
    """A branch's targets by indicator and manager, issued by its general manager."""
    sheet, _made = TargetSheet.objects.get_or_create(
        branch=branch or cast.east, month=NOVEMBER.key, defaults={"updated_at": issued_at}
    )
    indicators = Indicator.objects.in_bulk(field_name="code")
    sheet.newest, sheet.state = sheet.newest + 1, "issued"
    sheet.save()
    given = dict.fromkeys(who for parts in targets.values() for who in parts)
    content = {
        "month": NOVEMBER.key,
        "branch": {"id": sheet.branch.pk, "code": sheet.branch.code, "name": sheet.branch.name},
        "priorities": "",
        "resources": "",
        "why_no_items": "",
        "items": [],
        "managers": [
            {"id": cast[who].pk, "job_number": cast[who].job_number, "name": who} for who in given
        ],
        "lines": [
            {
                "code": code,
                "labels": indicators[code].labels,
                "direction": indicators[code].direction,
                "unit": indicators[code].unit,
                "places": indicators[code].places,
                "adding": indicators[code].adding,
                "required": None,
                "value": str(sum(map(Decimal, parts.values()), Decimal(0))),
                "why_not_required": "",
                "method": "by_hand",
                "why_not_sum": "",
                "lacking": "0",
                "parts": [
                    {"manager": cast[who].pk, "value": value, "basis": None}
                    for who, value in parts.items()
                ],
            }
            for code, parts in targets.items()
        ],
    }
    return TargetVersion.objects.create(
        sheet=sheet,
        number=sheet.newest,
        content=content,
        digest="",
        issued_at=issued_at,
        issued_by=cast["赵国梁"],
    )


def month_of_work(cast: Cast) -> None:
    """林晓岚's November: sales 180 of 200, satisfaction 88 of 90, summaries 3 of 4 on time,
    logs 2 of 3, exams 88 and 92, two ratings, a customer kept. 91.88 points."""
    issued(cast, {"M2": {"林晓岚": "200"}, "S1": {"林晓岚": "90.0"}})
    reached(cast, "林晓岚", "M2", "180")
    reached(cast, "林晓岚", "S1", "88.00")
    for number, moment in (
        (45, "2026-11-06 17:30:00"),
        (46, "2026-11-13 17:30:01"),
        (47, "2026-11-20 09:00:00"),
        (48, "2026-11-27 17:00:00"),
    ):
        filed(cast, "林晓岚", moment, week=Week(2026, number))
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-02 10:00:00")
    logged(cast, "林晓岚", "黄建国", "2026-11-05 10:00:00")
    logged(cast, "林晓岚", "城东人民医院", "2026-11-03 10:00:00", recorded="2026-11-04 00:00:00")
    marked(cast, "林晓岚", "P4", "88")
    marked(cast, "林晓岚", "P5a", "92")
    marked(cast, "林晓岚", "P2c", "4", question="opening")
    marked(cast, "林晓岚", "P5b", "5", question="wording")
    approved_case(cast, "林晓岚", "JF-1", "3")


def ticked(*moments: datetime) -> None:
    """The clock passes these moments; whatever falls due is done at the last one."""
    for moment in moments:
        jobs.tick(moment)
    jobs.run_due(moments[-1])


def computed(*, late: datetime = SHEETS) -> None:
    """The sheets of November, computed by the ticker and the worker."""
    ticked(at("2026-12-03 08:29:00"), late)


def sheet_of(cast: Cast, who: str) -> ScoreSheet:
    """Somebody's sheet of November, as it stands."""
    return ScoreSheet.objects.get(manager=cast[who], month=NOVEMBER.key)


def lines_of(version: SheetVersion) -> dict[str, dict[str, Any]]:
    """The lines of a version by code."""
    return {item["code"]: item for group in version.content["groups"] for item in group["items"]}


def version_of(cast: Cast, who: str) -> SheetVersion:
    """The newest version of it."""
    sheet = sheet_of(cast, who)
    return sheet.versions.get(number=sheet.newest)
