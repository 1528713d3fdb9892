"""An import step by step, by people of the cast: preview, correction, writing, and what is kept."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest

from core import jobs
from core.choices import ImportState, JobState
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.imports import operations, queries
from core.imports.jobs import actor_from_json
from core.imports.tables import table_of
from core.imports.views import marked
from core.models import AuditRow, ColumnMapping, ImportRun, Job
from core.periods import SHANGHAI
from core.sealing import blind, open_sealed
from core.workbooks import open_table
from customers.models import Assignment, Contact, Customer, TierChange
from organization.former_names import names_at
from organization.models import Branch, FormerName, Person, RoleGrant
from tests.cast import FRIDAY, NOON, Cast, at
from worklogs.models import ServiceLog

HEAD = (
    "集团编码",
    "集团名称",
    "客户等级",
    "关键联络人",
    "联系方式",
    "客户经理工号",
    "月均收入",
    "备注",
)


def book(*rows: Sequence[Any]) -> bytes:
    out = io.BytesIO()
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(list(row))
    made.save(out)
    return out.getvalue()


def start(
    cast: Cast, who: str, table: str, content: bytes, *, moment: datetime = NOON
) -> ImportRun:
    """Hand in the file and let the worker read it."""
    run = operations.start_import(
        table_key=table,
        filename="清单.xlsx",
        content=content,
        actor=cast.actor(who, on=moment),
        at=moment,
    )
    jobs.run_due(moment)
    run.refresh_from_db()
    return run


def write(cast: Cast, who: str, run: ImportRun, *, moment: datetime = NOON) -> ImportRun:
    operations.write_import(
        run_id=run.pk,
        expected_version=run.version,
        actor=cast.actor(who, on=moment),
        at=moment,
    )
    jobs.run_due(moment)
    run.refresh_from_db()
    return run


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    """New, changed, unchanged, wrong."""
    c = run.counts
    return c["new"], c["changed"], c["unchanged"], c["wrong"]


def rows(run: ImportRun) -> list[tuple[int, str, str, str, str]]:
    return [(r.number, r.outcome, r.code, r.name, r.reason) for r in run.rows.all()]


GROUPS = book(
    HEAD,
    ("G0001", "东方纺织集团", "A", "冯立新", "13800001207", 200004, 1200, None),
    ("G0002", "城东人民医院", "\uff21", "蒋文秀", "138-0000-9999", 200005, 1500.5, "=1+1"),
    ("G0009", "新客户", "c类", "单雄信", "0512-57984730", "何俊峰", 800, None),
    ("G0005", "西岭水泥", "A", None, None, "200004", None, None),
    ("G0010", "越区客户", "A", None, None, "300004", None, None),
    ("G0011", "", "A", None, "12", "999999", "很多", None),
)


def test_a_supervisor_sees_what_the_file_would_change_and_then_writes_it(cast: Cast) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    assert run.state == ImportState.PREVIEW
    assert counts(run) == (1, 1, 1, 3)
    assert rows(run) == [
        (3, "changed", "G0002", "城东人民医院", ""),
        (4, "new", "G0009", "新客户", ""),
        (5, "wrong", "G0005", "西岭水泥", "集团编码：这个编码不能用于本表，请核对"),
        (
            6,
            "wrong",
            "G0010",
            "越区客户",
            "客户经理工号：这位客户经理不是本分公司的，请核对工号",
        ),
        (
            7,
            "wrong",
            "G0011",
            "",
            (
                "集团名称：必填；关键人电话：手机号应为 11 位，这里有 2 位；"
                "客户经理工号：没有工号 999999，请核对花名册；"
                "月均收入：不是金额，请填数字，如 8500.00"
            ),
        ),
    ]
    changed = run.rows.get(number=3)
    assert changed.differences == [
        {"label": "客户等级", "before": "B 类", "after": "A 类"},
        {"label": "关键人电话", "before": "138****2216", "after": "138****9999"},
        {"label": "客户经理工号", "before": "林晓岚", "after": "陈嘉怡"},
        {"label": "月均收入", "before": "1,200.00", "after": "1,500.50"},
        {"label": "备注", "before": "", "after": "=1+1"},
    ]
    assert Customer.objects.get(code="G0002").tier.code == "B"

    run = write(cast, "周建平", run)
    assert (run.state, run.written_at) == (ImportState.WRITTEN, NOON)
    hospital = cast.customer("城东人民医院")
    hospital.refresh_from_db()
    assert (hospital.tier.code, hospital.manager, hospital.manager_since) == (
        "A",
        cast["陈嘉怡"],
        FRIDAY,
    )
    assert (hospital.version, hospital.note) == (2, "=1+1")
    assert hospital.search_text.endswith("g0002 9999")
    assert list(
        Assignment.objects.filter(customer=hospital)
        .order_by("valid_from")
        .values_list("manager__name", "valid_from", "valid_to")
    ) == [("林晓岚", date(2025, 1, 1), FRIDAY), ("陈嘉怡", FRIDAY, None)]
    assert list(
        TierChange.objects.filter(customer=hospital)
        .order_by("valid_from")
        .values_list("tier__code", "valid_from", "valid_to")
    ) == [("B", date(2025, 1, 1), FRIDAY), ("A", FRIDAY, None)]
    assert [row.what for row in AuditRow.objects.order_by("pk")] == [
        "core.start_import",
        "core.write_import",
        "core.import_rows",
    ]

    again = start(cast, "周建平", "groups", GROUPS)
    assert counts(again) == (0, 0, 3, 3)


def test_another_key_person_inherits_nothing(cast: Cast) -> None:
    mill = cast.customer("东方纺织集团")
    content = book(HEAD, ("G0001", "东方纺织集团", "A", "沈国强", None, "200004", None, None))
    write(cast, "周建平", start(cast, "周建平", "groups", content))
    contact = Contact.objects.get(customer=mill)
    assert (contact.name, contact.phone_masked, open_sealed(contact.phone_sealed)) == (
        "沈国强",
        "",
        "",
    )
    mill.refresh_from_db()
    assert mill.search_text.endswith("g0001")


def test_a_managers_name_must_fit_the_number_and_may_stand_alone(cast: Cast) -> None:
    head = ("集团编码", "集团名称", "客户等级", "客户经理", "客户经理工号")
    run = start(
        cast,
        "周建平",
        "groups",
        book(
            head,
            ("N1", "甲", "A", "林晓岚", "200005"),
            ("N2", "乙", "A", "何俊峰", None),
            ("N3", "丙", "A", "查无此人", None),
            ("N4", "丁", "A", None, None),
            ("N5", "戊", "A", "周建平", "200003"),
        ),
    )
    assert [(r.number, r.outcome, r.reason) for r in run.rows.all()] == [
        (2, "wrong", "客户经理工号：工号 200005 是 陈嘉怡，表里写的是 林晓岚，请核对"),
        (3, "new", ""),
        (4, "wrong", "客户经理：没有叫 查无此人 的客户经理"),
        (5, "wrong", "客户经理工号：必填：没有客户经理的客户谁也看不到"),
        (6, "wrong", "客户经理工号：周建平（200003）不是客户经理，请核对"),
    ]


def test_a_corrected_column_is_remembered_for_the_branch(cast: Cast) -> None:
    head = ("档案号", "集团编码", "集团名称", "客户等级", "客户经理工号")
    content = book(head, ("N1", "X9", "甲", "A", "200005"))
    run = start(cast, "周建平", "groups", content)
    assert [(c["letter"], c["field"]) for c in run.mapping][:2] == [("A", ""), ("B", "code")]
    actor = cast.actor("周建平")
    operations.correct_mapping(
        run_id=run.pk,
        fields={"A": "code", "B": ""},
        expected_version=run.version,
        actor=actor,
        at=NOON,
    )
    jobs.run_due(NOON)
    run.refresh_from_db()
    assert run.state == ImportState.PREVIEW
    assert [r.code for r in run.rows.all()] == ["N1"]
    saved = ColumnMapping.objects.get()
    assert (saved.table, saved.branch_id) == ("groups", cast.east.pk)
    assert saved.headers["档案号"] == "code"

    next_time = start(cast, "赵国梁", "groups", content)
    assert [r.code for r in next_time.rows.all()] == ["N1"]
    assert [c["remembered"] for c in next_time.mapping] == [True] * 5
    elsewhere = start(cast, "郑秋实", "groups", content)
    assert [r.code for r in elsewhere.rows.all()] == ["X9"]


def test_a_column_is_given_once_and_only_what_there_is(cast: Cast) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    actor = cast.actor("周建平")

    def refusal(fields: dict[str, str]) -> tuple[str, str]:
        with pytest.raises(Refused) as refused:
            operations.correct_mapping(
                run_id=run.pk, fields=fields, expected_version=run.version, actor=actor, at=NOON
            )
        return refused.value.field, str(refused.value.message)

    assert refusal({"B": "code"}) == (
        "column-B",
        "A 列和 B 列都对应“集团编码”，请只留一列。",
    )
    assert refusal({"B": "salary"}) == ("column-B", "没有这一项。")
    assert refusal({"Z": ""}) == ("column-Z", "文件里没有 Z 列。")


def test_data_that_changed_since_the_preview_is_shown_again_not_overwritten(cast: Cast) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    Customer.objects.filter(code="G0002").update(monthly_revenue=7)
    run = write(cast, "周建平", run)
    assert run.state == ImportState.PREVIEW
    assert run.message == "资料在预览之后有变化，请再核对一次。"
    assert run.rows.get(number=3).differences[3] == {
        "label": "月均收入",
        "before": "7.00",
        "after": "1,500.50",
    }
    assert Customer.objects.get(code="G0002").tier.code == "B"
    run = write(cast, "周建平", run)
    assert run.state == ImportState.WRITTEN


def test_a_second_press_is_told_where_the_run_stands(cast: Cast) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    actor = cast.actor("周建平")
    operations.write_import(run_id=run.pk, expected_version=run.version, actor=actor, at=NOON)
    with pytest.raises(Stale) as stale:
        operations.write_import(run_id=run.pk, expected_version=run.version, actor=actor, at=NOON)
    assert stale.value.current == {"state": "writing", "version": run.version + 1}


def test_nothing_to_write_is_refused_and_a_discarded_run_forgets_its_rows(cast: Cast) -> None:
    run = start(cast, "周建平", "groups", book(HEAD, ("G0011", None, "A") + (None,) * 5))
    actor = cast.actor("周建平")
    with pytest.raises(Refused, match="没有要写入的行"):
        operations.write_import(run_id=run.pk, expected_version=run.version, actor=actor, at=NOON)
    operations.discard_import(run_id=run.pk, expected_version=run.version, actor=actor, at=NOON)
    run.refresh_from_db()
    assert (run.state, run.rows.count()) == (ImportState.DISCARDED, 0)


def test_a_run_stopped_before_it_was_read_stays_stopped(cast: Cast) -> None:
    actor = cast.actor("周建平")
    run = operations.start_import(
        table_key="groups", filename="x.xlsx", content=GROUPS, actor=actor, at=NOON
    )
    operations.discard_import(run_id=run.pk, expected_version=1, actor=actor, at=NOON)
    jobs.run_due(NOON)
    run.refresh_from_db()
    assert (run.state, run.rows.count()) == (ImportState.DISCARDED, 0)
    assert Job.objects.get(kind="core.import_preview").state == JobState.DROPPED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x00\xff\x01", "认不出这个文件。请选择 .xlsx，或 UTF-8、GBK 编码的 CSV 文件。"),
        (
            book(("甲", "乙")),
            "在前 30 行里没有找到“集团客户”的表头。表头至少要有：集团编码、集团名称、客户等级。",
        ),
    ],
)
def test_what_cannot_be_read_says_why(cast: Cast, content: bytes, message: str) -> None:
    run = start(cast, "周建平", "groups", content)
    assert (run.state, run.message) == (ImportState.FAILED, message)
    with pytest.raises(Refused, match="还没有读完"):
        marked(run)


def test_the_marked_file_holds_the_reasons(cast: Cast) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    name, content = marked(run)
    assert name == "清单.xlsx"
    found = open_table(content, name).sheets[0].rows
    assert {number: row[8] for number, row in enumerate(found, 1) if row[8]} == {
        1: "导入说明",
        **dict(run.rows.filter(outcome="wrong").values_list("number", "reason")),
    }


# Who may


@pytest.mark.parametrize(
    ("who", "tables"),
    [
        ("林晓岚", []),
        ("周建平", ["groups", "persons", "logs", "results", "billing"]),
        ("赵国梁", ["groups", "persons", "logs", "results", "billing"]),
        ("钱慧敏", ["groups", "persons", "logs", "results", "billing"]),
        (
            "韩静",
            [
                "branches",
                "staff",
                "groups",
                "persons",
                "logs",
                "requirements",
                "results",
                "billing",
            ],
        ),
        (
            "马骏",
            [
                "branches",
                "staff",
                "groups",
                "persons",
                "logs",
                "requirements",
                "results",
                "billing",
            ],
        ),
        ("孙岚", []),
        ("宋琪", []),
        ("许衡", []),
        ("沈默", []),
    ],
)
def test_who_may_import_what(cast: Cast, who: str, tables: list[str]) -> None:
    assert [table.key for table in queries.importable(cast.actor(who))] == tables
    for key in {"branches", "staff", "groups", "persons", "logs"} - set(tables):
        with pytest.raises(NotAllowed):
            start(cast, who, key, GROUPS)


def test_a_run_is_nobody_elses(cast: Cast) -> None:
    run = start(cast, "周建平", "groups", GROUPS)
    for who in ("赵国梁", "郑秋实", "韩静", "马骏"):
        with pytest.raises(NotFound):
            queries.run_for(cast.actor(who), run.pk)


def test_an_unknown_table_is_not_there(cast: Cast) -> None:
    with pytest.raises(NotFound):
        table_of("salaries")


# Branches and staff, changed


STAFF_HEAD = ("工号", "姓名", "所属单位", "岗位", "直接上级工号", "手机号码", "入职日期")


def test_a_changed_post_ends_one_role_and_begins_another(cast: Cast) -> None:
    content = book(
        STAFF_HEAD,
        ("200004", "林晓岚", "城东", "客户经理主管", "200001", "13700001111", "2020.1.2"),
        ("200009", "新人", "CD", "客户经理", "200004", None, "2026-12-01"),
    )
    run = start(cast, "马骏", "staff", content)
    assert counts(run) == (1, 1, 0, 0)
    write(cast, "马骏", run)
    lin = Person.objects.get(job_number="200004")
    assert (lin.post, lin.reports_to, lin.phone_blind) == (
        "客户经理主管",
        cast["赵国梁"],
        blind("13700001111"),
    )
    grants = RoleGrant.objects.filter(person=lin).order_by("valid_from")
    assert list(grants.values_list("role", "valid_from", "valid_to")) == [
        ("manager", date(2024, 1, 1), FRIDAY),
        ("supervisor", FRIDAY, None),
    ]
    newcomer = Person.objects.get(job_number="200009")
    assert newcomer.grants.get().valid_from == date(2026, 12, 1)
    assert (newcomer.has_usable_password(), newcomer.must_change_password) == (False, True)
    assert newcomer.reports_to == lin


def test_a_name_that_a_file_changes_stays_known_until_then(cast: Cast) -> None:
    staff = book(STAFF_HEAD, ("200004", "林岚", "城东", "客户经理", None, None, None))
    write(cast, "马骏", start(cast, "马骏", "staff", staff))
    branch = book(("机构编码", "机构名称"), ("CD", "东城分公司"))
    write(cast, "马骏", start(cast, "马骏", "branches", branch))
    then = names_at(FormerName.objects.get(branch=cast.east).until - timedelta(seconds=1))
    assert (then.of(cast["林晓岚"]).name, then.branches) == (
        "林晓岚",
        {cast.east.pk: "城东分公司"},
    )
    now = names_at(FormerName.objects.get(branch=cast.east).until)
    assert (now.people, now.branches) == ({}, {})


def test_posts_superiors_and_zeros_that_cannot_be(cast: Cast) -> None:
    Person.objects.filter(job_number="100005").update(job_number="0010005")
    Person.objects.filter(job_number="100006").update(job_number="010006")
    run = start(
        cast,
        "马骏",
        "staff",
        book(
            STAFF_HEAD,
            ("400001", "甲", "公司本部", "客户经理", None, None, None),
            ("400002", "乙", "城东分公司", "市场部", None, None, None),
            ("400003", "丙", "城东分公司", "客户经理", "400004", None, None),
            ("400004", "丁", "城东分公司", "客户经理", "400003", None, None),
            ("400005", "戊", "城东分公司", "客户经理", "400009", None, None),
            (777, "己", "城东分公司", "客户经理", None, None, None),
        ),
    )
    assert [(r.number, r.reason) for r in run.rows.all()] == [
        (2, "岗位：“客户经理”是分公司的岗位，所属单位却是本部"),
        (3, "岗位：“市场部”是本部的岗位，所属单位却是分公司"),
        (4, "直接上级工号：上级关系绕回了本人，请改正"),
        (5, "直接上级工号：上级关系绕回了本人，请改正"),
        (6, "直接上级工号：花名册里没有工号 400009，请先录入上级或改正"),
        (7, "工号：工号位数不一，认不出前面少了几个 0；请把该列设为文本，写全工号"),
    ]


def test_a_branchs_name_is_its_own(cast: Cast) -> None:
    head = ("机构编码", "机构名称", "机构类型", "地址")
    run = start(
        cast,
        "韩静",
        "branches",
        book(
            head,
            ("CD", "城东分公司", "分公司", "新港大道 201 号"),
            ("CN", "城南分公司", None, None),
            ("CB", "城西分公司", "分公司", None),
            ("CZ", "城中分公司", "事业部", None),
        ),
    )
    assert rows(run)[2:] == [
        (4, "wrong", "CB", "城西分公司", "机构名称：这个名称已是 CX 的，请改名"),
        (5, "wrong", "CZ", "城中分公司", "机构类型：没有“事业部”，可填：本部、分公司"),
    ]
    write(cast, "韩静", run)
    assert Branch.objects.get(code="CD").address == "新港大道 201 号"
    assert Branch.objects.get(code="CN").kind == "branch"


# Logs of another system


LOG_HEAD = (
    "流水号",
    "客户编码",
    "服务时间",
    "主/被动",
    "方式",
    "类别",
    "服务内容",
    "工号",
    "录入时间",
)
LOGS = book(
    LOG_HEAD,
    ("S1", "G0001", "2026-11-26 14:30", "主动", "上门", "例行拜访", "谈续签", None, None),
    ("S2", "P0002", "2026/11/27 9:05", "被动", "电话", "咨询", "问套餐", "200005", None),
    (
        None,
        "G0003",
        datetime(2026, 11, 27, 10, 0),  # noqa: DTZ001 - a cell has no zone
        "主动",
        "微信",
        "产品推广",
        "推专线",
        None,
        None,
    ),
    ("S4", "G0005", "2026-11-27 9:00", "主动", "电话", "咨询", "越区", None, None),
    ("S5", "G0001", "2026-11-27", "主动", "电话", "咨询", "没有钟点", None, None),
    ("S6", "G0001", "2026-11-28 9:00", "主动", "飞鸽", "咨询", "一", None, None),
    ("S1", "G0001", "2026-11-26 14:30", "主动", "上门", "例行拜访", "重复", None, None),
    (
        "S8",
        "G0001",
        "2026-11-26 15:00",
        "主动",
        "电话",
        "咨询",
        "当天录的",
        None,
        "2026-11-26 18:00",
    ),
)


def test_logs_come_in_without_doubling_and_change_as_versions(cast: Cast) -> None:
    run = start(cast, "周建平", "logs", LOGS)
    assert counts(run) == (4, 0, 0, 4)
    assert [(r.number, r.code, r.reason) for r in run.rows.filter(outcome="wrong")] == [
        (5, "S4", "客户编码：没有编码为 G0005 的客户，请核对或先导入客户"),
        (6, "S5", "服务时间：缺少钟点，请写成 2026-11-27 14:30"),
        (
            7,
            "S6",
            (
                "服务方式：没有“飞鸽”，可填：电话、上门、微信、来访、短信、邮件、活动；"
                "服务内容：写一句做了什么、客户怎么说；"
                "服务时间：服务时间还没有到，请改成已经发生的时间"
            ),
        ),
        (8, "S1", "外部编号：第 2 行已有同一外部编号，以前者为准；请改正或删去本行"),
    ]
    write(cast, "周建平", run)
    first, second, third, fourth = ServiceLog.objects.order_by("pk")
    assert (first.manager, first.customer, first.tier_code, first.external_id) == (
        cast["林晓岚"],
        cast.customer("东方纺织集团"),
        "A",
        "S1",
    )
    assert first.occurred_at == at("2026-11-26 14:30:00")
    assert first.occurred_at.astimezone(SHANGHAI).date() == first.occurred_on
    assert (first.is_late, second.is_late, fourth.is_late) == (True, False, False)
    assert (second.manager, second.initiator) == (cast["陈嘉怡"], "passive")
    assert second.answer_due_at == at("2026-11-27 11:05:00")
    assert (third.external_id or "").startswith("file:")
    assert [log.thread_id for log in (first, second, third)] == [first.pk, second.pk, third.pk]
    assert {log.source for log in (first, second, third)} == {"imported"}

    assert counts(start(cast, "周建平", "logs", LOGS)) == (0, 0, 4, 4)

    later = NOON + timedelta(hours=1)
    corrected = book(
        LOG_HEAD,
        (
            "S1",
            "G0001",
            "2026-11-26 14:30",
            "主动",
            "上门",
            "例行拜访",
            "谈续签，已同意",
            None,
            None,
        ),
    )
    run = start(cast, "周建平", "logs", corrected, moment=later)
    assert counts(run) == (0, 1, 0, 0)
    assert run.rows.get().differences == [
        {"label": "服务内容", "before": "谈续签", "after": "谈续签，已同意"}
    ]
    write(cast, "周建平", run, moment=later)
    first.refresh_from_db()
    newest = ServiceLog.objects.get(thread_id=first.pk, superseded_at__isnull=True)
    assert (first.superseded_at, newest.number, newest.content) == (later, 2, "谈续签，已同意")
    assert (newest.is_late, newest.recorded_at) == (True, later)


def test_the_worker_acts_as_whoever_asked(cast: Cast) -> None:
    actor = cast.actor("周建平")
    assert actor_from_json(json.loads(json.dumps(operations.actor_as_json(actor)))) == actor
