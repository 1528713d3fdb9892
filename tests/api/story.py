"""A branch's Friday with one thing of each kind, for tests that go through every address."""

from typing import Any, Final

from core.choices import ImportState
from core.files import store
from core.jobs import enqueue, run_due
from core.models import ImportRow, ImportRun, Job
from core.periods import Month
from duties.models import Notice
from duties.operations import ensure_periods
from inspections.models import CheckItem
from inspections.operations.findings import raise_finding
from tests.cast import Cast, at
from tests.domain.cases import case_filed, complaint_received
from tests.domain.week import WEEK, filed, logged, sent
from worklogs.operations.consolidations import issue_consolidation
from worklogs.operations.rollups import rollup_of

NOW: Final = at("2026-11-27 17:45:00")
RECORDED: Final = "2026-11-27 10:05:00"
ROLES: Final = {
    "manager": "林晓岚",
    "supervisor": "周建平",
    "gm": "赵国梁",
    "deputy": "钱慧敏",
    "market": "韩静",
    "group_office": "孙岚",
    "sysadmin": "马骏",
    "secadmin": "宋琪",
    "auditor": "许衡",
    "confidentiality": "沈默",
}


def play(cast: Cast) -> dict[str, Any]:
    """A branch's Friday up to the company's consolidation, and one thing of each other kind."""
    ensure_periods(WEEK, WEEK)
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 10:00:00", recorded=RECORDED)
    filed(cast, "林晓岚", "2026-11-27 17:00:00")
    sent(cast, "2026-11-27 17:40:00")
    issue_consolidation(week=WEEK, comment="", expected_number=0, actor=cast.actor("孙岚"), at=NOW)
    rollup_of(cast.west, WEEK, NOW)
    run_due(NOW)
    manager = cast["林晓岚"]
    notice = Notice.objects.create(
        person=manager,
        kind="reminder",
        group="g",
        title="提醒",
        key="k",
        created_at=NOW,
        updated_at=NOW,
    )
    enqueue(kind="core.deliver", key="later", at=NOW, owner_id=manager.pk)
    boss = cast.actor("周建平")
    file = store(
        content="集团编码\n".encode(),
        name="集团.csv",
        content_type="text/csv",
        kind="import",
        actor=boss,
        at=NOW,
    )
    run = ImportRun.objects.create(
        table="groups",
        file=file,
        owner_id=boss.somebody,
        owner_name=boss.name,
        state=ImportState.PREVIEW,
        header_row=1,
        counts={"new": 1},
        started_at=NOW,
    )
    ImportRow.objects.create(run=run, number=2, outcome="new", code="G1", name="甲")
    customer = cast.customer("东方纺织集团")
    month = Month(2026, 11)
    finding = raise_finding(
        branch_id=cast.east.pk,
        month=month,
        title="例会没有签到表",
        facts="11 月 23 日",
        owner_id=manager.pk,
        actor=cast.actor("韩静"),
        at=NOW,
    )
    case = case_filed(cast, by="韩静")
    complaint = complaint_received(cast, customer="东方纺织集团")
    return {
        "findings": finding.pk,
        "check-items": CheckItem.objects.get(code="notice").pk,
        "month": month.key,
        "item": "punctual",
        "cases": case.pk,
        "file": case.files.get().pk,
        "complaints": complaint.pk,
        "customers": customer.pk,
        "contacts": customer.contacts.get().pk,
        "customer_id": customer.pk,
        "notices": notice.pk,
        "jobs": Job.objects.filter(owner_id=manager.pk).latest("pk").pk,
        "files": file.pk,
        "imports": run.pk,
        "run_id": run.pk,
        "thread_id": log.thread_id,
        "week": WEEK.key,
        "manager_id": manager.pk,
        "branch_id": cast.east.pk,
        "branch": cast.east.pk,
        "manager": manager.pk,
        "comment": 1,
        "code": "2345-6789-ABCD-EFGH",
        "sha256": "0" * 64,
        "number": 1,
        "year": 2026,
        "key": "calls",
        "branches": cast.east.pk,
        "people": manager.pk,
        "person_id": manager.pk,
    }
