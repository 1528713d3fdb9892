"""The demonstration's months stand where people and the clock have brought them by its moment."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, Model, QuerySet

from core import jobs
from core.models import Job
from core.periods import Month
from desk.demo import stage
from duties.models import Notice
from inspections.models import Finding
from kpi.models import (
    Bill,
    Case,
    Complaint,
    Consequence,
    Correction,
    Mark,
    Objection,
    Result,
    ScoreSheet,
    SheetVersion,
    TargetSheet,
    TargetVersion,
)
from meetings.choices import CAME
from meetings.models import Attendee, MinutesVersion
from meetings.queries.completeness import duties_of
from organization.choices import BranchKind
from organization.models import Branch, Person, RoleGrant
from reports.models import Bulletin, Edition, SignFor, SpotCheck
from tests.cast import at
from tests.conftest import StoryClock
from worklogs.models import RollUp, Summary

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.embedded]

# A Friday's evening, fifteen minutes after the week's cut.
MID_MONTH = at("2026-11-27 17:45:00")
FIRST_WORKING_DAY = at("2026-12-01 11:00:00")
TENTH_WORKING_DAY = at("2026-11-13 09:30:00")
# Kinds of jobs that take long, of which one is enough to see that they can be done.
HEAVY = ("reports.render_edition", "worklogs.post_rollup", "worklogs.post_consolidation")
COMPARED = (
    *(TargetSheet, TargetVersion, Result, Bill, Mark, Case, Complaint),
    *(ScoreSheet, SheetVersion, Objection, Correction, Consequence),
    *(SpotCheck, Finding, Bulletin, SignFor),
)


def states(rows: QuerySet[Any], *by: str) -> dict[Any, int]:
    """How many rows there are of each state, or of each month and state."""
    names = by or ("month", "state")
    counted = rows.order_by().values_list(*names).annotate(n=Count("pk"))
    return {values[0] if len(names) == 1 else tuple(values): n for *values, n in counted}


@pytest.fixture(autouse=True)
def smaller(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    """Six branches, but five managers in each."""
    monkeypatch.setattr(stage, "MANAGERS", 5)
    settings.VAR_DIR = tmp_path
    settings.FILES_DIR = tmp_path / "files"


def loaded(moment: datetime) -> None:
    stage.load_demo(at=moment, say=lambda _line: None)


def assert_alive(moment: datetime, folder: Path) -> None:
    """Every role can sign in, and the week that runs has something for each to do."""
    password = (folder / "secrets" / "demo_password").read_text().strip()
    welcome = Person.objects.filter(must_change_password=False)
    roles = set(RoleGrant.objects.filter(person__in=welcome).values_list("role", flat=True))
    assert roles == {
        *("manager", "supervisor", "gm", "deputy", "market", "group_office"),
        *("sysadmin", "secadmin", "auditor", "confidentiality"),
    }
    assert all(person.check_password(password) for person in welcome)
    assert (folder / "secrets" / "demo_password").stat().st_mode & 0o777 == 0o600
    assert Summary.objects.filter(branch__code="B001", state="returned").exists()
    assert Notice.objects.filter(read_at=None, kind="returned").exists()
    pending = RollUp.objects.get(branch__code="B001", state="open")
    assert pending.comment
    assert not Notice.objects.filter(created_at__gt=moment).exists()


def assert_told_how_to_sign_in(folder: Path) -> None:
    """Each role's job number, and the one password."""
    told = StringIO()
    call_command("sign_ins", stdout=told)
    password = (folder / "secrets" / "demo_password").read_text().strip()
    assert told.getvalue().splitlines() == [
        f"密码 Password: {password}",
        "  200004  客户经理 林晓岚（城东分公司）",
        "  200003  客户经理主管 周建平（城东分公司）",
        "  200001  总经理 赵国梁（城东分公司）",
        "  200002  副总经理 钱慧敏（城东分公司）",
        "  100001  市场部 韩静（公司本部）",
        "  100007  市场部 邵永刚（公司本部）",
        "  100002  集团客户室 孙岚（公司本部）",
        "  100006  保密员 沈默（公司本部）",
        "  100003  系统管理员 马骏（公司本部）",
        "  100004  安全管理员 宋琪（公司本部）",
        "  100005  审计员 许衡（公司本部）",
    ]


def assert_mostly_whole(month: Month, moment: datetime) -> None:
    """Most sittings of a month are whole; of some a signed paper was not filed."""
    branches = list(Branch.objects.filter(kind=BranchKind.BRANCH).values_list("pk", flat=True))
    minuted = [
        one for one in duties_of(month, branches, moment) if one.is_lead and one.facts.is_minuted
    ]
    whole = [one for one in minuted if not one.weight]
    unfiled = [one for one in minuted if "no_scan" in {lack.code for lack in one.all_lacks}]
    assert len(minuted) > 30
    assert len(minuted) / 2 < len(whole) < len(minuted)
    assert 0 < len(unfiled) < len(minuted) / 4
    versions = MinutesVersion.objects.filter(minutes__meeting__in=[one.lead for one in minuted])
    spoke = {
        (version.minutes.meeting_id, item["speaker"])
        for version in versions.select_related("minutes")
        for item in version.content["items"]
    }
    came = Attendee.objects.filter(state__in=CAME).values_list("meeting_id", "person__name")
    assert spoke - set(came) == set()


