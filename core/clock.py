"""The one place that asks the time."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

_NOW = {
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
    "sqlite": "SELECT unixepoch('now')",
}


def now() -> datetime:
    """The database's clock, shifted by CLOCK_OFFSET, cut to whole seconds, in UTC.

    One statement of its own: call it before ``atomic()``, since inside a transaction a wait
    for a lock would pass between the receipt and the reading.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOW[connection.vendor])
        seconds = int(cursor.fetchone()[0])
    return datetime.fromtimestamp(seconds, UTC) + timedelta(seconds=settings.CLOCK_OFFSET)
