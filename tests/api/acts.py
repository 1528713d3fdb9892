"""Each operation of the first week once or more, as a form of its page and a body of the API."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile

from core.imports.operations import start_import
from core.jobs import run_due
from core.models import ImportRun
from customers.models import Assignment, Customer
from duties.models import Notice, ToDo
from organization.models import ApiToken, Branch, BranchSetting, RoleGrant, SignIn
from tests.cast import BEGIN, FRIDAY, NOON, PASSWORD, Cast, at
from tests.domain.week import TEXTS, WEEK, filed, logged, sent
from worklogs.choices import ALWAYS_WRITTEN, TextPart
from worklogs.entries import SummaryEntry
from worklogs.operations.summaries import submit_summary

TODAY: Final = FRIDAY.isoformat()
LATER: Final = (FRIDAY + timedelta(days=10)).isoformat()
EVENING: Final = at("2026-11-27 18:30:00")
TEXTILE: Final = "东方纺织集团"
NEW_PASSWORD: Final = "Amber-Lantern-93"
CSV: Final = (
    "集团编码,集团名称,客户等级,客户经理工号,关键联络人,联系电话\n"
    "G0100,新客户有限公司,B,200004,秦岚,13700001234\n"
    "G0101,缺等级公司,,200004,秦岚,13700001235\n"
).encode()


@dataclass(frozen=True)
class Act:
    """Who does what: the form of the page, the body of the API, what their addresses hold.

    ``version`` goes into the form and, as a tag, into ``If-Match``.
    """

    who: str
    args: tuple[Any, ...] = ()
    form: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    at: datetime = NOON
    # Where the API's address holds something else than the page's.
    api_args: tuple[Any, ...] | None = None
    # A page that a script saves is PATCHed with JSON.
    page_method: str = "POST"
    api_method: str = "POST"
    # For a refusal: the sentence that both doors say.
    refused: str = ""


Acts = Callable[[Cast], Act]


def same(who: str, *args: Any, version: int | None = None, **values: Any) -> Act:
    """An act whose form and body say the same."""
    return Act(who, args, values, values, version)


def autosaved(version: int, **fields: Any) -> dict[str, Any]:
    """What a script sends of a form."""
    return {"version": version, "fields": fields}


# Customers


def assign(cast: Cast, manager: str = "陈嘉怡", day: str = TODAY) -> Act:
    pk, to = cast.customer(TEXTILE).pk, cast[manager].pk
    return same("周建平", pk, version=1, manager=to, valid_from=day, reason="换片区")


def assign_too_late(cast: Cast) -> Act:
    return replace(assign(cast, day="2026-11-28"), refused="生效日期不能晚于今天。")


def assign_by_manager(cast: Cast) -> Act:
    return replace(assign(cast), who="林晓岚", refused="客户由本分公司主管或总经理分派。")


def tier(cast: Cast) -> Act:
    pk = cast.customer(TEXTILE).pk
    return same("周建平", pk, version=1, tier="B", valid_from=TODAY, reason="收入下降")


def change(cast: Cast) -> Act:
    customer = cast.customer(TEXTILE)
    act = same(
        "林晓岚",
        customer.pk,
        version=1,
        name=customer.name,
        state="warned",
        industry="纺织",
        address="东街 1 号",
        monthly_revenue="1300.00",
        note="专线到期",
        contract_ends_on="2027-01-31",
    )
    return replace(act, api_method="PATCH")


def reveal(cast: Cast) -> Act:
    return same("林晓岚", cast.customer(TEXTILE).contacts.get().pk, reason="约拜访")


# Service logs


def log(cast: Cast, day: str = TODAY, hour: str = "10:00", **more: Any) -> Act:
    what = {
        "customer": cast.customer(TEXTILE).pk,
        "initiator": "active",
        "channel": "phone",
        "category": "routine",
        "content": "电话回访，客户满意。",
        **more,
    }
    return Act(
        "林晓岚",
        form={**what, "occurred_on": day, "occurred_time": hour},
        body={**what, "occurred_at": f"{day}T{hour}:00+08:00"},
    )


def log_too_short(cast: Cast) -> Act:
    return replace(log(cast, content="好"), refused="写一句做了什么、客户怎么说。")


def log_of_last_month(cast: Cast) -> Act:
    return replace(log(cast, "2026-10-26"), refused="服务日期最多早 31 天，更早的请主管安排导入。")


def _given_away(cast: Cast) -> None:
    """东方纺织集团 is 何俊峰's from today on."""
    customer = cast.customer(TEXTILE)
    Customer.objects.filter(pk=customer.pk).update(manager=cast["何俊峰"], manager_since=FRIDAY)
    Assignment.objects.filter(customer=customer).update(valid_to=FRIDAY)
    Assignment.objects.create(
        customer=customer, manager=cast["何俊峰"], valid_from=FRIDAY, recorded_at=NOON
    )


