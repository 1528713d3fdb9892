"""To-dos (P2.1): set by who leads or by oneself, ticked off by their owner, taken back."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.errors import NotAllowed, NotFound, Refused
from core.models import AuditRow
from duties.choices import ToDoState
from duties.models import Notice, ToDo
from duties.operations_to_dos import (
    close_to_dos,
    drop_to_do,
    put_to_dos,
    reopen_to_dos,
    set_to_do,
    tick_to_do,
    untick_to_do,
)
from duties.todo_queries import counts_of, open_to_dos
from organization.models import Person
from tests.cast import FRIDAY, NOON, Cast, at
from tests.conftest import StoryClock

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]


def set_by(cast: Cast, who: str, owner: str, title: str = "带合同去医院", **more: object) -> ToDo:
    values: dict[str, object] = {"due_on": FRIDAY, **more}
    return set_to_do(
        owner_id=cast[owner].pk,
        title=title,
        actor=cast.actor(who),
        at=NOON,
        **values,  # type: ignore[arg-type]
    )


def test_a_supervisor_sets_a_manager_something_to_do(cast: Cast) -> None:
    to_do = set_by(cast, "周建平", "林晓岚")
    assert (to_do.branch, to_do.due_at) == (cast.east, at("2026-11-27 18:00:00"))
    assert [one.title for one in open_to_dos(cast["林晓岚"].pk)] == ["带合同去医院"]
    notice = Notice.objects.get()
    assert (notice.person, notice.title) == (
        cast["林晓岚"],
        "周建平布置了待办：带合同去医院（11-27前）",
    )
    row = AuditRow.objects.get()
    assert (row.what, row.after) == (
        "duties.set_to_do",
        {"owner": "林晓岚", "due": "2026-11-27"},
    )


def test_one_sets_oneself_something_without_being_told(cast: Cast) -> None:
    assert set_by(cast, "林晓岚", "林晓岚").owner == cast["林晓岚"]
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("who", "owner"), [("林晓岚", "陈嘉怡"), ("郑秋实", "林晓岚"), ("韩静", "林晓岚")]
)
def test_others_are_not_there_to_be_set_anything(cast: Cast, who: str, owner: str) -> None:
    with pytest.raises(NotFound):
        set_by(cast, who, owner)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "字" * 161}, "title"),
        ({"about": "字" * 241}, "about"),
        ({"due_on": date(2026, 11, 26)}, "due_on"),
    ],
)
def test_what_cannot_be_set(cast: Cast, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        set_by(cast, "周建平", "林晓岚", **changes)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_its_owner_ticks_it_off_and_takes_the_tick_back(cast: Cast) -> None:
    to_do = set_by(cast, "周建平", "林晓岚")
    done = tick_to_do(to_do_id=to_do.pk, actor=cast.actor("林晓岚"), at=at("2026-11-27 15:00:00"))
    assert (done.state, done.closed_at) == (ToDoState.DONE, at("2026-11-27 15:00:00"))
    again = tick_to_do(to_do_id=to_do.pk, actor=cast.actor("林晓岚"), at=at("2026-11-27 16:00:00"))
    assert again.closed_at == at("2026-11-27 15:00:00")
    open_again = untick_to_do(to_do_id=to_do.pk, actor=cast.actor("林晓岚"), at=NOON)
    assert (open_again.state, open_again.closed_at) == (ToDoState.OPEN, None)
    assert [row.what for row in AuditRow.objects.order_by("pk")] == [
        "duties.set_to_do",
        "duties.tick_to_do",
        "duties.untick_to_do",
    ]


def test_nobody_ticks_off_for_another(cast: Cast) -> None:
    to_do = set_by(cast, "周建平", "林晓岚")
    with pytest.raises(NotAllowed):
        tick_to_do(to_do_id=to_do.pk, actor=cast.actor("周建平"), at=NOON)
    with pytest.raises(NotFound):
        tick_to_do(to_do_id=to_do.pk, actor=cast.actor("陈嘉怡"), at=NOON)


def test_whoever_set_it_takes_it_back_while_it_is_open(cast: Cast) -> None:
    to_do = set_by(cast, "周建平", "林晓岚")
    with pytest.raises(NotAllowed):
        drop_to_do(to_do_id=to_do.pk, actor=cast.actor("林晓岚"), at=NOON)
    dropped = drop_to_do(to_do_id=to_do.pk, actor=cast.actor("周建平"), at=NOON)
    assert dropped.state == ToDoState.DROPPED
    with pytest.raises(Refused):
        tick_to_do(to_do_id=to_do.pk, actor=cast.actor("林晓岚"), at=NOON)
    with pytest.raises(Refused):
        drop_to_do(to_do_id=to_do.pk, actor=cast.actor("周建平"), at=NOON)


def of_a_source(cast: Cast, source_id: int, **more: object) -> ToDo:
    values: dict[str, object] = {
        "owner": cast["林晓岚"],
        "branch": cast.east,
        "title": "走访三家",
        "url": "/x/",
        "due_at": at("2026-11-30 18:00:00"),
        "source_type": "story",
        "source_id": source_id,
        "created_at": NOON,
        "updated_at": NOON,
        **more,
    }
    return ToDo(**values)


def test_what_a_source_puts_follows_it_and_is_closed_by_it(cast: Cast) -> None:
    put_to_dos([of_a_source(cast, 1), of_a_source(cast, 2)])
    put_to_dos([of_a_source(cast, 1, title="走访五家", due_at=at("2026-12-01 18:00:00"))])
    assert [(one.source_id, one.title) for one in ToDo.objects.order_by("source_id")] == [
        (1, "走访五家"),
        (2, "走访三家"),
    ]
    assert close_to_dos("story", [1], state=ToDoState.DONE, at=NOON) == 1
    assert close_to_dos("story", [1], state=ToDoState.DONE, at=NOON) == 0
    assert reopen_to_dos("story", [1], at=NOON) == 1
    own = ToDo.objects.get(source_id=1)
    with pytest.raises(Refused):  # done where it is done, not on the list
        tick_to_do(to_do_id=own.pk, actor=cast.actor("林晓岚"), at=NOON)
    with pytest.raises(NotAllowed):
        drop_to_do(to_do_id=own.pk, actor=cast.actor("林晓岚"), at=NOON)


@pytest.mark.parametrize(
    ("moment", "counts"),
    [("17:59:59", (0, 1)), ("18:00:00", (0, 1)), ("18:00:01", (1, 0))],
)
def test_overdue_to_the_second(cast: Cast, moment: str, counts: tuple[int, int]) -> None:
    to_do = set_by(cast, "周建平", "林晓岚")
    assert counts_of([to_do], at(f"2026-11-27 {moment}")) == counts


def test_the_list_is_ticked_off_in_place(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    boss, own = browser_of(cast["周建平"]), browser_of(cast["林晓岚"])
    answer = boss.post(
        "/todos/new/",
        {"owner": cast["林晓岚"].pk, "title": "带合同去医院", "due_on": "2026-11-27"},
    )
    assert (answer.status_code, answer["Location"]) == (302, "/todos/?show=others")
    to_do = ToDo.objects.get()
    page = own.get("/todos/").content.decode()
    assert "<h1>今天还有 1 件待办</h1>" in page
    assert f'action="/todos/{to_do.pk}/tick/"' in page
    assert "带合同去医院" in own.get("/").content.decode()
    assert own.post(f"/todos/{to_do.pk}/tick/").status_code == 302
    assert "带合同去医院" in own.get("/todos/?show=done").content.decode()
    assert own.post(f"/todos/{to_do.pk}/untick/").status_code == 302
    clock.set("2026-11-27 18:00:01")
    boss, own = browser_of(cast["周建平"]), browser_of(cast["林晓岚"])
    assert "<h1>1 件待办已逾期</h1>" in own.get("/todos/").content.decode()
    assert "林晓岚" in boss.get("/todos/?show=others").content.decode()
    assert boss.post(f"/todos/{to_do.pk}/drop/").status_code == 302
    assert own.get("/todos/?show=others").status_code == 404


def test_what_was_typed_stays_when_it_is_refused(cast: Cast, browser_of: Browser) -> None:
    answer = browser_of(cast["周建平"]).post(
        "/todos/new/",
        {"owner": cast["林晓岚"].pk, "title": "带合同去医院", "due_on": "2026-11-20"},
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="带合同去医院"' in page
    assert "期限不能早于今天。" in page


def test_as_many_statements_for_fifty(cast: Cast, browser_of: Browser) -> None:
    own, boss = browser_of(cast["林晓岚"]), browser_of(cast["周建平"])
    counts = []
    for number in (1, 50):
        put_to_dos([of_a_source(cast, one) for one in range(1, number + 1)])
        for browser, url in ((own, "/todos/"), (boss, "/todos/?show=others")):
            browser.get(url)
            with CaptureQueriesContext(connection) as told:
                assert browser.get(url).status_code == 200
            counts.append(len(told))
    assert counts[:2] == counts[2:]


def test_what_others_are_late_with_says_so(
    cast: Cast, clock: StoryClock, browser_of: Browser
) -> None:
    set_by(cast, "周建平", "林晓岚")
    clock.set("2026-11-27 18:00:01")
    page = browser_of(cast["周建平"]).get("/todos/?show=others").content.decode()
    assert "逾期" in page