def test_in_the_middle_of_a_month_two_are_closed_and_one_runs(
    tmp_path: Path, clock: StoryClock
) -> None:
    told = StringIO()
    call_command("sign_ins", stdout=told)
    assert told.getvalue() == ""

    loaded(MID_MONTH)

    assert_alive(MID_MONTH, tmp_path)
    assert_told_how_to_sign_in(tmp_path)
    assert_mostly_whole(Month(2026, 10), MID_MONTH)
    assert states(TargetSheet.objects.all()) == {
        ("2026-09", "issued"): 6,
        ("2026-10", "issued"): 6,
        ("2026-11", "issued"): 6,
    }
    revised = TargetVersion.objects.filter(number=2).exclude(why="")
    assert states(revised, "sheet__month", "sheet__branch__code") == {
        ("2026-09", "B002"): 1,
        ("2026-10", "B002"): 1,
        ("2026-11", "B002"): 1,
    }
    # In September one had not come yet.
    assert states(ScoreSheet.objects.all()) == {
        ("2026-09", "locked"): 29,
        ("2026-10", "locked"): 30,
    }
    assert ScoreSheet.objects.filter(total=None).values_list("month", "branch__code").get() == (
        "2026-10",
        "B004",
    )
    assert states(Objection.objects.all(), "sheet__manager__name", "state") == {
        ("林晓岚", "upheld"): 1,
        ("陈嘉怡", "rejected"): 1,
    }
    assert states(Correction.objects.all(), "sheet__month", "state") == {
        ("2026-09", "approved"): 1,
        ("2026-10", "proposed"): 1,
    }
    assert states(Case.objects.all(), "month", "item", "state") == {
        ("2026-09", "B3", "approved"): 1,
        ("2026-10", "B3", "approved"): 1,
        ("2026-10", "D1", "approved"): 1,
        ("2026-10", "B2", "approved"): 1,
        ("2026-10", "D3", "approved"): 1,
        ("2026-11", "B2", "reviewed"): 1,
        ("2026-11", "D1", "filed"): 1,
    }
    assert states(Complaint.objects.all(), "complainant", "state") == {
        ("customer", "upheld"): 1,
        ("customer", "open"): 1,
        ("employee", "open"): 1,
    }
    assert states(Bulletin.objects.all()) == {
        ("2026-09", "published"): 1,
        ("2026-10", "published"): 1,
    }
    assert states(SpotCheck.objects.all(), "month", "phase") == {
        ("2026-09", "provisional"): 6,
        ("2026-09", "frozen"): 6,
        ("2026-10", "provisional"): 6,
        ("2026-10", "frozen"): 6,
    }
    assert set(Finding.objects.values_list("state", flat=True)) == {
        *("open", "confirmed", "answered", "closed", "carried", "dropped"),
    }
    assert SignFor.objects.filter(person__name="赵国梁", signed_at=None).count() == 1
    assert Edition.objects.filter(state="waiting").count() == 14
    assert Mark.objects.filter(month="2026-11", kind="exam").exists()
    _the_worker_does_what_is_left()


def _the_worker_does_what_is_left() -> None:
    """Every kind of job that waits can be done; of the heavy ones one is tried."""
    for kind in HEAVY:
        kept = Job.objects.filter(kind=kind).order_by("pk").first()
        assert kept is not None
        Job.objects.filter(kind=kind).exclude(pk=kept.pk).delete()

    jobs.tick(MID_MONTH)
    jobs.run_due(MID_MONTH)

    assert not Job.objects.exclude(error="").exists()
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert Edition.objects.filter(state="ready").count() == 1


def test_on_the_first_working_day_the_month_before_is_being_closed(tmp_path: Path) -> None:
    loaded(FIRST_WORKING_DAY)

    assert_alive(FIRST_WORKING_DAY, tmp_path)
    # Targets are written on this day and issued on the next.
    assert states(TargetSheet.objects.all()) == {
        ("2026-10", "issued"): 6,
        ("2026-11", "issued"): 6,
    }
    assert states(ScoreSheet.objects.all()) == {("2026-10", "locked"): 29}
    assert states(SpotCheck.objects.all(), "month", "phase") == {
        ("2026-10", "provisional"): 6,
        ("2026-10", "frozen"): 6,
        ("2026-11", "provisional"): 6,
    }
    assert states(Bulletin.objects.all()) == {("2026-10", "published"): 1}
    assert states(Case.objects.filter(month="2026-11"), "item", "state") == {
        ("B3", "reviewed"): 1,
        ("B2", "approved"): 1,
        ("B2", "reviewed"): 1,
        ("D3", "approved"): 1,
        ("D1", "filed"): 2,
    }
    assert Bill.objects.filter(month="2026-11").exists()


def test_on_the_tenth_working_day_the_bulletin_waits_and_all_is_made_the_same_again() -> None:
    with transaction.atomic():
        loaded(TENTH_WORKING_DAY)
        first = {model.__name__: Counter(_plain(model)) for model in COMPARED}
        transaction.set_rollback(True)
    loaded(TENTH_WORKING_DAY)

    assert states(Bulletin.objects.all()) == {
        ("2026-09", "published"): 1,
        ("2026-10", "proposed"): 1,
    }
    assert states(ScoreSheet.objects.all()) == {
        ("2026-09", "locked"): 29,
        ("2026-10", "locked"): 30,
    }
    # The exam is at the month's end.
    assert not Mark.objects.filter(month="2026-11", kind="exam").exists()
    assert states(Consequence.objects.all()) == {
        ("2026-09", "accepted"): 3,
        ("2026-10", "open"): 3,
    }
    assert all(first.values())
    assert {model.__name__: Counter(_plain(model)) for model in COMPARED} == first


def _plain(model: type[Model]) -> Iterator[str]:
    """Every row in words, without what a sequence gave."""
    fields = [
        one.attname
        for one in model._meta.concrete_fields
        if not one.is_relation and one.attname not in ("id", "by_sealed", "count_key", "digest")
    ]
    for row in model._default_manager.order_by().values_list(*fields):
        yield str(row)
