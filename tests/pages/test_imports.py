"""The import's pages as a supervisor sees them, and as others do not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from confidentiality.models import Disclosure
from core import jobs
from core.models import ImportRow, ImportRun
from core.workbooks import open_table
from organization.models import Person
from tests.cast import NOON, Cast
from tests.domain.test_imports import GROUPS, start

BrowserOf = Callable[[Person], Client]


def words(content: bytes) -> str:
    """What a page says, without its markup."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def upload(browser: Client, content: bytes, table: str = "groups") -> ImportRun:
    answer = browser.post(
        reverse("imports"), {"table": table, "file": SimpleUploadedFile("清单.xlsx", content)}
    )
    run = ImportRun.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (302, f"/import/{run.pk}/")
    return run


def test_from_the_file_to_the_rows(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast["周建平"])
    assert "集团客户" in words(browser.get(reverse("imports")).content)

    run = upload(browser, GROUPS)
    here = reverse("import", args=[run.pk])
    assert "正在读取集团客户" in words(browser.get(here).content)
    progress = browser.get(reverse("import-progress", args=[run.pk]))
    assert json.loads(progress.content)["state"] == "running"

    jobs.run_due(NOON)
    progress = browser.get(reverse("import-progress", args=[run.pk]))
    assert json.loads(progress.content) == {
        "state": "done",
        "done": 1,
        "total": 1,
        "result_url": here,
    }
    page = words(browser.get(here).content)
    assert "导入预览：2 行将写入，3 行有误" in page
    assert "工作表“Sheet” 表头在第 1 行 共 6 行" in page
    assert "8 列对应，0 列不导入" in page
    assert "客户等级 原为 B 类 → 改为 A 类" in page
    assert "138****9999" in page
    assert "13800009999" not in page
    assert "138-0000-9999" not in page
    assert "写入 2 行" in page

    run.refresh_from_db()
    answer = browser.post(reverse("import-write", args=[run.pk]), {"version": run.version})
    assert (answer.status_code, answer["Location"]) == (303, here)
    jobs.run_due(NOON)
    assert "已写入 2 行" in words(browser.get(here).content)
    assert "清单.xlsx" in words(browser.get(reverse("imports")).content)


def test_rows_by_outcome(cast: Cast, browser_of: BrowserOf) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    browser = browser_of(cast["周建平"])
    here = reverse("import", args=[run.pk])

    def codes(query: str) -> list[str]:
        listed = browser.get(here + query).content.decode().partition("<tbody")[2]
        return sorted(set(re.findall(r"G00\d\d", listed)))

    assert codes("?outcome=wrong") == ["G0005", "G0010", "G0011"]
    assert codes("?outcome=changed") == ["G0002"]
    assert codes("?outcome=new") == ["G0009"]
    assert codes("?outcome=nonsense") == ["G0002", "G0005", "G0009", "G0010", "G0011"]


def test_a_changed_column_makes_the_preview_anew(cast: Cast, browser_of: BrowserOf) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    browser = browser_of(cast["周建平"])
    columns = {f"column-{c['letter']}": c["field"] for c in run.mapping} | {"column-H": ""}
    browser.post(reverse("import-columns", args=[run.pk]), {"version": run.version, **columns})
    jobs.run_due(NOON)
    page = words(browser.get(reverse("import", args=[run.pk])).content)
    assert "7 列对应，1 列不导入，沿用上次的设置" in page
    twice = {**columns, "column-B": "code", "version": ImportRun.objects.get().version}
    answer = browser.post(reverse("import-columns", args=[run.pk]), twice)
    assert answer.status_code == 422
    assert "A 列和 B 列都对应“集团编码”，请只留一列。" in words(answer.content)


def test_the_file_comes_back_marked_and_the_hand_out_is_noted(
    cast: Cast, browser_of: BrowserOf
) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    answer = browser_of(cast["周建平"]).get(reverse("import-file", args=[run.pk]))
    assert answer["Content-Disposition"] == ("attachment; filename*=UTF-8''%E6%B8%85%E5%8D%95.xlsx")
    assert answer["X-Content-Type-Options"] == "nosniff"
    sheet = open_table(answer.content, "清单.xlsx").sheets[0]
    assert sheet.rows[0][8] == "导入说明"
    assert sheet.rows[4][8] == "集团编码：这个编码不能用于本表，请核对"
    noted = Disclosure.objects.get()
    assert (noted.person_id, noted.name, noted.rows) == (cast["周建平"].pk, "清单.xlsx", 6)


def test_another_ones_run_is_not_there_byte_for_byte(cast: Cast, browser_of: BrowserOf) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    for who in ("郑秋实", "韩静"):
        browser = browser_of(cast[who])
        for name in ("import", "import-progress", "import-file"):
            there = browser.get(reverse(name, args=[run.pk]))
            nowhere = browser.get(reverse(name, args=[run.pk + 1000]))
            assert there.status_code == nowhere.status_code == 404
            assert _without_token(there.content) == _without_token(nowhere.content)
        for name in ("import-write", "import-columns", "import-discard"):
            answer = browser.post(reverse(name, args=[run.pk]), {"version": run.version})
            assert answer.status_code == 404


def _without_token(content: bytes) -> bytes:
    return re.sub(rb'(content|value)="[A-Za-z0-9]{64}"', b"", content)


def test_a_manager_imports_nothing(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast["林晓岚"]).get(reverse("imports"))
    assert answer.status_code == 403


def test_without_a_file_the_form_says_so(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast["周建平"]).post(reverse("imports"), {"table": "groups"})
    assert answer.status_code == 422
    assert "选一个 .xlsx 或 CSV 文件。" in words(answer.content)
    assert not ImportRun.objects.exists()


def test_stopping_is_a_press(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast["周建平"])
    run = upload(browser, GROUPS)
    answer = browser.post(
        reverse("import-discard", args=[run.pk]), headers={"Accept": "application/json"}
    )
    assert json.loads(answer.content) == {"state": "stopped"}
    jobs.run_due(NOON)
    assert "已放弃，没有写入" in words(browser.get(reverse("import", args=[run.pk])).content)


@pytest.mark.parametrize("count", [1, 50])
def test_a_page_costs_the_same_for_one_row_and_fifty(
    cast: Cast, browser_of: BrowserOf, count: int
) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    run.rows.all().delete()
    ImportRow.objects.bulk_create(
        [ImportRow(run=run, number=n, outcome="new", code=f"C{n}", name="x") for n in range(count)]
    )
    browser = browser_of(cast["周建平"])
    here = reverse("import", args=[run.pk])
    browser.get(here)
    with CaptureQueriesContext(connection) as queries:
        browser.get(here)
    assert len(queries) <= 14
    _COSTS.append(len(queries))
    assert len(set(_COSTS)) == 1


_COSTS: list[int] = []