def log_of_a_customer_given_away(cast: Cast) -> Act:
    _given_away(cast)
    return log(cast, "2026-11-26")


def log_of_anothers_day(cast: Cast) -> Act:
    _given_away(cast)
    return replace(log(cast), refused="起不由您看管，只能补记看管期间的服务。")


def correct(cast: Cast, content: str = "改成上门解释。", day: str = TODAY) -> Act:
    row = logged(cast, "林晓岚", TEXTILE, "2026-11-27 09:00:00")
    act = log(cast, day, content=content)
    return replace(
        act,
        args=(row.thread_id,),
        form={**act.form, "reason": "记错了", "number": 1},
        body={**act.body, "reason": "记错了"},
        version=1,
    )


def correct_into_last_month(cast: Cast) -> Act:
    return replace(
        correct(cast, day="2026-10-26"), refused="服务日期最多早 31 天，更早的请主管安排导入。"
    )


def withdraw(cast: Cast) -> Act:
    return Act("林晓岚", (logged(cast, "林晓岚", TEXTILE, "2026-11-27 11:55:00").thread_id,))


def read(cast: Cast) -> Act:
    thread = logged(cast, "林晓岚", TEXTILE, "2026-11-27 09:00:00").thread_id
    return same("周建平", thread, remark="写得清楚")


# Weekly summaries: 林晓岚 has filed, 陈嘉怡 has not


def _of(cast: Cast, name: str) -> tuple[Any, ...]:
    return WEEK, cast[name].pk


def draft(cast: Cast) -> Act:
    return Act(
        "陈嘉怡",
        _of(cast, "陈嘉怡"),
        autosaved(0, t_needs="要专线", n_help=True),
        {"texts": {**dict.fromkeys(TextPart.values, ""), "needs": "要专线"}, "nothing": ["help"]},
        version=0,
        page_method="PATCH",
        api_method="PUT",
    )


def submit(cast: Cast, **texts: str) -> Act:
    said = {**TEXTS, **texts}
    return Act(
        "陈嘉怡",
        _of(cast, "陈嘉怡"),
        {f"t_{part}": text for part, text in said.items()},
        {"texts": said},
        version=0,
    )


def submit_nothing_to_report(cast: Cast) -> Act:
    texts = {part.value: TEXTS[part] for part in ALWAYS_WRITTEN}
    nothing = [part.value for part in TextPart if part not in ALWAYS_WRITTEN]
    form = {f"t_{part}": text for part, text in texts.items()}
    return Act(
        "陈嘉怡",
        _of(cast, "陈嘉怡"),
        {**form, **{f"n_{part}": "on" for part in nothing}},
        {"texts": texts, "nothing": nothing},
        version=0,
    )


def submit_late(cast: Cast) -> Act:
    return replace(submit(cast), at=EVENING)


def submit_with_a_gap(cast: Cast) -> Act:
    return replace(submit(cast, conclusions=""), refused="写一句本周的判断")


def submit_for_somebody(cast: Cast) -> Act:
    act, why = submit(cast), {"why_filed_for": "住院"}
    return replace(act, who="周建平", form={**act.form, **why}, body={**act.body, **why})


def give_back(cast: Cast) -> Act:
    remark = {"text:needs": "写具体"}
    return Act("周建平", _of(cast, "林晓岚"), remark, {"remarks": remark}, version=1)


def review(cast: Cast) -> Act:
    return same("周建平", *_of(cast, "林晓岚"), version=1, opinion="写得具体")


