"""``manage.py duties``: which duties fall due in a span of days, as JSON lines."""

import json
from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from core.periods import local
from duties.queries import periods_due
from organization.choices import BranchKind
from organization.models import Branch


class Command(BaseCommand):
    """Prints the periods whose deadline's local day lies in the span."""

    help = (
        "JSON lines {kind, branch, period, opens_at, deadline_at} of the duties that fall due "
        "from one day to another, by deadline, branch and kind; by rule where no row stands yet. "
        "Of a meeting (standup, weekly, gm, analysis) opens_at is the start and deadline_at the "
        "end, as it is now arranged: moved, or held together with another. Cancelled by hand it "
        "is still owed and stays a line, at the time last arranged; what the calendar cancels, "
        "and the stand-up that a weekly meeting replaces, is not owed and has none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--from, --to, --branch."""
        parser.add_argument("--from", dest="first", required=True, type=date.fromisoformat)
        parser.add_argument("--to", dest="last", required=True, type=date.fromisoformat)
        parser.add_argument("--branch", help="code or name; without it every branch")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the lines."""
        first, last, wanted = options["first"], options["last"], options["branch"]
        if last < first:
            raise CommandError("--to is before --from")
        branches = Branch.objects.filter(kind=BranchKind.BRANCH)
        if wanted:
            branches = branches.filter(Q(code=wanted) | Q(name=wanted))
            if not branches.exists():
                raise CommandError(f"--branch: there is no branch {wanted}")
        for line in periods_due(first, last, list(branches)):
            answer = {
                "kind": line.kind,
                "branch": line.branch.code,
                "period": line.period.key,
                "opens_at": _text(line.times.opens_at),
                "deadline_at": _text(line.times.deadline_at),
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False))


def _text(at: datetime) -> str:
    return local(at).isoformat(timespec="seconds")
