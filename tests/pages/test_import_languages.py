"""A file handed in for the wrong table, and previews told in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from core import jobs
from core.choices import ImportState
from core.errors import NotAllowed, NotFound, Refused
from core.imports import operations
from core.imports.fitting import better_table
from core.imports.tables import table_of
from core.models import AuditRow, ImportRun
from core.workbooks import open_table
from organization.models import Person
from organization.operations.access import choose_language, issue_token
from tests.cast import NOON, Cast
from tests.conftest import StoryClock
from tests.domain.test_imports import GROUPS, book, start
from tests.pages.test_imports import upload, words

BrowserOf = Callable[[Person], Client]
PERSONS = book(
    ("客户编号", "姓名", "卡级", "手机号", "客户经理工号", "是否同意联系"),
    ("P0009", "郭新", "金卡", "13900009999", "200004", "是"),
)
STAFF = book(
    ("工号", "姓名", "所属机构", "岗位", "手机"),
    ("200099", "新来的", "城东分公司", "客户经理", "13900009998"),
)
FILES = Path(__file__).parent.parent / "data"


@pytest.fixture(autouse=True)
def _the_language_of_the_next_story() -> Iterator[None]:
    """A request leaves its reader's language behind in this thread."""
    with translation.override("zh-hans"):
        yield


# The wrong table


@pytest.mark.parametrize(
    ("who", "chosen", "content", "better"),
    [
        ("周建平", "groups", PERSONS, "persons"),
        ("周建平", "persons", GROUPS, "groups"),
        ("马骏", "branches", STAFF, "staff"),
        ("马骏", "groups", STAFF, "staff"),
        ("周建平", "groups", GROUPS, ""),
        ("周建平", "persons", PERSONS, ""),
        ("马骏", "staff", STAFF, ""),
        # A supervisor imports no staff: nothing is offered that would be refused.
        ("周建平", "groups", STAFF, ""),
        ("周建平", "groups", book(("甲", "乙"), (1, 2)), ""),
    ],
)
def test_the_headings_tell_the_table(
    cast: Cast, who: str, chosen: str, content: bytes, better: str
) -> None:
    found = better_table(content, "x.xlsx", table_of(chosen), cast.actor(who), has_month=False)
    assert (found.key if found else "") == better


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("机构清单.xlsx", "branches"),
        ("员工花名册.xlsx", "staff"),
        ("集团客户清单.xlsx", "groups"),
        ("个人大客户.xlsx", "persons"),
    ],
)
def test_real_files_are_recognised_and_never_led_astray(cast: Cast, name: str, own: str) -> None:
    content = (FILES / name).read_bytes()
    ma = cast.actor("马骏")
    for chosen in ("branches", "staff", "groups", "persons"):
        found = better_table(content, name, table_of(chosen), ma, has_month=False)
        assert (chosen, found.key if found else "") == (chosen, "" if chosen == own else own)


def test_the_page_offers_the_better_table_and_a_button_goes_on_with_it(
    cast: Cast, browser_of: BrowserOf
) -> None:
    browser = browser_of(cast["周建平"])
    run = upload(browser, PERSONS)
    jobs.run_due(NOON)
    run.refresh_from_db()
    page = words(browser.get(f"/import/{run.pk}/").content)
    assert "表头更像“个人大客户”，不像“集团客户”。" in page
    assert "改导入到“个人大客户”" in page
    given = {"version": run.version, "table": run.better_table}
    answer = browser.post(reverse("import-switch", args=[run.pk]), given)
    assert (answer.status_code, answer["Location"]) == (303, f"/import/{run.pk}/")
    jobs.run_due(NOON)
    run.refresh_from_db()
    assert (run.table, run.state, run.counts["new"], run.better_table) == (
        "persons", ImportState.PREVIEW, 1, "",
    )  # fmt: skip
    page = words(browser.get(f"/import/{run.pk}/").content)
    assert "导入预览：1 行将写入，0 行有误" in page
    assert "表头更像" not in page
    row = AuditRow.objects.get(what="core.switch_table")
    assert (row.actor_name, row.after["table"], row.after["was"]) == (
        "周建平", "persons", "groups",
    )  # fmt: skip


def test_a_file_with_right_rows_is_left_in_peace(cast: Cast) -> None:
    assert start(cast, "周建平", "groups", GROUPS).better_table == ""


def test_the_api_says_so_and_switches(cast: Cast, clock: StoryClock) -> None:
    _token, text = issue_token(
        name="x", scopes=["import"], days=1, actor=cast.actor("周建平"), at=NOON
    )
    run = start(cast, "周建平", "groups", PERSONS)
    signed = {"Authorization": f"Bearer {text}"}
    path = f"/api/v1/imports/{run.pk}/"
    shown = Client().get(path, headers=signed)
    assert (shown.json()["better_table"], shown.json()["hint"]) == (
        "persons", "表头更像“个人大客户”，不像“集团客户”。",
    )  # fmt: skip
    answer = Client().post(
        f"{path}table/",
        json.dumps({"table": "persons"}),
        content_type="application/json",
        headers={**signed, "If-Match": shown["ETag"]},
    )
    assert (answer.status_code, answer.json()["table"], answer.json()["state"]) == (
        200, "persons", "reading",
    )  # fmt: skip


