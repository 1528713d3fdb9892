"""Pages of people, branches, settings, the trail: found, changed, told when stale, cheap."""

import ast
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from config.tables import AUDIT_WORDS
from core.models import AuditRow
from organization.models import Branch, BranchSetting, Person, RoleGrant
from organization.operations import people
from tests.cast import BEGIN, FRIDAY, NOON, Cast

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "core",
    "organization",
    "duties",
    "confidentiality",
    "customers",
    "worklogs",
    "inspections",
    "meetings",
    "kpi",
    "reports",
    "desk",
)
Browser = Callable[[Person], Client]


def text_of(answer: Any) -> str:
    return answer.content.decode()


def names_in(answer: Any) -> list[str]:
    return [row.head for row in answer.context["table"].rows]


# People


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=lxl", ["林晓岚"]),
        ("q=linxiao", ["林晓岚"]),
        ("q=300004", ["吴志远"]),
        ("role=supervisor", ["郑秋实", "周建平"]),
        ("q=nobody", []),
        ("state=left", ["何俊峰"]),
    ],
)
def test_people_are_found_by_pinyin_number_role_and_state(
    cast: Cast, browser_of: Browser, query: str, names: list[str]
) -> None:
    Person.objects.filter(name="何俊峰").update(left_on=FRIDAY)
    answer = browser_of(cast["马骏"]).get(f"/people/?{query}")
    assert names_in(answer) == names


def test_what_the_list_shows_is_what_the_workbook_holds(cast: Cast, browser_of: Browser) -> None:
    query = "q=&role=manager&columns=job_number&columns=roles"
    answer = browser_of(cast["周建平"]).get(f"/people/export.xlsx?{query}")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    assert list(sheet.values) == [
        ("姓名", "工号", "角色"),
        ("陈嘉怡", "200005", "客户经理"),
        ("何俊峰", "200006", "客户经理"),
        ("林晓岚", "200004", "客户经理"),
    ]
    row = AuditRow.objects.get(what="confidentiality.disclose")
    assert (row.actor_name, row.after["rows"]) == ("周建平", 3)


def test_people_of_one_branch(cast: Cast, browser_of: Browser) -> None:
    answer = browser_of(cast["马骏"]).get(f"/people/?branch={cast.west.pk}")
    assert names_in(answer) == ["吴志远", "郑秋实"]


def test_long_lists_come_in_pages_without_gap(cast: Cast, browser_of: Browser) -> None:
    more_people(cast, 60)
    browser = browser_of(cast["马骏"])
    first = browser.get("/people/")
    second = browser.get(f"/people/{first.context['table'].after_url}")
    assert len(names_in(first)) == 50
    assert len(set(names_in(first)) | set(names_in(second))) == 74


def more_people(cast: Cast, count: int) -> None:
    made = Person.objects.bulk_create(
        Person(
            job_number=f"8{number:05}",
            name=f"员工{number:03}",
            branch=cast.east,
            joined_on=BEGIN,
            reports_to=cast["周建平"],
            sort_key=f"yuangong{number:03}",
        )
        for number in range(count)
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(person=person, role="manager", branch=cast.east, valid_from=BEGIN)
        for person in made
    )


@pytest.mark.parametrize("path", ["/people/?q=yuan", "/branches/", "/audit/?who=员工"])
def test_a_list_costs_the_same_for_one_row_and_fifty(
    cast: Cast, browser_of: Browser, path: str
) -> None:
    browser = browser_of(cast["许衡" if "audit" in path else "马骏"])

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200
        return len(queries)

    def one_more(number: int) -> None:
        Branch.objects.create(code=f"Z{number:02}", name=f"分公司{number:02}")
        people.add_person(
            job_number=f"9{number:05}",
            name=f"员工{number:02}",
            branch_id=cast.east.pk,
            actor=cast.actor("马骏"),
            at=NOON,
        )

    one_more(0)
    browser.get(path)
    alone = cost()
    for number in range(1, 50):
        one_more(number)
    assert cost() == alone


