"""The billing export (M1, D1): read for one month, the same twice changes nothing, what it says."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import jobs
from core.errors import Refused
from core.models import ImportRun
from core.periods import Month
from customers.models import Assignment, Customer
from kpi.models import Bill, Result
from kpi.queries.bills import arrears_of, bills_for, due_revenue
from kpi.queries.results import results_at
from organization.models import Person
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.targets import imported

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
CUT = at("2026-11-03 12:00:00")
HEAD = "账期,集团编码,应收金额,实收金额,欠费金额,最长欠费账龄(天)\n"
FILE = HEAD + (
    '202610,G0001,"7,854.77","7,854.77",0.00,0\n'
    '202610,G0002,"9,053.50","4,457.55","4,595.95",35\n'
    '202610,G0004,"1,259.40","1,200.79",58.61,130\n'
    "202610,G0005,314.97,314.97,0.00,0\n"
)
DATA = Path(__file__).parents[1] / "data" / "计费导出_202610.csv"


def counts(plan: object) -> tuple[int, ...]:
    return tuple(plan.counts[key] for key in ("new", "changed", "unchanged", "wrong"))  # type: ignore[attr-defined]


def bill_file(cast: Cast, text: str = FILE, **more: object) -> object:
    return imported(cast, "billing", text.encode("gbk"), month=OCTOBER, **more)  # type: ignore[arg-type]


def test_bills_belong_to_whoever_held_the_customer_at_the_months_end(cast: Cast) -> None:
    held = Assignment.objects.get(customer=cast.customer("城东人民医院"))
    Assignment.objects.filter(pk=held.pk).update(valid_to=date(2026, 10, 31))
    Assignment.objects.create(
        customer=held.customer,
        manager=cast["陈嘉怡"],
        valid_from=date(2026, 10, 31),
        recorded_at=at("2026-10-31 09:00:00"),
    )
    assert counts(bill_file(cast)) == (4, 0, 0, 0)
    assert [
        (bill.customer.code, bill.manager, bill.due, bill.paid, bill.arrears, bill.arrears_days)
        for bill in Bill.objects.order_by("customer__code")
    ] == [
        ("G0001", cast["林晓岚"], Decimal("7854.77"), Decimal("7854.77"), 0, 0),
        ("G0002", cast["陈嘉怡"], Decimal("9053.50"), Decimal("4457.55"), Decimal("4595.95"), 35),
        ("G0004", cast["何俊峰"], Decimal("1259.40"), Decimal("1200.79"), Decimal("58.61"), 130),
        ("G0005", cast["吴志远"], Decimal("314.97"), Decimal("314.97"), 0, 0),
    ]


def test_the_same_file_twice_changes_nothing(cast: Cast) -> None:
    bill_file(cast)
    assert counts(bill_file(cast)) == (0, 0, 4, 0)
    assert Bill.objects.count() == 4


def test_a_newer_file_supersedes_what_differs(cast: Cast) -> None:
    bill_file(cast, moment="2026-11-02 10:00:00")
    newer = FILE.replace('"4,457.55","4,595.95",35', '"9,053.50",0.00,0')
    plan = bill_file(cast, newer, moment="2026-11-02 15:00:00")
    assert counts(plan) == (0, 1, 3, 0)
    differences = next(row for row in plan.rows if row.code == "G0002").differences  # type: ignore[attr-defined]
    assert [(each.label, each.before, each.after) for each in differences] == [
        ("实收金额", "4,457.55", "9,053.50"),
        ("欠费金额", "4,595.95", "0.00"),
        ("最长欠费账龄（天）", "35", "0"),
    ]
    assert [one.band for one in arrears_of(OCTOBER, at("2026-11-02 14:59:59"))] == [90, 30]
    assert [one.band for one in arrears_of(OCTOBER, at("2026-11-02 15:00:00"))] == [90]


def test_wrong_rows_say_why_and_nothing_else_is_lost(cast: Cast) -> None:
    plan = bill_file(
        cast,
        HEAD + "202610,G0001,100.00,100.00,0,0\n"
        "202609,G0002,100.00,100.00,0,0\n"
        "202610,JT900008,100.00,100.00,0,0\n"
        "202610,P0001,100.00,100.00,0,0\n"
        "202610,G0004,很多,100.00,0,0\n"
        "202610,G0001,1.00,1.00,0,0\n"
        "202613,G0005,1.00,1.00,0,0\n",
    )
    assert counts(plan) == (1, 0, 0, 6)
    assert plan.reasons == {  # type: ignore[attr-defined]
        3: "账期：这一行是 2026-09 的，这里导入的是 2026-10",
        4: "集团编码：没有编码为 JT900008 的集团客户，请核对或先导入客户",
        5: "集团编码：没有编码为 P0001 的集团客户，请核对或先导入客户",
        6: "应收金额：不是金额，请填数字，如 8500.00",
        7: "集团编码：第 2 行已有同一集团编码，以前者为准；请改正或删去本行",
        8: "账期：没有这个月份，请写成 202610",
    }


def test_a_leader_imports_the_own_branch_only(cast: Cast) -> None:
    plan = bill_file(cast, who="周建平")
    assert counts(plan) == (3, 0, 0, 1)
    assert [bill.customer.code for bill in bills_for(cast.actor("林晓岚"), OCTOBER)] == [
        "G0001",
        "G0002",
    ]
    assert bills_for(cast.actor("周建平"), OCTOBER).count() == 3
    assert bills_for(cast.actor("郑秋实"), OCTOBER).count() == 0
    assert bills_for(cast.actor("韩静"), OCTOBER).count() == 3


def test_without_a_month_nothing_is_imported(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        imported(cast, "billing", FILE.encode(), month=None)
    assert refused.value.field == "month"


def test_what_is_billed_is_the_revenue_of_the_groups_held(cast: Cast) -> None:
    bill_file(cast, moment="2026-11-02 10:00:00")
    ids = [cast[name].pk for name in ("林晓岚", "陈嘉怡", "何俊峰")]
    assert due_revenue(OCTOBER, ids, CUT) == {
        cast["林晓岚"].pk: Decimal("1.69"),  # 16,908.27 yuan, paid or not
        cast["何俊峰"].pk: Decimal("0.13"),
    }
    assert due_revenue(OCTOBER, ids, at("2026-11-02 09:59:59")) == {}
    reached = results_at(OCTOBER, ids, CUT)[cast["林晓岚"].pk, "M1"]
    assert (reached.value, reached.source, reached.is_checked) == (
        Decimal("1.69"),
        "computed",
        True,
    )
    assert not Result.objects.exists()


def test_arrears_are_suggested_by_band_to_the_day(cast: Cast) -> None:
    rows = "".join(
        f"202610,{code},100.00,50.00,50.00,{days}\n"
        for code, days in (
            ("G0001", 30),
            ("G0002", 31),
            ("G0003", 60),
            ("G0004", 61),
            ("G0005", 91),
        )
    )
    bill_file(cast, HEAD + rows, moment="2026-11-02 10:00:00")
    assert [
        (one.bill.customer.code, one.bill.manager, one.band, one.amount)
        for one in arrears_of(OCTOBER, CUT)
    ] == [
        ("G0005", cast["吴志远"], 90, Decimal("50.00")),
        ("G0004", cast["何俊峰"], 60, Decimal("50.00")),
        ("G0003", cast["陈嘉怡"], 30, Decimal("50.00")),
        ("G0002", cast["林晓岚"], 30, Decimal("50.00")),
    ]


def test_the_shell_reads_the_export_as_it_is_delivered(cast: Cast, clock: StoryClock) -> None:
    cast.customers["东方纺织集团"].code = "JT320014"
    cast.customers["东方纺织集团"].save()
    out = StringIO()
    call_command("import_table", "billing", str(DATA), "--month", "2026-10", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["new"], told["changed"], told["unchanged"]) == (1, 0, 0)
    assert len(told["wrong"]) == len(DATA.read_bytes().splitlines()) - 2
    assert Bill.objects.get().arrears == Decimal("4595.95")


def test_the_page_asks_for_the_month_and_shows_the_differences(
    cast: Cast, browser_of: Callable[[Person], Client], clock: StoryClock, tmp_path: Path
) -> None:
    browser = browser_of(cast["韩静"])
    file = tmp_path / "计费.csv"
    file.write_bytes(FILE.encode("gbk"))
    with file.open("rb") as given:
        answer = browser.post("/import/", {"table": "billing", "file": given})
    assert answer.status_code == 422
    assert "请选月份" in answer.content.decode()
    with file.open("rb") as given:
        answer = browser.post("/import/", {"table": "billing", "month": "2026-10", "file": given})
    assert answer.status_code == 302
    jobs.run_due(clock.moment)
    run = ImportRun.objects.get()
    assert (run.month, run.counts["new"]) == ("2026-10", 4)
    assert browser.post(f"{answer['Location']}write/", {"version": run.version}).status_code == 303
    jobs.run_due(clock.moment)
    assert Bill.objects.filter(month="2026-10", origin="计费.csv").count() == 4


def test_as_many_statements_for_fifty_bills(cast: Cast) -> None:
    counted = []
    for size in (1, 50):
        text = HEAD + "".join(f"202610,X{number},1,1,0,0\n" for number in range(size))
        bill_file(cast)
        with CaptureQueriesContext(connection) as told:
            bill_file(cast, text + FILE.split("\n", 1)[1])
        counted.append(len(told))
    assert counted[0] == counted[1]


def test_the_bills_are_a_list_for_whoever_holds_or_leads(
    cast: Cast, browser_of: Callable[[Person], Client], clock: StoryClock
) -> None:
    bill_file(cast, moment="2026-11-02 10:00:00")
    own = browser_of(cast["林晓岚"])
    page = own.get("/bills/2026-10/").content.decode()
    assert "2026年10月账单：应收 16,908.27 元，欠费 4,595.95 元" in page
    assert "华立机械厂" not in page
    late = browser_of(cast["周建平"]).get("/bills/2026-10/?show=arrears").content.decode()
    assert ("东方纺织集团" in late, "华立机械厂" in late, "西岭水泥" in late) == (
        False,
        True,
        False,
    )
    answer = own.get("/bills/2026-10/export/")
    assert answer.content[:2] == b"PK"
    assert "2026年9月没有账单" in own.get("/bills/2026-09/").content.decode()


def test_the_list_of_bills_costs_the_same_for_fifty(
    cast: Cast, browser_of: Callable[[Person], Client]
) -> None:
    market = browser_of(cast["韩静"])
    customer = cast.customer("东方纺织集团")
    counted = []
    for size in (1, 50):
        made = [
            Customer(
                kind="group",
                code=f"X{size}-{number}",
                name=f"客户 {number}",
                branch=cast.east,
                tier=customer.tier,
                manager=cast["林晓岚"],
                added_on=date(2026, 1, 1),
                updated_at=CUT,
            )
            for number in range(size)
        ]
        Bill.objects.bulk_create(
            [
                Bill(
                    customer=one,
                    manager=one.manager,
                    branch=one.branch,
                    month="2026-10",
                    due=1,
                    paid=1,
                    arrears=0,
                    recorded_at=CUT,
                )
                for one in Customer.objects.bulk_create(made)
            ]
        )
        market.get("/bills/2026-10/")
        with CaptureQueriesContext(connection) as told:
            assert market.get("/bills/2026-10/").status_code == 200
        counted.append(len(told))
    assert counted[0] == counted[1]
