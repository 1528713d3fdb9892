"""Actions of minutes: to-dos of their owners, on every agenda until they are closed."""

from dataclasses import replace
from datetime import date

import pytest

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.evidence import Evidence
from core.models import AuditRow, StoredFile
from duties.models import Notice, ToDo
from duties.operations_to_dos import tick_to_do, untick_to_do
from meetings.choices import ActionState
from meetings.minutes_entries import MinutesEntry
from meetings.minutes_rules import ActionLine
from meetings.models import Action, Meeting, Minutes, Scan
from meetings.operations.actions import close_action, drop_action, reopen_action
from meetings.operations.minutes import correct_minutes
from meetings.operations.scans import attach_scan, remove_scan
from meetings.queries.actions import Asked, action_counts, find_actions
from meetings.queries.agendas import agenda_of
from meetings.queries.minutes_due import due_items
from meetings.queries.scans import scans_of
from tests.cast import NOON, Cast, at
from tests.domain.minuted import DUE, arranged, held
from tests.domain.test_minutes import approved, entry, submitted

PDF = b"%PDF-1.7 a signed paper"


@pytest.fixture
def minuted(cast: Cast) -> Meeting:
    """Monday's weekly meeting, its minutes approved: two actions."""
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    approved(cast, meeting)
    return meeting


def action(content: str = "A 类客户续签摸底表") -> Action:
    return Action.objects.get(content=content)


def closed(
    cast: Cast, who: str = "陈嘉怡", *, version: int = 1, result: str = "已摸底 12 户"
) -> Action:
    return close_action(
        action_id=action().pk,
        result=result,
        expected_version=version,
        actor=cast.actor(who, on=NOON),
        at=NOON,
    )


def open_to_dos(cast: Cast, who: str) -> list[str]:
    return [one.title for one in ToDo.objects.open().filter(owner=cast[who])]


def on_the_agenda(cast: Cast) -> list[str]:
    agenda = agenda_of(arranged(cast, "standup", "2026-12-01"), NOON)
    return [one.content for one in agenda.actions]


def test_an_action_comes_back_on_the_next_agenda_until_it_is_closed(
    cast: Cast, minuted: Meeting
) -> None:
    assert on_the_agenda(cast) == ["三户改期客户补访", "A 类客户续签摸底表"]
    assert open_to_dos(cast, "陈嘉怡") == ["A 类客户续签摸底表"]
    done = closed(cast)
    assert (done.state, done.result, done.closed_by, done.closed_at) == (
        ActionState.DONE,
        "已摸底 12 户",
        cast["陈嘉怡"],
        NOON,
    )
    assert on_the_agenda(cast) == ["三户改期客户补访"]
    assert open_to_dos(cast, "陈嘉怡") == []
    row = AuditRow.objects.get(what="meetings.close_action")
    assert (row.target_label, row.after["result"]) == ("A 类客户续签摸底表", "已摸底 12 户")


def test_a_file_that_proves_it_bears_the_level_of_the_minutes(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting, entry(cast, level=3))
    approved(cast, meeting)
    done = close_action(
        action_id=action().pk,
        result="见附件",
        evidence=Evidence("摸底表.pdf", PDF),
        expected_version=1,
        actor=cast.actor("陈嘉怡", on=NOON),
        at=NOON,
    )
    assert done.file is not None
    assert (done.file.name, done.file.level, done.file.branch_id) == (
        "摸底表.pdf",
        3,
        cast.east.pk,
    )


def test_owner_and_leaders_close_it_nobody_else(cast: Cast, minuted: Meeting) -> None:
    for who in ("林晓岚", "韩静"):
        with pytest.raises(NotAllowed, match="责任人"):
            closed(cast, who)
    with pytest.raises(NotFound):
        closed(cast, "吴志远")
    with pytest.raises(Refused, match="办成了什么"):
        closed(cast, result="  ")
    assert closed(cast, "周建平").closed_by == cast["周建平"]
    with pytest.raises(Refused, match="已经办结"):
        closed(cast, version=2)


def test_two_who_close_it_at_once(cast: Cast, minuted: Meeting) -> None:
    with pytest.raises(Stale) as stale:
        closed(cast, version=9)
    assert stale.value.current == {"version": 1, "state": "open"}


def test_only_a_leader_takes_it_back_and_says_why(cast: Cast, minuted: Meeting) -> None:
    def drop(who: str, why: str) -> Action:
        return drop_action(
            action_id=action().pk,
            why=why,
            expected_version=1,
            actor=cast.actor(who, on=NOON),
            at=NOON,
        )

    with pytest.raises(NotAllowed, match="主管或总经理"):
        drop("陈嘉怡", "不想做")
    with pytest.raises(Refused, match="原因"):
        drop("周建平", "")
    dropped = drop("周建平", "合同已续签")
    assert (dropped.state, dropped.result) == (ActionState.DROPPED, "合同已续签")
    assert ToDo.objects.get(source_id=dropped.pk).state == "dropped"
    assert on_the_agenda(cast) == ["三户改期客户补访"]