def confirm(cast: Cast) -> Act:
    submit_summary(
        manager_id=cast["陈嘉怡"].pk,
        week=WEEK,
        entry=SummaryEntry(texts=TEXTS),
        expected_version=0,
        why_filed_for="住院",
        actor=cast.actor("周建平"),
        at=NOON,
    )
    return Act("陈嘉怡", _of(cast, "陈嘉怡"))


# The branch's and the company's week


def remind(cast: Cast, name: str = "陈嘉怡") -> Act:
    return Act(
        "周建平",
        (WEEK,),
        {"branch": cast.east.pk, "manager": cast[name].pk},
        {"managers": [cast[name].pk]},
        api_args=(WEEK, cast.east.pk),
    )


def remind_who_has_filed(cast: Cast) -> Act:
    return replace(remind(cast, "林晓岚"), refused="没有要提醒的人：已交，或刚提醒过。")


def write_rollup(cast: Cast) -> Act:
    return Act(
        "周建平",
        (WEEK, cast.east.pk),
        autosaved(1, comment="本周平稳"),
        {"comment": "本周平稳"},
        version=1,
        at=EVENING,
        page_method="PATCH",
        api_method="PATCH",
    )


def send(cast: Cast) -> Act:
    return Act("周建平", (WEEK, cast.east.pk), version=1, at=EVENING)


def send_too_early(cast: Cast) -> Act:
    return replace(send(cast), at=NOON, refused="周报截止后才能发送汇总。")


def send_again_without_a_reason(cast: Cast) -> Act:
    sent(cast, "2026-11-27 18:00:00")
    filed(cast, "陈嘉怡", "2026-11-27 18:10:00")
    return replace(send(cast), version=2, refused="这周的汇总已发送，再发要写更正原因。")


def receive(cast: Cast) -> Act:
    sent(cast, "2026-11-27 18:00:00")
    act = Act("孙岚", (WEEK, cast.east.pk), {"number": 1}, at=EVENING)
    return replace(act, api_args=(WEEK, cast.east.pk, 1))


def issue(cast: Cast) -> Act:
    sent(cast, "2026-11-27 18:00:00")
    act = same("孙岚", WEEK, comment="一家缺报")
    return replace(act, form={**act.form, "number": 0}, version=0, at=EVENING)


# The calendar, notices, to-dos


def mark_day(cast: Cast) -> Act:
    what = {"name": "停电", "why": "检修"}
    return Act(
        "马骏",
        ("2026-12-24",),
        {**what, "kind": "off"},
        {**what, "on": "2026-12-24", "is_workday": False},
        version=1,
        api_args=(2026,),
    )


def clear_day(cast: Cast) -> Act:
    return Act("马骏", ("2026-10-01",), body={"on": "2026-10-01"}, version=1, api_args=(2026,))


def load_year(cast: Cast) -> Act:
    days = [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]
    published = json.dumps({"year": 2027, "papers": [], "days": days})
    return Act(
        "马骏",
        (),
        {"year": 2027, "file": SimpleUploadedFile("2027.json", published.encode())},
        {
            "days": [{"on": "2027-01-01", "is_workday": False, "name": "元旦"}],
            "source": "2027.json",
        },
        version=0,
        api_args=(2027,),
    )


def _notice(cast: Cast) -> Notice:
    return Notice.objects.create(
        person=cast["林晓岚"],
        kind="reminder",
        group="g",
        title="提醒",
        key="k",
        created_at=NOON,
        updated_at=NOON,
    )


def read_notice(cast: Cast) -> Act:
    return Act("林晓岚", (_notice(cast).pk,))


def read_notices(cast: Cast) -> Act:
    _notice(cast)
    return same("林晓岚", group="g")


def read_all_notices(cast: Cast) -> Act:
    _notice(cast)
    return Act("林晓岚")


def set_to_do(cast: Cast, **more: Any) -> Act:
    values = {"title": "补合同", "about": "东方纺织", "due_on": TODAY, **more}
    return same("周建平", owner=cast["林晓岚"].pk, **values)


def set_to_do_for_yesterday(cast: Cast) -> Act:
    return replace(set_to_do(cast, due_on="2026-11-26"), refused="期限不能早于今天。")


