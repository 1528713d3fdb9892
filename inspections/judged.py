"""What a check says of a branch: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Fault:
    """One thing that was not done, or not as it should be: its kind, its row, whose it is.

    ``label`` and ``note`` are Chinese, as frozen; ``facts`` are what the sentence is made of,
    so that a page says it in the reader's language (inspections.words.sentence).
    """

    kind: str
    label: str
    url: str
    person_id: int | None = None
    note: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """A branch's month by one check: how many things were looked at, and what was wrong.

    ``kept_share`` is the share that was right, of items that give points in proportion; None
    of those that lose points per fault. Nothing looked at means "not checked".
    """

    checked: int
    faults: tuple[Fault, ...] = ()
    kept_share: Decimal | None = None
