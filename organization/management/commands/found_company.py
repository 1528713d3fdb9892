"""``manage.py found_company``: the first two administrators of an empty installation."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core import audit, clock
from core.actors import Actor
from core.names import firm_keys, person_keys, search_text
from core.periods import local_date
from organization.choices import BranchKind, Role
from organization.models import Branch, Person, RoleGrant
from organization.passwords import one_time_password

FOUNDER = Actor(None, "系统", "", None, frozenset(), None, door="shell")


class Command(BaseCommand):
    """Makes head office, a system administrator and a security administrator.

    Everything else is imported or added in the pages by these two, who must be two people
    (annex 1); the passwords are printed once, run out, and must be changed at the first sign-in.
    """

    help = "Found a company in an empty database and print two one-time passwords."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name head office and the two people."""
        parser.add_argument("--code", default="B000", help="head office's code")
        parser.add_argument("--name", default="公司本部", help="head office's name")
        for role in ("sysadmin", "secadmin"):
            parser.add_argument(f"--{role}", nargs=2, required=True, metavar=("JOB_NUMBER", "NAME"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse where there already is somebody; else write and print."""
        if Person.objects.exists():
            raise CommandError("There are people in this database: it has been founded already.")
        if options["sysadmin"][0] == options["secadmin"][0]:
            raise CommandError("The two administrators must be two people.")
        at = clock.now()
        passwords = {role: one_time_password() for role in ("sysadmin", "secadmin")}
        encoded = {role: make_password(password) for role, password in passwords.items()}
        with transaction.atomic():
            head = Branch.objects.create(
                code=options["code"],
                name=options["name"],
                kind=BranchKind.HEAD,
                sort_key=firm_keys(options["name"]).sort_key,
            )
            for role in (Role.SYSADMIN, Role.SECADMIN):
                number, name = options[role.value]
                found(head, role, number, name, encoded[role.value], at)
        for role in (Role.SYSADMIN, Role.SECADMIN):
            number, name = options[role.value]
            self.stdout.write(f"{role.value} {number} {name} {passwords[role.value]}")


def found(head: Branch, role: Role, number: str, name: str, encoded: str, at: datetime) -> None:
    """Write one of the first people with the role that lets the company grow."""
    keys = person_keys(name)
    person = Person.objects.create(
        job_number=number,
        name=name,
        branch=head,
        post=str(role.label),
        password=encoded,
        password_set_at=at,
        search_text=search_text(name, keys, number, limit=240),
        sort_key=keys.sort_key,
    )
    RoleGrant.objects.create(
        person=person, role=role, branch=head, valid_from=local_date(at), why="建立"
    )
    audit.record(
        actor=FOUNDER,
        at=at,
        what="organization.found_company",
        target_type="person",
        target_id=person.pk,
        target_label=name,
        branch_id=head.pk,
        after={"role": role.value, "job_number": number},
    )
