"""The inspection sheet from a month on (annex 3.8): what comes, never what has begun."""

from decimal import Decimal
from typing import Any

import pytest

from core.errors import NotAllowed, NotFound, Refused
from core.periods import Month
from inspections.models import CheckItem
from inspections.operations import items
from inspections.queries import items_in_force, sheet_rows
from tests.cast import Cast, at
from tests.domain.month import NOVEMBER

pytestmark = pytest.mark.django_db


def set_item(cast: Cast, moment: str = "2026-11-27 12:00:00", **more: Any) -> CheckItem:
    values: dict[str, Any] = {
        "code": "punctual",
        "valid_from": Month(2026, 12),
        "names": {"zh-hans": "周报及时", "en": "Summaries on time"},
        "points": Decimal(10),
        "taking": "per_fault",
        "faults": {"late": Decimal("0.5"), "missing": Decimal(2)},
        "clause": "W5",
        "rank": 8,
        "judged_by": "summaries.punctuality",
        **more,
    }
    who = values.pop("who", "韩静")
    return items.set_check_item(**values, actor=cast.actor(who, on=at(moment)), at=at(moment))


def in_force(month: Month) -> dict[str, Decimal]:
    return {item.code: item.points for item in items_in_force(sheet_rows(), month)}


def test_an_item_changes_from_a_month_on(cast: Cast) -> None:
    set_item(cast)
    assert in_force(NOVEMBER)["punctual"] == 5
    assert in_force(Month(2026, 12))["punctual"] == 10
    assert in_force(Month(2030, 1))["punctual"] == 10


@pytest.mark.parametrize(
    ("moment", "is_taken"),
    [("2026-11-30 23:59:59", True), ("2026-12-01 00:00:00", False)],
)
def test_a_month_that_runs_is_never_changed(cast: Cast, moment: str, is_taken: bool) -> None:
    if is_taken:
        assert set_item(cast, moment).valid_from == "2026-12"
        return
    with pytest.raises(Refused):
        set_item(cast, moment)


def test_an_item_is_dropped_and_a_change_withdrawn(cast: Cast) -> None:
    market: dict[str, Any] = {"actor": cast.actor("韩静"), "at": at("2026-11-27 12:00:00")}
    dropped = items.drop_check_item(code="notice", valid_from=Month(2027, 1), **market)
    assert ("notice" in in_force(Month(2026, 12)), "notice" in in_force(Month(2027, 1))) == (
        True,
        False,
    )
    items.withdraw_check_item(item_id=dropped.pk, **market)
    assert "notice" in in_force(Month(2027, 1))
    shipped = CheckItem.objects.get(code="notice")
    with pytest.raises(Refused):
        items.withdraw_check_item(item_id=shipped.pk, **market)
    with pytest.raises(NotFound):
        items.drop_check_item(code="unknown", valid_from=Month(2027, 1), **market)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"points": Decimal(0)}, "points"),
        ({"points": Decimal("100.01")}, "points"),
        ({"points": Decimal("1.005")}, "points"),
        ({"names": {"en": "only"}}, "names"),
        ({"code": "Punctual"}, "code"),
        ({"faults": {}}, "faults"),
        ({"faults": {"sideways": Decimal(1)}}, "faults"),
        ({"taking": "by lot"}, "taking"),
        ({"judged_by": "nobody.knows"}, "judged_by"),
    ],
)
def test_an_item_that_makes_no_sense_is_refused(
    cast: Cast, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        set_item(cast, **wrong)
    assert [problem.field for problem in refused.value.problems] == [field]


@pytest.mark.parametrize("who", ["孙岚", "赵国梁", "周建平", "马骏", "许衡"])
def test_only_the_market_department_keeps_the_sheet(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        set_item(cast, who=who)
