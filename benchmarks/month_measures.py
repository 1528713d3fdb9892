"""What is measured of a month, each as seconds and statements; needs a Django that is set up."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.core.management import call_command
from django.db import connection

from benchmarks.measures import row
from core import clock
from core.actors import Actor
from core.bulk import load
from core.jobs import Progress
from core.periods import Month, local_date
from desk.demo.company import Scale, make_company
from kpi.computing import computed_sheets, counted_inputs, scheme_for
from kpi.history import suggested
from kpi.jobs import compute_sheets
from kpi.models import Indicator, Mark, Result, Scheme, ScoreSheet, TargetSheet, TargetVersion
from kpi.next_points import next_points
from kpi.operations.sheets import lock_month
from kpi.queries.sheets import sheet_table
from kpi.roster import Roster, roster_of
from kpi.scheme import parsed
from organization.models import Person
from organization.queries import actor_of

_INDICATORS: Final = ("M1", "M2", "M3", "M4", "M5", "S1")
_EXAMS: Final = ("P4", "P5a")
_QUESTIONS: Final = ("opening", "wording", "needs", "product", "courtesy", "record")


def table(options: dict[str, int]) -> Iterator[str]:
    """The whole table, line by line as it comes about."""
    call_command("migrate", verbosity=0)
    at = clock.now()
    make_company(
        Scale(options["branches"], options["managers"], options["weeks"], options["seed"], at),
        say=_silent,
    )
    month = Month.containing(local_date(at))
    roster = roster_of(month)
    _fill(roster, month, at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    scheme = scheme_for(month, at)
    if scheme is None:
        raise LookupError("no scheme scores the month")
    content = parsed(scheme.content)
    args = {"month": month.key, "cut": at.isoformat()}
    yield "| what | seconds | statements |"
    yield "| --- | ---: | ---: |"
    yield row("who is scored", lambda: roster_of(month))
    yield row(
        f"count what {len(roster.ids):,} managers did",
        lambda: counted_inputs(content, month, roster.ids, at),
    )
    yield row("score them, with what they did", lambda: list(computed_sheets(scheme, month, at)))
    yield row(
        "compute and keep all sheets (the job)",
        lambda: compute_sheets(args, at, Progress(0, 0, at))(),
    )
    yield from _reading(scheme, month, roster, at)
    yield ""
    yield f"{ScoreSheet.objects.count():,} sheets, {Mark.objects.count():,} marks."


def _reading(scheme: Scheme, month: Month, roster: Roster, at: datetime) -> Iterator[str]:
    reader = _market(at)
    yield row("one page of the company's sheets", lambda: sheet_table(reader, month))
    yield row("one manager's next best points", lambda: next_points(roster.ids[0], at))
    yield row("lock the month", lambda: lock_month(month=month, at=at))
    yield row("what follows from it", lambda: suggested(month, parsed(scheme.content)))


def _market(at: datetime) -> Actor:
    """Somebody of the market department."""
    person = Person.objects.with_role(["market"], local_date(at)).earliest("pk")
    return actor_of(person, at=at)


def _fill(roster: Roster, month: Month, at: datetime) -> None:
    """Targets, results and marks of everybody."""
    indicators = dict(Indicator.objects.values_list("code", "pk"))
    issuer = Person.objects.earliest("pk")
    load(
        Result,
        ("indicator", "manager", "branch", "month", "value", "source", "recorded_at"),
        (
            (
                indicators[code],
                one.manager_id,
                one.branch.pk,
                month.key,
                Decimal(80 + n),
                "typed",
                at,
            )
            for n, one in enumerate(roster.members)
            for code in _INDICATORS
        ),
    )
    load(
        Mark,
        ("manager", "branch", "month", "item", "kind", "question", "value", "recorded_at",
         "recorded_by"),
        (
            (one.manager_id, one.branch.pk, month.key, item, kind, question, value, at, issuer.pk)
            for one in roster.members
            for item, kind, question, value in _marks()
        ),
    )  # fmt: skip
    by_branch: dict[int, list[int]] = {}
    for one in roster.members:
        by_branch.setdefault(one.branch.pk, []).append(one.manager_id)
    sheets = TargetSheet.objects.bulk_create(
        [
            TargetSheet(
                branch_id=branch_id, month=month.key, state="issued", newest=1, updated_at=at
            )
            for branch_id in by_branch
        ]
    )
    TargetVersion.objects.bulk_create(
        [
            TargetVersion(
                sheet=sheet,
                number=1,
                content=_targets(by_branch[sheet.branch_id]),
                digest="",
                issued_at=at,
                issued_by=issuer,
            )
            for sheet in sheets
        ]
    )


def _marks() -> Iterator[tuple[str, str, str, Decimal]]:
    for item in _EXAMS:
        yield item, "exam", "", Decimal(88)
    for question in _QUESTIONS:
        yield "P2c", "rating", question, Decimal(4)


def _targets(manager_ids: list[int]) -> dict[str, object]:
    return {
        "lines": [
            {
                "code": code,
                "unit": "",
                "places": 2,
                "adding": "sum",
                "parts": [{"manager": each, "value": "100.00"} for each in manager_ids],
            }
            for code in _INDICATORS
        ]
    }


def _silent(_line: str) -> None:
    """Nobody listens."""
