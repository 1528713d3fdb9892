"""The roll-up (W6): opened by the deadline, sent once, archived unchanged, received."""

from datetime import datetime

import pytest

from core import canonical, files, jobs
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow, Job, OutboxMessage, OutboxRecipient
from core.periods import Week
from core.workbooks import open_table
from duties.models import Notice
from organization.models import BranchSetting, Person, RoleGrant
from tests.cast import BEGIN, Cast, at
from tests.domain.week import TEXTS, WEEK, acting, filed, logged, sent
from worklogs.contents import rollup_content
from worklogs.models import RollUp, RollUpVersion
from worklogs.operations.rollups import receive_rollup, rollup_of, send_rollup, write_rollup
from worklogs.operations.summaries import return_summary

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(cast: Cast) -> Cast:
    """林晓岚 filed in time, 陈嘉怡 eight minutes late, 何俊峰 not at all; one call on Saturday."""
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-23 10:00:00", channel="on_site")
    logged(cast, "陈嘉怡", "明珠酒店", "2026-11-24 10:00:00")
    filed(cast, "林晓岚", "2026-11-27 17:14:26")
    filed(cast, "陈嘉怡", "2026-11-27 17:38:00", declared={"calls": ("2", "一次只记在纸上")})
    logged(cast, "林晓岚", "城东人民医院", "2026-11-28 09:00:00")
    return cast


def test_it_opens_at_the_deadline_to_the_second(cast: Cast) -> None:
    filed(cast, "林晓岚", "2026-11-27 17:00:00")
    with pytest.raises(Refused):
        sent(cast, "2026-11-27 17:29:59")
    assert sent(cast, "2026-11-27 17:30:00").archive_number == "HZ-CD-2026-W48-1"


@pytest.mark.parametrize(
    ("moment", "late"),
    [("17:59:59", 0), ("18:00:00", 0), ("18:00:01", 1), ("18:10:00", 10)],
)
def test_it_is_due_at_close_of_business_a_week_later(week: Cast, moment: str, late: int) -> None:
    version = sent(week, f"2026-12-04 {moment}")
    assert (version.deadline_at, version.minutes_late) == (at("2026-12-04 18:00:00"), late)


def test_what_is_sent(week: Cast) -> None:
    content = sent(week, "2026-11-30 09:00:00").content
    assert [
        (one["name"], one["standing"], one["minutes_late"], one["services"])
        for one in content["people"]
    ] == [("陈嘉怡", "late", 8, 1), ("何俊峰", "missing", 0, 0), ("林晓岚", "on_time", 0, 2)]
    totals = {one["key"]: (one["system"], one["declared"]) for one in content["totals"]}
    assert (totals["on_site_a"], totals["calls"], totals["active"]) == ((1, 1), (1, 2), (2, 2))
    assert content["supplement"] == {
        "services": 1,
        "active": 1,
        "passive": 0,
        "people": [{"name": "林晓岚", "services": 1}],
    }
    needs = next(group for group in content["texts"] if group["part"] == "needs")
    assert [(item["author"], item["text"]) for item in needs["items"]] == [
        ("陈嘉怡", TEXTS["needs"]),
        ("林晓岚", TEXTS["needs"]),
    ]


def test_what_was_sent_stays_as_it_was(week: Cast) -> None:
    version = sent(week, "2026-11-30 09:00:00")
    frozen = canonical.canonical_json(version.content)
    moment = at("2026-11-30 10:00:00")
    return_summary(
        summary_id=week["陈嘉怡"].summaries.get().pk,
        remarks={"text:help": "找谁"},
        expected_version=1,
        actor=acting(week, "周建平", moment),
        at=moment,
    )
    version.refresh_from_db()
    assert canonical.canonical_json(version.content) == frozen
    assert version.digest == canonical.digest({**version.content, "cut_at": None})
    now = rollup_content(week.east, WEEK, comment="", left_out=[], cut=moment)
    assert now["counts"]["returned"] == 1


def test_the_mail_goes_to_the_persons_in_charge_with_the_workbook(week: Cast) -> None:
    version = sent(week, "2026-11-30 09:00:00")
    job = Job.objects.get(kind="worklogs.post_rollup")
    assert jobs.run(job.pk, at=at("2026-11-30 09:00:01")) == "done"
    version.refresh_from_db()
    message = OutboxMessage.objects.get()
    assert message.subject == "城东分公司 2026 年第 48 周汇总"
    assert [(one.address, one.name) for one in message.recipients.all()] == [
        ("100002@example.com", "孙岚")
    ]
    assert (message.message_id, message.file_ids) == (version.message_id, [version.file_id])
    assert "何俊峰（200006）" in message.body
    assert version.file is not None
    book = open_table(files.content_of(version.file), version.file.name)
    assert "何俊峰" in {cell for sheet in book.sheets for row in sheet.rows for cell in row}
    again = Job.objects.filter(pk=job.pk).update(state="waiting")
    assert again == 1
    jobs.run(job.pk, at=at("2026-11-30 09:05:00"))
    assert OutboxRecipient.objects.count() == 1