def test_a_colleague_who_wrote_meanwhile_is_told_and_nothing_typed_is_lost(
    cast: Cast, browser_of: Browser
) -> None:
    browser = browser_of(cast["马骏"])
    path = f"/people/{cast['林晓岚'].pk}/change/"
    form = browser.get(path).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {"post": "高级客户经理"}
    people.change_person(
        person_id=cast["林晓岚"].pk,
        changes={"post": "客户经理（一级）"},
        expected_version=1,
        actor=cast.actor("马骏"),
        at=NOON,
    )
    told = browser.post(path, typed)
    assert told.status_code == 409
    assert "高级客户经理" in text_of(told)
    assert "客户经理（一级）" in text_of(told)
    again = {name: told.context["form"][name].value() or "" for name in form.fields}
    assert browser.post(path, again).status_code == 302
    cast["林晓岚"].refresh_from_db()
    assert cast["林晓岚"].post == "高级客户经理"


def test_what_is_still_held_stands_on_the_page_of_leaving(cast: Cast, browser_of: Browser) -> None:
    browser = browser_of(cast["马骏"])
    path = f"/people/{cast['林晓岚'].pk}/close/"
    assert "还有 3 户客户没有移交" in text_of(browser.get(path))
    refused = browser.post(path, {"on": "2026-11-27", "why": "辞职", "version": 1})
    assert refused.status_code == 422
    left = browser.post(
        f"/people/{cast['钱慧敏'].pk}/close/", {"on": "2026-11-27", "why": "调离", "version": 1}
    )
    assert left["Location"] == f"/people/{cast['钱慧敏'].pk}/"


def test_a_person_in_the_panel_and_as_a_page(cast: Cast, browser_of: Browser) -> None:
    browser = browser_of(cast["周建平"])
    path = f"/people/{cast['林晓岚'].pk}/"
    panel = text_of(browser.get(path, headers={"HX-Request": "true", "HX-Target": "panel"}))
    page = text_of(browser.get(path))
    assert "<html" not in panel
    assert "<html" in page
    assert "客户经理" in panel


def test_a_role_is_granted_shown_by_date_and_ended_in_pages(
    cast: Cast, browser_of: Browser
) -> None:
    browser = browser_of(cast["宋琪"])
    path = f"/people/{cast['林晓岚'].pk}/"
    given = {"role": "gm", "branch_id": cast.east.pk, "valid_from": "2026-12-01", "why": "提任"}
    assert browser.post(f"{path}roles/", given)["Location"] == path
    assert "未生效" in text_of(browser.get(path))
    wrong = browser.post(f"{path}roles/", given | {"valid_from": "2026-11-26"})
    assert (wrong.status_code, "生效日期不能早于今天" in text_of(wrong)) == (422, True)
    grant = RoleGrant.objects.get(role="gm", person=cast["林晓岚"])
    browser.post(f"/roles/{grant.pk}/end/")
    grant.refresh_from_db()
    assert grant.valid_to == grant.valid_from
    assert "已结束" in text_of(browser.get(path))


# Branches and settings


def test_the_supervisor_names_an_acting_one_on_the_branchs_page(
    cast: Cast, browser_of: Browser
) -> None:
    browser = browser_of(cast["周建平"])
    path = f"/branches/{cast.east.pk}/"
    given = {"person_id": cast["林晓岚"].pk, "first": "2026-11-30", "last": "2026-12-04"}
    assert browser.post(f"{path}acting/", {**given, "last": "9999-12-31"}).status_code == 422
    assert browser.post(f"{path}acting/", given)["Location"] == path
    grant = RoleGrant.objects.get(is_acting=True)
    assert (grant.valid_from, grant.valid_to) == (
        FRIDAY + timedelta(days=3),
        FRIDAY + timedelta(days=8),
    )
    assert "代理" in text_of(browser.get(path))
    browser.post(f"/acting/{grant.pk}/end/")
    grant.refresh_from_db()
    assert grant.valid_to == grant.valid_from


