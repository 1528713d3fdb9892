"""Branches, people, roles and settings: who may, what is refused, what the trail says (annex 1)."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow
from organization.in_force import settings_of
from organization.models import Branch, BranchSetting, Person, RoleGrant
from organization.operations import branches, people, roles, settings
from organization.queries import actor_of
from tests.cast import FRIDAY, NOON, Cast, at

SATURDAY = FRIDAY + timedelta(days=1)


def refusals(raised: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(one.field, str(one.message)) for one in raised.value.problems]


def trail() -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    rows = AuditRow.objects.order_by("pk")
    return [(row.what, row.actor_name, row.before, row.after) for row in rows]


# Branches


def test_a_branch_is_added_changed_and_closed_each_with_one_row_in_the_trail(cast: Cast) -> None:
    ma = cast.actor("马骏")
    north = branches.add_branch(code="CB", name="城北分公司", actor=ma, at=NOON)
    branches.change_branch(
        branch_id=north.pk, changes={"phone": "0571-1"}, expected_version=1, actor=ma, at=NOON
    )
    branches.close_branch(
        branch_id=north.pk, on=SATURDAY, why="并入城东", expected_version=2, actor=ma, at=NOON
    )
    assert [row[:2] for row in trail()] == [
        ("organization.add_branch", "马骏"),
        ("organization.change_branch", "马骏"),
        ("organization.close_branch", "马骏"),
    ]
    assert trail()[1][2:] == ({"phone": "", "version": 1}, {"phone": "0571-1", "version": 2})


def test_a_branch_needs_a_code_and_a_name_of_its_own(cast: Cast) -> None:
    with pytest.raises(Refused) as raised:
        branches.add_branch(code="CD", name="城西分公司", actor=cast.actor("马骏"), at=NOON)
    assert refusals(raised) == [
        ("code", "这个编码已有机构在用。"),
        ("name", "这个名称已有机构在用。"),
    ]


@pytest.mark.parametrize("name", ["林\r\nX:1", "林\rX", "林\x85X"])
def test_a_name_is_one_line(cast: Cast, name: str) -> None:
    clerk: dict[str, Any] = {"actor": cast.actor("马骏"), "at": NOON}
    with pytest.raises(Refused, match="不要换行"):
        branches.add_branch(code="CN", name=name, **clerk)
    with pytest.raises(Refused, match="不要换行"):
        people.add_person(job_number="200099", name=name, branch_id=cast.east.pk, **clerk)


def test_a_branch_where_people_work_is_not_closed(cast: Cast) -> None:
    with pytest.raises(Refused) as raised:
        branches.close_branch(
            branch_id=cast.west.pk,
            on=SATURDAY,
            why="",
            expected_version=1,
            actor=cast.actor("马骏"),
            at=NOON,
        )
    assert refusals(raised) == [
        ("", "还有 2 名员工：吴志远、郑秋实。请先办理离岗，或调到别的分公司。"),
        ("", "还有 2 户客户归这里。请先导入客户表，改由别的分公司的客户经理看管。"),
    ]


def test_a_branch_is_not_closed_over_who_comes_later_or_acts_there_from_elsewhere(
    cast: Cast,
) -> None:
    north = Branch.objects.create(code="CB", name="城北分公司")
    Person.objects.create(
        job_number="400001", name="新来的", branch=north, joined_on=SATURDAY + timedelta(days=9)
    )
    RoleGrant.objects.create(
        person=cast["周建平"], role="supervisor", branch=north, valid_from=FRIDAY, is_acting=True
    )
    lost = cast.customer("西岭水泥")
    lost.branch, lost.state = north, "lost"
    lost.save()
    assert branches.still_kept(north, SATURDAY) == [
        "还有 1 名员工：新来的。请先办理离岗，或调到别的分公司。",
        "别处的 1 人在这里有角色：周建平。请安全管理员先结束。",
    ]
    Person.objects.filter(branch=north).update(left_on=SATURDAY)
    RoleGrant.objects.filter(branch=north).update(valid_to=SATURDAY)
    assert branches.still_kept(north, SATURDAY) == []


def test_head_office_and_a_branch_that_has_an_end_have_one_reason_each(cast: Cast) -> None:
    assert branches.still_kept(cast.head, SATURDAY) == ["公司本部不能停用。"]
    cast.west.closed_on = SATURDAY
    assert branches.still_kept(cast.west, SATURDAY) == ["已定于 2026-11-28 停用，不必再停一次。"]


def test_of_many_who_stay_five_are_named(cast: Cast) -> None:
    assert branches.still_kept(cast.east, SATURDAY)[0] == (
        "还有 6 名员工：陈嘉怡、何俊峰、林晓岚、钱慧敏、赵国梁等。请先办理离岗，或调到别的分公司。"
    )


def test_a_second_writer_of_a_branch_is_told_what_it_is_now(cast: Cast) -> None:
    ma = cast.actor("马骏")
    change: dict[str, Any] = {"branch_id": cast.west.pk, "expected_version": 1, "actor": ma}
    branches.change_branch(changes={"phone": "1"}, at=NOON, **change)
    with pytest.raises(Stale) as raised:
        branches.change_branch(changes={"phone": "2"}, at=NOON, **change)
    assert (raised.value.current["phone"], raised.value.current["version"]) == ("1", 2)


@pytest.mark.parametrize("name", ["宋琪", "韩静", "许衡", "周建平", "林晓岚"])
def test_only_the_system_administrator_keeps_branches_people_and_settings(
    cast: Cast, name: str
) -> None:
    actor = cast.actor(name)
    with pytest.raises(NotAllowed):
        branches.add_branch(code="X", name="新", actor=actor, at=NOON)
    with pytest.raises(NotAllowed):
        people.add_person(job_number="9", name="新人", branch_id=cast.east.pk, actor=actor, at=NOON)
    with pytest.raises(NotAllowed):
        settings.set_setting(
            branch_id=None,
            key="reminders_a_day",
            value=2,
            valid_from=SATURDAY,
            actor=actor,
            at=NOON,
        )
    assert trail() == []


# People


def test_a_new_colleague_is_found_by_pinyin_and_the_phone_is_only_kept_sealed(cast: Cast) -> None:
    person = people.add_person(
        job_number="200007",
        name="单雄信",
        branch_id=cast.east.pk,
        post="客户经理",
        phone="13812345678",
        actor=cast.actor("马骏"),
        at=NOON,
    )
    assert person.search_text == "单雄信 shanxiongxin sxx 200007 5678"
    assert (person.phone_masked, person.must_change_password) == ("138****5678", True)
    assert "13812345678" not in str(trail())
    assert trail()[0][3]["phone"] == "138****5678"


def test_a_masked_phone_that_comes_back_from_the_form_changes_nothing(cast: Cast) -> None:
    ma = cast.actor("马骏")
    person = people.add_person(
        job_number="200007",
        name="单雄信",
        branch_id=cast.east.pk,
        phone="13812345678",
        actor=ma,
        at=NOON,
    )
    changed = people.change_person(
        person_id=person.pk,
        changes={"phone": "138****5678", "post": "客户经理"},
        expected_version=1,
        actor=ma,
        at=NOON,
    )
    assert bytes(changed.phone_sealed) == bytes(person.phone_sealed)
    assert changed.phone_tail == "5678"


def test_reporting_in_a_circle_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as raised:
        people.change_person(
            person_id=cast["赵国梁"].pk,
            changes={"reports_to_id": cast["林晓岚"].pk},
            expected_version=1,
            actor=cast.actor("马骏"),
            at=NOON,
        )
    assert refusals(raised) == [("reports_to_id", "汇报关系绕成了圈。")]


def test_nobody_leaves_while_customers_are_held(cast: Cast) -> None:
    with pytest.raises(Refused) as raised:
        people.close_person(
            person_id=cast["林晓岚"].pk,
            on=SATURDAY,
            why="辞职",
            expected_version=1,
            actor=cast.actor("马骏"),
            at=NOON,
        )
    assert refusals(raised) == [("", "还有 3 户客户没有移交")]


def test_whoever_leaves_loses_role_on_that_day_and_is_kept(cast: Cast) -> None:
    qian = cast["钱慧敏"]
    people.close_person(
        person_id=qian.pk,
        on=SATURDAY,
        why="调离",
        expected_version=1,
        actor=cast.actor("马骏"),
        at=NOON,
    )
    qian.refresh_from_db()
    assert actor_of(qian, at=at("2026-11-27 23:59:59")).roles == {"deputy"}
    assert actor_of(qian, at=at("2026-11-28 00:00:00")).roles == frozenset()
    assert RoleGrant.objects.get(person=qian).valid_to == SATURDAY
    assert Person.objects.filter(pk=qian.pk).exists()


def test_moving_to_another_branch_waits_for_handover_and_the_end_of_roles(cast: Cast) -> None:
    with pytest.raises(Refused) as raised:
        people.change_person(
            person_id=cast["何俊峰"].pk,
            changes={"branch_id": cast.west.pk},
            expected_version=1,
            actor=cast.actor("马骏"),
            at=NOON,
        )
    assert refusals(raised) == [
        ("branch_id", "还有 1 户客户没有移交"),
        ("branch_id", "在原分公司还有角色，请安全管理员先结束。"),
    ]


# Roles


def grant(cast: Cast, name: str, role: str, by: str = "宋琪", **values: Any) -> RoleGrant:
    given = {"branch_id": cast.east.pk, "valid_from": FRIDAY, **values}
    return roles.grant_role(
        person_id=cast[name].pk, role=role, actor=cast.actor(by), at=NOON, **given
    )


def test_the_security_administrator_grants_and_ends_a_role_by_date(cast: Cast) -> None:
    given = grant(cast, "林晓岚", "supervisor", valid_from=SATURDAY, why="提任")
    assert actor_of(cast["林晓岚"], at=NOON).roles == {"manager"}
    assert actor_of(cast["林晓岚"], at=at("2026-11-28 00:00:00")).roles == {"manager", "supervisor"}
    roles.end_role(grant_id=given.pk, on=date(2026, 12, 1), actor=cast.actor("宋琪"), at=NOON)
    assert actor_of(cast["林晓岚"], at=at("2026-12-01 00:00:00")).roles == {"manager"}
    assert [row[0] for row in trail()] == ["organization.grant_role", "organization.end_role"]
    with pytest.raises(Refused, match="已经结束了"):
        roles.end_role(grant_id=given.pk, on=date(2026, 12, 1), actor=cast.actor("宋琪"), at=NOON)


def test_nobody_grants_to_himself_and_the_system_administrator_to_nobody(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        grant(cast, "宋琪", "market", branch_id=cast.head.pk)
    with pytest.raises(NotAllowed):
        grant(cast, "林晓岚", "supervisor", by="马骏")


def test_running_granting_and_auditing_are_three_people(cast: Cast) -> None:
    with pytest.raises(Refused) as raised:
        grant(cast, "马骏", "auditor", branch_id=cast.head.pk)
    assert refusals(raised) == [("role", "系统管理员、安全管理员、审计员不能由一人兼任。")]


@pytest.mark.parametrize(
    ("role", "values", "expected"),
    [
        ("boss", {}, ("role", "没有这个角色。")),
        ("market", {}, ("branch_id", "这个角色属于公司本部。")),
        ("gm", {"valid_from": date(2026, 11, 26)}, ("valid_from", "生效日期不能早于今天。")),
        ("gm", {"valid_to": FRIDAY}, ("valid_to", "结束日期要晚于生效日期。")),
        ("manager", {}, ("role", "这段时间已经有这个角色。")),
    ],
)
def test_a_role_that_cannot_be_granted_is_refused_at_its_field(
    cast: Cast, role: str, values: dict[str, Any], expected: tuple[str, str]
) -> None:
    with pytest.raises(Refused) as raised:
        grant(cast, "林晓岚", role, **values)
    assert refusals(raised) == [expected]


def appoint(cast: Cast, name: str, by: str, **values: Any) -> RoleGrant:
    given = {"branch_id": cast.east.pk, "first": SATURDAY, "last": date(2026, 12, 4), **values}
    return roles.appoint_acting(
        person_id=cast[name].pk, actor=cast.actor(by), at=NOON, why="出差", **given
    )


def test_the_supervisor_names_who_acts_and_only_for_that_time(cast: Cast) -> None:
    acting = appoint(cast, "林晓岚", "周建平")
    lin = cast["林晓岚"]
    assert not actor_of(lin, at=at("2026-11-27 23:59:59")).has_role("supervisor")
    assert actor_of(lin, at=at("2026-11-28 00:00:00")).led_branches == {cast.east.pk}
    assert actor_of(lin, at=at("2026-12-04 23:59:59")).has_role("supervisor")
    assert not actor_of(lin, at=at("2026-12-05 00:00:00")).has_role("supervisor")
    roles.end_acting(grant_id=acting.pk, actor=cast.actor("赵国梁"), at=at("2026-11-30 09:00:00"))
    assert not actor_of(lin, at=at("2026-11-30 09:00:01")).has_role("supervisor")


def test_nobody_appoints_himself_and_whoever_acts_appoints_nobody(cast: Cast) -> None:
    with pytest.raises(Refused, match="不能指定自己"):
        appoint(cast, "周建平", "周建平")
    appoint(cast, "林晓岚", "周建平", first=FRIDAY)
    with pytest.raises(NotAllowed):
        appoint(cast, "陈嘉怡", "林晓岚")
    with pytest.raises(NotAllowed):
        appoint(cast, "陈嘉怡", "何俊峰")


def test_a_foreign_branch_and_its_people_do_not_exist(cast: Cast) -> None:
    with pytest.raises(NotFound):
        appoint(cast, "林晓岚", "周建平", branch_id=cast.west.pk)
    with pytest.raises(NotFound):
        appoint(cast, "吴志远", "周建平")
    acting = appoint(cast, "林晓岚", "周建平")
    with pytest.raises(NotFound):
        roles.end_acting(grant_id=acting.pk, actor=cast.actor("郑秋实"), at=NOON)


# Settings


def set_time(cast: Cast, value: Any, valid_from: date = SATURDAY, **values: Any) -> BranchSetting:
    given = {"branch_id": cast.east.pk, "key": "summary_due", **values}
    return settings.set_setting(
        value=value, valid_from=valid_from, actor=cast.actor("马骏"), at=NOON, **given
    )


def test_a_setting_holds_from_its_day_for_its_branch_and_the_company_for_the_rest(
    cast: Cast,
) -> None:
    set_time(cast, "17:00")
    set_time(cast, "16:30", branch_id=None)
    read = {
        (branch.code, on): settings_of(branch.pk, on).summary_due.isoformat("minutes")
        for branch in (cast.east, cast.west)
        for on in (FRIDAY, SATURDAY)
    }
    assert read == {
        ("CD", FRIDAY): "17:30",
        ("CD", SATURDAY): "17:00",
        ("CX", FRIDAY): "17:30",
        ("CX", SATURDAY): "16:30",
    }


def test_the_same_day_set_again_replaces_and_says_so_in_the_trail(cast: Cast) -> None:
    set_time(cast, "17:00")
    set_time(cast, "17:10")
    assert BranchSetting.objects.get().value == "17:10"
    assert trail()[1][2]["value"] == "17:00"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"value": "half past five"}, "value"),
        ({"value": 5}, "value"),
        ({"value": "17:00", "key": "no_such"}, "key"),
        ({"value": "17:00", "valid_from": date(2026, 11, 26)}, "valid_from"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_at_its_field(
    cast: Cast, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as raised:
        set_time(cast, **values)
    assert raised.value.field == field


def test_no_meeting_is_set_to_end_after_midnight(cast: Cast) -> None:
    def set_one(key: str, value: object, on: date, branch: Branch | None = cast.east) -> None:
        settings.set_setting(
            branch_id=branch.pk if branch else None, key=key, value=value, valid_from=on,
            actor=cast.actor("马骏"), at=NOON,
        )  # fmt: skip

    set_one("standup_time", "23:40", FRIDAY)
    for branch in (cast.east, None):
        with pytest.raises(Refused, match="过半夜"):
            set_one("standup_minutes", 21, FRIDAY, branch)
    set_one("gm_minutes", 480, SATURDAY)
    with pytest.raises(Refused, match="过半夜"):
        set_one("gm_time", "16:01", FRIDAY)
    set_one("gm_time", "16:00", FRIDAY)
    assert BranchSetting.objects.count() == 3


def test_only_what_has_not_begun_can_be_withdrawn(cast: Cast) -> None:
    today, later = set_time(cast, "17:00", FRIDAY), set_time(cast, "17:10")
    ma = cast.actor("马骏")
    settings.withdraw_setting(setting_id=later.pk, actor=ma, at=NOON)
    with pytest.raises(Refused, match="已经生效"):
        settings.withdraw_setting(setting_id=today.pk, actor=ma, at=NOON)
    assert list(BranchSetting.objects.all()) == [today]
