"""Migrate, then make the guards of the trail anew: a rebuilt table has lost them."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import connection

from core import guards


class Command(Migrate):
    """``migrate`` that leaves an append-only trail behind."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate and install the guards."""
        super().handle(*args, **options)
        if set(guards.GUARDED) <= set(connection.introspection.table_names()):
            guards.install()
