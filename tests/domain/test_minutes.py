"""Minutes: typed, submitted by the recorder, returned or approved by the chair, corrected."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow, Draft
from core.periods import local
from core.queries import calendar
from duties.models import Notice, ToDo
from meetings.choices import MinutesState, TopicKind
from meetings.minutes_entries import MinutesEntry
from meetings.minutes_rules import ActionLine, Item, minutes_number
from meetings.models import Action, Contribution, Document, Meeting, Minutes, MinutesVersion
from meetings.operations.minutes import (
    approve_minutes,
    correct_minutes,
    name_recorder,
    return_minutes,
    save_minutes_draft,
    submit_minutes,
)
from meetings.queries.minutes import begun_of, due_at, entry_of, lacking_kinds, written_of
from meetings.queries.minutes_due import due_items
from meetings.rules import minutes_due_at
from organization.in_force import settings_of
from organization.models import Person
from organization.operations.settings import set_setting
from tests.cast import NOON, Cast, at
from tests.domain.minuted import held

MORNING = at("2026-11-23 10:00:00")
LATER = at("2026-11-23 11:00:00")


def entry(cast: Cast, **more: Any) -> MinutesEntry:
    values: dict[str, Any] = {
        "items": (
            Item(
                "i1",
                "document",
                "年末集团合同续签通知",
                "周建平",
                "逐条讲解",
                "12 月 10 日前完成摸底",
            ),
            Item("i2", "report", "第 47 周拜访计划", "各客户经理", "3 户改期", "本周内补访"),
        ),
        "actions": (
            ActionLine("a1", "A 类客户续签摸底表", cast["陈嘉怡"].pk, "2026-11-30", "系统附件"),
            ActionLine("a2", "三户改期客户补访", cast["林晓岚"].pk, "2026-11-27"),
        ),
        **more,
    }
    return MinutesEntry(**values)


def submitted(
    cast: Cast,
    meeting: Meeting,
    what: MinutesEntry | None = None,
    moment: str = "2026-11-23 10:00:00",
    *,
    who: str = "林晓岚",
    version: int = 0,
) -> MinutesVersion:
    return submit_minutes(
        meeting_id=meeting.pk,
        entry=what or entry(cast),
        expected_version=version,
        actor=cast.actor(who, on=at(moment)),
        at=at(moment),
    )


def approved(
    cast: Cast, meeting: Meeting, moment: str = "2026-11-23 11:00:00", *, who: str = "周建平"
) -> Minutes:
    return approve_minutes(
        meeting_id=meeting.pk,
        expected_version=Minutes.objects.get(meeting=meeting).version,
        actor=cast.actor(who, on=at(moment)),
        at=at(moment),
    )


def titles(person: str) -> list[str]:
    found = Notice.objects.filter(person__name=person, kind__in=("meeting", "returned", "confirm"))
    return sorted(found.values_list("title", flat=True))


# Due


def test_minutes_are_due_the_next_working_day_at_half_past_five(cast: Cast) -> None:
    assert due_at(held(cast, "weekly")) == at("2026-11-24 17:30:00")


def test_the_due_moment_follows_the_calendar_and_the_setting(cast: Cast) -> None:
    friday = held(cast, "standup", "2026-11-27")
    assert due_at(friday) == at("2026-11-30 17:30:00")
    set_setting(
        branch_id=cast.east.pk,
        key="minutes_due",
        value="12:00",
        valid_from=date(2026, 11, 28),
        actor=cast.actor("马骏"),
        at=NOON,
    )
    monday = held(cast, "weekly", "2026-W49")
    assert due_at(monday) == at("2026-12-01 12:00:00")
    assert due_at(friday) == at("2026-11-30 17:30:00")


@pytest.mark.parametrize(
    ("moment", "late"),
    [
        ("2026-11-24 17:29:59", 0),
        ("2026-11-24 17:30:00", 0),
        ("2026-11-24 17:30:01", 1),
        ("2026-11-24 17:31:01", 2),
    ],
)
def test_what_comes_at_17_30_00_is_in_time_a_second_later_it_is_late(
    cast: Cast, moment: str, late: int
) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting, moment=moment)
    found = written_of(cast.actor("周建平"), meeting.pk, at(moment))
    assert found.minutes is not None
    assert (found.minutes.received_at, found.minutes_late) == (at(moment), late)


def test_the_first_receipt_decides_whatever_is_returned_later(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    minutes = Minutes.objects.get()
    return_minutes(
        meeting_id=meeting.pk,
        opinion="补访写明是哪三户",
        expected_version=minutes.version,
        actor=cast.actor("周建平", on=LATER),
        at=LATER,
    )
    submitted(cast, meeting, moment="2026-11-25 09:00:00", version=1)
    again = Minutes.objects.get()
    assert (again.received_at, again.submitted_at) == (MORNING, at("2026-11-25 09:00:00"))
    assert written_of(cast.actor("周建平"), meeting.pk, NOON).minutes_late == 0


# Submitting


def test_the_recorder_submits_and_the_chair_is_told(cast: Cast) -> None:
    meeting = held(cast, "weekly", presence={"何俊峰": "excused"})
    version = submitted(cast, meeting)
    minutes = Minutes.objects.get()
    assert (minutes.number, minutes.state, minutes.latest) == (
        "HY-20261123-CD-W48",
        MinutesState.SUBMITTED,
        1,
    )
    assert [item["conclusion"] for item in version.content["items"]] == [
        "12 月 10 日前完成摸底",
        "本周内补访",
    ]
    assert [(row["content"], row["owner_name"]) for row in version.content["actions"]] == [
        ("A 类客户续签摸底表", "陈嘉怡"),
        ("三户改期客户补访", "林晓岚"),
    ]
    assert [(row["name"], row["state"]) for row in version.content["attendance"]] == [
        ("陈嘉怡", "present"),
        ("何俊峰", "excused"),
        ("林晓岚", "present"),
    ]
    assert titles("周建平") == ["每周例会的纪要待您审批"]
    assert AuditRow.objects.get(what="meetings.submit_minutes").target_label == (
        "城东分公司 每周例会 2026-W48"
    )


@pytest.mark.parametrize("who", ["周建平", "陈嘉怡", "赵国梁", "韩静"])
def test_nobody_but_the_recorder_writes_them_the_chair_neither(cast: Cast, who: str) -> None:
    meeting = held(cast, "weekly")
    with pytest.raises(NotAllowed, match="记录人林晓岚"):
        submitted(cast, meeting, who=who)


def test_for_another_branch_the_minutes_do_not_exist(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    with pytest.raises(NotFound):
        submitted(cast, meeting, who="吴志远")
    with pytest.raises(NotFound):
        written_of(cast.actor("郑秋实"), meeting.pk, NOON)
    with pytest.raises(NotFound):
        approved(cast, meeting, who="郑秋实")


def test_gaps_are_summed_up_and_nothing_is_written(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    lacking = entry(
        cast,
        items=(Item("i1", "report", "拜访计划"), Item("i2", "", "", "", "只有讨论")),
        actions=(
            ActionLine("a1", "没有责任人", None, "2026-11-30"),
            ActionLine("a2", "别的分公司的人", cast["吴志远"].pk, "2026-11-22"),
        ),
    )
    with pytest.raises(Refused) as refused:
        submitted(cast, meeting, lacking)
    assert [(one.field, str(one.message)) for one in refused.value.problems] == [
        ("items.i1.conclusion", "议题 1：写一句结论"),
        ("items.i2.kind", "议题 2：选一种类型"),
        ("items.i2.topic", "议题 2：写明议题"),
        ("items.i2.conclusion", "议题 2：写一句结论"),
        ("actions.a1.owner", "行动项 1：选责任人"),
        ("actions.a2.owner", "行动项 2：责任人要是本分公司在岗的人"),
        ("actions.a2.due_on", "行动项 2：期限要在会议当天以后、一年以内"),
    ]
    assert not Minutes.objects.exists()


def test_blank_rows_and_rows_taken_out_do_not_count(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    version = submitted(
        cast,
        meeting,
        entry(
            cast,
            items=(
                Item("i1", "report", "拜访计划", conclusion="补访"),
                Item("i2", "case"),
                Item("i3", "case", "拿掉的", is_kept=False),
            ),
            actions=(ActionLine("a1"),),
        ),
    )
    assert [item["key"] for item in version.content["items"]] == ["i1"]
    assert version.content["actions"] == []
    with pytest.raises(Refused, match="1 处要改"):
        submitted(cast, held(cast, "standup"), entry(cast, items=(), actions=()))


def test_a_meeting_that_has_not_ended_is_written_but_not_submitted(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    Meeting.objects.filter(pk=meeting.pk).update(state="running", closed_at=None)
    recorder = cast.actor("林晓岚", on=MORNING)
    draft = save_minutes_draft(
        meeting_id=meeting.pk, entry=entry(cast), expected_version=0, actor=recorder, at=MORNING
    )
    with pytest.raises(Refused, match="会议结束后"):
        submitted(cast, meeting, version=draft.version)
    Meeting.objects.filter(pk=meeting.pk).update(state="planned")
    with pytest.raises(Refused, match="还没有召开"):
        submitted(cast, meeting, version=draft.version)


def test_a_second_window_that_typed_on_stops_the_first(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    recorder = cast.actor("林晓岚", on=MORNING)
    for number, topic in enumerate(("第一窗", "第二窗")):
        save_minutes_draft(
            meeting_id=meeting.pk,
            entry=entry(cast, items=(Item("i1", "case", topic),)),
            expected_version=number,
            actor=recorder,
            at=MORNING,
        )
    with pytest.raises(Stale) as stale:
        submitted(cast, meeting, version=1)
    assert stale.value.current["version"] == 2
    assert stale.value.current["body"]["items"][0]["topic"] == "第二窗"
    submitted(cast, meeting, version=2)
    assert not Draft.objects.exists()


def test_the_same_content_twice_is_one_version_another_one_more(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    first = submitted(cast, meeting)
    assert submitted(cast, meeting, moment="2026-11-23 10:05:00") == first
    other = entry(cast, actions=())
    assert submitted(cast, meeting, other, "2026-11-23 10:10:00").number == 2
    assert Minutes.objects.get().latest == 2


def test_the_level_that_the_recorder_gives_stands_on_the_meeting(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    version = submitted(cast, meeting, entry(cast, level=3))
    meeting.refresh_from_db()
    assert (meeting.level, version.content["level"]) == (3, 3)


# The chair


def test_the_chair_returns_with_what_is_to_be_mended(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    chair = cast.actor("周建平", on=LATER)
    with pytest.raises(Refused, match="写明要改什么"):
        return_minutes(
            meeting_id=meeting.pk, opinion=" ", expected_version=1, actor=chair, at=LATER
        )
    return_minutes(
        meeting_id=meeting.pk, opinion="写明哪三户", expected_version=1, actor=chair, at=LATER
    )
    found = written_of(cast.actor("林晓岚", on=LATER), meeting.pk, LATER)
    assert found.is_open
    assert entry_of(found) == entry(cast)
    assert [(one.opinion, one.returned_at) for one in found.versions] == [("写明哪三户", LATER)]
    assert titles("林晓岚") == ["每周例会的纪要被退回"]
    with pytest.raises(Refused, match="不在待审批"):
        approved(cast, meeting)


@pytest.mark.parametrize("who", ["林晓岚", "陈嘉怡", "赵国梁", "韩静"])
def test_only_the_chair_approves(cast: Cast, who: str) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    with pytest.raises(NotAllowed, match="主持人审批"):
        approved(cast, meeting, who=who)


def test_a_supervisor_who_recorded_the_gm_session_does_not_approve_it(cast: Cast) -> None:
    meeting = held(cast, "gm", chair="赵国梁", recorder="周建平")
    what = entry(cast, items=(Item("i1", "strategy", "战略", conclusion="照办"),), actions=())
    moment = "2026-11-17 17:00:00"
    submitted(cast, meeting, what, moment, who="周建平")
    with pytest.raises(NotAllowed):
        approved(cast, meeting, moment)
    assert approved(cast, meeting, moment, who="赵国梁").state == MinutesState.APPROVED


def test_where_the_chair_has_left_the_branch_a_head_approves(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    cast["周建平"].grants.update(valid_to=date(2026, 11, 23))
    assert approved(cast, meeting, who="钱慧敏").decided_by == cast["钱慧敏"]


def leaves(cast: Cast, who: str, on: date) -> None:
    Person.objects.filter(pk=cast[who].pk).update(left_on=on)


def test_where_the_chair_has_gone_the_heads_have_it_to_approve(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    ids = [person.pk for person in cast.people.values()]
    span = (at("2026-11-20 00:00:00"), at("2026-12-10 00:00:00"))

    def asked(moment: str) -> list[int]:
        return [one.person_id for one in due_items(ids, *span, at(moment))]

    assert asked("2026-11-23 12:00:00") == [cast["周建平"].pk]
    leaves(cast, "周建平", date(2026, 11, 24))
    assert asked("2026-11-24 12:00:00") == sorted([cast["赵国梁"].pk, cast["钱慧敏"].pk])
    submitted(cast, meeting, entry(cast, level=3), "2026-11-24 13:00:00")
    for name in ("赵国梁", "钱慧敏"):
        assert Notice.objects.filter(person=cast[name], title__contains="待您审批").count() == 1


def test_an_owner_who_has_gone_meanwhile_is_another_ones_to_be(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    leaves(cast, "陈嘉怡", date(2026, 11, 23))
    with pytest.raises(Refused, match="陈嘉怡已不在本分公司"):
        approved(cast, meeting)
    assert not Action.objects.exists()
    leaves(cast, "陈嘉怡", date(2026, 12, 1))
    assert approved(cast, meeting).state == MinutesState.APPROVED


def test_where_the_recorder_has_gone_another_one_is_named_to_correct(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    approved(cast, meeting)

    def named(who: str) -> Meeting:
        meeting.refresh_from_db()
        return name_recorder(
            meeting_id=meeting.pk, recorder_id=cast[who].pk, expected_version=meeting.version,
            actor=cast.actor("周建平", on=LATER), at=LATER,
        )  # fmt: skip

    with pytest.raises(Refused, match="不能再换记录人"):
        named("何俊峰")
    leaves(cast, "林晓岚", date(2026, 11, 23))
    with pytest.raises(Refused, match="请选到会的人"):
        named("林晓岚")
    assert named("何俊峰").recorder == cast["何俊峰"]


def test_approved_minutes_are_locked(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    minutes = approved(cast, meeting)
    assert (minutes.state, minutes.decided_by, minutes.decided_at) == (
        MinutesState.APPROVED,
        cast["周建平"],
        LATER,
    )
    with pytest.raises(Refused, match="锁定"):
        submitted(cast, meeting, entry(cast, actions=()), "2026-11-23 12:00:00")
    assert MinutesVersion.objects.count() == 1


def test_two_decisions_at_once_are_one(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    approved(cast, meeting)
    with pytest.raises(Stale):
        approve_minutes(
            meeting_id=meeting.pk,
            expected_version=1,
            actor=cast.actor("周建平", on=LATER),
            at=LATER,
        )


# Correcting


def corrected(
    cast: Cast, meeting: Meeting, what: MinutesEntry, *, why: str = "责任人记错"
) -> MinutesVersion:
    return correct_minutes(
        meeting_id=meeting.pk,
        entry=what,
        why=why,
        expected_version=0,
        actor=cast.actor("林晓岚", on=NOON),
        at=NOON,
    )


def test_a_correction_is_a_new_version_and_the_approved_one_stands_until_it_is_approved(
    cast: Cast,
) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    with pytest.raises(Refused, match="只有归档"):
        corrected(cast, meeting, entry(cast, actions=()))
    approved(cast, meeting)
    with pytest.raises(Refused, match="原因"):
        corrected(cast, meeting, entry(cast, actions=()), why=" ")
    corrected(cast, meeting, entry(cast, actions=()))
    chair = cast.actor("周建平", on=NOON)
    found = written_of(chair, meeting.pk, NOON)
    assert found.approved is not None
    assert found.latest is not None
    assert (found.approved.number, found.latest.number, found.latest.why) == (1, 2, "责任人记错")
    approved(cast, meeting, "2026-11-27 13:00:00")
    standing = written_of(chair, meeting.pk, NOON).approved
    assert standing is not None
    assert standing.number == 2
    assert AuditRow.objects.get(what="meetings.correct_minutes").why == "责任人记错"


def test_a_returned_correction_keeps_its_reason(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    approved(cast, meeting)
    corrected(cast, meeting, entry(cast, actions=()))
    return_minutes(
        meeting_id=meeting.pk,
        opinion="行动项不能全去掉",
        expected_version=Minutes.objects.get().version,
        actor=cast.actor("周建平", on=NOON),
        at=NOON,
    )
    again = submitted(cast, meeting, moment="2026-11-27 14:00:00", version=1)
    assert (again.number, again.why) == (3, "责任人记错")


# Who records


def test_the_recorder_can_be_named_anew_and_takes_the_draft_along(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    save_minutes_draft(
        meeting_id=meeting.pk,
        entry=entry(cast),
        expected_version=0,
        actor=cast.actor("林晓岚", on=MORNING),
        at=MORNING,
    )

    def name(recorder: str, by: str = "周建平") -> Meeting:
        return name_recorder(
            meeting_id=meeting.pk,
            recorder_id=cast[recorder].pk,
            expected_version=Meeting.objects.get(pk=meeting.pk).version,
            actor=cast.actor(by, on=LATER),
            at=LATER,
        )

    with pytest.raises(Refused, match="不能是主持人"):
        name("周建平")
    with pytest.raises(NotAllowed):
        name("陈嘉怡", by="陈嘉怡")
    assert name("陈嘉怡").recorder == cast["陈嘉怡"]
    assert titles("陈嘉怡") == ["请您写每周例会的纪要"]
    found = written_of(cast.actor("陈嘉怡", on=LATER), meeting.pk, LATER)
    assert entry_of(found) == entry(cast)
    submitted(cast, meeting, moment="2026-11-23 12:00:00", who="陈嘉怡", version=1)
    with pytest.raises(Refused, match="已经提交"):
        name("何俊峰")


# What the form begins with


def test_the_gm_session_begins_with_a_row_for_all_that_must_be_talked_about(cast: Cast) -> None:
    meeting = held(cast, "gm", chair="赵国梁")
    begun = begun_of(meeting, MORNING)
    assert [item.kind for item in begun.items] == [
        TopicKind.STRATEGY,
        TopicKind.DEVELOPMENT,
        TopicKind.EXPERIENCE,
        TopicKind.ANSWER,
    ]
    some = entry(cast, items=(Item("i1", "strategy", "战略", conclusion="照办"),))
    assert lacking_kinds(meeting, some) == ["development", "experience", "answer"]
    assert lacking_kinds(held(cast, "weekly"), some) == []


def question(cast: Cast, meeting: Meeting) -> Contribution:
    return Contribution.objects.create(
        kind="question",
        branch=cast.east,
        author=cast["陈嘉怡"],
        title="专线报价口径",
        text="两个版本哪个算数",
        meeting=meeting,
        handed_in_at=NOON,
        updated_at=NOON,
    )


def test_the_analysis_meeting_answers_what_was_handed_in(cast: Cast) -> None:
    meeting = held(cast, "analysis", chair="赵国梁", recorder="周建平")
    asked = question(cast, meeting)
    begun = begun_of(meeting, NOON)
    assert next((item.kind, item.topic, item.speaker) for item in begun.items) == (
        TopicKind.ANSWER,
        "专线报价口径",
        "陈嘉怡",
    )
    item = begun.items[0]
    answered = entry(
        cast,
        items=(Item(item.key, item.kind, item.topic, conclusion="用 11 月版",
                    contribution=item.contribution),),
        actions=(),
    )  # fmt: skip
    moment = f"{local(meeting.ends_at) + timedelta(hours=1):%Y-%m-%d %H:%M:%S}"
    submitted(cast, meeting, answered, moment, who="周建平")
    asked.refresh_from_db()
    assert asked.state == "open"
    approved(cast, meeting, moment, who="赵国梁")
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("answered", "用 11 月版")


# The number, the due rule


@pytest.mark.parametrize(
    ("kind", "key", "number"),
    [
        ("weekly", "2026-W46", "HY-20261109-JN-W46"),
        ("standup", "2026-11-09", "HY-20261109-JN-D"),
        ("gm", "2026-11", "HY-20261109-JN-G"),
        ("analysis", "2026-11", "HY-20261109-JN-A"),
    ],
)
def test_every_meeting_of_a_day_has_its_own_number(kind: str, key: str, number: str) -> None:
    assert minutes_number(kind, key, "JN", date(2026, 11, 9)) == number


def test_minutes_begin_with_a_secret_document_by_its_level_alone(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    for title, level in (("续签底价", 4), ("年末通知", 2)):
        document = Document.objects.create(
            title=title, level=level, tell_by=meeting.on, branch=cast.east,
            added_at=NOON, added_by=cast["赵国梁"], updated_at=NOON,
        )  # fmt: skip
        document.readers.create(person=cast["陈嘉怡"], branch=cast.east, meeting=meeting)
    begun = begun_of(meeting, LATER)
    assert [item.topic for item in begun.items if item.kind == "document"] == [
        "核心商密文件",
        "年末通知",
    ]


def test_approving_makes_to_dos_that_lead_to_their_actions(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    assert not ToDo.objects.exists()
    approved(cast, meeting)
    actions = {action.key: action for action in meeting.actions.all()}
    assert [
        (one.owner.name, one.title, one.about, one.url, one.due_at)
        for one in ToDo.objects.order_by("due_at").select_related("owner")
    ] == [
        (
            "林晓岚",
            "三户改期客户补访",
            "每周例会",
            reverse("meeting-action", args=[actions["a2"].pk]),
            at("2026-11-27 18:00:00"),
        ),
        (
            "陈嘉怡",
            "A 类客户续签摸底表",
            "每周例会",
            reverse("meeting-action", args=[actions["a1"].pk]),
            at("2026-11-30 18:00:00"),
        ),
    ]
    assert titles("陈嘉怡") == ["每周例会定了由您办：A 类客户续签摸底表（11-30前）"]


def test_approving_takes_a_fixed_number_of_statements(cast: Cast) -> None:
    def statements(key: str, count: int) -> int:
        meeting = held(cast, "weekly", key)
        day = meeting.on.isoformat()
        lines = [
            ActionLine(f"a{n}", f"第 {n} 件", cast["陈嘉怡"].pk, day, helpers=(cast["何俊峰"].pk,))
            for n in range(count)
        ]
        submitted(cast, meeting, entry(cast, actions=tuple(lines)), f"{day} 10:00:00")
        with CaptureQueriesContext(connection) as taken:
            approved(cast, meeting, f"{day} 11:00:00")
        assert ToDo.objects.filter(source_type="meetings.action").count() >= 2 * count
        return len(taken)

    assert statements("2026-W47", 1) == statements("2026-W48", 30)


def test_the_due_rule_skips_days_off(cast: Cast) -> None:
    due = minutes_due_at(
        date(2026, 9, 30), calendar(2026, 2026), settings_of(cast.east.pk, date(2026, 9, 30))
    )
    assert due == at("2026-10-08 17:30:00")
