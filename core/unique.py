"""Two who write the same at the same instant: the second is told so, and nothing breaks."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.errors import Refused

_UNIQUE_VIOLATION: Final = "23505"


@contextmanager
def unless_taken(look_again: Callable[[], object]) -> Iterator[None]:
    """Write in a savepoint what a unique constraint may refuse, though it was looked at before.

    ``look_again`` is the check that passed a moment ago; now that the other one's row stands it
    raises Refused with its own sentence. Where it finds nothing, Refused says that somebody was
    first. Other faults of integrity are raised as they are.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if not is_taken(error):
            raise
        look_again()
        raise Refused(_("刚才有人先保存了同样的内容，请刷新后再看。")) from error


def is_taken(error: IntegrityError) -> bool:
    """Whether a unique constraint refused, and not another one."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return cause.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_UNIQUE
    return getattr(cause, "sqlstate", "") == _UNIQUE_VIOLATION
