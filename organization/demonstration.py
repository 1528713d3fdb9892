"""Who may sign in to the demonstration: one person per role, all with one password."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import check_password

from organization.choices import Role
from organization.models import Person, RoleGrant

# Whoever loads the demonstration leaves its password here, readable by its owner only.
PASSWORD_FILE: Final = "demo_password"  # noqa: S105 - the name of a file
# Of these two are told: one drafts, another one approves.
_IN_PAIRS: Final = frozenset({Role.MARKET})


def demonstration_password() -> str:
    """The password of the demonstration; "" where none was loaded."""
    path = Path(settings.VAR_DIR) / "secrets" / PASSWORD_FILE
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def demonstration_sign_ins(on: date) -> list[tuple[Role, Person]]:
    """Who signs in with that password, in the order of roles; nobody once it has been changed."""
    password = demonstration_password()
    if not password:
        return []
    found: dict[str, list[Person]] = {}
    grants = (
        RoleGrant.objects.in_force_on(on)
        .filter(person__in=Person.objects.in_post_on(on), person__must_change_password=False)
        .select_related("person", "person__branch")
        .order_by("person__job_number")
    )
    for grant in grants:
        told = found.get(grant.role, [])
        if len(told) < 1 + (grant.role in _IN_PAIRS) and _fits(password, grant.person.password):
            found.setdefault(grant.role, []).append(grant.person)
    return [(role, person) for role in Role for person in found.get(role, [])]


@cache
def _fits(password: str, encoded: str) -> bool:
    return check_password(password, encoded)