def _to_do(cast: Cast, state: str = "open") -> ToDo:
    return ToDo.objects.create(
        owner=cast["林晓岚"],
        branch=cast.east,
        title="补合同",
        url="/todos/",
        due_at=EVENING,
        state=state,
        source_type="by_hand",
        created_at=NOON,
        created_by=cast["周建平"],
        updated_at=NOON,
    )


def tick(cast: Cast) -> Act:
    return Act("林晓岚", (_to_do(cast).pk,))


def untick(cast: Cast) -> Act:
    return Act("林晓岚", (_to_do(cast, "done").pk,))


def drop(cast: Cast) -> Act:
    return Act("周建平", (_to_do(cast).pk,))


def drop_by_its_owner(cast: Cast) -> Act:
    return replace(drop(cast), who="林晓岚", refused="待办由布置的人取消")


# Ways in


def change_password(cast: Cast, current: str = PASSWORD) -> Act:
    cast["林晓岚"].password = make_password(PASSWORD)
    cast["林晓岚"].save(update_fields=["password"])
    what = {"current": current, "new": NEW_PASSWORD}
    return Act("林晓岚", form={**what, "again": NEW_PASSWORD}, body=what)


def change_password_with_a_wrong_one(cast: Cast) -> Act:
    return replace(change_password(cast, "Wrong-Lantern-93"), refused="现在的密码不对。")


def reset_password(cast: Cast) -> Act:
    return Act("宋琪", (cast["林晓岚"].pk,))


def _session(cast: Cast) -> SignIn:
    """A session of 林晓岚 elsewhere."""
    return SignIn.objects.create(
        person=cast["林晓岚"], session_key="elsewhere", started_at=NOON, seen_at=NOON
    )


def end_session(cast: Cast) -> Act:
    return Act("林晓岚", (_session(cast).pk,))


def issue_token(cast: Cast) -> Act:
    what = {"name": "报表", "scopes": ["read"], "days": 30}
    branches = [cast.east.pk]
    return Act("林晓岚", form={**what, "branch_ids": branches}, body={**what, "branches": branches})


def revoke_token(cast: Cast) -> Act:
    token = ApiToken.objects.create(
        person=cast["林晓岚"],
        name="旧报表",
        digest="x",
        tail="x",
        issued_at=NOON,
        expires_at=EVENING,
    )
    return Act("林晓岚", (token.pk,))


def choose_language(cast: Cast) -> Act:
    return same("林晓岚", language="en")


# People, roles, branches, settings


def add_person(cast: Cast, number: str = "200099") -> Act:
    what = {
        "job_number": number,
        "name": "秦岚",
        "post": "客户经理",
        "phone": "13700001234",
        "joined_on": TODAY,
    }
    return Act(
        "马骏",
        form={**what, "branch_id": cast.east.pk, "reports_to": "200003"},
        body={**what, "branch": cast.east.pk, "reports_to": cast["周建平"].pk},
    )


def add_a_person_twice(cast: Cast) -> Act:
    return replace(add_person(cast, "200004"), refused="这个工号已有人在用。")


def change_person(cast: Cast) -> Act:
    person = cast["何俊峰"]
    what = {
        "name": person.name,
        "post": "高级客户经理",
        "email": person.email,
        "joined_on": BEGIN.isoformat(),
        "note": "调岗",
    }
    return Act(
        "马骏",
        (person.pk,),
        {**what, "branch_id": cast.east.pk, "reports_to": "200003"},
        what,
        version=1,
        api_method="PATCH",
    )


def close_person(cast: Cast) -> Act:
    return same("马骏", cast["钱慧敏"].pk, version=1, on=LATER, why="退休")


def close_somebody_with_customers(cast: Cast) -> Act:
    act = same("马骏", cast["林晓岚"].pk, version=1, on=LATER, why="离职")
    return replace(act, refused="户客户没有移交")


def grant_role(cast: Cast, role: str = "supervisor") -> Act:
    person, branch = cast["何俊峰"].pk, cast.east.pk
    what = {"role": role, "valid_from": LATER, "why": "轮岗"}
    return Act(
        "宋琪",
        (person,),
        {**what, "branch_id": branch},
        {**what, "person": person, "branch": branch},
        api_args=(),
    )


def grant_a_role_of_head_office(cast: Cast) -> Act:
    return replace(grant_role(cast, "market"), refused="这个角色属于公司本部。")


