"""The editor of a scheme: what is typed is kept, looked at, guarded, and saved when right."""

from collections.abc import Callable

import pytest
from django.test import Client

from core.models import AuditRow, Draft
from kpi.scheme_editing import from_body
from organization.models import Person
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.scheme_pages import autosave, edit, fields_in, key_of, text_of, words_of
from tests.domain.schemes import DRAFTED, drafted, heavier_sales, with_second, written
from tests.rules.annex5 import item_in

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]


@pytest.fixture
def story(cast: Cast, clock: StoryClock) -> Cast:
    """Monday, 14 December 2026; the market department has a second person."""
    clock.set("2026-12-14 10:00:00")
    return with_second(cast)


@pytest.fixture
def keeper(story: Cast, browser_of: Browser) -> Client:
    """韩静's browser."""
    return browser_of(story["韩静"])


def test_what_is_typed_is_kept_at_once_and_looked_at(story: Cast, keeper: Client) -> None:
    draft = drafted(story)
    key = key_of(draft, "M1", story["韩静"])
    said = autosave(keeper, draft.number, "1.0", typed={f"r.{key}.weight": "13"})
    assert said["version"] == "1.1"
    assert said["texts"]["title"] == "2026 年 12 月起：还有 2 处要改"
    assert said["texts"][f"told:{key}"] == "13 × 完成率，低于 60% 不得分，最多 100%"
    group = key_of(draft, "M", story["韩静"])
    assert said["texts"][f"sum:{group}"] == "41 / 40"
    assert said["errors"] == {f"r.{group}.maximum": "本组项目分值合计 41，超过本组上限 40。"}
    rail = words_of(said["rail"])
    assert "各项目分值合计 101，应为 100。" in rail
    assert rail.startswith("草稿已存，未保存为方案 检查 ")
    assert "合计 101 / 100 与 K1–K3 不同 有的组能得的分和上限不一样" in rail
    assert "样样做到 总分 等级" in rail
    assert "90% 80.40 良好" in rail  # scored all the same
    # Nothing is written into the version, nobody is told, and the page finds it again.
    draft.refresh_from_db()
    assert (draft.version, AuditRow.objects.filter(what="kpi.change_scheme").count()) == (1, 0)
    assert f'name="r.{key}.weight"' in text_of(keeper, f"/schemes/{draft.number}/edit/")
    assert fields_in(text_of(keeper, f"/schemes/{draft.number}/edit/"))[f"r.{key}.weight"] == "13"


def test_the_rail_says_when_all_is_well_and_in_what_another_frame_departs(
    story: Cast, keeper: Client
) -> None:
    draft = drafted(story)
    page = words_of(text_of(keeper, f"/schemes/{draft.number}/edit/"))
    for said in ("和保存的方案一样", "检查 都通过", "合计 100 / 100 与 K1–K3 一致"):
        assert said in page
    sales, item = (key_of(draft, code, story["韩静"]) for code in ("M", "M1"))
    typed = {f"r.{sales}.maximum": "41", f"r.{item}.weight": "13"}
    rail = words_of(autosave(keeper, draft.number, "1.0", typed=typed)["rail"])
    assert "与 K1–K3 不同 框架 41/20/40/±20；制度是 40/20/40/±20" in rail


def test_half_a_formula_stays_as_it_was_typed(story: Cast, keeper: Client) -> None:
    draft = drafted(story)
    key = key_of(draft, "M4", story["韩静"])
    said = autosave(keeper, draft.number, "1.0", typed={f"r.{key}.formula.loss": "两"})
    assert said["errors"][f"r.{key}.formula.loss"] == "“两”不是数字。"
    assert said["faults"] == {key: 1}
    assert said["texts"][f"try:{key}"] == "公式还没有写好。"
    assert "改好上面的就能算。" in words_of(said["rail"])
    page = text_of(keeper, f"/schemes/{draft.number}/edit/?item={key}")
    assert fields_in(page)[f"r.{key}.formula.loss"] == "两"
    refused = edit(keeper, draft, status=422)
    assert "“两”不是数字" in words_of(refused.content.decode())
    assert f'data-fault="f-r.{key}.formula.loss" data-item="{key}"' in refused.content.decode()


def test_a_formula_is_tried_with_numbers(story: Cast, keeper: Client) -> None:
    draft = drafted(story)
    key = key_of(draft, "M4", story["韩静"])
    said = autosave(
        keeper, draft.number, "1.0", typed={f"t.{key}.actual": "96.5", f"t.{key}.target": "98"}
    )
    assert said["texts"][f"try:{key}"] == "6.00 分，满分 8"
    said = autosave(
        keeper,
        draft.number,
        said["version"],
        typed={
            f"r.{key}.formula.kind": "EXPR",
            f"r.{key}.formula.expression": "weight + unknown",
        },
    )
    assert said["errors"][f"r.{key}.formula.expression"] == "算式里的“unknown”没有定义。"
    said = autosave(
        keeper, draft.number, said["version"], typed={f"r.{key}.formula.expression": "weight ÷ 2"}
    )
    assert said["texts"][f"try:{key}"] == "4.00 分，满分 8"
    case = key_of(draft, "D1", story["韩静"])
    said = autosave(keeper, draft.number, said["version"], typed={f"t.{case}.over60": "2"})
    assert said["texts"][f"try:{case}"] == "−4.00 分"


