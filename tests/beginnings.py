"""Beginnings that many stories share beyond the cast: a month of work, a month checked."""

import pytest

from tests.cast import Cast, make_cast
from tests.domain.bulletins import checked_november
from tests.domain.scores import computed, month_of_work
from tests.kept import KEPT, Kept


def _scored() -> Cast:
    cast = make_cast()
    month_of_work(cast)
    computed()
    return cast


KEPT["scored_november"] = Kept(_scored)
KEPT["checked"] = Kept(lambda: checked_november(make_cast()))


@pytest.fixture
def scored_november(db: None) -> Cast:
    """November's sheets are computed; 林晓岚 has 91.88 points, the others are not rated."""
    return KEPT["scored_november"].again()


@pytest.fixture
def checked(db: None) -> Cast:
    """November is filed and checked, its reports frozen (``bulletins.checked_november``)."""
    return KEPT["checked"].again()