def test_settings_show_what_holds_what_comes_and_what_was(cast: Cast, browser_of: Browser) -> None:
    browser = browser_of(cast["马骏"])
    path = f"/branches/{cast.east.pk}/settings/"
    for days, value in ((-30, "17:10"), (-2, "17:20")):
        BranchSetting.objects.create(
            branch=cast.east,
            key="summary_due",
            value=value,
            valid_from=FRIDAY + timedelta(days=days),
            set_at=NOON,
        )
    given = {"key": "summary_due", "value": "17：00", "valid_from": "2026-12-01"}
    assert browser.post(path, given)["Location"] == path
    line = next(one for one in browser.get(path).context["lines"] if one.key == "summary_due")
    assert (line.value, line.origin) == ("17:20", "branch")
    assert [text for _row, text in line.later] == ["17:00"]
    assert [text for _row, text in line.past] == ["17:10"]
    row = BranchSetting.objects.get(valid_from="2026-12-01")
    browser.post(f"/settings/{row.pk}/withdraw/")
    assert BranchSetting.objects.count() == 2
    page = browser.get(path).content.decode()
    assert page.count("月中改的，从次月的会起") == 2  # beside the days of both monthly meetings
    assert page.count("制度没有写明几天，由本系统定") == 1


def test_the_company_page_sets_for_all(cast: Cast, browser_of: Browser) -> None:
    given = {"key": "work_hours", "value": "08:00-12:00 13:00-17:00", "valid_from": "2026-11-27"}
    browser = browser_of(cast["马骏"])
    assert browser.post("/settings/", given)["Location"] == "/settings/"
    lines = browser_of(cast["林晓岚"]).get(f"/branches/{cast.east.pk}/settings/").context["lines"]
    line = next(one for one in lines if one.key == "work_hours")
    assert (line.value, line.origin) == ("08:00-12:00 13:00-17:00", "company")


# The trail


def test_the_trail_is_filtered_by_who_what_when(cast: Cast, browser_of: Browser) -> None:
    for name in ("城北分公司", "城南分公司"):
        browser_of(cast["马骏"]).post(
            "/branches/new/", {"code": name, "name": name, "opened_on": "2026-11-27"}
        )
    browser = browser_of(cast["许衡"])
    found = browser.get("/audit/?who=马骏&what=organization.add_branch&from=2026-11-27")
    assert len(found.context["table"].rows) == 2
    assert "添加机构" in text_of(found)
    assert browser.get("/audit/?from=2026-11-28").context["table"].rows == []
    assert len(browser.get("/audit/?to=2026-11-27").context["table"].rows) == 2
    row = AuditRow.objects.filter(target_label="城南分公司").get()
    page = text_of(browser.get(f"/audit/{row.pk}/"))
    assert "城南分公司" in page
    assert "校验相符" in page


def test_every_row_of_the_trail_has_a_word() -> None:
    ours = {path for app in APPS for path in (ROOT / app).rglob("*.py")}
    told = {
        str(node.value.value)
        for path in ours
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword)
        and node.arg == "what"
        and isinstance(node.value, ast.Constant)
    }
    assert sorted(told - set(AUDIT_WORDS)) == []
    assert len(told) > 10


def test_the_page_that_closes_a_branch_says_beforehand_what_it_still_keeps(
    cast: Cast, browser_of: Browser
) -> None:
    path = f"/branches/{cast.west.pk}/close/"
    page = browser_of(cast["马骏"]).get(path).content.decode()
    assert "还有 2 名员工：吴志远、郑秋实。请先办理离岗，或调到别的分公司。" in page
    given = {"on": "2026-11-28", "why": "并入城东", "version": 1}
    answer = browser_of(cast["马骏"]).post(path, given)
    assert answer.status_code == 422
    assert "还有 2 户客户归这里。" in answer.content.decode()
