"""The files of a branch network, row by row: what goes in, what does not, and why."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actors import Actor
from core.imports.direct import import_now
from core.imports.plan import Plan
from core.models import AuditRow
from core.sealing import open_sealed
from core.workbooks import mark_wrong_rows, open_table
from customers.models import Assignment, Contact, Customer, TierChange
from organization.models import Branch, Person, RoleGrant
from tests.cast import at

DATA = Path(__file__).parents[1] / "data"
ADMINISTRATOR = Actor(None, "命令行", "", None, frozenset({"sysadmin"}), None)
NOON = at("2026-11-24 12:00:00")

FILES = {
    "branches": "机构清单.xlsx",
    "staff": "员工花名册.xlsx",
    "groups": "集团客户清单.xlsx",
    "persons": "个人大客户.xlsx",
}
WRONG = {
    "branches": {},
    "staff": {
        78: "工号：第 9 行已有同一工号，以前者为准；请改正或删去本行",
        79: "所属单位：没有“不存在分公司”这个单位，请先导入机构或改正名称",
        80: "姓名：必填",
        81: (
            "岗位：没有“董事长助理”这个岗位，可填：客户经理、客户经理主管、总经理、副总经理、"
            "市场部、集团客户室、保密员、系统管理员、安全管理员、审计员；"
            "入职日期：认不出日期“去年三月”，请写成 2026-11-27"
        ),
    },
    "groups": {
        1804: "集团编码：第 7 行已有同一集团编码，以前者为准；请改正或删去本行",
        1805: "客户等级：没有“特级”这个等级，可填：A 类、B 类、C 类",
        1806: "客户经理工号：没有工号 999999，请核对花名册",
        1807: "集团名称：必填",
        1808: "月均收入：不是金额，请填数字，如 8500.00",
    },
    "persons": {
        2704: "手机号：手机号应为 11 位，这里有 7 位",
        2705: "生日：生日在今天之后，请核对年份",
        2706: "生日：1990 年 2 月没有 30 日",
    },
}
NEW = {"branches": 7, "staff": 74, "groups": 1801, "persons": 2700}


def bring_in(table: str, content: bytes | None = None, *, is_dry_run: bool = False) -> Plan:
    plan, _layout = import_now(
        table_key=table,
        content=content or (DATA / FILES[table]).read_bytes(),
        filename=FILES[table],
        actor=ADMINISTRATOR,
        at=NOON,
        is_dry_run=is_dry_run,
    )
    return plan


@pytest.fixture
def company(db: None) -> None:
    """Branches and staff are there already."""
    bring_in("branches")
    bring_in("staff")


@pytest.mark.django_db
def test_every_row_of_every_file_is_as_it_should_be() -> None:
    for table in FILES:
        plan = bring_in(table)
        assert plan.reasons == WRONG[table]
        assert plan.counts == {
            "new": NEW[table],
            "changed": 0,
            "unchanged": 0,
            "wrong": len(WRONG[table]),
        }
    for table in FILES:
        again = bring_in(table)
        assert again.counts == {
            "new": 0,
            "changed": 0,
            "unchanged": NEW[table],
            "wrong": len(WRONG[table]),
        }
    assert Branch.objects.count() == 7
    assert Person.objects.count() == RoleGrant.objects.count() == 74
    assert Customer.objects.count() == Assignment.objects.count() == 4501
    assert TierChange.objects.count() == 4501
    assert Contact.objects.count() == 2 * 1801 + 2700
    assert AuditRow.objects.filter(what="core.import_now").count() == 8


def test_a_person_is_read_with_zeros_post_superior_and_a_sealed_phone(company: None) -> None:
    person = Person.objects.get(job_number="001015")
    assert (person.name, person.branch.name, person.post) == ("李玉英", "城区分公司", "客户经理")
    assert person.reports_to == Person.objects.get(name="邹欣")
    assert (person.joined_on, person.email) == (date(2013, 11, 10), "u001015@example.cn")
    assert open_sealed(person.phone_sealed) == "13843952188"
    assert (person.phone_masked, person.phone_tail) == ("138****2188", "2188")
    assert person.search_text == "李玉英 liyuying lyy 001015 2188"
    grant = person.grants.get()
    assert (grant.role, grant.branch, grant.valid_from, grant.valid_to) == (
        "manager",
        person.branch,
        date(2026, 11, 24),
        None,
    )
    assert Person.objects.get(job_number="001009").name == "张丽"


def test_roles_follow_from_posts(company: None) -> None:
    held = {
        role: RoleGrant.objects.filter(role=role).count()
        for role in ("manager", "supervisor", "gm", "deputy", "market", "group_office")
    }
    assert held == _posts_of_the_file()


def _posts_of_the_file() -> dict[str, int]:
    rows = open_table((DATA / FILES["staff"]).read_bytes(), "x").sheets[0].rows[3:77]
    posts = [row[5] for row in rows]
    return {
        "manager": posts.count("客户经理"),
        "supervisor": posts.count("客户经理主管"),
        "gm": posts.count("总经理"),
        "deputy": posts.count("副总经理"),
        "market": posts.count("市场部经理"),
        "group_office": posts.count("集团客户室专员"),
    }


def test_groups_are_read_with_both_contacts_birthdays_tiers_and_notes(company: None) -> None:
    bring_in("groups")
    group = Customer.objects.get(code="JT320007")
    assert (group.name, group.tier.code, group.industry) == ("九方网络有限公司", "C", "建筑")
    assert (group.manager, group.branch.name) == (Person.objects.get(name="吕丹"), "西塘分公司")
    assert (group.monthly_revenue, group.contract_ends_on) == (
        Decimal("3254.73"),
        date(2028, 11, 23),
    )
    key, contact = group.contacts.order_by("-role")
    assert (key.role, key.name, key.post) == ("key", "张莹", "总经理")
    assert (open_sealed(key.phone_sealed), open_sealed(key.birthday_sealed)) == (
        "18687014637",
        "05-22",
    )
    assert (contact.role, contact.name, contact.phone_masked) == ("contact", "韩健", "0512****30")
    assert group.search_text.endswith("jt320007 4637 4730")
    check_lunar_birthdays()
    check_tiers()
    # A formula stays text for ever.
    note = Customer.objects.get(code="JTX0005").note
    assert note == '=HYPERLINK("http://127.0.0.1/x","点我")'


def check_lunar_birthdays() -> None:
    """Month-day and lunar ones are right, those of leap months too."""
    key = Contact.objects.get(customer__code="JT320042", role="key")
    assert open_sealed(key.birthday_sealed) == "lunar:+02-01"
    assert (key.birth_month_day, key.is_lunar, key.is_leap_month) == ("02-01", True, True)
    lunar = Contact.objects.filter(is_lunar=True)
    assert (lunar.count(), lunar.filter(is_leap_month=True).count()) == (169, 47)


def check_tiers() -> None:
    """Full-width and small letters, with and without 类, are the three tiers."""
    assert Customer.objects.get(code="JT320014").tier.code == "C"  # c
    assert Customer.objects.get(code="JT320021").tier.code == "C"  # full-width
    assert Customer.objects.get(code="JT320028").tier.code == "A"  # A类


def test_an_individual_is_the_own_contact(company: None) -> None:
    bring_in("persons")
    customer = Customer.objects.get(code="VIP100006")
    assert (customer.name, customer.tier.code, customer.kind) == ("尉迟畅", "gold", "person")
    assert customer.has_consented is False
    contact = customer.contacts.get()
    assert (contact.role, contact.name) == ("self", "尉迟畅")
    assert open_sealed(contact.phone_sealed) == "18679234185"
    assert open_sealed(contact.birthday_sealed) == "1995-04-19"
    assert customer.search_text == "尉迟畅 yuchichang ycc vip100006 4185"
    consents = Customer.objects.filter(kind="person")
    assert {
        answer: consents.filter(has_consented=answer).count() for answer in (True, False, None)
    } == _consents_of_the_file()
    # Nothing personal lies open in the database.
    first = Contact.objects.get(customer__code="VIP100001")
    stored = repr([getattr(first, field.attname) for field in Contact._meta.concrete_fields])
    assert "13308373261" not in stored
    assert "1954" not in stored


def _consents_of_the_file() -> dict[bool | None, int]:
    rows = open_table((DATA / FILES["persons"]).read_bytes(), "x").sheets[0].rows[3:2703]
    meant = {"Y": True, "√": True, "是": True, "否": False, None: None}
    answers = [meant[str(row[7]) if row[7] else None] for row in rows]
    return {answer: answers.count(answer) for answer in (True, False, None)}


def mended(marked: bytes, cells: dict[str, str | int]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(marked))
    for place, value in cells.items():
        book.worksheets[0][place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_marked_file_goes_in_again_once_mended(company: None, tmp_path: Path) -> None:
    original = (DATA / FILES["groups"]).read_bytes()
    plan = bring_in("groups")
    _name, marked = mark_wrong_rows(
        original, FILES["groups"], plan.reasons, sheet_name="集团客户", header_row=3
    )
    rows = open_table(marked, "x").sheets[0].rows
    assert {n: row[18] for n, row in enumerate(rows, 1) if row[18] and n > 3} == WRONG["groups"]
    assert bring_in("groups", marked).counts == {
        "new": 0,
        "changed": 0,
        "unchanged": 1801,
        "wrong": 5,
    }
    better = mended(
        marked,
        {
            "B1804": "JTX0000",
            "F1805": "A类",
            "N1806": "吕丹",
            "O1806": 1072,
            "C1807": "新客户有限公司",
            "P1808": "3万",
        },
    )
    assert bring_in("groups", better).counts == {
        "new": 5,
        "changed": 0,
        "unchanged": 1801,
        "wrong": 0,
    }
    assert Customer.objects.get(code="JTX0004").monthly_revenue == Decimal("30000.00")


def test_the_number_of_statements_follows_from_batches_not_from_rows(company: None) -> None:
    few = small_groups(5)
    with CaptureQueriesContext(connection) as planning_few:
        bring_in("groups", few, is_dry_run=True)
    with CaptureQueriesContext(connection) as planning_many:
        bring_in("groups", is_dry_run=True)
    assert len(planning_few) == len(planning_many)
    bring_in("groups", few)
    with CaptureQueriesContext(connection) as again:
        bring_in("groups", few)
    with CaptureQueriesContext(connection) as changing:
        bring_in("groups", small_groups(5, tier="A"))
    assert len(changing) - len(again) <= 12


def small_groups(count: int, tier: str = "C") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["集团编码", "集团名称", "客户等级", "客户经理工号"])
    for number in range(count):
        sheet.append([f"K{number}", f"客户{number}", tier, "001072"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# The shell


def shell(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, object]:
    call_command("import_table", *args)
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.django_db
def test_the_shell_answers_in_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    staff = str(DATA / FILES["staff"])
    shell(capsys, "branches", str(DATA / FILES["branches"]))
    errors = tmp_path / "errors.xlsx"
    expected = {
        "new": 74,
        "changed": 0,
        "unchanged": 0,
        "wrong": [{"row": row, "reason": reason} for row, reason in WRONG["staff"].items()],
    }
    assert shell(capsys, "staff", staff, "--dry-run", "--errors", str(errors)) == expected
    assert not Person.objects.exists()
    assert shell(capsys, "staff", staff) == expected
    assert shell(capsys, "staff", str(errors)) == {**expected, "new": 0, "unchanged": 74}


@pytest.mark.django_db
def test_the_shell_says_why_a_file_is_no_table() -> None:
    with pytest.raises(CommandError, match="没有找到“员工”的表头"):
        call_command("import_table", "staff", str(DATA / "计费导出_202610.csv"))
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_table", "staff", str(DATA / "nowhere.xlsx"))
