"""``manage.py make_company``: fill an empty database of any size with a company that never was."""

import time
from argparse import ArgumentParser
from datetime import date, datetime
from datetime import time as clock_time
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.periods import instant, local_date
from desk.demo.company import Scale, make_company
from organization.models import Branch

# A day in the past is looked at from its afternoon, when half of it has been written.
_AFTERNOON: Final = clock_time(16, 0)


def moment_of(until: date | None, now: datetime) -> datetime:
    """Up to when things have happened: now, or the afternoon of another day."""
    if until is None or until == local_date(now):
        return now
    return instant(until, _AFTERNOON)


class Command(BaseCommand):
    """Makes people, customers, and weeks of logs, summaries, roll-ups and consolidations."""

    help = (
        "Fill an empty database with an invented company: the same rows for the same numbers. "
        "Nobody can sign in before a password is set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How large, how long, from what seed, until when."""
        parser.add_argument("--branches", type=int, required=True)
        parser.add_argument("--managers", type=int, required=True, help="in each branch")
        parser.add_argument("--weeks", type=int, required=True, help="closed weeks; 0: none at all")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--until", type=date.fromisoformat, metavar="YYYY-MM-DD", help="today when left out"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, and say how long each part took."""
        if Branch.objects.exists():
            raise CommandError("The database is not empty: there are branches in it.")
        if min(options["branches"], options["managers"]) < 1 or options["weeks"] < 0:
            raise CommandError("At least one branch, one manager, and no less than 0 weeks.")
        started = time.monotonic()

        def say(line: str) -> None:
            self.stdout.write(f"{time.monotonic() - started:7.1f} s  {line}")

        scale = Scale(
            branches=options["branches"],
            managers=options["managers"],
            weeks=options["weeks"],
            seed=options["seed"],
            at=moment_of(options["until"], clock.now()),
        )
        make_company(scale, say=say)
        say("done")
