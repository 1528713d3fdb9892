"""The demonstration's months stand where people and the clock have brought them by its moment."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, Model, QuerySet

from core import jobs
from core.models import Job
from desk.demo import stage
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
from reports.models import Bulletin, Edition, SignFor, SpotCheck
from tests.cast import at

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.embedded]

MID_MONTH = at("2026-11-24 11:00:00")
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


def test_in_the_middle_of_a_month_two_are_closed_and_one_runs() -> None:
    loaded(MID_MONTH)

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
    assert not Mark.objects.filter(month="2026-11", kind="exam").exists()
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


def test_on_the_first_working_day_the_month_before_is_being_closed() -> None:
    loaded(FIRST_WORKING_DAY)

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
