"""Complaints of customers and of employees (K3.6): received, answered, found, kept to few."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from html import unescape
from io import BytesIO
from typing import Any, Final
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow, OutboxMessage
from duties.jobs import mail_digests
from duties.models import Notice
from kpi.models import Case, Complaint
from kpi.operations import complaints as operations
from kpi.operations.case_filing import AlreadyFiled
from kpi.queries.case_due import due_items
from kpi.queries.complaints import Asked, find_complaints, search, state_counts
from organization.models import Person, RoleGrant
from tests.cast import BEGIN, Cast, at
from tests.conftest import StoryClock
from tests.domain.cases import (
    FILED,
    STATED,
    case_filed,
    case_through,
    complaint_found,
    complaint_received,
    of_employee,
)
from tests.domain.test_two_at_once import both, both_look_first
from tests.domain.week import acting

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]
REQUEST_ID: Final = "0000-complaints"
MISSING: Final = 987_654


def case_of(cast: Cast, complaint: Complaint, by: str = "周建平", **more: Any) -> Case:
    """The case that follows from a complaint."""
    return case_filed(
        cast,
        "D3",
        complaint.manager.name,
        by=by,
        complaint_id=complaint.pk,
        option="",
        files=(),
        facts="经调查认定有理。",
        moment=STATED,
        **more,
    )


# From the complaint to the points


def test_from_a_customers_complaint_to_the_points(cast: Cast) -> None:
    complaint = complaint_received(cast, customer="东方纺织集团")
    assert (complaint.number, complaint.state) == ("TS-2026-0001", "open")
    assert complaint.answer_due_at == at("2026-12-02 18:00:00")
    complaint = operations.answer_complaint(
        complaint_id=complaint.pk,
        answer="电话道歉，改约周一上门。",
        expected_version=complaint.version,
        actor=acting(cast, "周建平", STATED),
        at=STATED,
    )
    complaint = complaint_found(cast, complaint)
    assert (complaint.state, complaint.answered_at, complaint.decided_at) == (
        "upheld",
        STATED,
        STATED,
    )
    case = case_of(cast, complaint)
    assert (case.option, f"{case.proposed:f}", case.complaint) == ("upheld", "-2.00", complaint)
    case = case_through(cast, case)
    assert (f"{case.points:f}", case.month) == ("-2.00", "2026-11")
    with pytest.raises(AlreadyFiled):
        case_of(cast, complaint)
    whats = AuditRow.objects.filter(target_type="complaint").order_by("pk")
    assert [(row.what, row.target_label) for row in whats] == [
        ("kpi.receive_complaint", "TS-2026-0001 林晓岚"),
        ("kpi.answer_complaint", "TS-2026-0001 林晓岚"),
        ("kpi.decide_complaint", "TS-2026-0001 林晓岚"),
    ]


def test_what_went_up_to_a_regulator_costs_more(cast: Cast) -> None:
    complaint = complaint_received(cast)
    complaint = operations.escalate_complaint(
        complaint_id=complaint.pk,
        why="11 月 30 日申诉到通信管理局",
        expected_version=1,
        actor=acting(cast, "周建平", STATED),
        at=STATED,
    )
    complaint = complaint_found(cast, complaint)
    assert case_of(cast, complaint).option == "escalated"
    assert f"{Case.objects.get().proposed:f}" == "-5.00"


def test_what_is_not_justified_costs_nothing(cast: Cast) -> None:
    complaint = complaint_found(cast, complaint_received(cast), is_upheld=False)
    assert complaint.state == "rejected"
    with pytest.raises(Refused) as refused:
        case_of(cast, complaint)
    assert refused.value.field == "complaint"


def test_a_case_taken_back_frees_the_complaint(cast: Cast) -> None:
    from kpi.operations.cases import withdraw_case

    complaint = complaint_found(cast, complaint_received(cast))
    case = case_of(cast, complaint)
    withdraw_case(
        case_id=case.pk, why="", expected_version=1, actor=acting(cast, "周建平", STATED), at=STATED
    )
    assert case_of(cast, complaint).number == "JF-2026-0002"


# The days


@pytest.mark.parametrize(
    ("moment", "is_late"),
    [
        ("2026-12-02 17:59:59", False),
        ("2026-12-02 18:00:00", False),
        ("2026-12-02 18:00:01", True),
    ],
)
def test_an_answer_after_three_working_days_is_late(cast: Cast, moment: str, is_late: bool) -> None:
    complaint = complaint_received(cast)
    people = [cast["周建平"].pk]
    (item,) = due_items(people, FILED, at("2026-12-31 00:00:00"))
    assert (item.title, item.context, item.due_at) == (
        "答复投诉",
        "TS-2026-0001",
        at("2026-12-02 18:00:00"),
    )
    operations.answer_complaint(
        complaint_id=complaint.pk,
        answer="已道歉",
        expected_version=1,
        actor=acting(cast, "周建平", at(moment)),
        at=at(moment),
    )
    assert AuditRow.objects.get(what="kpi.answer_complaint").after["is_late"] is is_late
    assert due_items(people, FILED, at("2026-12-31 00:00:00")) == []


def test_unanswered_ones_stand_first_once_their_moment_is_over(cast: Cast) -> None:
    complaint = complaint_received(cast)
    due = at("2026-12-02 18:00:00")
    for moment, count in ((due, 0), (due + timedelta(seconds=1), 1)):
        actor = acting(cast, "韩静", moment)
        assert state_counts(actor, moment)["overdue"] == count
        found = find_complaints(actor, Asked(state="overdue"), moment)
        assert list(found) == [complaint] * count


# Who does what


@pytest.mark.parametrize("who", ["林晓岚", "孙岚", "马骏", "宋琪", "许衡", "沈默"])
def test_only_leaders_and_the_market_department_receive(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        complaint_received(cast, receiver=who)


def test_an_employees_is_received_by_the_general_manager_alone(cast: Cast) -> None:
    for who in ("周建平", "钱慧敏", "韩静"):
        with pytest.raises(NotAllowed, match="总经理"):
            of_employee(cast, receiver=who)
    assert of_employee(cast).number == "YT-2026-0001"


def test_nobody_handles_what_is_about_himself(cast: Cast) -> None:
    """何俊峰 stands in as supervisor and is complained about."""
    RoleGrant.objects.create(
        person=cast["何俊峰"], role="supervisor", branch=cast.east, valid_from=BEGIN
    )
    with pytest.raises(NotAllowed):
        complaint_received(cast, "何俊峰", receiver="何俊峰")
    with pytest.raises(Refused) as refused:
        complaint_received(cast, "何俊峰", investigator="何俊峰")
    assert refused.value.field == "investigator"
    complaint = complaint_received(cast, "何俊峰")
    with pytest.raises(NotFound):
        complaint_found(cast, complaint, "何俊峰")


@pytest.mark.parametrize("who", ["林晓岚", "郑秋实", "马骏"])
def test_the_investigator_leads_the_branch_or_is_of_the_market_department(
    cast: Cast, who: str
) -> None:
    with pytest.raises(Refused) as refused:
        complaint_received(cast, investigator=who)
    assert refused.value.field == "investigator"


def test_a_branch_does_not_receive_for_another(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        complaint_received(cast, "吴志远")
    assert refused.value.field == "manager"


def test_the_investigation_is_given_to_another(cast: Cast) -> None:
    complaint = complaint_received(cast)
    assign = partial(
        operations.assign_investigator, complaint_id=complaint.pk, expected_version=1, at=STATED
    )
    with pytest.raises(Refused, match="现在就是他"):
        assign(investigator_id=cast["周建平"].pk, actor=acting(cast, "韩静", STATED))
    changed = assign(investigator_id=cast["韩静"].pk, actor=acting(cast, "周建平", STATED))
    assert changed.investigator == cast["韩静"]
    assert Notice.objects.get(person=cast["韩静"]).title == (
        "TS-2026-0001 请您调查，12月2日（周三）18:00 前答复"
    )


def test_after_the_result_nothing_is_changed(cast: Cast) -> None:
    complaint = complaint_found(cast, complaint_received(cast))
    with pytest.raises(Refused, match="已有结论"):
        complaint_found(cast, complaint, is_upheld=False)
    with pytest.raises(Refused, match="已有结论"):
        operations.withdraw_complaint(
            complaint_id=complaint.pk,
            why="客户来电撤回",
            expected_version=complaint.version,
            actor=acting(cast, "周建平", STATED),
            at=STATED,
        )
    with pytest.raises(Stale):
        operations.escalate_complaint(
            complaint_id=complaint.pk,
            why="x",
            expected_version=1,
            actor=acting(cast, "周建平", STATED),
            at=STATED,
        )


@pytest.mark.django_db(transaction=True)
def test_two_results_at_one_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.cast import make_cast

    cast = make_cast()
    complaint = complaint_received(cast)
    both_look_first(monkeypatch, operations, "_check_open")
    failures = both(lambda: complaint_found(cast, complaint))
    assert [type(one) for one in failures] == [Stale]
    assert AuditRow.objects.filter(what="kpi.decide_complaint").count() == 1


# Who complained


def test_who_complained_is_sealed_and_opened_for_a_reason(cast: Cast) -> None:
    complaint = complaint_received(cast)
    complaint.refresh_from_db()
    assert "冯立新".encode() not in bytes(complaint.by_sealed)
    look = partial(operations.open_complainant, complaint_id=complaint.pk, at=STATED)
    with pytest.raises(Refused):
        look(reason=" ", actor=acting(cast, "周建平", STATED))
    with pytest.raises(NotAllowed):
        look(reason="看看", actor=acting(cast, "孙岚", STATED))
    _complaint, name = look(reason="回访要用", actor=acting(cast, "周建平", STATED))
    assert name == "冯立新"
    row = AuditRow.objects.get(what="kpi.open_complainant")
    assert (row.actor_name, row.why) == ("周建平", "回访要用")
    kept = json.dumps(list(AuditRow.objects.values("before", "after", "why", "target_label")))
    assert "冯立新" not in json.loads(json.dumps(kept, ensure_ascii=False))


# Of an employee: two know of it


def everybody_else(cast: Cast) -> list[str]:
    """All but the general manager and the investigator; the one complained about among them."""
    return [name for name in cast.people if name not in ("赵国梁", "钱慧敏")]


def test_an_employees_complaint_is_seen_by_two(cast: Cast) -> None:
    complaint = of_employee(cast)
    seen = {
        name: list(Complaint.objects.visible_to(acting(cast, name, FILED))) for name in cast.people
    }
    assert {name for name, found in seen.items() if found} == {"赵国梁", "钱慧敏"}
    assert seen["赵国梁"] == [complaint]


def addresses(pk: int) -> list[tuple[str, str, dict[str, Any]]]:
    """Every address of one complaint: method, address, what is sent."""
    acts = ("assign", "answer", "decide", "escalate", "withdraw", "open", "case")
    bodies: dict[str, dict[str, Any]] = {
        "assign": {"investigator": 1},
        "answer": {"answer": "x"},
        "decide": {"is_upheld": True, "verdict": "upheld", "finding": "x"},
        "escalate": {"why": "x"},
        "withdraw": {"why": "x"},
        "open": {"reason": "x"},
        "case": {"facts": "x"},
    }
    found: list[tuple[str, str, dict[str, Any]]] = [
        ("get", reverse("complaint", args=[pk]), {}),
        ("get", reverse("api-complaint", args=[pk]), {}),
    ]
    for act in acts:
        body = bodies[act]
        found.append(("post", reverse(f"complaint-{act}", args=[pk]), {"version": 1, **body}))
        if act != "case":
            sent = {name: value for name, value in body.items() if name != "verdict"}
            found.append(("post", reverse(f"api-complaint-{act}", args=[pk]), sent))
    return found


def ask(browser: Client, method: str, address: str, body: dict[str, Any]) -> Any:
    """One request; JSON to the API."""
    headers = {"X-Request-ID": REQUEST_ID, "If-Match": "*"}
    if method == "get":
        return browser.get(address, headers=headers)
    if address.startswith("/api/"):
        return browser.post(
            address, json.dumps(body), content_type="application/json", headers=headers
        )
    return browser.post(address, body, headers=headers)


def headers_of(answer: Any) -> dict[str, str]:
    """The headers, but for how many requests are left."""
    return {
        name: value for name, value in answer.headers.items() if not name.startswith("RateLimit")
    }


@pytest.mark.once
def test_for_everybody_else_it_does_not_exist_byte_for_byte(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    complaint = of_employee(cast)
    wrong = []
    for name in everybody_else(cast):
        browser = browser_of(cast[name])
        for there, missing in zip(addresses(complaint.pk), addresses(MISSING), strict=True):
            answers = [ask(browser, *one) for one in (there, missing)]
            told = [(one.status_code, headers_of(one), one.content) for one in answers]
            if told[0] != told[1] or answers[0].status_code != 404:
                wrong.append((name, there[1], answers[0].status_code))
    assert wrong == []
    assert Complaint.objects.get().version == 1
    assert not Case.objects.exists()


def readable(content: bytes) -> str:
    """What an answer says: JSON with its escapes, a workbook by its sheets, else as it is."""
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as book:
            content = b"".join(book.read(name) for name in book.namelist())
    text = unescape(content.decode(errors="replace"))
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


LISTS: Final = (
    "/complaints/",
    "/complaints/workbook/",
    "/cases/",
    "/cases/workbook/",
    "/api/v1/complaints/",
    "/api/v1/cases/",
    "/api/v1/files/",
    "/api/v1/notices/",
    "/api/v1/audit/",
    "/notices/",
    "/audit/",
    "/audit/workbook/",
    "/go/?q=YT",
    "/go/?q=lxl",
    "/",
)


def test_no_list_search_export_notice_or_trail_tells_of_it(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    told: dict[str, list[tuple[str, bytes]]] = {}
    for name in everybody_else(cast):
        browser = browser_of(cast[name])
        told[name] = [(one, browser.get(one).content) for one in LISTS]
    complaint = of_employee(cast)
    complaint_found(cast, complaint)
    wrong = []
    for name in everybody_else(cast):
        browser = browser_of(cast[name])
        for address, before in told[name]:
            after = browser.get(address).content
            found = [word for word in ("让同事替他签到", "门禁记录") if word in readable(after)]
            # Their homes count the rows of the trail and what was handed out.
            is_trail = "audit" in address or (address == "/" and name in ("许衡", "沈默"))
            if found or (not is_trail and _plain(before) != _plain(after)):
                wrong.append((name, address, found))
    assert wrong == []
    assert {one.person.name for one in Notice.objects.all()} == {"赵国梁", "钱慧敏"}


def _plain(content: bytes) -> str:
    """Without what differs from one request to the next: tokens, marks against forgery."""
    text = readable(content)
    text = re.sub(r'(name="csrfmiddlewaretoken" value|nonce|content)="[^"]*"', "", text)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{20,}|\d{4}-\d\d-\d\dT[\d:.]+Z?", "", text)


def test_the_trail_keeps_neither_words_nor_names(cast: Cast) -> None:
    complaint = of_employee(cast)
    complaint = operations.answer_complaint(
        complaint_id=complaint.pk,
        answer="当面答复了陈嘉怡",
        expected_version=1,
        actor=acting(cast, "钱慧敏", STATED),
        at=STATED,
    )
    complaint = operations.assign_investigator(
        complaint_id=complaint.pk,
        investigator_id=cast["周建平"].pk,
        expected_version=2,
        actor=acting(cast, "赵国梁", STATED),
        at=STATED,
    )
    complaint_found(cast, complaint)
    operations.open_complainant(
        complaint_id=complaint.pk,
        reason="找陈嘉怡核对",
        actor=acting(cast, "周建平", STATED),
        at=STATED,
    )
    rows = list(AuditRow.objects.filter(target_type="complaint"))
    assert len(rows) == 5
    assert {(row.target_label, row.branch_id) for row in rows} == {("YT-2026-0001", None)}
    kept = json.dumps([[row.before, row.after, row.why] for row in rows], ensure_ascii=False)
    for word in ("陈嘉怡", "林晓岚", "周建平", "钱慧敏", "签到", "门禁", "当面"):
        assert word not in kept
    assert AuditRow.objects.get(what="kpi.decide_complaint").after == {"state": "upheld"}


def test_a_former_investigator_no_longer_sees_it(cast: Cast) -> None:
    complaint = of_employee(cast)
    operations.assign_investigator(
        complaint_id=complaint.pk,
        investigator_id=cast["周建平"].pk,
        expected_version=1,
        actor=acting(cast, "赵国梁", STATED),
        at=STATED,
    )
    with pytest.raises(NotFound):
        complaint_found(cast, complaint, "钱慧敏")
    assert list(Complaint.objects.visible_to(acting(cast, "周建平", STATED))) == [complaint]


def test_the_case_of_it_tells_nobody_where_it_comes_from(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    complaint = complaint_found(cast, of_employee(cast))
    with pytest.raises(Refused) as refused:
        case_of(cast, complaint, by="周建平")
    assert refused.value.field == "complaint"
    clock.set("2026-11-30 10:00:00")
    boss = browser_of(cast["赵国梁"])
    page = readable(boss.get(reverse("complaint", args=[complaint.pk])).content)
    assert "员工的投诉经调查认定有理（投诉内容保密）。" in page
    answer = boss.post(
        reverse("complaint-case", args=[complaint.pk]),
        {"facts": "员工的投诉经调查认定有理（投诉内容保密）。"},
    )
    case = Case.objects.get()
    assert answer.headers["Location"] == reverse("case", args=[case.pk])
    assert (case.complaint, case.raised_by.name) == (complaint, "赵国梁")
    for name in ("林晓岚", "周建平", "韩静"):
        browser = browser_of(cast[name])
        text = readable(browser.get(reverse("case", args=[case.pk])).content)
        assert "调查认定有理（内容保密）" in text
        api = json.loads(browser.get(reverse("api-case", args=[case.pk])).content)
        assert api["complaint"] is None
        assert not [word for word in ("签到", "YT-2026", "陈嘉怡") if word in text]
    assert complaint.number in readable(boss.get(reverse("case", args=[case.pk])).content)
    api = json.loads(boss.get(reverse("api-case", args=[case.pk])).content)
    assert api["complaint"] == complaint.pk


def test_the_digest_of_notices_goes_to_the_two_alone(cast: Cast) -> None:
    of_employee(cast)
    later: datetime = at("2026-11-27 17:40:00")
    branches = [cast.east.pk, cast.west.pk, cast.head.pk]
    mail_digests({"branches": branches}, later, lambda done, total: None)()  # type: ignore[arg-type]
    letters = OutboxMessage.objects.filter(body__contains="YT-2026")
    people = {one.address for letter in letters for one in letter.recipients.all()}
    assert people == {cast["钱慧敏"].email}


def test_search_finds_what_one_may_see(cast: Cast) -> None:
    of_employee(cast)
    complaint_received(cast)
    hits = {
        who: [hit.title for hit in search(acting(cast, who, FILED), "2026", 5)]
        for who in ("赵国梁", "钱慧敏", "周建平", "韩静", "林晓岚", "郑秋实")
    }
    customers = ["TS-2026-0001 林晓岚"]
    both_kinds = sorted(["YT-2026-0001 林晓岚", *customers])
    assert {who: sorted(found) for who, found in hits.items()} == {
        "赵国梁": both_kinds,
        "钱慧敏": both_kinds,
        "周建平": customers,
        "韩静": customers,
        "林晓岚": [],
        "郑秋实": [],
    }


# In the browser


def test_a_complaint_is_taken_in_step_by_step(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    browser = browser_of(cast["赵国梁"])
    people = readable(browser.get("/complaints/new/").content)
    assert f"?manager={cast['林晓岚'].pk}" in people
    address = f"/complaints/new/?manager={cast['林晓岚'].pk}"
    form = readable(browser.get(address).content)
    assert ("只有总经理和调查人看得到" in form, 'name="by"' in form) == (True, True)
    body = {
        "complainant": "employee",
        "by": "陈嘉怡",
        "facts": "让同事替他签到",
        "received_on": "2026-11-27",
        "received_time": "09:30",
        "investigator": str(cast["钱慧敏"].pk),
    }
    wrong = browser.post(address, {**body, "facts": ""})
    assert (wrong.status_code, "2026-11-27" in readable(wrong.content)) == (422, True)
    answer = browser.post(address, body)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/complaints/")
    complaint = Complaint.objects.get()
    assert (complaint.received_at, complaint.investigator.name) == (
        at("2026-11-27 09:30:00"),
        "钱慧敏",
    )
    supervisor = readable(browser_of(cast["周建平"]).get(address).content)
    assert "只有总经理和调查人看得到" not in supervisor


def test_the_page_opens_the_name_once_and_keeps_nothing(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    complaint = complaint_received(cast)
    browser = browser_of(cast["周建平"])
    address = reverse("complaint", args=[complaint.pk])
    assert "冯立新" not in readable(browser.get(address).content)
    shown = browser.post(f"{address}open/", {"reason": "回访要用"})
    assert "冯立新" in readable(shown.content)
    assert "冯立新" not in readable(browser.get(address).content)
    assert "no-store" in shown.headers["Cache-Control"]


def test_a_stale_page_keeps_what_was_typed(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    complaint = complaint_received(cast)
    complaint_found(cast, complaint)
    browser = browser_of(cast["周建平"])
    answer = browser.post(
        reverse("complaint-answer", args=[complaint.pk]), {"version": "1", "answer": "已经道歉"}
    )
    page = readable(answer.content)
    assert (answer.status_code, "已经道歉" in page, "别处刚动过" in page) == (409, True, True)


def test_lists_take_as_many_statements_for_fifty_as_for_one(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    browser = browser_of(cast["韩静"])

    def statements() -> list[int]:
        found = []
        for address in ("/complaints/", "/api/v1/complaints/", "/complaints/workbook/"):
            with CaptureQueriesContext(connection) as counted:
                assert browser.get(address).status_code == 200
            found.append(len(counted))
        return found

    complaint_received(cast, customer="东方纺织集团")
    statements()
    one = statements()
    for _n in range(49):
        complaint_received(cast, customer="城东人民医院")
    assert statements() == one


@pytest.mark.parametrize("moment", ["2025-11-26 23:59:59", "1949-10-01 15:00:00"])
def test_what_came_more_than_a_year_back_is_not_taken_in(cast: Cast, moment: str) -> None:
    with pytest.raises(Refused, match="一年以前收到的投诉不再受理，最早 2025-11-27") as raised:
        complaint_received(cast, received_at=at(moment))
    assert raised.value.field == "received_at"
    first = complaint_received(cast, received_at=at("2025-11-27 00:00:00"))
    assert first.number == "TS-2026-0001"
