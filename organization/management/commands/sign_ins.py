"""``manage.py sign_ins``: one sign-in per role of the demonstration, with its password."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.management.base import BaseCommand

from core import clock
from core.periods import local_date
from organization.choices import Role
from organization.models import Person, RoleGrant

# Whoever loads the demonstration leaves its password here, readable by its owner only.
PASSWORD_FILE: Final = "demo_password"  # noqa: S105 - the name of a file
# Of these two are told: one drafts, another one approves.
_IN_PAIRS: Final = frozenset({Role.MARKET})


class Command(BaseCommand):
    """Says nothing where there is no demonstration, or its password has been changed."""

    help = "Print one sign-in per role of the demonstration company."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each role, the password once."""
        path = Path(settings.VAR_DIR) / "secrets" / PASSWORD_FILE
        if not path.exists():
            return
        password = path.read_text(encoding="utf-8").strip()

        @cache
        def fits(encoded: str) -> bool:
            return check_password(password, encoded)

        on = local_date(clock.now())
        found: dict[str, list[Person]] = {}
        grants = (
            RoleGrant.objects.in_force_on(on)
            .filter(person__in=Person.objects.in_post_on(on), person__must_change_password=False)
            .select_related("person", "person__branch")
            .order_by("person__job_number")
        )
        for grant in grants:
            told = found.get(grant.role, [])
            if len(told) < 1 + (grant.role in _IN_PAIRS) and fits(grant.person.password):
                found.setdefault(grant.role, []).append(grant.person)
        if not found:
            return
        self.stdout.write(f"密码 Password: {password}")
        for role in Role:
            for person in found.get(role, []):
                label, place = role.label, person.branch.name
                self.stdout.write(f"  {person.job_number}  {label} {person.name}（{place}）")
