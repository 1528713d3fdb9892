"""Counts that several processes raise at once: each one counts, whichever cache keeps them."""

import base64
import pickle
from typing import Any

from django.core.cache import cache
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router, transaction


class CountingCache(DatabaseCache):
    """The database's cache with an ``incr`` that loses nothing and leaves the end where it was.

    Django's reads, adds and writes back: two at once count as one, and the count is kept for the
    cache's usual time from then on.
    """

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """One more (or ``delta``), behind a lock on the row; ValueError where there is none."""
        stored_key = self.make_and_validate_key(key, version)
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = connection.ops.quote_name(self._table)  # type: ignore[attr-defined]
        lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT 1 FROM {table} WHERE cache_key = %s{lock}",  # noqa: S608 - our own name
                [stored_key],
            )
            value = self.get(key, version=version)
            if value is None:
                raise ValueError(key)
            raised: int = value + delta
            cursor.execute(
                f"UPDATE {table} SET value = %s WHERE cache_key = %s",  # noqa: S608 - our own name
                [self._encoded(raised), stored_key],
            )
        return raised

    def _encoded(self, value: Any) -> str:
        return base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("latin1")


def counted(key: str, seconds: int) -> int:
    """One more under the key, which is forgotten so many seconds after the first; how many."""
    while True:
        if cache.add(key, 1, timeout=seconds):
            return 1
        try:
            return cache.incr(key)
        except ValueError:  # it ran out between the two: whoever comes first begins anew
            continue
