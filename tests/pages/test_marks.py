"""The grid of marks in the browser (annex 5.3): saved cell by cell, two raters told, then shut."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kpi.models import Mark
from kpi.queries.marks import mark_grid
from organization.models import Person, RoleGrant
from tests.cast import BEGIN, Cast
from tests.conftest import StoryClock
from tests.domain.scores import NOVEMBER, marked

pytestmark = pytest.mark.django_db
Browsers = Callable[[Person], Client]
GRID = "/marks/2026-11/"


def name_of(cast: Cast, who: str, item: str, question: str = "") -> str:
    return f"cell:{cast[who].pk}:{item}:{question}"


def record(browser: Client, *cells: tuple[str, str, int], basis: str = "") -> list[dict[str, Any]]:
    """Send cells as the script does: (name, value, seen)."""
    answer = browser.post(
        f"{GRID}record/",
        json.dumps(
            {
                "basis": basis,
                "cells": [{"name": n, "value": v, "seen": str(s)} for n, v, s in cells],
            }
        ),
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    assert answer.status_code == 200, answer.content.decode()
    found: list[dict[str, Any]] = answer.json()["cells"]
    return found


def cells_of(page: Any, who: str) -> dict[str, Any]:
    row = next(row for row in page.context["rows"] if row.name == who)
    return {cell.name.partition(":")[2].partition(":")[2]: cell for cell in row.cells}


def test_the_supervisor_rates_and_the_market_department_marks_exams(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-11-30 10:00:00")
    page = browser_of(cast["周建平"]).get(GRID)
    assert [head.name for head in page.context["item_heads"]] == [
        "监听抽查",
        "业务知识考试",
        "产品考试",
        "角色演练、陪访",
    ]
    cells = cells_of(page, "林晓岚")
    assert (cells["P2c:opening"].can_write, cells["P4:"].can_write) == (True, False)
    assert [row.name for row in page.context["rows"]] == ["陈嘉怡", "何俊峰", "林晓岚"]
    text = page.content.decode()
    # A phone has no arrow keys, and a wide screen shows every column.
    assert '<span class="wide-only">方向键和回车换格；' in text
    assert '<p class="muted small phone-only">左右滑动看其余各列</p>' in text
    page = browser_of(cast["韩静"]).get(f"{GRID}?branch={cast.west.pk}&item=P4")
    assert [column.item for column in page.context["columns"]] == ["P4"]
    assert [row.name for row in page.context["rows"]] == ["吴志远"]
    assert cells_of(page, "吴志远")["P4:"].can_write
    reader = browser_of(cast["赵国梁"]).get(GRID)
    assert not reader.context["can_write"]
    assert b"data-seen" not in reader.content


def test_a_cell_is_saved_by_itself_and_says_when(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-11-30 10:00:00")
    browser = browser_of(cast["周建平"])
    right, wrong = (
        name_of(cast, "林晓岚", "P2c", "opening"),
        name_of(cast, "陈嘉怡", "P2c", "opening"),
    )
    told = record(browser, (right, "4", 0), (wrong, "6", 0), basis="11月3日录音")
    mark = Mark.objects.get()
    assert (mark.value, mark.basis) == (Decimal(4), "11月3日录音")
    assert told == [
        {"name": right, "state": "saved", "message": "", "seen": mark.pk, "value": "4"},
        {
            "name": wrong,
            "state": "refused",
            "message": "写 0 到 5 的数，最多两位小数。",
            "seen": 0,
            "value": "",
        },
    ]
    assert cells_of(browser.get(GRID), "林晓岚")["P2c:opening"].seen == mark.pk


def test_two_raters_of_one_person_are_told(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-11-30 10:00:00")
    RoleGrant.objects.create(
        person=cast["何俊峰"],
        role="supervisor",
        branch=cast.east,
        valid_from=BEGIN,
        is_acting=True,
    )
    name = name_of(cast, "林晓岚", "P2c", "opening")
    (first,) = record(browser_of(cast["周建平"]), (name, "4", 0))
    (second,) = record(browser_of(cast["何俊峰"]), (name, "2", 0))
    assert (second["state"], second["seen"], second["value"]) == ("conflict", first["seen"], "4")
    assert second["message"] == "周建平 11月30日（周一）10:00 打了 4 分，和您看到的不同。"
    (third,) = record(browser_of(cast["何俊峰"]), (name, "2", second["seen"]))
    assert third["state"] == "saved"
    cells = cells_of(browser_of(cast["周建平"]).get(GRID), "林晓岚")
    assert (cells["P2c:opening"].value, cells["P2c:opening"].note) == ("2", "何俊峰 11-30")
    own = cells_of(browser_of(cast["何俊峰"]).get(GRID), "何俊峰")["P2c:opening"]
    assert (own.can_write, own.is_kept) == (False, True)


def test_whoever_only_reads_is_told_once_who_gave_a_row(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-11-30 10:00:00")
    for question in ("opening", "wording"):
        marked(cast, "林晓岚", "P2c", "4", question=question)
    marked(cast, "林晓岚", "P4", "88")
    rows = browser_of(cast["赵国梁"]).get(GRID).context["rows"]
    (row,) = [one for one in rows if one.name == "林晓岚"]
    assert (row.note, {cell.note for cell in row.cells}) == ("周建平 11-25，韩静 11-25", {""})
    rows = browser_of(cast["周建平"]).get(GRID).context["rows"]
    (row,) = [one for one in rows if one.name == "林晓岚"]
    notes = {cell.name.split(":", 2)[2]: cell.note for cell in row.cells if cell.note}
    assert (row.note, notes) == ("", {"P4:": "韩静 11-25"})


def test_without_a_script_the_form_does_the_same(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-11-30 10:00:00")
    browser = browser_of(cast["周建平"])
    right, wrong = (
        name_of(cast, "林晓岚", "P2c", "opening"),
        name_of(cast, "陈嘉怡", "P2c", "opening"),
    )
    given = {right: "4", f"was:{right}": "0|", wrong: "x", f"was:{wrong}": "0|"}
    answer = browser.post(f"{GRID}record/", given)
    assert answer.status_code == 422
    cells = cells_of(answer, "陈嘉怡")["P2c:opening"]
    assert (cells.value, cells.error) == ("x", "写 0 到 5 的数，最多两位小数。")
    assert [link.message for link in answer.context["wrong"]] == [
        "陈嘉怡 监听抽查 开场与身份说明：写 0 到 5 的数，最多两位小数。"
    ]
    mark = Mark.objects.get()
    again = browser.post(f"{GRID}record/", {right: "5", f"was:{right}": f"{mark.pk}|4"})
    assert again["Location"] == GRID
    assert Mark.objects.standing().get().value == Decimal(5)


def test_after_the_freeze_the_grid_is_shut_with_a_sentence(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    marked(cast, "林晓岚", "P2c", "4", question="opening")
    clock.set("2026-12-02 12:00:00")
    browser = browser_of(cast["周建平"])
    assert browser.get("/marks/")["Location"] == GRID
    assert browser.get(GRID).context["can_write"]
    clock.advance(seconds=1)
    assert browser.get("/marks/")["Location"] == "/marks/2026-12/"
    page = browser.get(GRID)
    assert str(page.context["closed"]).startswith("本月评分已于 今天 12:00 截止")
    assert not page.context["can_write"]
    answer = browser.post(
        f"{GRID}record/",
        json.dumps({"cells": [{"name": name_of(cast, "林晓岚", "P2c", "opening"), "value": "5"}]}),
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][""] == [
        "本月评分已于 12月2日（周三）12:00 截止；之后的更改走锁定后更正。"
    ]
    assert Mark.objects.standing().get().value == Decimal(4)


def test_who_does_not_mark_is_refused(cast: Cast, clock: StoryClock, browser_of: Browsers) -> None:
    for who, read, write in (("林晓岚", 403, 403), ("赵国梁", 200, 403), ("马骏", 403, 403)):
        browser = browser_of(cast[who])
        assert browser.get(GRID).status_code == read
        assert browser.post(f"{GRID}record/", {}).status_code == write
    answer = browser_of(cast["周建平"]).get(f"{GRID}?branch={cast.west.pk}")
    assert answer.status_code == 404


def test_who_was_marked_reads_the_own_marks_and_what_lacks(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-11-30 10:00:00")
    marked(cast, "林晓岚", "P2c", "4", question="opening", basis="11月20日监听")
    marked(cast, "林晓岚", "P4", "88", basis="11月业务知识考试")
    here = f"{GRID}of/{cast['林晓岚'].pk}/"
    page: Any = browser_of(cast["林晓岚"]).get(here)
    shown = {
        item.code: [(row.label, row.note, row.state_text) for row in item.rows]
        for item in page.context["items"]
    }
    assert list(shown) == ["P2c", "P4", "P5a", "P5b"]
    assert shown["P2c"][:2] == [
        ("开场与身份说明", "周建平 11月25日（周三）10:00 打分，11月20日监听", "4 分"),
        ("口径准确", "", "还没有"),
    ]
    assert shown["P4"] == [("11月业务知识考试", "韩静 11月25日（周三）10:00 打分", "88 分")]
    assert shown["P5a"] == [("成绩", "", "还没有")]
    lacking = sum(text == "还没有" for rows in shown.values() for _label, _note, text in rows)
    assert page.context["title"] == f"2026年11月评分：还差 {lacking} 格"
    assert 'id="P5b"' in page.content.decode()
    leader: Any = browser_of(cast["周建平"]).get(here)
    assert leader.context["title"] == f"林晓岚 2026年11月评分：还差 {lacking} 格"
    assert browser_of(cast["陈嘉怡"]).get(here).status_code == 404


@pytest.mark.parametrize(
    "body", [b"x", b"[]", b'{"cells": 1}', b'{"cells": [{"name": "cell:x:y", "value": "1"}, 3]}']
)
def test_what_a_script_never_sends_does_no_harm(
    cast: Cast, browser_of: Browsers, body: bytes
) -> None:
    answer = browser_of(cast["周建平"]).post(
        f"{GRID}record/",
        body,
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    assert answer.status_code in (200, 422)
    assert Mark.objects.count() == 0


def test_the_grid_costs_the_same_for_fifty(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-11-30 10:00:00")
    browser = browser_of(cast["周建平"])
    browser.get(GRID)
    with CaptureQueriesContext(connection) as three:
        browser.get(GRID)
    people = Person.objects.bulk_create(
        [
            Person(job_number=f"7{n:05d}", name=f"经理{n}", branch=cast.east, joined_on=BEGIN)
            for n in range(47)
        ]
    )
    RoleGrant.objects.bulk_create(
        [
            RoleGrant(person=one, role="manager", branch=cast.east, valid_from=BEGIN)
            for one in people
        ]
    )
    for one in people:
        cast.people[one.name] = one
        marked(cast, one.name, "P2c", "4", question="opening")
    with CaptureQueriesContext(connection) as fifty:
        assert len(browser.get(GRID).context["rows"]) == 50
    assert len(fifty) == len(three)


def test_own_cells_done_does_not_say_that_all_is_done(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    """周建平 has rated everybody; the exams are the market department's and lack."""
    clock.set("2026-11-26 09:00:00")
    supervisor = browser_of(cast["周建平"])
    grid = mark_grid(cast.actor("周建平"), NOVEMBER, cast.east.pk, clock.moment)
    for row in grid.rows:
        for cell, column in zip(row.cells, grid.columns, strict=True):
            if cell.can_write:
                name = next(
                    who for who, one in cast.people.items() if one.pk == row.member.manager_id
                )
                marked(cast, name, column.item, "4", question=column.question)
    title = supervisor.get(GRID).context["title"]
    assert title == "2026年11月评分：您的都打完了，别人还差 6 格"
