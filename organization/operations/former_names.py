"""Names that were given up stay known, so that what was cut before goes on bearing them."""

from collections.abc import Iterable
from datetime import datetime

from organization.models import Branch, FormerName, Person


def keep_names(given_up: Iterable[tuple[Person | Branch, str]], *, until: datetime) -> None:
    """Keep what people or branches were called until now; part of the operation that renames."""
    FormerName.objects.bulk_create(
        [
            FormerName(
                person=one if isinstance(one, Person) else None,
                branch=one if isinstance(one, Branch) else None,
                name=name,
                until=until,
            )
            for one, name in given_up
            if name != one.name
        ],
        batch_size=500,
    )
