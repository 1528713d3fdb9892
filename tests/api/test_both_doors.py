"""The same act by a page and by the API leaves the same trail, and the same refusal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.models import AuditRow
from duties.models import Notice
from duties.operations import ensure_periods
from organization.models import Person
from tests.api.conftest import ApiOf
from tests.cast import NOON, Cast
from tests.domain.week import WEEK, filed
from worklogs.models import Summary


@dataclass(frozen=True)
class Act:
    """Who does what: the page's route and form, the API's address and body."""

    who: str
    route: str
    args: tuple[Any, ...]
    form: dict[str, Any]
    path: str
    body: dict[str, Any]
    method: str = "POST"
    if_match: str = ""
    # For a refusal: the sentence that both doors say.
    refused: str = ""
    headers: dict[str, str] = field(default_factory=dict)


TEXTILE = "东方纺织集团"
Acts = Callable[[Cast], Act]


def assign(cast: Cast, manager: str = "陈嘉怡", day: str = "2026-11-27", refused: str = "") -> Act:
    pk, to = cast.customer(TEXTILE).pk, cast[manager].pk
    what = {"manager": to, "valid_from": day, "reason": "换片区"}
    return Act(
        "周建平",
        "customer-assign",
        (pk,),
        {**what, "version": 1},
        f"customers/{pk}/assign/",
        what,
        if_match='"1.a"',
        refused=refused,
    )


def assign_too_late(cast: Cast) -> Act:
    return assign(cast, day="2026-11-28", refused="生效日期不能晚于今天。")


def assign_by_manager(cast: Cast) -> Act:
    act = assign(cast)
    return Act(**{**vars(act), "who": "林晓岚", "refused": "客户由本分公司主管或总经理分派。"})


def tier(cast: Cast) -> Act:
    pk = cast.customer(TEXTILE).pk
    what = {"tier": "B", "valid_from": "2026-11-27", "reason": "收入下降"}
    return Act(
        "周建平",
        "customer-tier",
        (pk,),
        {**what, "version": 1},
        f"customers/{pk}/tier/",
        what,
        if_match='"1.a"',
    )


def change(cast: Cast) -> Act:
    customer = cast.customer(TEXTILE)
    what = {
        "name": customer.name,
        "state": "warned",
        "industry": "纺织",
        "address": "东街 1 号",
        "monthly_revenue": "1300.00",
        "note": "专线到期",
    }
    return Act(
        "林晓岚",
        "customer-change",
        (customer.pk,),
        {**what, "version": 1, "contract_ends_on": "2027-01-31"},
        f"customers/{customer.pk}/",
        {**what, "contract_ends_on": "2027-01-31"},
        method="PATCH",
        if_match='"1.a"',
    )


def reveal(cast: Cast) -> Act:
    pk = cast.customer(TEXTILE).contacts.get().pk
    what = {"reason": "约拜访"}
    return Act("林晓岚", "contact-reveal", (pk,), what, f"contacts/{pk}/reveal/", what)


def log(cast: Cast, content: str = "电话回访，客户满意。", refused: str = "") -> Act:
    what = {
        "customer": cast.customer(TEXTILE).pk,
        "initiator": "active",
        "channel": "phone",
        "category": "routine",
        "content": content,
    }
    return Act(
        "林晓岚",
        "log-new",
        (),
        {**what, "occurred_on": "2026-11-27", "occurred_time": "10:00"},
        "logs/",
        {**what, "occurred_at": "2026-11-27T10:00:00+08:00"},
        refused=refused,
    )


def log_too_short(cast: Cast) -> Act:
    return log(cast, content="好", refused="写一句做了什么、客户怎么说。")


def mark_day(cast: Cast) -> Act:
    version = 1
    return Act(
        "马骏",
        "calendar-day",
        ("2026-12-24",),
        {"kind": "off", "name": "停电", "why": "检修", "version": version},
        "calendar/2026/mark/",
        {"on": "2026-12-24", "is_workday": False, "name": "停电", "why": "检修"},
        if_match=f'"{version}.a"',
    )


def read_notices(cast: Cast) -> Act:
    Notice.objects.create(
        person=cast["林晓岚"], kind="reminder", group="g", title="提醒", key="k", created_at=NOON
    )
    return Act("林晓岚", "notices-read", (), {"group": "g"}, "notices/read/", {"group": "g"})


def review(cast: Cast) -> Act:
    manager = cast["林晓岚"].pk
    what = {"opinion": "写得具体"}
    return Act(
        "周建平",
        "summary-review",
        (WEEK, manager),
        {**what, "version": 1},
        f"summaries/{WEEK.key}/{manager}/review/",
        what,
        if_match='"1.a"',
    )


def give_back(cast: Cast) -> Act:
    manager = cast["林晓岚"].pk
    return Act(
        "周建平",
        "summary-return",
        (WEEK, manager),
        {"text:needs": "写具体", "version": 1},
        f"summaries/{WEEK.key}/{manager}/return/",
        {"remarks": {"text:needs": "写具体"}},
        if_match='"1.a"',
    )


ACTS: tuple[Acts, ...] = (
    assign,
    assign_too_late,
    assign_by_manager,
    tier,
    change,
    reveal,
    log,
    log_too_short,
    mark_day,
    read_notices,
    review,
    give_back,
)


def trail_of(do: Callable[[], Any]) -> tuple[Any, list[tuple[Any, ...]]]:
    """The answer and the trail of an act that is undone afterwards."""
    with transaction.atomic():
        known = set(AuditRow.objects.values_list("pk", flat=True))
        answer = do()
        rows = [
            (row.what, row.target_label, row.branch_id, row.before, row.after, row.why)
            for row in AuditRow.objects.exclude(pk__in=known).order_by("pk")
        ]
        transaction.set_rollback(True)
    return answer, rows


@pytest.mark.parametrize("act_of", ACTS, ids=lambda act_of: act_of.__name__)
def test_both_doors_lead_to_the_same(
    cast: Cast, api_of: ApiOf, browser_of: Callable[[Person], Client], act_of: Acts
) -> None:
    ensure_periods(WEEK, WEEK)
    filed(cast, "林晓岚", "2026-11-27 11:00:00")
    assert Summary.objects.get().version == 1
    act = act_of(cast)
    browser, client = browser_of(cast[act.who]), api_of(act.who)
    url = reverse(act.route, args=act.args)
    page, by_page = trail_of(lambda: browser.post(url, act.form))
    headers = {"If_Match": act.if_match} if act.if_match else {}
    answer, by_api = trail_of(lambda: client.ask(act.method, act.path, act.body, **headers))
    assert by_page == by_api
    if act.refused:
        assert by_api == []
        assert answer.status_code in (403, 422)
        assert act.refused in answer.content.decode()
        assert act.refused in page.content.decode()
    else:
        assert (answer.status_code < 300, page.status_code < 400, len(by_api)) == (True, True, 1)
