"""``manage.py tick``: plan what the clock brings and do everything that is due."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock, jobs
from core.periods import SHANGHAI


def moment(text: str) -> datetime:
    """An ISO instant as UTC; without an offset it is Shanghai's wall clock. Else ValueError."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).astimezone(UTC).replace(microsecond=0)


class Command(BaseCommand):
    """Catches up with the clock once, whatever was missed."""

    help = "Plan the clock's jobs up to now (or INSTANT) and run all that are due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--at."""
        parser.add_argument("--at", metavar="INSTANT", help="ISO; +08:00 when no offset is given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tick once."""
        try:
            at = moment(options["at"]) if options["at"] else clock.now()
        except ValueError as error:
            raise CommandError(f"--at: {error}") from error
        jobs.tick(at)
        self.stdout.write(f"{at.astimezone(SHANGHAI).isoformat()} {jobs.run_due(at)}")
