"""``manage.py sign_ins``: one sign-in per role of the demonstration, with its password."""

from typing import Any

from django.core.management.base import BaseCommand

from core import clock
from core.periods import local_date
from organization.demonstration import demonstration_password, demonstration_sign_ins


class Command(BaseCommand):
    """Says nothing where there is no demonstration, or its password has been changed."""

    help = "Print one sign-in per role of the demonstration company."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each role, the password once."""
        found = demonstration_sign_ins(local_date(clock.now()))
        if not found:
            return
        self.stdout.write(f"密码 Password: {demonstration_password()}")
        for role, person in found:
            place = person.branch.name
            self.stdout.write(f"  {person.job_number}  {role.label} {person.name}（{place}）")