def end_role(cast: Cast) -> Act:
    grant = RoleGrant.objects.get(person=cast["何俊峰"])
    return Act("宋琪", (grant.pk,), body={"on": TODAY})


def appoint_acting(cast: Cast) -> Act:
    person = cast["陈嘉怡"].pk
    what = {"first": TODAY, "last": LATER, "why": "休假"}
    return Act("周建平", (cast.east.pk,), {**what, "person_id": person}, {**what, "person": person})


def end_acting(cast: Cast) -> Act:
    grant = RoleGrant.objects.create(
        person=cast["陈嘉怡"],
        role="supervisor",
        branch=cast.east,
        valid_from=FRIDAY,
        is_acting=True,
    )
    return Act("周建平", (grant.pk,))


def add_branch(cast: Cast, code: str = "CN") -> Act:
    return same("马骏", code=code, name="城南分公司", phone="0571-1", opened_on=TODAY)


def add_a_branch_twice(cast: Cast) -> Act:
    return replace(add_branch(cast, "CD"), refused="这个编码已有机构在用。")


def change_branch(cast: Cast) -> Act:
    branch = cast.west
    act = same(
        "马骏",
        branch.pk,
        version=1,
        name=branch.name,
        address="西街 2 号",
        opened_on=BEGIN.isoformat(),
    )
    return replace(act, api_method="PATCH")


def close_branch(cast: Cast) -> Act:
    empty = Branch.objects.create(code="CN", name="城南分公司", kind="branch", opened_on=BEGIN)
    return same("马骏", empty.pk, version=1, on=LATER, why="并入城东")


def close_a_branch_with_people(cast: Cast) -> Act:
    return replace(
        same("马骏", cast.west.pk, version=1, on=LATER, why="并入城东"),
        refused="请先办理离岗，或调到别的分公司。",
    )


def set_setting(cast: Cast, day: str = LATER) -> Act:
    what = {"key": "reminders_a_day", "value": 2, "valid_from": day}
    return Act("马骏", (cast.east.pk,), what, {**what, "branch": cast.east.pk}, api_args=())


def set_setting_for_yesterday(cast: Cast) -> Act:
    return replace(set_setting(cast, "2026-11-26"), refused="生效日期不能早于今天。")


def withdraw_setting(cast: Cast) -> Act:
    setting = BranchSetting.objects.create(
        branch=cast.east,
        key="reminders_a_day",
        value=2,
        valid_from=FRIDAY + timedelta(days=10),
        set_at=NOON,
    )
    return Act("马骏", (setting.pk,))


# Imports


def hand_in(cast: Cast, content: bytes = CSV) -> Act:
    """A file for each door: what was read once is empty."""
    form, body = (
        {"table": "groups", "file": SimpleUploadedFile("集团.csv", content)} for _door in range(2)
    )
    return Act("周建平", form=form, body=body)


def hand_in_nothing(cast: Cast) -> Act:
    return replace(hand_in(cast, b""), refused="空")


def _previewed(cast: Cast) -> ImportRun:
    start_import(
        table_key="groups", filename="集团.csv", content=CSV, actor=cast.actor("周建平"), at=NOON
    )
    run_due(NOON)
    return ImportRun.objects.get()


def map_columns(cast: Cast) -> Act:
    run = _previewed(cast)
    return Act("周建平", (run.pk,), {"column-F": ""}, {"columns": {"F": ""}}, version=run.version)


def map_a_column_that_is_not_there(cast: Cast) -> Act:
    run = _previewed(cast)
    return Act(
        "周建平",
        (run.pk,),
        {"column-Z": "code"},
        {"columns": {"Z": "code"}},
        version=run.version,
        refused="文件里没有 Z 列。",
    )


def switch_table(cast: Cast) -> Act:
    run = _previewed(cast)
    return same("周建平", run.pk, version=run.version, table="persons")


def write_import(cast: Cast) -> Act:
    run = _previewed(cast)
    return same("周建平", run.pk, version=run.version)


def discard_import(cast: Cast) -> Act:
    run = _previewed(cast)
    return same("周建平", run.pk, version=run.version)


def take_the_marked_file(cast: Cast) -> Act:
    return Act("周建平", (_previewed(cast).pk,), page_method="GET", api_method="GET")


