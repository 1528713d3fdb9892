"""The next best points (K4): what can still be won this month, most first; what is due by when."""

from decimal import Decimal
from typing import Final

from core.periods import Month, Week
from duties.rules import DueItem
from kpi.computing import provisional
from kpi.inputs import Inputs
from kpi.models import Mark, ScoreSheet
from kpi.next_points import next_points
from kpi.operations.objections import object_to_line, review_objection
from kpi.operations.sheets import confirm_sheet
from kpi.queries.sheet_due import due_items
from kpi.scoring import what_if
from tests.cast import Cast, at
from tests.domain.scores import computed, issued, marked, reached, sheet_of
from tests.domain.week import filed, logged

WEDNESDAY: Final = at("2026-11-25 09:00:00")
NOVEMBER: Final = Month(2026, 11)


def test_open_duties_are_ranked_by_the_points_they_win(cast: Cast) -> None:
    issued(cast, {"M2": {"林晓岚": "200"}, "S1": {"林晓岚": "90.0"}})
    reached(cast, "林晓岚", "M2", "150", recorded_at=at("2026-11-20 10:00:00"))
    reached(cast, "林晓岚", "S1", "92", recorded_at=at("2026-11-20 10:00:00"))
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-23 10:00:00")
    filed(cast, "林晓岚", "2026-11-06 17:00:00", week=Week(2026, 45))
    found = next_points(cast["林晓岚"].pk, WEDNESDAY)
    assert found is not None
    # M2 alone is left of the 40: 150 of 200 make 30. Of the process only logs (3) and summaries
    # (2) are known: 24 and 16 of the 40; one log of one in time, one week of three filed.
    assert (found.total, found.band) == (Decimal("79.33"), "qualified")
    assert [
        (duty.item, duty.label, duty.points, duty.at_stake, duty.due_at, duty.url)
        for duty in found.duties
    ] == [
        (
            "M2",
            "集团产品销售还差 50 件",
            Decimal("10.00"),
            Decimal(0),
            at("2026-12-01 00:00:00"),
            f"/targets/2026-11/{cast.east.pk}/",
        ),
        # Two of four weeks make 8.00 of the 16.
        (
            "P3c",
            "第 48 周周报",
            Decimal("2.67"),
            Decimal(0),
            at("2026-11-27 17:30:00"),
            "/weeks/2026-W48/",
        ),
        # All logs are in time already: today's wins nothing, its lack would cost half.
        (
            "P2b",
            "今天的服务日志",
            Decimal(0),
            Decimal("12.00"),
            at("2026-11-26 00:00:00"),
            "/logs/new/",
        ),
    ]
    assert found.open_points == Decimal("12.67")


def test_points_said_are_those_of_what_if(cast: Cast) -> None:
    """A line without a result has lent its weight to the others: reaching it gives that back."""
    issued(cast, {"M1": {"林晓岚": "10"}, "M2": {"林晓岚": "200"}, "S1": {"林晓岚": "90.0"}})
    reached(cast, "林晓岚", "S1", "92", recorded_at=at("2026-11-20 10:00:00"))
    reached(cast, "林晓岚", "M2", "190", recorded_at=at("2026-11-20 10:00:00"))
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-25 08:00:00")
    me = cast["林晓岚"].pk
    found = next_points(me, WEDNESDAY)
    so_far = provisional(me, NOVEMBER, WEDNESDAY)
    assert found is not None
    assert so_far is not None
    won = {duty.item: duty.points for duty in found.duties}
    done: dict[str, Inputs | None] = {"M1": {"actual": "10", "target": "10"}}
    then = what_if(so_far.scheme, so_far.inputs, done, so_far.presence)
    assert found.total is not None
    assert then.total == found.total + won["M1"]
    # 95 % of 40 stand; with M1 (12 of 22) and M2 (10 of 22) it is 21.82 + 17.27.
    assert (won["M1"], won["M2"]) == (Decimal("1.09"), Decimal("2.00"))


def test_all_points_together_are_what_the_month_can_give(cast: Cast) -> None:
    """Nothing is known yet: each line is worth its weight, all of them the whole group."""
    issued(cast, {"M1": {"林晓岚": "10"}, "M2": {"林晓岚": "200"}, "M5": {"林晓岚": "4"}})
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-25 08:00:00")
    filed(cast, "林晓岚", "2026-11-06 17:00:00", week=Week(2026, 45))
    found = next_points(cast["林晓岚"].pk, WEDNESDAY)
    assert found is not None
    assert not found.is_rated
    targets = [duty.points for duty in found.duties if duty.item in ("M1", "M2", "M5")]
    assert sum(targets) == Decimal("40.00")
    # 40 of the targets; of 16 for the weeks 5.33 stand (one of three), two of four make 8.00.
    assert found.open_points == Decimal("42.67")