def test_named_persons_come_before_the_whole_office(week: Cast) -> None:
    other = Person.objects.create(
        job_number="100007", name="罗敏", branch=week.head, email="100007@example.com"
    )
    RoleGrant.objects.create(person=other, role="group_office", branch=week.head, valid_from=BEGIN)
    BranchSetting.objects.create(
        branch=week.east,
        key="rollup_recipients",
        value=["100007"],
        valid_from=BEGIN,
        set_at=at("2026-01-01 09:00:00"),
    )
    sent(week, "2026-11-30 09:00:00")
    assert set(
        Notice.objects.filter(key__startswith="rollup:").values_list("person__name", flat=True)
    ) == {"罗敏"}


def test_again_only_as_a_numbered_correction(week: Cast) -> None:
    sent(week, "2026-11-30 09:00:00")
    with pytest.raises(Refused):
        sent(week, "2026-11-30 09:10:00")
    with pytest.raises(Refused):  # nothing to correct
        sent(week, "2026-11-30 09:10:00", why="再看一遍")
    filed(week, "何俊峰", "2026-11-30 09:20:00")
    second = sent(week, "2026-12-07 09:30:00", why="何俊峰补交")
    assert (second.number, second.archive_number, second.why_corrected) == (
        2,
        "HZ-CD-2026-W48-2",
        "何俊峰补交",
    )
    assert RollUpVersion.objects.get(number=1).content["counts"]["missing"] == 1


def _write(cast: Cast, moment: datetime, version: int, comment: str = "再抓一抓") -> RollUp:
    return write_rollup(
        branch_id=cast.east.pk,
        week=WEEK,
        comment=comment,
        left_out=[f"{cast['林晓岚'].pk}:needs"],
        expected_version=version,
        actor=acting(cast, "周建平", moment),
        at=moment,
    )


def test_the_supervisor_comments_and_leaves_out(week: Cast) -> None:
    moment = at("2026-11-30 08:50:00")
    rollup = _write(week, moment, 1)
    with pytest.raises(Stale) as stale:
        _write(week, moment, 1, "另一个窗口")
    assert stale.value.current["comment"] == "再抓一抓"
    content = sent(week, "2026-11-30 09:00:00").content
    needs = next(group for group in content["texts"] if group["part"] == "needs")
    assert [(item["author"], item["is_in"]) for item in needs["items"]] == [
        ("陈嘉怡", True),
        ("林晓岚", False),
    ]
    assert content["comment"] == "再抓一抓"
    assert rollup.version == 2


def test_the_office_signs_for_it_once(week: Cast) -> None:
    version = sent(week, "2026-11-30 09:00:00")
    moment = at("2026-11-30 09:31:00")
    for who, answer in (("周建平", NotAllowed), ("韩静", NotAllowed), ("郑秋实", NotFound)):
        with pytest.raises(answer):
            receive_rollup(version_id=version.pk, actor=acting(week, who, moment), at=moment)
    sun = acting(week, "孙岚", moment)
    first = receive_rollup(version_id=version.pk, actor=sun, at=moment)
    second = receive_rollup(version_id=version.pk, actor=sun, at=at("2026-11-30 10:00:00"))
    assert first.received_at == second.received_at == moment
    assert AuditRow.objects.filter(what="worklogs.receive_rollup").count() == 1
    assert RollUp.objects.get().state == "received"
    assert Notice.objects.get(key=f"received:{version.pk}").title == "集团客户室已签收第 48 周汇总"


def test_a_correction_sent_while_the_office_signs_is_not_signed_for(
    week: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = sent(week, "2026-11-30 09:00:00")
    moment = at("2026-11-30 09:30:00")

    def overtaken(*_given: object) -> bool:
        RollUp.objects.filter(pk=version.rollup_id).update(newest=2)
        return True

    monkeypatch.setattr("worklogs.permissions.can_receive", overtaken)
    with pytest.raises(Refused):
        receive_rollup(version_id=version.pk, actor=acting(week, "孙岚", moment), at=moment)
    assert RollUp.objects.get().state == "sent"
    assert RollUpVersion.objects.get().received_at is None


def test_only_the_branchs_supervisor_sends(week: Cast) -> None:
    moment = at("2026-11-30 09:00:00")
    calls: dict[str, type[Exception]] = {
        "赵国梁": NotAllowed,
        "林晓岚": NotFound,
        "郑秋实": NotFound,
        "孙岚": NotAllowed,
        "马骏": NotFound,
    }
    for who, answer in calls.items():
        with pytest.raises(answer):
            send_rollup(
                branch_id=week.east.pk,
                week=WEEK,
                expected_version=1,
                actor=acting(week, who, moment),
                at=moment,
            )
    assert not RollUpVersion.objects.exists()


def test_two_who_press_at_once_send_once(week: Cast) -> None:
    version = rollup_of(week.east, WEEK, at("2026-11-27 17:40:00")).version
    moment = at("2026-11-30 09:00:00")

    def press() -> RollUpVersion:
        return send_rollup(
            branch_id=week.east.pk,
            week=WEEK,
            expected_version=version,
            actor=acting(week, "周建平", moment),
            at=moment,
            why_corrected="",
        )

    press()
    with pytest.raises((Stale, Refused)):
        press()
    assert RollUpVersion.objects.count() == 1


def test_no_roll_up_for_a_week_without_a_working_day(cast: Cast) -> None:
    with pytest.raises(Refused):
        sent(cast, "2026-02-27 18:00:00", week=Week(2026, 8))
