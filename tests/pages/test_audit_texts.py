"""The trail's before and after in the words, days and hours of whoever reads it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.module_loading import import_string
from django.utils.translation import override

from config.tables import AUDIT_CHOICES
from core import audit
from core.models import AuditRow
from core.parts import Difference
from organization.models import Person
from tests.cast import NOON, Cast

Browser = Callable[[Person], Client]


def row_of(cast: Cast, target_type: str, before: Any, after: Any) -> AuditRow:
    """A row of the trail about something."""
    audit.record(
        actor=cast.actor("周建平"),
        at=NOON,
        what="kpi.decide_case",
        target_type=target_type,
        target_id=7,
        target_label="JF-2026-0001",
        before=before,
        after=after,
    )
    return AuditRow.objects.latest("pk")


def differences(browser: Client, row: AuditRow) -> set[tuple[str, str, str]]:
    """What the page says."""
    found: list[Difference] = browser.get(f"/audit/{row.pk}/").context["differences"]
    return {(str(one.label), one.old, one.new) for one in found}


def test_codes_days_and_moments_are_read_as_words(cast: Cast, browser_of: Browser) -> None:
    row = row_of(
        cast,
        "case",
        {"state": "reviewed", "month": "2026-11", "is_veto": False},
        {
            "state": "approved",
            "month": "2026-12",
            "is_veto": True,
            "due_on": "2026-12-01",
            "answered_at": "2026-11-27T09:30:05+00:00",
            "week": "2026-W48",
            "points": "-2.00",
            "option": "2026-13-40",
        },
    )
    assert differences(browser_of(cast["许衡"]), row) == {
        ("状态", "主管已出意见", "已认定"),
        ("月份", "2026年11月", "2026年12月"),
        ("一票否决", "否", "是"),
        ("期限", "", "2026年12月1日（周二）"),
        ("答复时间", "", "2026年11月27日（周五） 17:30:05"),
        ("week", "", "2026年第48周"),
        ("分数", "", "-2.00"),
        ("类别", "", "2026-13-40"),
    }


def test_in_english_too(cast: Cast, browser_of: Browser) -> None:
    row = row_of(cast, "case", {}, {"due_on": "2026-12-01", "month": "2026-12"})
    Person.objects.update(language="en")
    with override("en"):
        found = differences(browser_of(cast["许衡"]), row)
    assert {new for _label, _old, new in found} == {"Tue 1 Dec 2026", "Dec 2026"}


def test_a_persons_branch_and_chief_have_names(cast: Cast, browser_of: Browser) -> None:
    row = row_of(
        cast,
        "person",
        {"branch": cast.east.pk, "reports_to": None, "role": "manager"},
        {"branch": cast.west.pk, "reports_to": cast["郑秋实"].pk, "role": "supervisor"},
    )
    assert differences(browser_of(cast["许衡"]), row) == {
        ("机构", "城东分公司", "城西分公司"),
        ("上级", "", "郑秋实"),
        ("角色", "客户经理", "客户经理主管"),
    }


@pytest.mark.parametrize("path", sorted(set(AUDIT_CHOICES.values())))
def test_the_choices_are_there(path: str) -> None:
    assert import_string(path).values
