"""``manage.py one_time_password``: a way back in when no security administrator has one."""

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.actors import Actor
from organization.models import Person
from organization.operations.access import reset_password

# Whoever has a shell on the machine can do what its security administrator can.
_SHELL: Final = Actor(None, "命令行", "", None, frozenset({"secadmin"}), None, door="shell")


class Command(BaseCommand):
    """Resets a password and prints the one-time one; the trail names the shell."""

    help = "Print a one-time password for a job number; all sessions and tokens of it end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose."""
        parser.add_argument("job_number")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset and print."""
        person = Person.objects.filter(job_number=options["job_number"]).first()
        if person is None:
            raise CommandError("There is nobody with this job number.")
        self.stdout.write(reset_password(person_id=person.pk, actor=_SHELL, at=clock.now()))
