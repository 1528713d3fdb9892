"""Objections to a line of a score sheet (K4): raised in time, answered, decided."""

from typing import Any, Final

import pytest

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.evidence import Evidence
from core.models import AuditRow
from duties.models import Notice
from kpi.amending import what_if
from kpi.breakdown import plain
from kpi.models import Correction, Objection, ScoreSheet
from kpi.operations.corrections import decide_correction
from kpi.operations.objections import (
    decide_objection,
    object_to_line,
    review_objection,
    withdraw_objection,
)
from kpi.operations.sheets import confirm_sheet, supervise_sheet
from organization.models import RoleGrant
from tests.cast import BEGIN, Cast, at
from tests.domain.scores import lines_of, sheet_of, ticked, version_of

MORNING: Final = at("2026-12-04 09:00:00")
RIGHT: Final = {"met": "4", "total": "4"}


@pytest.fixture
def scored(scored_november: Cast) -> Cast:
    """林晓岚 has 91.88 points; week 46 counts as late (3.00 of 4.00 for P3c)."""
    return scored_november


def objected(
    cast: Cast, item: str = "P3c", *, who: str = "林晓岚", moment: str = "", **more: Any
) -> Objection:
    """Somebody objects to a line of the own sheet."""
    now = at(moment) if moment else MORNING
    sheet = sheet_of(cast, "林晓岚")
    return object_to_line(
        sheet_id=sheet.pk,
        item=item,
        text=more.pop("text", "第 46 周当天断网，17:29 就写好了。"),
        expected_version=more.pop("version", sheet.version),
        actor=cast.actor(who, on=now),
        at=now,
        **more,
    )


def reviewed(cast: Cast, objection: Objection, *, by: str = "周建平") -> Objection:
    """The supervisor's opinion."""
    return review_objection(
        objection_id=objection.pk,
        opinion="情况属实，机房有记录。",
        expected_version=version(objection),
        actor=cast.actor(by, on=MORNING),
        at=MORNING,
    )


def decided(
    cast: Cast,
    objection: Objection,
    *,
    by: str = "赵国梁",
    is_upheld: bool = True,
    moment: str = "",
    **more: Any,
) -> Objection:
    """The general manager's decision."""
    now = at(moment) if moment else MORNING
    return decide_objection(
        objection_id=objection.pk,
        is_upheld=is_upheld,
        answer=more.pop("answer", "机房记录为证，按时计。"),
        inputs=more.pop("inputs", RIGHT if is_upheld else None),
        expected_version=version(objection),
        actor=cast.actor(by, on=now),
        at=now,
    )


def version(objection: Objection) -> int:
    """The version of its sheet, as it stands."""
    return ScoreSheet.objects.get(pk=objection.sheet_id).version


def confirmed(cast: Cast) -> ScoreSheet:
    """林晓岚 confirms what she does not object to."""
    sheet = sheet_of(cast, "林晓岚")
    return confirm_sheet(
        sheet_id=sheet.pk,
        expected_version=sheet.version,
        actor=cast.actor("林晓岚", on=MORNING),
        at=MORNING,
    )


@pytest.mark.parametrize(
    ("moment", "is_in_time"),
    [
        ("2026-12-10 23:59:59", True),
        ("2026-12-11 00:00:00", False),
        ("2026-12-11 00:00:01", False),
    ],
)
def test_objections_are_taken_until_the_eighth_working_day_is_over(
    scored: Cast, moment: str, is_in_time: bool
) -> None:
    if is_in_time:
        assert objected(scored, moment=moment).state == "open"
        return
    with pytest.raises(Refused, match="12月11日（周五）00:00 截止"):
        objected(scored, moment=moment)


def test_a_line_is_objected_to_by_its_manager_with_a_file(scored: Cast) -> None:
    objection = objected(scored, file=Evidence("机房记录.txt", "17:20 断网".encode()))
    sheet = sheet_of(scored, "林晓岚")
    assert (sheet.state, sheet.version) == ("objected", 2)
    assert objection.file is not None
    assert (objection.file.name, objection.file.branch_id, objection.file.kind) == (
        "机房记录.txt",
        scored.east.pk,
        "objection",
    )
    notice = Notice.objects.get(key=f"objected:{objection.pk}:{sheet.pk}")
    assert (notice.person.name, notice.title, notice.body) == (
        "周建平",
        "林晓岚 对考核表 P3c 提出申诉",
        objection.text,
    )
    row = AuditRow.objects.get(what="kpi.object_to_line")
    assert (row.before, row.after["state"], row.why) == (
        {"state": "computed"},
        "objected",
        objection.text,
    )


