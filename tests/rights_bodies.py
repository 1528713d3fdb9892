"""Bodies that get past the reading of a request, so that only the right decides."""

from collections.abc import Callable
from typing import Any, Final

from organization.models import Person
from tests.cast import Cast

Body = Callable[[Cast, Person], Any]

BODIES: Final[dict[tuple[str, str], Body]] = {}