ACTS: Final[dict[str, tuple[Acts, ...]]] = {
    "confidentiality.operations.disclose": (take_the_marked_file,),
    "core.imports.operations.start_import": (hand_in, hand_in_nothing),
    "core.imports.operations.correct_mapping": (map_columns, map_a_column_that_is_not_there),
    "core.imports.operations.switch_table": (switch_table,),
    "core.imports.operations.write_import": (write_import,),
    "core.imports.operations.discard_import": (discard_import,),
    "customers.operations.change_customer": (change,),
    "customers.operations.assign_manager": (assign, assign_too_late, assign_by_manager),
    "customers.operations.change_tier": (tier,),
    "customers.operations.reveal_contact": (reveal,),
    "duties.operations.mark_day": (mark_day,),
    "duties.operations.clear_day": (clear_day,),
    "duties.operations.load_year": (load_year,),
    "duties.operations.mark_read": (read_notice,),
    "duties.operations.mark_group_read": (read_notices,),
    "duties.operations.mark_all_read": (read_all_notices,),
    "duties.operations_to_dos.set_to_do": (set_to_do, set_to_do_for_yesterday),
    "duties.operations_to_dos.tick_to_do": (tick,),
    "duties.operations_to_dos.untick_to_do": (untick,),
    "duties.operations_to_dos.drop_to_do": (drop, drop_by_its_owner),
    "organization.operations.access.change_password": (
        change_password,
        change_password_with_a_wrong_one,
    ),
    "organization.operations.access.reset_password": (reset_password,),
    "organization.operations.access.end_session": (end_session,),
    "organization.operations.access.issue_token": (issue_token,),
    "organization.operations.access.revoke_token": (revoke_token,),
    "organization.operations.access.choose_language": (choose_language,),
    "organization.operations.branches.add_branch": (add_branch, add_a_branch_twice),
    "organization.operations.branches.change_branch": (change_branch,),
    "organization.operations.branches.close_branch": (close_branch, close_a_branch_with_people),
    "organization.operations.people.add_person": (add_person, add_a_person_twice),
    "organization.operations.people.change_person": (change_person,),
    "organization.operations.people.close_person": (close_person, close_somebody_with_customers),
    "organization.operations.roles.grant_role": (grant_role, grant_a_role_of_head_office),
    "organization.operations.roles.end_role": (end_role,),
    "organization.operations.roles.appoint_acting": (appoint_acting,),
    "organization.operations.roles.end_acting": (end_acting,),
    "organization.operations.settings.set_setting": (set_setting, set_setting_for_yesterday),
    "organization.operations.settings.withdraw_setting": (withdraw_setting,),
    "worklogs.operations.logs.record_log": (
        log,
        log_too_short,
        log_of_last_month,
        log_of_a_customer_given_away,
        log_of_anothers_day,
    ),
    "worklogs.operations.logs.correct_log": (correct, correct_into_last_month),
    "worklogs.operations.logs.withdraw_log": (withdraw,),
    "worklogs.operations.logs.read_log": (read,),
    "worklogs.operations.summaries.save_summary_draft": (draft,),
    "worklogs.operations.summaries.submit_summary": (
        submit,
        submit_nothing_to_report,
        submit_late,
        submit_with_a_gap,
        submit_for_somebody,
    ),
    "worklogs.operations.summaries.return_summary": (give_back,),
    "worklogs.operations.summaries.review_summary": (review,),
    "worklogs.operations.summaries.confirm_summary": (confirm,),
    "worklogs.operations.reminders.remind": (remind, remind_who_has_filed),
    "worklogs.operations.rollups.write_rollup": (write_rollup,),
    "worklogs.operations.rollups.send_rollup": (
        send,
        send_too_early,
        send_again_without_a_reason,
    ),
    "worklogs.operations.rollups.receive_rollup": (receive,),
    "worklogs.operations.consolidations.issue_consolidation": (issue,),
}
# Operations that the same input cannot reach by both doors, and why.
WITHOUT_ACTS: Final = {
    "organization.operations.access.end_other_sessions": (
        "a page keeps the session that asks, a token has none: tests/api/test_organization.py and "
        "tests/domain/test_sign_in.py tell each"
    ),
}
