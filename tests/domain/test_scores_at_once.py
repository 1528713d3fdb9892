"""Two connections at one mark, at one objection: one does it, the other is told (K4, annex 5.3).

Each looks before either writes; what then happens is the database's to decide.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from django.db import connection

from core.errors import Refused, Stale
from core.models import AuditRow
from duties.models import Notice
from kpi.models import Mark, Objection, SheetVersion
from kpi.operations import marks, objections
from kpi.operations.marks import CONFLICT, SAVED, Cell, Outcome, record_marks
from kpi.operations.objections import decide_objection, object_to_line, review_objection
from organization.models import RoleGrant
from tests.cast import BEGIN, Cast, at, make_cast
from tests.domain.scores import NOVEMBER, computed, marked, month_of_work, sheet_of
from tests.domain.test_two_at_once import both_look_first

pytestmark = [pytest.mark.pg, pytest.mark.django_db(transaction=True)]
NOON: Final = at("2026-11-27 12:00:00")
MORNING: Final = at("2026-12-04 09:00:00")


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """Run the tasks, each on a connection of its own; what each gave or raised, in their order."""
    found: list[Any] = [None] * len(tasks)

    def run(place: int) -> None:
        try:
            found[place] = tasks[place]()
        except Exception as failure:
            found[place] = failure
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.fixture
def two_raters(monkeypatch: pytest.MonkeyPatch) -> Cast:
    """周建平 and 何俊峰, who is acting supervisor, rate the same people."""
    cast = make_cast()
    RoleGrant.objects.create(
        person=cast["何俊峰"],
        role="supervisor",
        branch=cast.east,
        valid_from=BEGIN,
        is_acting=True,
    )
    both_look_first(monkeypatch, marks, "_value")
    return cast


def rated(cast: Cast, by: str, value: str, *, seen: int = 0) -> list[Outcome]:
    """Somebody rates how 林晓岚 opens her calls."""
    cell = Cell(cast["林晓岚"].pk, "P2c", "opening", value, seen)
    return record_marks(month=NOVEMBER, cells=[cell], actor=cast.actor(by, on=NOON), at=NOON)


def both_rate(cast: Cast, *, seen: int = 0) -> tuple[str, str]:
    """Both rate at once: who was first, and who was told."""
    values = {"周建平": "4", "何俊峰": "2"}
    found: Sequence[list[Outcome]] = at_once(
        *(lambda by=by: rated(cast, by, values[by], seen=seen) for by in values)
    )
    states = {by: outcomes[0].state for by, outcomes in zip(values, found, strict=True)}
    assert sorted(states.values()) == [CONFLICT, SAVED]
    first, second = sorted(states, key=lambda by: states[by] == CONFLICT)
    told = next(outcomes[0] for outcomes in found if outcomes[0].state == CONFLICT)
    assert told.message == (
        f"{first} 11月27日（周五）12:00 打了 {values[first]} 分，和您看到的不同。"
    )
    return first, second


def test_of_two_who_fill_one_cell_one_is_told_of_the_other(two_raters: Cast) -> None:
    first, second = both_rate(two_raters)
    (mark,) = Mark.objects.all()
    assert (mark.recorded_by.name, mark.superseded_at) == (first, None)
    told = Notice.objects.values_list("person__name", flat=True)
    assert sorted(told) == sorted([first, second])


def test_of_two_who_change_one_mark_one_is_told_of_the_other(two_raters: Cast) -> None:
    old = marked(two_raters, "林晓岚", "P2c", "3", question="opening")
    first, _second = both_rate(two_raters, seen=old.pk)
    standing = Mark.objects.standing().get()
    old.refresh_from_db()
    assert (standing.recorded_by.name, old.superseded_at) == (first, NOON)
    assert Mark.objects.count() == 2


@pytest.fixture
def scored() -> Cast:
    """November's sheets; 林晓岚 has 91.88 points."""
    cast = make_cast()
    month_of_work(cast)
    computed()
    return cast


def objected(cast: Cast) -> Objection:
    """林晓岚 objects to week 46."""
    return object_to_line(
        sheet_id=sheet_of(cast, "林晓岚").pk,
        item="P3c",
        text="断网有记录",
        expected_version=1,
        actor=cast.actor("林晓岚", on=MORNING),
        at=MORNING,
    )


def test_an_objection_sent_twice_at_once_is_one(
    scored: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_look_first(monkeypatch, objections, "_check_first")
    found = at_once(lambda: objected(scored), lambda: objected(scored))
    assert sorted(type(one).__name__ for one in found) == ["Objection", "Refused"]
    (refused,) = [one for one in found if isinstance(one, Refused)]
    assert str(refused) == "这一行已有申诉在处理。"
    sheet = sheet_of(scored, "林晓岚")
    assert (Objection.objects.count(), sheet.version, sheet.state) == (1, 2, "objected")
    assert AuditRow.objects.filter(what="kpi.object_to_line").count() == 1


def test_of_two_heads_who_decide_one_objection_one_is_stale(
    scored: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One upholds, the other rejects: the sheet says what the first said, and nothing else."""
    objection = objected(scored)
    review_objection(
        objection_id=objection.pk,
        opinion="属实",
        expected_version=2,
        actor=scored.actor("周建平", on=MORNING),
        at=MORNING,
    )
    both_look_first(monkeypatch, objections, "_check_open")

    def decided(by: str, *, is_upheld: bool) -> Objection:
        return decide_objection(
            objection_id=objection.pk,
            is_upheld=is_upheld,
            answer=by,
            inputs={"met": "4", "total": "4"} if is_upheld else None,
            expected_version=3,
            actor=scored.actor(by, on=MORNING),
            at=MORNING,
        )

    found = at_once(
        lambda: decided("赵国梁", is_upheld=True), lambda: decided("钱慧敏", is_upheld=False)
    )
    assert sorted(type(one).__name__ for one in found) == ["Objection", "Stale"]
    (stale,) = [one for one in found if isinstance(one, Stale)]
    objection.refresh_from_db()
    sheet = sheet_of(scored, "林晓岚")
    expected = {
        "赵国梁": ("upheld", "92.88", 2),
        "钱慧敏": ("rejected", "91.88", 1),
    }[objection.answer]
    assert (objection.state, str(sheet.total), sheet.newest) == expected
    assert (stale.current["version"], sheet.version) == (4, 4)
    assert SheetVersion.objects.filter(sheet=sheet).count() == sheet.newest
    assert AuditRow.objects.filter(what="kpi.decide_objection").count() == 1
