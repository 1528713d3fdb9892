"""The board and the company's matrix as workbooks: exactly what the page shows."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from confidentiality.models import Disclosure
from duties.operations import ensure_periods
from organization.models import Person
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.libreoffice import grid, saved_by_libreoffice
from tests.domain.week import WEEK, filed, logged, sent

pytestmark = [pytest.mark.django_db, pytest.mark.once]
Browser = Callable[[Person], Client]
BOARD, COMPANY = f"/board/{WEEK.key}/", f"/company/{WEEK.key}/"
DAYS = "2026年11月23日至29日"


@pytest.fixture
def friday(cast: Cast, clock: StoryClock) -> Cast:
    """Friday 17:46: 林晓岚 filed with a figure of her own, 陈嘉怡 late, 何俊峰 not at all."""
    ensure_periods(WEEK, WEEK)
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-23 10:00:00")
    logged(cast, "何俊峰", "华立机械厂", "2026-11-24 10:00:00")
    filed(cast, "林晓岚", "2026-11-27 17:14:26", declared={"active": ("3", "漏记一次")})
    filed(cast, "陈嘉怡", "2026-11-27 17:38:20")
    clock.set("2026-11-27 17:46:00")
    return cast


@pytest.fixture
def tuesday(friday: Cast, clock: StoryClock) -> Cast:
    """Tuesday: 城东 has rolled up, 城西 not; 吴志远 of 城西 filed two minutes late."""
    filed(friday, "吴志远", "2026-11-27 17:32:00")
    sent(friday, "2026-11-30 09:00:00")
    clock.set("2026-12-01 09:00:00")
    return friday


def download(client: Client, url: str) -> tuple[str, bytes]:
    """The file's name and bytes."""
    answer = client.get(url)
    assert answer.status_code == 200
    name = answer["Content-Disposition"].removeprefix("attachment; filename*=UTF-8''")
    return unquote(name), answer.content


def exported(client: Client, page: str) -> bytes:
    """What the export on a page hands out: its own link is followed."""
    found = re.search(r'href="([^"]+)" download', client.get(page).content.decode())
    assert found is not None
    return download(client, found[1].replace("&amp;", "&"))[1]


def wall(text: str) -> datetime:
    """A moment as a cell holds it: Shanghai's wall clock."""
    return at(text).replace(tzinfo=None)


def names(content: bytes) -> list[Any]:
    """The first column below the head."""
    rows = next(iter(grid(content).values()))
    head = next(n for n, row in enumerate(rows) if row[0] in ("客户经理", "分公司"))
    return [row[0] for row in rows[head + 1 :]]


@pytest.mark.slow
def test_the_board_is_handed_out_cell_by_cell(
    friday: Cast, browser_of: Browser, tmp_path: Path
) -> None:
    name, content = download(browser_of(friday["周建平"]), f"{BOARD}workbook/")
    assert name == "城东分公司2026年第48周看板.xlsx"
    sheets = grid(content)
    assert grid(saved_by_libreoffice(content, tmp_path)) == sheets
    assert sheets == {
        "城东分公司2026年第48周看板": [
            ["城东分公司2026年第48周看板"],
            [f"{DAYS}　数据截至 2026-11-27 17:46:00"],
            ["客户经理", "周报", "收到", "每日", "服务", "文字", "留意"],
            ["何俊峰", "未交", None, "0 1 0 0 0", 1, "–", "周二后没有日志"],
            ["陈嘉怡", "迟交 9 分", wall("2026-11-27 17:38:20"), "0 0 0 0 0", 0, "8/8"],
            ["林晓岚", "已交", wall("2026-11-27 17:14:26"), "1 0 0 0 0", 1, "8/8", "申报不同 1"],
        ]
    }


@pytest.mark.slow
def test_the_matrix_is_handed_out_cell_by_cell(
    tuesday: Cast, browser_of: Browser, tmp_path: Path
) -> None:
    name, content = download(browser_of(tuesday["韩静"]), f"{COMPANY}matrix/")
    assert name == "各分公司2026年第48周.xlsx"
    sheets = grid(content)
    assert grid(saved_by_libreoffice(content, tmp_path)) == sheets
    assert sheets == {
        "各分公司2026年第48周": [
            ["各分公司2026年第48周"],
            [f"{DAYS}　数据截至 2026-12-01 09:00:00"],
            ["分公司", "周报", "汇总", "签收时间", "需求", "问题", "建议", "补充"],
            ["城东分公司", "2/3 缺 1 迟 1", "11月30日（周一）09:00", "待签收", 2, 2, 2, 0],
            ["城西分公司", "1/1 迟 1", "未到"],
        ]
    }


def test_the_file_holds_what_the_filters_of_the_page_leave(
    friday: Cast, browser_of: Browser
) -> None:
    client = browser_of(friday["周建平"])
    assert names(exported(client, BOARD)) == ["何俊峰", "陈嘉怡", "林晓岚"]
    late = exported(client, f"{BOARD}?state=late&columns=name&columns=job_number")
    assert next(iter(grid(late).values()))[2:] == [
        ["筛选：迟交"],
        ["客户经理", "工号"],
        ["陈嘉怡", "200005"],
    ]


def test_the_matrix_holds_what_the_tally_and_the_view_leave(
    tuesday: Cast, browser_of: Browser
) -> None:
    client = browser_of(tuesday["孙岚"])
    assert names(exported(client, COMPANY)) == ["城东分公司", "城西分公司"]
    unsent = exported(client, f"{COMPANY}?only=unsent&view=deviating")
    assert names(unsent) == ["城西分公司"]
    assert next(iter(grid(unsent).values()))[2] == ["筛选：汇总未到、只看偏差"]


def test_what_was_handed_out_is_written_down(tuesday: Cast, browser_of: Browser) -> None:
    download(browser_of(tuesday["周建平"]), f"{BOARD}workbook/?state=late")
    download(browser_of(tuesday["韩静"]), f"{COMPANY}matrix/")
    noted = Disclosure.objects.order_by("pk").values_list("person__name", "name", "rows", "door")
    assert list(noted) == [
        ("周建平", "城东分公司2026年第48周看板.xlsx", 1, "page"),
        ("韩静", "各分公司2026年第48周.xlsx", 2, "page"),
    ]
