"""``manage.py load_demo``: the company that ``make run`` shows in an empty database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from desk.demo.stage import load_demo
from organization.models import Branch


class Command(BaseCommand):
    """Loads the demonstration once; whoever has own data never gets it."""

    help = "Load the demonstration company, with one sign-in per role, into an empty database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--if-empty."""
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing, in silence, where there is data"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it, or say why not."""
        if Branch.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError(
                "The database is not empty: there are branches in it. If they are the "
                "demonstration's, `manage.py sign_ins` prints its job numbers and its password."
            )
        load_demo(at=clock.now(), say=self.stdout.write)
