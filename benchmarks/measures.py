"""What is measured, each as seconds and statements; needs a Django that is set up."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext, override

from core import clock
from core.jobs import Progress
from core.periods import Week
from desk.demo.company import Scale, make_company
from duties.models import DutyPeriod
from organization.models import Branch, Person
from worklogs import contents, figures, jobs, rules
from worklogs.models import RollUp, ServiceLog, Summary
from worklogs.queries import board, company_week


class Meter:
    """Counts the statements of what it runs, and the seconds."""

    def __init__(self) -> None:
        """Nothing has run yet."""
        self.statements = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Django calls this around every statement."""
        self.statements += 1
        return execute(*arguments)


def row(what: str, run: Callable[[], object]) -> str:
    """One line of the table. COPY goes past Django's counting: so many more, one a table."""
    meter, started = Meter(), time.monotonic()
    with connection.execute_wrapper(meter):
        run()
    return f"| {what} | {time.monotonic() - started:.2f} | {meter.statements:,} |"


def table(options: dict[str, int]) -> Iterator[str]:
    """The whole table, line by line as it comes about."""
    call_command("migrate", verbosity=0)
    at = clock.now()
    scale = Scale(options["branches"], options["managers"], options["weeks"], options["seed"], at)
    yield "| what | seconds | statements |"
    yield "| --- | ---: | ---: |"
    yield row("make the company", lambda: make_company(scale, say=_silent))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    period = DutyPeriod.objects.filter(kind="summary", deadline_at__lt=at).latest("deadline_at")
    week, deadline_at = Week.parse(period.key), period.deadline_at
    branch = Branch.objects.get(pk=period.branch_id)
    managers = list(Summary.objects.filter(week=week.key).values_list("manager_id", flat=True))
    closing_at = rules.closing_at(deadline_at)
    args = {"week": week.key, "deadline": deadline_at.isoformat()}
    _warm_up(week)
    yield row(
        "close the week", lambda: jobs.close_week(args, closing_at, Progress(0, 0, closing_at))()
    )
    yield row(
        f"count the figures of {len(managers):,} managers",
        lambda: figures.counted(managers, week, deadline_at, at),
    )
    yield row("one branch's board", lambda: board(branch, week, at))
    yield row(
        "one branch's roll-up",
        lambda: contents.rollup_content(branch, week, comment="", left_out=(), cut=at),
    )
    yield row("the company's week", lambda: company_week(week, at))
    yield row(
        "the company's consolidation",
        lambda: contents.consolidation_content(week, comment="", cut=at),
    )
    yield ""
    yield (
        f"{Person.objects.count():,} people, {ServiceLog.objects.count():,} logs, "
        f"{Summary.objects.count():,} summaries, {RollUp.objects.count():,} roll-ups"
    )


def _silent(_line: str) -> None:
    """Nobody listens."""


def _warm_up(week: Week) -> None:
    """Read addresses and words, as a worker has long done when the week closes."""
    for code, _name in settings.LANGUAGES:
        with override(code):
            gettext("周报")
    reverse("board", args=[week.key])