def test_what_cannot_be_switched_to(cast: Cast) -> None:
    run = start(cast, "周建平", "groups", PERSONS)

    def switch(to: str) -> ImportRun:
        return operations.switch_table(
            run_id=run.pk,
            table_key=to,
            expected_version=run.version,
            actor=cast.actor("周建平"),
            at=NOON,
        )

    with pytest.raises(NotAllowed):
        switch("staff")
    with pytest.raises(NotFound):
        switch("no-such-table")
    with pytest.raises(Refused, match="已经是这张表了。"):
        switch("groups")


def test_the_shell_says_it_beside_its_json_and_in_its_error(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "清单.xlsx"
    file.write_bytes(PERSONS)
    out, beside = StringIO(), StringIO()
    call_command("import_table", "groups", str(file), "--dry-run", stdout=out, stderr=beside)
    assert list(json.loads(out.getvalue())) == ["new", "changed", "unchanged", "wrong"]
    assert beside.getvalue() == "persons 表头更像“个人大客户”，不像“集团客户”。\n"
    file.write_bytes(STAFF)
    with pytest.raises(CommandError, match="表头更像“员工”，不像“机构”。"):
        call_command("import_table", "branches", str(file), "--dry-run", stdout=StringIO())


# The reader's language


def english(cast: Cast, name: str) -> None:
    choose_language(language="en", actor=cast.actor(name), at=NOON)
    cast[name].refresh_from_db()


def test_reasons_are_told_in_the_language_of_whoever_reads_now(
    cast: Cast, browser_of: BrowserOf
) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    browser = browser_of(cast["周建平"])
    here = f"/import/{run.pk}/?outcome=wrong"
    chinese = words(browser.get(here).content)
    assert "集团名称：必填" in chinese
    english(cast, "周建平")
    told = words(browser_of(cast["周建平"]).get(here).content)
    with translation.override("en"):
        required = f"{table_of('groups').field('name').label}"
    assert required in told
    assert "集团名称：必填" not in told
    row = run.rows.get(number=7)
    assert row.in_other_languages["en"]["reason"] != row.reason
    assert row.in_other_languages["en"]["reason"] in told


def test_the_marked_file_has_the_readers_reasons(cast: Cast, browser_of: BrowserOf) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    english(cast, "周建平")
    answer = browser_of(cast["周建平"]).get(f"/import/{run.pk}/file/")
    cells = {cell for row in open_table(answer.content, "x.xlsx").sheets[0].rows for cell in row}
    assert run.rows.get(number=7).in_other_languages["en"]["reason"] in cells
    assert run.rows.get(number=7).reason not in cells


def test_the_api_tells_rows_and_messages_in_the_language_asked_for(
    cast: Cast, clock: StoryClock
) -> None:
    _token, text = issue_token(
        name="x", scopes=["import"], days=1, actor=cast.actor("周建平"), at=NOON
    )
    run = start(cast, "周建平", "groups", GROUPS)
    broken = start(cast, "周建平", "groups", b"PK\x03\x04 no workbook")

    def told(path: str, language: str) -> str:
        headers = {"Authorization": f"Bearer {text}", "Accept-Language": language}
        return Client().get(f"/api/v1/imports/{path}", headers=headers).content.decode()

    wrong = run.rows.get(number=7)
    for path, thing, name in (
        (f"{run.pk}/rows/?outcome=wrong", wrong, "reason"),
        (f"{broken.pk}/", broken, "message"),
    ):
        in_chinese, in_english = getattr(thing, name), thing.in_other_languages["en"][name]
        assert in_chinese != in_english
        chinese, other = told(path, "zh-hans"), told(path, "en")
        assert (in_chinese in chinese, in_english in chinese) == (True, False)
        assert (in_chinese in other, in_english in other) == (False, True)


def test_whoever_changes_the_language_before_writing_still_writes_what_was_shown(
    cast: Cast,
) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    with translation.override("en"):
        operations.write_import(
            run_id=run.pk, expected_version=run.version, actor=cast.actor("周建平"), at=NOON
        )
        jobs.run_due(NOON)
    run.refresh_from_db()
    assert (run.state, run.message) == (ImportState.WRITTEN, "")


def test_a_preview_of_before_is_told_as_it_was(cast: Cast, browser_of: BrowserOf) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    run.rows.update(in_other_languages={})
    english(cast, "周建平")
    page = words(browser_of(cast["周建平"]).get(f"/import/{run.pk}/?outcome=wrong").content)
    assert run.rows.get(number=7).reason in page