def test_a_second_window_is_told_what_the_first_has_saved(story: Cast, keeper: Client) -> None:
    draft = drafted(story)
    key = key_of(draft, "M1", story["韩静"])
    autosave(keeper, draft.number, "1.0", typed={f"r.{key}.weight": "11"})
    said = autosave(keeper, draft.number, "1.0", status=409, typed={f"r.{key}.weight": "10"})
    assert said["current"]["version"] == "1.1"
    assert said["current"]["fields"][f"r.{key}.weight"] == "11"
    # A form sent as a whole from what it was: nothing is lost, both stand there.
    page = text_of(keeper, f"/schemes/{draft.number}/edit/")
    typed = {**fields_in(page), "version": "1.0", f"r.{key}.weight": "9", "do": "save"}
    answer = keeper.post(f"/schemes/{draft.number}/edit/", typed)
    words = words_of(answer.content.decode())
    assert answer.status_code == 409
    assert "另一个窗口也改过，两边都没有丢" in words
    assert "M1 weight 原为 11 → 改为 9" in words
    assert fields_in(answer.content.decode())[f"r.{key}.weight"] == "9"


def test_saving_writes_the_version_once_and_keeps_the_rows_keys(
    story: Cast, keeper: Client
) -> None:
    draft = drafted(story)
    one, two = (key_of(draft, code, story["韩静"]) for code in ("M1", "M2"))
    answer = edit(keeper, draft, typed={f"r.{one}.weight": "10", f"r.{two}.weight": "12"})
    assert answer["Location"] == f"/schemes/{draft.number}/"
    draft.refresh_from_db()
    assert (item_in(draft.content, "M1")["weight"], draft.version) == ("10", 2)
    assert AuditRow.objects.filter(what="kpi.change_scheme").count() == 1
    assert key_of(draft, "M1", story["韩静"]) == one
    edit(keeper, draft)  # nothing has changed: nothing is written
    assert AuditRow.objects.filter(what="kpi.change_scheme").count() == 1
    page = words_of(text_of(keeper, f"/schemes/{draft.number}/differences/"))
    assert "M1 集团收入完成率 分值 原为 12 → 改为 10" in page


def test_a_version_changed_elsewhere_stands_beside_what_is_typed(
    story: Cast, keeper: Client
) -> None:
    draft = drafted(story)
    key = key_of(draft, "M1", story["韩静"])
    autosave(keeper, draft.number, "1.0", typed={"h.why": "这里写的"})
    written(story, draft, heavier_sales)
    page = words_of(text_of(keeper, f"/schemes/{draft.number}/edit/"))
    assert "这一版在别处（接口或另一处）改过" in page
    assert "M1 集团收入完成率 分值 原为 12 → 改为 10" in page
    answer = edit(keeper, draft, status=409)
    assert "以这里写的为准" in answer.content.decode()
    edit(keeper, draft, "mine")
    edit(keeper, draft)
    draft.refresh_from_db()
    assert (item_in(draft.content, "M1")["weight"], draft.why) == ("12", "这里写的")
    written(story, draft, heavier_sales, why="那边写的")
    edit(keeper, draft, "discard")
    page = text_of(keeper, f"/schemes/{draft.number}/edit/")
    assert fields_in(page)["h.why"] == "那边写的"
    assert key_of(draft, "M1", story["韩静"]) != key


def test_rows_are_added_moved_and_taken_away_with_what_was_typed(
    story: Cast, keeper: Client
) -> None:
    draft = drafted(story)
    lin = story["韩静"]
    group = key_of(draft, "M", lin)
    answer = edit(keeper, draft, f"add:items/{group}", typed={"h.why": "加一项"})
    assert "item=" in answer["Location"]
    key = key_of(draft, "M6", lin)
    page = text_of(keeper, f"/schemes/{draft.number}/edit/?item={key}")
    assert fields_in(page)["h.why"] == "加一项"
    assert f'id="f-r.{key}.formula.floor"' in page
    edit(keeper, draft, f"up:{key}")
    desk = Draft.objects.get(owner_id=lin.pk).body
    working = from_body(desk)
    assert working is not None
    assert [row["code"] for row in working.lists["items"] if row["group"] == "M"] == [
        "M1",
        "M2",
        "M3",
        "M4",
        "M6",
        "M5",
    ]
    edit(keeper, draft, f"remove:{key}")
    assert f'id="row-{key}"' not in text_of(keeper, f"/schemes/{draft.number}/edit/")
    undone = keeper.post(
        f"/schemes/{draft.number}/edit/?do=restore", headers={"Accept": "application/json"}
    )
    assert undone.status_code == 204
    assert f'id="row-{key}"' in text_of(keeper, f"/schemes/{draft.number}/edit/")
    item = key_of(draft, "B1", lin)
    edit(keeper, draft, f"add:formula.options/{item}")
    assert "代码" in text_of(keeper, f"/schemes/{draft.number}/edit/?item={item}")


def test_a_draft_over_the_api_that_is_no_working_copy_is_passed_over(
    story: Cast, keeper: Client
) -> None:
    draft = drafted(story)
    Draft.objects.create(
        owner_id=story["韩静"].pk, key=f"scheme-{draft.number}", body={"x": 1}, saved_at=DRAFTED
    )
    page = text_of(keeper, f"/schemes/{draft.number}/edit/")
    assert 'value="1.1"' in page
    edit(keeper, draft, typed={"h.why": "x"})
    draft.refresh_from_db()
    assert draft.why == "x"


def test_save_and_rehearse_and_save_and_propose_from_the_editor(
    story: Cast, keeper: Client
) -> None:
    draft = drafted(story)
    edit(keeper, draft, "rehearse", typed={"h.why": "试"})
    draft.refresh_from_db()
    assert (draft.why, draft.rehearsals.count()) == ("试", 1)
    answer = edit(keeper, draft, "propose", typed={"h.why": "提"})
    draft.refresh_from_db()
    assert (draft.why, draft.state) == ("提", "proposed")
    assert answer["Location"] == f"/schemes/{draft.number}/"
    assert not Draft.objects.exists()
