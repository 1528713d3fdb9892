"""Marks that only people give (annex 5.3): cell by cell, two raters, nothing after the freeze."""

from decimal import Decimal
from typing import Any, Final

import pytest

from core.errors import NotAllowed, Refused
from core.models import AuditRow
from core.periods import Month
from duties.models import Notice
from kpi.models import Mark
from kpi.operations.marks import Cell, Outcome, record_marks
from organization.models import RoleGrant
from tests.cast import BEGIN, Cast, at
from tests.domain.scores import FROZEN, NOVEMBER

NOON: Final = at("2026-11-27 12:00:00")


def cell(cast: Cast, who: str, value: str, *, item: str = "P2c", **more: Any) -> Cell:
    """A typed cell; of P2c the question "opening" unless said otherwise."""
    question = more.pop("question", "opening" if item in ("P2c", "P5b") else "")
    return Cell(cast[who].pk, item, question, value, **more)


def written(
    cast: Cast, *cells: Cell, by: str = "周建平", moment: str = "", month: Month = NOVEMBER
) -> list[Outcome]:
    """Somebody sends the grid."""
    now = at(moment) if moment else NOON
    return record_marks(month=month, cells=cells, actor=cast.actor(by, on=now), at=now)


def states(outcomes: list[Outcome]) -> list[str]:
    """What became of each cell."""
    return [one.state for one in outcomes]


def standing() -> dict[tuple[str, str, str], str]:
    """The marks that stand."""
    return {
        (mark.manager.name, mark.item, mark.question): f"{mark.value:f}"
        for mark in Mark.objects.standing().select_related("manager")
    }


def test_each_cell_stands_or_falls_by_itself(cast: Cast) -> None:
    outcomes = written(
        cast,
        cell(cast, "林晓岚", "4"),
        cell(cast, "林晓岚", "5.01", question="wording"),
        cell(cast, "陈嘉怡", "4.5", basis="11月12日外呼"),
        cell(cast, "陈嘉怡", "-1", question="wording"),
        cell(cast, "何俊峰", "优"),
        cell(cast, "何俊峰", "3", question="无此问"),
        cell(cast, "何俊峰", "1.001", question="needs"),
    )
    assert states(outcomes) == [
        "saved",
        "refused",
        "saved",
        "refused",
        "refused",
        "refused",
        "refused",
    ]
    assert outcomes[1].message == "写 0 到 5 的数，最多两位小数。"
    assert outcomes[5].message == "考核方案里没有这一问。"
    assert standing() == {
        ("林晓岚", "P2c", "opening"): "4.00",
        ("陈嘉怡", "P2c", "opening"): "4.50",
    }
    mark = Mark.objects.get(manager=cast["陈嘉怡"])
    assert (mark.kind, mark.basis, mark.recorded_by_id, mark.recorded_at, mark.branch_id) == (
        "rating",
        "11月12日外呼",
        cast["周建平"].pk,
        NOON,
        cast.east.pk,
    )
    row = AuditRow.objects.get(what="kpi.record_marks")
    assert (row.before, row.after) == (
        {"200004 P2c opening": "", "200005 P2c opening": ""},
        {"200004 P2c opening": "4.00", "200005 P2c opening": "4.50"},
    )


@pytest.mark.parametrize(("value", "state"), [("0", "saved"), ("5", "saved"), ("5.01", "refused")])
def test_ratings_go_from_0_to_5(cast: Cast, value: str, state: str) -> None:
    assert states(written(cast, cell(cast, "林晓岚", value))) == [state]


@pytest.mark.parametrize(
    ("value", "state"), [("0", "saved"), ("100", "saved"), ("100.01", "refused")]
)
def test_exams_go_from_0_to_100(cast: Cast, value: str, state: str) -> None:
    assert states(written(cast, cell(cast, "林晓岚", value, item="P4"), by="韩静")) == [state]


def test_supervisors_rate_their_branch_and_the_market_department_examines(cast: Cast) -> None:
    assert states(
        written(
            cast,
            cell(cast, "林晓岚", "4"),
            cell(cast, "吴志远", "4"),
            cell(cast, "林晓岚", "90", item="P4"),
            cell(cast, "林晓岚", "3", item="M1"),
        )
    ) == ["saved", "refused", "refused", "refused"]
    assert states(
        written(
            cast,
            cell(cast, "林晓岚", "90", item="P4"),
            cell(cast, "吴志远", "70", item="P5a"),
            cell(cast, "吴志远", "4"),
            Cell(987_654, "P4", "", "90"),
            by="韩静",
        )
    ) == ["saved", "saved", "refused", "refused"]
    for who in ("林晓岚", "赵国梁", "孙岚", "马骏"):
        with pytest.raises(NotAllowed):
            written(cast, cell(cast, "陈嘉怡", "4"), by=who)