def test_it_can_be_opened_again(cast: Cast, minuted: Meeting) -> None:
    done = closed(cast)
    again = reopen_action(
        action_id=done.pk,
        why="漏了两户",
        expected_version=done.version,
        actor=cast.actor("周建平", on=NOON),
        at=NOON,
    )
    assert (again.state, again.closed_at, again.closed_by) == (ActionState.OPEN, None, None)
    assert open_to_dos(cast, "陈嘉怡") == ["A 类客户续签摸底表"]
    assert on_the_agenda(cast) == ["三户改期客户补访", "A 类客户续签摸底表"]
    assert AuditRow.objects.get(what="meetings.reopen_action").why == "漏了两户"


def test_an_owner_does_not_bring_back_what_a_leader_took_back(cast: Cast, minuted: Meeting) -> None:
    dropped = drop_action(
        action_id=action().pk,
        why="合同已续签",
        expected_version=1,
        actor=cast.actor("周建平", on=NOON),
        at=NOON,
    )
    with pytest.raises(NotAllowed, match="主管或总经理恢复"):
        reopen_action(
            action_id=dropped.pk,
            why="还想做",
            expected_version=2,
            actor=cast.actor("陈嘉怡", on=NOON),
            at=NOON,
        )


def test_the_tick_on_the_list_of_to_dos_closes_the_action(cast: Cast, minuted: Meeting) -> None:
    to_do = ToDo.objects.get(source_id=action().pk)
    owner = cast.actor("陈嘉怡", on=NOON)
    assert tick_to_do(to_do_id=to_do.pk, actor=owner, at=NOON).state == "done"
    assert action().state == ActionState.DONE
    assert untick_to_do(to_do_id=to_do.pk, actor=owner, at=NOON).state == "open"
    assert action().state == ActionState.OPEN


# A corrected version


def correct(cast: Cast, meeting: Meeting, what: MinutesEntry) -> None:
    correct_minutes(
        meeting_id=meeting.pk,
        entry=what,
        why="责任人记错",
        expected_version=0,
        actor=cast.actor("林晓岚", on=NOON),
        at=NOON,
    )
    approved(cast, meeting, "2026-11-27 13:00:00")


def test_a_correction_moves_an_action_to_another_owner(cast: Cast, minuted: Meeting) -> None:
    before = action()
    lines = entry(cast).actions
    other = replace(lines[0], owner=cast["何俊峰"].pk, due_on="2026-12-04")
    correct(cast, minuted, entry(cast, actions=(other, lines[1])))
    after = action()
    assert (after.pk, after.owner, after.due_on) == (
        before.pk,
        cast["何俊峰"],
        date(2026, 12, 4),
    )
    assert open_to_dos(cast, "陈嘉怡") == []
    assert open_to_dos(cast, "何俊峰") == ["A 类客户续签摸底表"]
    assert Notice.objects.filter(person=cast["林晓岚"], title__contains="由您办").count() == 1


