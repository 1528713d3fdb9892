"""A beginning that many stories share: made once, and kept as long as they follow each other.

It stands in a transaction of its own, in which each story's transaction is rolled back. Whatever
comes next without it (an empty database, another beginning, real transactions) ends it first.

    KEPT["scored"] = Kept(make_scored)

    @pytest.fixture
    def scored(db: None) -> Cast:
        return KEPT["scored"].again()
"""

from collections.abc import Callable, Collection
from contextlib import ExitStack
from copy import deepcopy
from typing import Final

import pytest
from django.db import connection, transaction

from core import clock
from tests.cast import NOON, Cast


class Kept:
    """How a beginning is made, and the cast as it was then."""

    def __init__(self, make: Callable[[], Cast]) -> None:
        """Remember how; nothing is made before a story asks for it."""
        self._make = make
        self._cast: Cast | None = None
        self._standing = ExitStack()

    @property
    def stands(self) -> bool:
        """Whether it is in the database now."""
        return self._cast is not None

    def put_up(self) -> None:
        """Make it, unless it stands; what fails halfway leaves nothing."""
        if self._cast is not None:
            return
        with ExitStack() as standing:
            standing.enter_context(transaction.atomic())
            if connection.vendor == "postgresql":  # between two stories it may stand idle for long
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(clock, "now", lambda: NOON)
                self._cast = self._make()
            self._standing = standing.pop_all()

    def take_down(self) -> None:
        """Leave the database as it was, if it stands."""
        if self._cast is None:
            return
        self._cast = None
        transaction.set_rollback(True)
        self._standing.close()

    def again(self) -> Cast:
        """The cast as it was when it was made, whatever a story did to it."""
        assert self._cast is not None
        return deepcopy(self._cast)


# By the name of the fixture through which a story asks for it.
KEPT: Final[dict[str, Kept]] = {}


def begin_with(names: Collection[str]) -> None:
    """Put up what one of these fixtures gives; take down everything else."""
    for name, kept in KEPT.items():
        if name not in names:
            kept.take_down()
    for name, kept in KEPT.items():
        if name in names:
            kept.put_up()