def test_without_a_result_nothing_is_said_to_be_lacking(cast: Cast) -> None:
    """Nobody knows yet how far it is: the line says so, and who enters the result."""
    issued(cast, {"M1": {"林晓岚": "190"}, "S1": {"林晓岚": "90.0"}})
    found = next_points(cast["林晓岚"].pk, WEDNESDAY)
    assert found is not None
    assert {duty.item: duty.label for duty in found.duties if duty.item in ("M1", "S1")} == {
        "M1": "集团收入还没有结果；目标 190.00 万元",
        "S1": "客户满意度还没有结果，请主管录入；目标 90.0 分",
    }


def test_doing_it_wins_what_was_said(cast: Cast) -> None:
    """The prediction equals the month after really doing it."""
    issued(cast, {"M2": {"林晓岚": "200"}, "S1": {"林晓岚": "90.0"}})
    reached(cast, "林晓岚", "S1", "92", recorded_at=at("2026-11-20 10:00:00"))
    reached(cast, "林晓岚", "M2", "150", recorded_at=at("2026-11-20 10:00:00"))
    filed(cast, "林晓岚", "2026-11-06 17:00:00", week=Week(2026, 45))
    before = next_points(cast["林晓岚"].pk, WEDNESDAY)
    assert before is not None
    (summary,) = [duty for duty in before.duties if duty.item == "P3c"]
    friday, evening = at("2026-11-27 17:00:00"), at("2026-11-27 17:30:00")
    undone = next_points(cast["林晓岚"].pk, evening)
    filed(cast, "林晓岚", "2026-11-27 17:00:00")
    done = next_points(cast["林晓岚"].pk, friday)
    assert undone is not None
    assert done is not None
    assert before.total is not None
    assert undone.total is not None
    assert done.total == before.total + summary.points
    assert undone.total < before.total


def test_nothing_is_stored_and_nobody_else_is_scored(cast: Cast) -> None:
    assert next_points(cast["周建平"].pk, WEDNESDAY) is None
    assert next_points(cast["林晓岚"].pk, WEDNESDAY) is not None
    assert not ScoreSheet.objects.exists()


def titles(items: list[DueItem]) -> list[tuple[str, str]]:
    """What is due and by when, in Shanghai's clock."""
    return [(item.title, f"{item.due_at.astimezone(at('2026-12-01').tzinfo):%m-%d %H:%M:%S}")
            for item in items]  # fmt: skip


def test_what_the_months_end_asks_of_whom(cast: Cast) -> None:
    first, last = at("2026-12-03 00:00:00"), at("2026-12-18 00:00:00")
    everybody = [person.pk for person in cast.people.values()]
    computed()
    confirm = ("确认2026年11月考核表", "12-10 23:59:59")
    assert titles(due_items([cast["林晓岚"].pk], first, last)) == [confirm]
    now = at("2026-12-04 09:00:00")
    for who in ("林晓岚", "陈嘉怡"):
        sheet = sheet_of(cast, who)
        confirm_sheet(
            sheet_id=sheet.pk,
            expected_version=sheet.version,
            actor=cast.actor(who, on=now),
            at=now,
        )
    objection = object_to_line(
        sheet_id=sheet_of(cast, "林晓岚").pk,
        item="P3c",
        text="断网有记录",
        expected_version=2,
        actor=cast.actor("林晓岚", on=now),
        at=now,
    )
    assert due_items([cast["林晓岚"].pk], first, last) == []
    assert titles(due_items([cast["周建平"].pk], first, last, now)) == [
        ("审考核表 1 张", "12-11 23:59:59"),
        ("对申诉出意见 1 条", "12-11 23:59:59"),
    ]
    assert due_items([cast["赵国梁"].pk], first, last, now) == []
    review_objection(
        objection_id=objection.pk,
        opinion="属实",
        expected_version=3,
        actor=cast.actor("周建平", on=now),
        at=now,
    )
    assert titles(due_items([cast["赵国梁"].pk], first, last, now)) == [
        ("决定申诉 1 条", "12-11 23:59:59")
    ]
    assert titles(due_items(everybody, at("2026-12-11 00:00:00"), at("2026-12-11 23:59:58"))) == []


def test_ratings_are_due_by_the_freeze(cast: Cast) -> None:
    first, last = at("2026-12-01 00:00:00"), at("2026-12-02 12:00:00")
    (item,) = due_items([cast["周建平"].pk], first, last)
    assert (item.title, item.context, item.due_at) == (
        "给 3 名客户经理评分",
        "城东分公司 2026年11月",
        at("2026-12-02 12:00:00"),
    )
    for who in ("林晓岚", "陈嘉怡", "何俊峰"):
        marked(cast, who, "P2c", "4", question="opening")
    assert due_items([cast["周建平"].pk], first, last) == []
    Mark.objects.all().delete()
    assert due_items([cast["周建平"].pk], first, at("2026-12-02 11:59:59")) == []