def test_nobody_rates_himself(cast: Cast) -> None:
    RoleGrant.objects.create(
        person=cast["周建平"], role="manager", branch=cast.east, valid_from=BEGIN
    )
    assert states(written(cast, cell(cast, "周建平", "5"))) == ["refused"]


def test_a_change_is_a_new_row_and_an_empty_cell_takes_the_mark_away(cast: Cast) -> None:
    (first,) = written(cast, cell(cast, "林晓岚", "4"))
    assert first.standing is not None
    seen = first.standing.pk
    assert states(written(cast, cell(cast, "林晓岚", "4.00", seen=seen))) == ["unchanged"]
    (second,) = written(cast, cell(cast, "林晓岚", "5", seen=seen), moment="2026-11-27 14:00:00")
    assert second.standing is not None
    assert list(Mark.objects.order_by("pk").values_list("value", "superseded_at")) == [
        (Decimal(4), at("2026-11-27 14:00:00")),
        (Decimal(5), None),
    ]
    (third,) = written(
        cast,
        cell(cast, "林晓岚", "", seen=second.standing.pk),
        moment="2026-11-27 15:00:00",
    )
    assert (third.state, third.standing, standing()) == ("saved", None, {})


def test_two_raters_of_one_person_are_both_told(cast: Cast) -> None:
    """郑秋实 stands in for 周建平 in 城东 and rates without having seen his mark."""
    RoleGrant.objects.create(
        person=cast["郑秋实"],
        role="supervisor",
        branch=cast.east,
        valid_from=BEGIN,
        is_acting=True,
    )
    (first,) = written(cast, cell(cast, "林晓岚", "4"))
    outcomes = written(
        cast,
        cell(cast, "林晓岚", "2"),
        cell(cast, "陈嘉怡", "3"),
        by="郑秋实",
        moment="2026-11-27 14:00:00",
    )
    assert states(outcomes) == ["conflict", "saved"]
    assert outcomes[0].message == "周建平 11月27日（周五）12:00 打了 4 分，和您看到的不同。"
    assert outcomes[0].standing == first.standing
    assert standing()["林晓岚", "P2c", "opening"] == "4.00"
    assert {(one.person.name, one.title, one.body) for one in Notice.objects.all()} == {
        ("周建平", "郑秋实 也在给 林晓岚 的 P2c 打分", "现在是 4 分，另一人想打 2 分。"),
        ("郑秋实", "周建平 也在给 林晓岚 的 P2c 打分", "现在是 4 分，另一人想打 2 分。"),
    }


def test_ones_own_other_window_is_a_conflict_without_a_notice(cast: Cast) -> None:
    written(cast, cell(cast, "林晓岚", "4"))
    assert states(written(cast, cell(cast, "林晓岚", "2"))) == ["conflict"]
    assert not Notice.objects.exists()


def test_a_cell_emptied_meanwhile_is_a_conflict(cast: Cast) -> None:
    assert states(written(cast, cell(cast, "林晓岚", "2", seen=987_654))) == ["conflict"]


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-12-02 11:59:59", True),
        ("2026-12-02 12:00:00", True),
        ("2026-12-02 12:00:01", False),
    ],
)
def test_nothing_is_marked_after_the_freeze(cast: Cast, moment: str, is_open: bool) -> None:
    if is_open:
        assert states(written(cast, cell(cast, "林晓岚", "4"), moment=moment)) == ["saved"]
        assert Mark.objects.counted_at(FROZEN).count() == 1
        return
    with pytest.raises(Refused, match="已于 12月2日（周三）12:00 截止；之后的更改走锁定后更正"):
        written(cast, cell(cast, "林晓岚", "4"), moment=moment)


def test_what_the_grid_does_not_take_at_all(cast: Cast) -> None:
    with pytest.raises(Refused, match="还没有开始"):
        written(cast, cell(cast, "林晓岚", "4"), month=Month(2026, 12))
    with pytest.raises(Refused, match="写了两次"):
        written(cast, cell(cast, "林晓岚", "4"), cell(cast, "林晓岚", "5"))
    with pytest.raises(Refused, match="一次最多 500 格"):
        written(cast, *[cell(cast, "林晓岚", "4")] * 501)
