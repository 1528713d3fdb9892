"""The scheme's pages: read in words, edited with nothing lost, rehearsed, approved by a second."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from confidentiality.models import Disclosure
from core import jobs
from core.workbooks import open_table
from kpi.models import Rehearsal, Scheme
from kpi.queries.schemes import newest_approved
from kpi.scheme import parsed
from kpi.scheme_files import json_bytes, xlsx_bytes
from organization.models import BranchSetting, Person
from tests.cast import BEGIN, Cast
from tests.conftest import StoryClock
from tests.domain.scheme_pages import text_of, words_of
from tests.domain.schemes import (
    DRAFTED,
    approved,
    drafted,
    heavier_sales,
    proposed,
    with_second,
    written,
)
from tests.domain.scores import computed, month_of_work
from tests.rules.annex5 import content, item_in

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


# Reading


def test_the_list_says_which_version_scores_this_month(
    story: Cast, keeper: Client, browser_of: Browser
) -> None:
    page = words_of(text_of(keeper, "/schemes/"))
    assert "本月按第 1 版 客户经理考核办法 考核" in page
    assert "随产品提供" in page
    narrow = written(story, drafted(story), lambda v: v["groups"][3].update(maximum="10"))
    proposed(story, narrow)
    page = words_of(text_of(keeper, "/schemes/"))
    assert ("1 个考核方案等人批准" in page, "与 K1–K3 不同" in page) == (True, True)
    other = words_of(text_of(browser_of(story["林晓岚"]), "/schemes/"))
    assert ("待批准" in other, "起草新版" in other, "客户经理考核办法" in other) == (
        False,
        False,
        True,
    )


TOLD = {
    "M1": "12 × 完成率，低于 60% 不得分，最多 100%",
    "M4": "8 分起，目标 98%，每低 1% 扣 2 分",
    "S1": "6 分起，目标 90分，每低 2分 扣 1 分",
    "P3c": "2 × 做到 ÷ 应做",
    "P3d": "1 分起扣：无故缺席 −0.2；迟到 −0.1；没有发生得满分",
    "P4": "6 × 成绩 ÷ 100，低于 60 不得分",
    "P2c": "3 × 得分合计 ÷ 满分，6 问，每问 0–5 分",
    "B2": "分公司级 +1；市级 +2；省级 +4；国家级 +6；本项最多 +8；同一事项只计最高",
    "D1": "超过 30 天 −1；超过 60 天 −2；超过 90 天 −5；本项最多 −10",
    "V": "一票否决：当月等级最高为“不合格”",
}


def test_a_version_is_told_in_words(story: Cast, browser_of: Browser) -> None:
    page = text_of(browser_of(story["林晓岚"]), "/schemes/1/")
    for code, sentence in TOLD.items():
        row = page.split(f'id="item-{code}"')[1].split("</tr>")[0]
        assert sentence in words_of(row), code
    words = words_of(page)
    assert "100% 100.00 优秀 90% 79.50 合格 75% 64.75 合格 60% 52.00 不合格" in words
    assert "优秀 90 1.2" in words
    assert "连续 2 个月“不合格” 约谈并制定改进计划" in words
    assert "在岗不足 50% 工作日" in words
    row = words_of(page.split('id="item-P1a"')[1].split("</tr>")[0])
    assert "尚未启用，分值由同组分摊" in row


def test_names_come_in_the_label_set_asked_for_or_the_companys(
    story: Cast, browser_of: Browser
) -> None:
    client = browser_of(story["林晓岚"])
    assert "日均存款增长" in text_of(client, "/schemes/1/?labels=bank")
    assert "集团收入完成率" in text_of(client, "/schemes/1/")
    BranchSetting.objects.create(
        branch=None, key="label_set", value="bank", valid_from=BEGIN, set_at=DRAFTED
    )
    assert "日均存款增长" in text_of(client, "/schemes/1/")
    assert "集团收入完成率" in text_of(client, "/schemes/1/?labels=telecom")


EXPRESSIONS: list[tuple[dict[str, Any], str]] = [
    (
        {
            "kind": "TIER",
            "rows": [
                {"from": "95", "points": "6"},
                {"from": "90", "to": "95", "to_in": False, "share": "0.5"},
            ],
        },
        "按数值：≥ 95 得 6 分；≥ 90 且 < 95 得满分的 50%；其余 0 分",
    ),
    (
        {
            "kind": "STEP",
            "loss": "1",
            "size": "0.1",
            "target": "2",
            "direction": "down",
            "base": "5",
            "gain": "0.5",
            "lost_at_most": "4",
        },
        (
            "达到目标得 5 分，目标 2分，每低 0.1分 加 0.5 分，加到 6 分，"
            "每高 0.1分 扣 1 分，最多扣 4 分"
        ),
    ),
    (
        {
            "kind": "EXPR",
            "expression": "min(kept, 6)",
            "names": [{"code": "kept", "names": {"telecom": {"zh-hans": "保有"}}}],
        },
        "min(kept, 6)，限 0 到 6 分 kept = 保有",
    ),
    (
        {
            "kind": "DEDUCT",
            "lost_at_most": "5",
            "options": [
                {"code": "a", "names": {"telecom": {"zh-hans": "差错"}}, "least": "1", "most": "3"},
                {
                    "code": "b",
                    "names": {"telecom": {"zh-hans": "投诉"}},
                    "tiers": [{"from": "1", "points": "1"}, {"from": "3", "points": "4"}],
                    "tiers_are": "each",
                },
                {
                    "code": "c",
                    "names": {"telecom": {"zh-hans": "表扬"}},
                    "points": "1",
                    "is_bonus": True,
                },
            ],
        },
        (
            "6 分起扣：差错 −1 至 −3，由评定人选；投诉 每次按次数：第 1 次起 −1，第 3 次起 −4；"
            "表扬 +1；最多扣 5 分；没有发生得满分"
        ),
    ),
]


@pytest.mark.parametrize(("formula", "sentence"), EXPRESSIONS)
def test_every_kind_of_formula_has_its_words(
    story: Cast, keeper: Client, formula: dict[str, Any], sentence: str
) -> None:
    def other(value: dict[str, Any]) -> None:
        item = item_in(value, "S1")
        # A source that comes later feeds any formula.
        item["formula"], item["metric"] = formula, "surveys.answers"

    draft = written(story, drafted(story), other)
    page = text_of(keeper, f"/schemes/{draft.number}/")
    assert sentence in words_of(page.split('id="item-S1"')[1].split("</tr>")[0])


# Drafting


def test_a_draft_is_begun_from_a_version(story: Cast, keeper: Client) -> None:
    page = text_of(keeper, "/schemes/new/?from=1")
    assert 'value="2027-01"' in page
    given = {"based_on": "1", "name": "新版", "valid_from": "2026-12", "why": "调整"}
    answer = keeper.post("/schemes/new/", given)
    made = Scheme.objects.get(number=2)
    assert (answer.status_code, answer["Location"]) == (302, "/schemes/2/edit/")
    assert (made.name, made.valid_from, made.why, made.state) == (
        "新版",
        "2026-12",
        "调整",
        "draft",
    )
    answer = keeper.post("/schemes/new/", {**given, "valid_from": "2026-11"})
    assert answer.status_code == 422
    assert "2026-11 已经结束" in answer.content.decode()
    assert 'value="新版"' in answer.content.decode()


def test_a_draft_belongs_to_its_author(story: Cast, keeper: Client, browser_of: Browser) -> None:
    draft = drafted(story)
    assert text_of(keeper, f"/schemes/{draft.number}/edit/")
    text_of(browser_of(story["苏婉"]), f"/schemes/{draft.number}/edit/", 403)
    text_of(browser_of(story["林晓岚"]), f"/schemes/{draft.number}/edit/", 404)
    text_of(browser_of(story["林晓岚"]), f"/schemes/{draft.number}/", 404)
    proposed(story, draft)
    text_of(keeper, f"/schemes/{draft.number}/edit/", 403)


# Files


@pytest.mark.parametrize("ending", ["json", "xlsx"])
def test_a_version_goes_out_as_a_file_and_comes_in_as_a_draft(
    story: Cast, keeper: Client, ending: str
) -> None:
    answer = keeper.get(f"/schemes/1/file.{ending}")
    assert answer.status_code == 200
    assert Disclosure.objects.filter(rows=30, person=story["韩静"]).count() == 1
    file = SimpleUploadedFile(f"方案.{ending}", answer.content)
    given = {"file": file, "name": "读入的", "valid_from": "2026-12"}
    answer = keeper.post("/schemes/import/", given)
    assert answer.status_code == 302
    made = Scheme.objects.get(number=2)
    assert (made.name, made.content) == ("读入的", content())
    text_of(keeper, "/schemes/1/file.pdf", 404)


def test_what_is_wrong_in_a_file_is_told_by_its_cell_or_path(story: Cast, keeper: Client) -> None:
    value = content()
    item_in(value, "M1")["weight"] = "-1"
    item_in(value, "P3d")["formula"]["options"][1]["points"] = "-2"
    item_in(value, "M4")["formula"]["loss"] = "0"
    value["bands"][1]["from"] = "95"
    scheme = parsed(value)
    places = {
        "xlsx": ("项目 items!", "选项 options!", "公式 formulas!", "等级 bands!"),
        "json": ("items.0.weight", "items.18.formula.options.1.points", "items.3.formula.loss"),
    }
    words = ""
    for ending, data in (("json", json_bytes(scheme)), ("xlsx", xlsx_bytes(scheme))):
        file = SimpleUploadedFile(f"x.{ending}", data)
        answer = keeper.post("/schemes/import/", {"file": file, "valid_from": "2026-12"})
        words = words_of(answer.content.decode())
        assert answer.status_code == 422
        assert [place for place in places[ending] if place not in words] == []
        assert "什么都没有写入" in words
    assert not Scheme.objects.filter(number=2).exists()
    # The cells named hold the values that are wrong.
    book = open_table(xlsx_bytes(scheme), "x.xlsx")
    said = re.findall(r"(\S+ \w+)!([A-Z]+)(\d+)：", words)
    sheets = {sheet.name: sheet for sheet in book.sheets}
    values = {
        str(sheets[name].rows[int(row) - 1][ord(column) - ord("A")])
        for name, column, row in said
        if len(column) == 1
    }
    assert {"-1", "-2", "0", "95"} <= {value.removesuffix(".0") for value in values}


def test_what_is_no_scheme_at_all_is_refused_beside_the_file(story: Cast, keeper: Client) -> None:
    for name, data in (("x.json", b"[]"), ("x.json", b"{"), ("x.xlsx", b"PK nothing")):
        given = {"file": SimpleUploadedFile(name, data)}
        answer = keeper.post("/schemes/import/", given)
        assert answer.status_code == 422
    answer = keeper.post("/schemes/import/", {})
    assert "选一个 .json 或 .xlsx 文件。" in answer.content.decode()


# Rehearsed, proposed, approved


def test_a_rehearsal_is_pressed_and_told_by_person_and_item(
    story: Cast, keeper: Client, clock: StoryClock
) -> None:
    month_of_work(story)
    computed()
    draft = written(story, drafted(story), lambda v: item_in(v, "S1")["formula"].update(size="1"))
    assert "还没有试算过" in text_of(keeper, f"/schemes/{draft.number}/rehearsal/")
    answer = keeper.post(f"/schemes/{draft.number}/rehearsal/")
    assert answer["Location"] == f"/schemes/{draft.number}/rehearsal/"
    page = text_of(keeper, f"/schemes/{draft.number}/rehearsal/")
    assert "正在试算最近三个月" in page
    progress = f"/schemes/{draft.number}/rehearsal/progress/"
    assert keeper.get(progress).json()["state"] == "running"
    jobs.run_due(clock.now())
    assert keeper.get(progress).json()["state"] == "done"
    page = text_of(keeper, f"/schemes/{draft.number}/rehearsal/")
    words = words_of(page)
    assert "最近 1 个月：1 张考核表的得分会变" in words
    assert "林晓岚 200004 城东分公司 91.88 90.88 −1.00" in words
    assert "S1 客户满意度 88.00 / 90.0 原为 19.00 → 改为 18.00 −1.00" in words
    assert f"/scores/2026-11/{story['林晓岚'].pk}/?line=S1" in page
    assert "优秀 1 1" in words
    assert "试算最近 3 个有考核表、已结束的月份；到现在只有 1 个。" in words
    assert f"第 {draft.number} 版 {draft.name}" in words
    assert f'href="/schemes/{draft.number}/edit/"' in page
    assert "改之前的内容" not in words
    here = f"/schemes/{draft.number}/rehearsal/workbook/"
    assert f'href="{here}"' in page
    book = open_table(keeper.get(here).content, "x.xlsx").sheets[0]
    rows = [[str(cell) for cell in row] for row in book.rows]
    assert rows[-1][3:11] == [
        "林晓岚",
        "91.88",
        "90.88",
        "优秀",
        "优秀",
        "S1",
        "客户满意度",
        "88.00 / 90.0",
    ]
    # The draft moves on: the report says of which content it speaks.
    written(story, Scheme.objects.get(pk=draft.pk), heavier_sales)
    assert "下面说的是改之前的内容" in text_of(keeper, f"/schemes/{draft.number}/rehearsal/")
    assert Rehearsal.objects.count() == 1


def test_a_rehearsal_that_broke_can_be_asked_for_again(
    story: Cast, keeper: Client, clock: StoryClock
) -> None:
    draft = drafted(story)
    keeper.post(f"/schemes/{draft.number}/rehearsal/")
    from core.models import Job

    Job.objects.filter(kind="kpi.rehearse").update(state="failed")
    page = text_of(keeper, f"/schemes/{draft.number}/rehearsal/")
    assert ("试算没有做成" in page, "再试算一次" in page) == (True, True)


def test_a_second_person_sees_what_changes_and_approves(
    story: Cast, keeper: Client, browser_of: Browser
) -> None:
    draft = written(story, drafted(story), heavier_sales)
    answer = keeper.post(f"/schemes/{draft.number}/propose/", {"version": draft.version})
    assert answer.status_code == 302
    second = browser_of(story["苏婉"])
    text_of(keeper, f"/schemes/{draft.number}/approve/", 403)
    page = words_of(text_of(second, f"/schemes/{draft.number}/approve/"))
    assert "与现行第 1 版比" in page
    assert "M1 集团收入完成率 分值 原为 12 → 改为 10" in page
    assert "这一版的内容还没有试算过" in page
    stale = second.post(f"/schemes/{draft.number}/approve/", {"version": draft.version})
    assert stale.status_code == 409
    draft.refresh_from_db()
    answer = second.post(f"/schemes/{draft.number}/approve/", {"version": draft.version})
    assert answer["Location"] == f"/schemes/{draft.number}/"
    assert newest_approved() == draft
    again = second.post(f"/schemes/{draft.number}/approve/", {"version": draft.version + 1})
    assert again.status_code == 422


def test_what_waited_past_its_month_is_refused_on_the_page(
    story: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    waiting = proposed(story, drafted(story))
    clock.set("2027-01-01 00:00:00")
    second = browser_of(story["苏婉"])
    answer = second.post(f"/schemes/{waiting.number}/approve/", {"version": waiting.version})
    assert answer.status_code == 422
    assert "2026-12 已经结束" in answer.content.decode()


def test_a_version_is_withdrawn_with_a_reason(story: Cast, browser_of: Browser) -> None:
    waiting = proposed(story, drafted(story))
    second = browser_of(story["苏婉"])
    url = f"/schemes/{waiting.number}/withdraw/"
    assert second.post(url, {"version": waiting.version, "why": " "}).status_code == 422
    assert second.post(url, {"version": waiting.version, "why": "再议"}).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.state, waiting.why) == ("withdrawn", "再议")
    assert "已撤回" in text_of(second, f"/schemes/{waiting.number}/")


def test_two_versions_are_compared_whichever_they_are(
    story: Cast, keeper: Client, browser_of: Browser
) -> None:
    def larger(value: dict[str, Any]) -> None:
        value["items"].append({**item_in(value, "M5"), "code": "M6", "weight": "2"})
        item_in(value, "M5")["weight"] = "2"
        value["items"] = [item for item in value["items"] if item["code"] != "D4"]
        value["bands"][0]["coefficient"] = "1.3"
        item_in(value, "D1")["formula"]["options"][0]["points"] = "2"
        item_in(value, "M1")["metric"] = "logs.in_time"
        item_in(value, "M1")["formula"] = {"kind": "RATIO"}

    draft = written(story, drafted(story), larger)
    words = words_of(text_of(keeper, f"/schemes/{draft.number}/differences/"))
    for sentence in (
        "新增项目 M6 当期重点任务 改为 2 × 完成率",
        "去掉项目 D4 媒体曝光 原为 地方媒体 −10",
        "优秀 系数 原为 1.2 → 改为 1.3",
        "D1 集团产品欠费 over30 固定分 原为 1 → 改为 2",
        "M1 集团收入完成率 公式 原为 完成率 → 改为 做到 ÷ 应做",
    ):
        assert sentence in words, sentence
    other = approved(story, proposed(story, drafted(story, who="韩静")))
    page = text_of(keeper, f"/schemes/{other.number}/differences/?against={draft.number}")
    assert f"第 {other.number} 版和第 {draft.number} 版有" in page
    assert "没有不同" in text_of(keeper, f"/schemes/{other.number}/differences/?against=1")
    text_of(keeper, f"/schemes/{other.number}/differences/?against=99", 404)
    reader = browser_of(story["林晓岚"])
    text_of(reader, f"/schemes/{other.number}/differences/?against={draft.number}", 404)
    assert "第 1 版没有上一版可比" in text_of(reader, "/schemes/1/differences/")


def test_a_workbook_is_what_it_says(story: Cast, keeper: Client) -> None:
    answer = keeper.get("/schemes/1/file.xlsx")
    book = open_table(BytesIO(answer.content).read(), "x.xlsx")
    assert [sheet.name.split()[-1] for sheet in book.sheets] == [
        "scheme",
        "groups",
        "topics",
        "items",
        "formulas",
        "options",
        "bands",
        "consequences",
    ]