def test_whoever_helps_has_a_to_do_that_ends_with_the_action(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    chen, ho, lin = cast["陈嘉怡"].pk, cast["何俊峰"].pk, cast["林晓岚"].pk
    both = (ActionLine("a1", "三户补访", chen, "2026-11-30", helpers=(ho, chen, lin)),)
    version = submitted(cast, meeting, entry(cast, actions=both))
    [row] = version.content["actions"]
    assert (row["helpers"], row["helper_names"]) == ([ho, lin], ["何俊峰", "林晓岚"])
    approved(cast, meeting)
    assert [one.name for one in action("三户补访").helpers.all()] == ["何俊峰", "林晓岚"]
    everybody = ("陈嘉怡", "何俊峰", "林晓岚")
    assert [open_to_dos(cast, who) for who in everybody] == [["三户补访"]] * 3
    told = Notice.objects.get(person=cast["何俊峰"], title__contains="协办").title
    assert told == "每周例会定了由陈嘉怡办、您协办：三户补访（11-30前）"
    helping = cast.actor("何俊峰", on=NOON)
    with pytest.raises(NotAllowed):
        close_action(
            action_id=action("三户补访").pk,
            result="已补访",
            expected_version=1,
            actor=helping,
            at=NOON,
        )
    one = (ActionLine("a1", "三户补访", chen, "2026-11-30", helpers=(lin,)),)
    correct_minutes(
        meeting_id=meeting.pk,
        entry=entry(cast, actions=one),
        why="何俊峰另有任务",
        expected_version=0,
        actor=cast.actor("林晓岚", on=NOON),
        at=NOON,
    )
    approved(cast, meeting, "2026-11-23 12:30:00")
    assert [open_to_dos(cast, who) for who in everybody] == [["三户补访"], [], ["三户补访"]]
    close_action(
        action_id=action("三户补访").pk,
        result="已补访",
        expected_version=2,
        actor=cast.actor("陈嘉怡", on=NOON),
        at=NOON,
    )
    assert [open_to_dos(cast, who) for who in everybody] == [[], [], []]


def test_helpers_are_people_of_the_branch(cast: Cast) -> None:
    wrong = (
        ActionLine("a1", "补访", cast["陈嘉怡"].pk, "2026-11-30", helpers=(cast["吴志远"].pk,)),
    )
    with pytest.raises(Refused) as refused:
        submitted(cast, held(cast, "weekly"), entry(cast, actions=wrong))
    [problem] = refused.value.problems
    assert (problem.field, str(problem.message)) == (
        "actions.a1.helpers",
        "行动项 1：协办人要是本分公司在岗的人",
    )


def test_a_correction_takes_back_and_adds_and_leaves_what_is_closed(
    cast: Cast, minuted: Meeting
) -> None:
    closed(cast)
    new = ActionLine("a3", "高教园应对建议一页", cast["何俊峰"].pk, "2026-12-04")
    correct(cast, minuted, entry(cast, actions=(new,)))
    assert {one.content: one.state for one in minuted.actions.all()} == {
        "A 类客户续签摸底表": ActionState.DONE,
        "三户改期客户补访": ActionState.DROPPED,
        "高教园应对建议一页": ActionState.OPEN,
    }
    assert open_to_dos(cast, "林晓岚") == []


# The list, what is due


def test_the_list_counts_what_is_overdue(cast: Cast, minuted: Meeting) -> None:
    saturday = at("2026-11-28 00:00:00")
    friday = at("2026-11-27 23:59:59")
    leader = cast.actor("周建平", on=NOON)
    assert action_counts(leader, friday) == {"overdue": 0, "open": 2, "done": 0, "dropped": 0}
    assert action_counts(leader, saturday)["overdue"] == 1
    found = find_actions(leader, Asked(state="overdue"), saturday)
    assert [one.content for one in found] == ["三户改期客户补访"]
    named = find_actions(leader, Asked(words="嘉怡"), saturday)
    assert [one.owner.name for one in named] == ["陈嘉怡"]
    assert not find_actions(cast.actor("吴志远", on=NOON), Asked(), saturday).exists()


def due(cast: Cast, who: str, first: str, last: str) -> list[tuple[str, str]]:
    items = due_items([cast[who].pk], at(first), at(last))
    return [(one.title, f"{one.due_at.astimezone(NOON.tzinfo):%m-%d %H:%M}") for one in items]


def test_writing_mending_and_approving_stand_among_what_is_due(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    held(cast, "standup", "2026-11-24")
    span = ("2026-11-23 09:00:00", "2026-11-25 23:59:59")
    assert due(cast, "林晓岚", *span) == [("写会议纪要：每周例会", "11-24 17:30")]
    assert due(cast, "周建平", *span) == []
    assert due_items([cast["林晓岚"].pk], at(span[0]), DUE)[0].due_at == DUE
    submitted(cast, meeting)
    assert due(cast, "林晓岚", *span) == []
    assert due(cast, "周建平", *span) == [("审批会议纪要：每周例会", "11-24 17:30")]
    approved(cast, meeting)
    assert due(cast, "周建平", *span) == []


# Scans


def scan(cast: Cast, meeting: Meeting, name: str = "签到.pdf", who: str = "林晓岚") -> Scan:
    return attach_scan(
        meeting_id=meeting.pk,
        part="sign_in",
        evidence=Evidence(name, PDF),
        actor=cast.actor(who, on=NOON),
        at=NOON,
    )


def test_the_signed_paper_is_filed_with_the_level_of_its_meeting(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    made = scan(cast, meeting)
    assert (made.part, made.file.level, made.file.kind, made.added_by) == (
        "sign_in",
        2,
        "scan",
        cast["林晓岚"],
    )
    with pytest.raises(NotAllowed, match="记录人、主持人"):
        scan(cast, meeting, who="陈嘉怡")
    with pytest.raises(NotFound):
        scan(cast, meeting, who="吴志远")
    with pytest.raises(Refused, match="图片或 PDF"):
        scan(cast, meeting, name="签到.xlsx")
    with pytest.raises(Refused, match="还没有结束"):
        scan(cast, arranged(cast, "weekly", "2026-W49"), who="周建平")


def test_a_scan_taken_out_stays_in_the_trail(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    made = scan(cast, meeting)
    leader = cast.actor("周建平", on=NOON)
    remove_scan(meeting_id=meeting.pk, scan_id=made.pk, actor=leader, at=NOON)
    remove_scan(meeting_id=meeting.pk, scan_id=made.pk, actor=leader, at=NOON)
    assert scans_of(meeting) == []
    assert StoredFile.objects.filter(pk=made.file_id).exists()
    assert AuditRow.objects.filter(what="meetings.remove_scan").count() == 1


def test_minutes_of_a_combined_sitting_are_one(cast: Cast) -> None:
    weekly = held(cast, "weekly", "2026-W49")
    Meeting.objects.filter(pk=arranged(cast, "analysis", "2026-12").pk).update(sitting=weekly)
    joined = arranged(cast, "analysis", "2026-12")
    submitted(cast, joined, moment="2026-11-30 10:00:00", what=replace(
        entry(cast), actions=()))  # fmt: skip
    assert Minutes.objects.get().meeting == weekly
