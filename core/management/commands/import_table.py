"""``manage.py import_table``: a file into a table, from the shell."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import tables
from core import clock
from core.actors import Actor
from core.errors import Refused
from core.imports.direct import import_now
from core.imports.fitting import better_table, hint_of
from core.imports.tables import CHANGED, NEW, UNCHANGED, WRONG, table_of
from core.periods import Month
from core.workbooks import mark_wrong_rows

# Whoever has a shell on the machine is its administrator.
_SHELL = Actor(None, "命令行", "", None, frozenset({"sysadmin"}), None, door="shell")


def _month(key: str) -> Month:
    """The month of an argument; argparse says so where it is none."""
    return Month.parse(key)


class Command(BaseCommand):
    """Imports a file and prints what became of its rows as one JSON object."""

    help = "Import branches, staff, customers, logs or a month's numbers from an XLSX or CSV file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The table, the file, and what to do with them."""
        parser.add_argument("table", choices=sorted(tables.IMPORT_TABLES))
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--month", type=_month, metavar="YYYY-MM", help="of billing, results, requirements"
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument(
            "--errors",
            type=Path,
            metavar="OUT.xlsx",
            help="the file again, with a reason in red beside each wrong row",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import; a file that cannot be read as this table ends with 1 and the reason."""
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(str(error)) from error
        try:
            plan, layout = import_now(
                table_key=options["table"],
                content=content,
                filename=path.name,
                actor=_SHELL,
                at=clock.now(),
                month=options["month"],
                is_dry_run=options["dry_run"],
            )
        except Refused as refused:
            hint = self._better(content, options)
            raise CommandError(" ".join([str(refused.message), *hint.values()])) from refused
        if options["errors"] is not None:
            _name, marked = mark_wrong_rows(
                content,
                path.name,
                plan.reasons,
                sheet_name=layout.sheet.name,
                header_row=layout.header_row,
            )
            options["errors"].write_bytes(marked)
        counts = plan.counts
        if counts[WRONG] == len(plan.rows) and (hint := self._better(content, options)):
            self.stderr.write(" ".join(hint.values()))
        wrong = [{"row": row, "reason": reason} for row, reason in plan.reasons.items()]
        self.stdout.write(
            json.dumps(
                {
                    "new": counts[NEW],
                    "changed": counts[CHANGED],
                    "unchanged": counts[UNCHANGED],
                    "wrong": wrong,
                },
                ensure_ascii=False,
            )
        )

    def _better(self, content: bytes, options: dict[str, Any]) -> dict[str, str]:
        """The table that the file seems to be meant for, and a sentence; empty for no other one."""
        key = options["table"]
        better = better_table(
            content,
            options["file"].name,
            table_of(key),
            _SHELL,
            has_month=options["month"] is not None,
        )
        return {"better_table": better.key, "hint": hint_of(better.key, key)} if better else {}