@pytest.mark.parametrize(
    ("who", "error"),
    [("周建平", NotAllowed), ("韩静", NotAllowed), ("何俊峰", NotFound), ("吴志远", NotFound)],
)
def test_nobody_else_objects(scored: Cast, who: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        objected(scored, who=who)


def test_what_cannot_be_objected_to(scored: Cast) -> None:
    with pytest.raises(Refused, match="没有这一行"):
        objected(scored, "Z9")
    with pytest.raises(Refused, match="应该是多少"):
        objected(scored, text=" ")
    with pytest.raises(Stale):
        objected(scored, version=7)
    objected(scored)
    with pytest.raises(Refused, match="已有申诉"):
        objected(scored)
    assert objected(scored, "P4").item == "P4"


def test_the_rest_is_confirmed_while_a_line_is_objected_to(scored: Cast) -> None:
    objection = objected(scored)
    assert confirmed(scored).state == "objected"
    reviewed(scored, objection)
    decided(scored, objection, is_upheld=False, answer="系统收到时间为准。")
    assert sheet_of(scored, "林晓岚").state == "confirmed"


def test_upheld_the_sheet_shows_the_right_inputs_as_adjusted(scored: Cast) -> None:
    objection = reviewed(scored, objected(scored))
    assert (objection.state, objection.opinion, objection.reviewed_by_id) == (
        "reviewed",
        "情况属实，机房有记录。",
        scored["周建平"].pk,
    )
    before = version_of(scored, "林晓岚")
    objection = decided(scored, objection)
    sheet, after = sheet_of(scored, "林晓岚"), version_of(scored, "林晓岚")
    assert (objection.state, objection.inputs, objection.decided_by_id) == (
        "upheld",
        RIGHT,
        scored["赵国梁"].pk,
    )
    # P3c weighs 4 of the 40 that are left of the process: 4 of 4 weeks make 1 point more.
    assert (str(sheet.total), sheet.newest, sheet.state) == ("92.88", 2, "computed")
    assert (after.number, after.kind, after.why) == (2, "objection", "机房记录为证，按时计。")
    line = lines_of(after)["P3c"]
    assert (line["inputs"], line["score"], line["adjusted"]) == (
        RIGHT,
        "4.00",
        {"why": "机房记录为证，按时计。", "by": "赵国梁", "at": "2026-12-04T01:00:00+00:00"},
    )
    assert {code for code, one in lines_of(after).items() if one != lines_of(before)[code]} == {
        "P3c"
    }
    assert lines_of(before)["P3c"]["score"] == "3.00"
    notice = Notice.objects.get(key=f"objection-decided:{objection.pk}:{sheet.pk}")
    assert (notice.person.name, notice.title) == ("林晓岚", "您对 P3c 的申诉已采纳")


def test_what_if_equals_the_sheet_after_really_doing_it(scored: Cast) -> None:
    asked = plain(what_if(sheet_of(scored, "林晓岚"), {"P3c": RIGHT}))
    asked_both = plain(what_if(sheet_of(scored, "林晓岚"), {"P3c": RIGHT, "P4": {"mark": "98"}}))
    decided(scored, reviewed(scored, objected(scored)))

    def without_remark(content: dict[str, Any]) -> dict[str, Any]:
        groups = [
            {**group, "items": [{**item, "adjusted": None} for item in group["items"]]}
            for group in content["groups"]
        ]
        return {key: content[key] for key in asked if key != "groups"} | {"groups": groups}

    assert without_remark(version_of(scored, "林晓岚").content) == asked
    decided(scored, reviewed(scored, objected(scored, "P4")), inputs={"mark": "98"})
    assert without_remark(version_of(scored, "林晓岚").content) == asked_both


def test_what_if_refuses_what_no_formula_takes(scored: Cast) -> None:
    sheet = sheet_of(scored, "林晓岚")
    with pytest.raises(Refused, match="没有这一行"):
        what_if(sheet, {"Z9": RIGHT})
    with pytest.raises(Refused):
        what_if(sheet, {"P3c": {"met": "5", "total": "4"}})
    assert sheet_of(scored, "林晓岚").newest == 1


def test_rejected_the_points_stay_and_the_answer_says_why(scored: Cast) -> None:
    objection = decided(
        scored, reviewed(scored, objected(scored)), is_upheld=False, answer="系统收到时间为准。"
    )
    sheet = sheet_of(scored, "林晓岚")
    assert (objection.state, objection.answer, objection.inputs) == (
        "rejected",
        "系统收到时间为准。",
        {},
    )
    assert (str(sheet.total), sheet.newest, sheet.state) == ("91.88", 1, "computed")
    with pytest.raises(Refused, match="已有决定"):
        objected(scored)
    with pytest.raises(Refused, match="已结束"):
        decided(scored, objection)


def test_the_supervisor_comes_before_the_general_manager(scored: Cast) -> None:
    objection = objected(scored)
    with pytest.raises(Refused, match="等主管出了意见"):
        decided(scored, objection)
    for who in ("林晓岚", "赵国梁", "韩静"):
        with pytest.raises(NotAllowed):
            reviewed(scored, objection, by=who)
    reviewed(scored, objection)
    with pytest.raises(Refused, match="已写过"):
        reviewed(scored, objection)
    for who in ("林晓岚", "周建平", "韩静"):
        with pytest.raises(NotAllowed):
            decided(scored, objection, by=who)
    for inputs in (None, {}, {"met": "5", "total": "4"}, {"met": "3", "total": "4"}):
        with pytest.raises(Refused):
            decided(scored, objection, inputs=inputs)
    with pytest.raises(Refused, match="为什么采纳"):
        decided(scored, objection, answer="")


def test_whoever_gave_the_opinion_does_not_decide(scored: Cast) -> None:
    """周建平 is deputy too; where he is the only supervisor's stand-in, another head decides."""
    RoleGrant.objects.create(
        person=scored["周建平"], role="deputy", branch=scored.east, valid_from=BEGIN
    )
    objection = reviewed(scored, objected(scored))
    with pytest.raises(NotAllowed):
        decided(scored, objection, by="周建平")
    assert decided(scored, objection, by="钱慧敏").state == "upheld"


def test_a_branch_without_a_supervisor_waits_for_no_opinion(scored: Cast) -> None:
    RoleGrant.objects.filter(role="supervisor", branch=scored.east).delete()
    objection = objected(scored)
    assert {one.person.name for one in Notice.objects.filter(key__startswith="objected:")} == {
        "赵国梁",
        "钱慧敏",
    }
    assert decided(scored, objection).state == "upheld"


def test_an_objection_is_taken_back_and_may_be_raised_again(scored: Cast) -> None:
    objection = objected(scored)
    with pytest.raises(NotAllowed):
        withdraw_objection(
            objection_id=objection.pk,
            expected_version=version(objection),
            actor=scored.actor("周建平"),
            at=MORNING,
        )
    taken = withdraw_objection(
        objection_id=objection.pk,
        expected_version=version(objection),
        actor=scored.actor("林晓岚"),
        at=MORNING,
    )
    assert (taken.state, sheet_of(scored, "林晓岚").state) == ("withdrawn", "computed")
    assert objected(scored).state == "open"


def test_a_sheet_is_not_signed_while_an_objection_is_open(scored: Cast) -> None:
    objection = objected(scored)
    confirmed(scored)

    def signed() -> ScoreSheet:
        sheet = sheet_of(scored, "林晓岚")
        return supervise_sheet(
            sheet_id=sheet.pk,
            opinion="",
            expected_version=sheet.version,
            actor=scored.actor("周建平", on=MORNING),
            at=MORNING,
        )

    with pytest.raises(Refused, match="还有 1 条申诉"):
        signed()
    decided(scored, reviewed(scored, objection))
    assert signed().state == "supervised"
    with pytest.raises(Refused, match="主管已审过"):
        objected(scored, "P4")


def test_undecided_at_the_lock_its_decision_becomes_a_correction(scored: Cast) -> None:
    objection = reviewed(scored, objected(scored))
    ticked(at("2026-12-12 09:00:00"))
    sheet = sheet_of(scored, "林晓岚")
    objection.refresh_from_db()
    assert (sheet.state, str(sheet.total), objection.state) == ("locked", "91.88", "reviewed")
    objection = decided(scored, objection, moment="2026-12-14 09:00:00")
    sheet = sheet_of(scored, "林晓岚")
    assert (objection.state, sheet.state, sheet.newest) == ("upheld", "locked", 1)
    correction = Correction.objects.get()
    assert (correction.state, correction.inputs, correction.proposed_by_id) == (
        "proposed",
        RIGHT,
        scored["赵国梁"].pk,
    )
    now = at("2026-12-14 10:00:00")

    def decide(who: str) -> Correction:
        return decide_correction(
            correction_id=correction.pk,
            is_approved=True,
            decision="同意",
            expected_version=sheet_of(scored, "林晓岚").version,
            actor=scored.actor(who, on=now),
            at=now,
        )

    with pytest.raises(NotAllowed):
        decide("赵国梁")
    decide("钱慧敏")
    sheet = sheet_of(scored, "林晓岚")
    assert (str(sheet.total), sheet.newest, sheet.state) == ("92.88", 2, "locked")
    assert version_of(scored, "林晓岚").kind == "correction"


def test_foreign_objections_do_not_exist(scored: Cast) -> None:
    objection = objected(scored)
    for who in ("郑秋实", "吴志远", "何俊峰", "许衡"):
        with pytest.raises(NotFound):
            reviewed(scored, objection, by=who)
