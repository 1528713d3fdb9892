"""Minutes as pure functions: their rows, what is missing in them, their number (annex 3.5).

Rows come and go while they are written; each keeps its key through every version.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from confidentiality.rules import INTERNAL
from core.periods import Week

TOPIC_AT_MOST: Final = 120
SPEAKER_AT_MOST: Final = 40
TEXT_AT_MOST: Final = 2000
CONTENT_AT_MOST: Final = 200
EVIDENCE_AT_MOST: Final = 60
OPINION_AT_MOST: Final = 1000
ROWS_AT_MOST: Final = 40
HELPERS_AT_MOST: Final = 40
KEY: Final = re.compile(r"[a-z0-9]{1,12}")
# An action is due within this many days of its meeting.
DUE_WITHIN: Final = 366

_AT_MOST: Final = {
    "topic": TOPIC_AT_MOST,
    "speaker": SPEAKER_AT_MOST,
    "discussion": TEXT_AT_MOST,
    "conclusion": TEXT_AT_MOST,
    "content": CONTENT_AT_MOST,
    "evidence": EVIDENCE_AT_MOST,
}
# What stands for a meeting's own duty in the number of its minutes: HY-20261109-JN-W46.
_SHORT: Final = {"standup": "D", "gm": "G", "analysis": "A"}


@dataclass(frozen=True)
class Item:
    """An item of the agenda: what kind, who spoke, what was said, what came of it.

    ``document`` and ``contribution`` are what it was about; ``is_kept`` is False for one that
    was taken out and may come back.
    """

    key: str
    kind: str = ""
    topic: str = ""
    speaker: str = ""
    discussion: str = ""
    conclusion: str = ""
    document: int | None = None
    contribution: int | None = None
    is_kept: bool = True

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written in it."""
        return not (self.topic or self.discussion or self.conclusion)


@dataclass(frozen=True)
class ActionLine:
    """Something to be done: what, by whom, by when (ISO day as typed), proved by what.

    One owner answers for it; ``helpers`` (person ids) do it with him.
    """

    key: str
    content: str = ""
    owner: int | None = None
    due_on: str = ""
    evidence: str = ""
    is_kept: bool = True
    helpers: tuple[int, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written in it."""
        return not (self.content or self.owner or self.helpers or self.due_on or self.evidence)


@dataclass(frozen=True)
class Gap:
    """Something still missing: the field (``items.k1.conclusion``), which sentence says so.

    ``place`` is the row's number as it stands, from 1.
    """

    field: str
    kind: str
    place: int = 0
    values: tuple[str, ...] = ()


Row = TypeVar("Row", Item, ActionLine)


def written(rows: Iterable[Row]) -> list[tuple[int, Row]]:
    """The rows that count, with their places: kept, and with something in them."""
    kept = [row for row in rows if row.is_kept]
    return [(place, row) for place, row in enumerate(kept, 1) if not row.is_blank]


def minutes_gaps(
    items: Collection[Item],
    actions: Collection[ActionLine],
    *,
    kinds: Collection[str],
    owners: Collection[int],
    held_on: date,
) -> list[Gap]:
    """What keeps the minutes from being submitted: each item needs a kind, a topic and a
    conclusion, each action an owner and a date (annex 3.5).

    ``kinds`` are those there are, ``owners`` the people of the branch: they own and help.
    """
    gaps: list[Gap] = []
    found = written(items)
    if not found:
        gaps.append(Gap("items", "empty"))
    agreed = written(actions)
    for name, count in (("items", len(found)), ("actions", len(agreed))):
        if count > ROWS_AT_MOST:
            gaps.append(Gap(name, "many", values=(str(ROWS_AT_MOST),)))
    for place, item in found:
        gaps += _item_gaps(place, item, kinds)
    for place, action in agreed:
        gaps += _action_gaps(place, action, owners, held_on)
    return gaps


def _item_gaps(place: int, item: Item, kinds: Collection[str]) -> list[Gap]:
    at = f"items.{item.key}"
    gaps = [] if item.kind in kinds else [Gap(f"{at}.kind", "kind", place)]
    gaps += [
        Gap(f"{at}.{name}", name, place)
        for name in ("topic", "conclusion")
        if not getattr(item, name)
    ]
    return gaps + _long(at, place, item, ("topic", "speaker", "discussion", "conclusion"))


def _action_gaps(
    place: int, action: ActionLine, owners: Collection[int], held_on: date
) -> list[Gap]:
    at = f"actions.{action.key}"
    gaps = [] if action.content else [Gap(f"{at}.content", "content", place)]
    if action.owner is None:
        gaps.append(Gap(f"{at}.owner", "owner", place))
    elif action.owner not in owners:
        gaps.append(Gap(f"{at}.owner", "stranger", place))
    if not set(action.helpers) <= set(owners):
        gaps.append(Gap(f"{at}.helpers", "helper", place))
    due_on = day_of(action.due_on)
    if due_on is None:
        gaps.append(Gap(f"{at}.due_on", "due", place))
    elif not 0 <= (due_on - held_on).days <= DUE_WITHIN:
        gaps.append(Gap(f"{at}.due_on", "range", place))
    return gaps + _long(at, place, action, ("content", "evidence"))


def _long(at: str, place: int, row: Item | ActionLine, names: tuple[str, ...]) -> list[Gap]:
    return [
        Gap(f"{at}.{name}", "long", place, (str(_AT_MOST[name]),))
        for name in names
        if len(getattr(row, name)) > _AT_MOST[name]
    ]


def day_of(text: str) -> date | None:
    """The day of an ISO text, None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def may_read_minutes(level: int, *, was_expected: bool, leads_or_inspects: bool) -> bool:
    """Whether whoever sees a meeting reads what its minutes say (C2, annex 9.1).

    Ordinary minutes are internal: the branch's. Above that they are for a named group: whoever was
    expected at the meeting, chaired or recorded it, who leads the branch, who inspects it.
    """
    return level <= INTERNAL or was_expected or leads_or_inspects


def level_borne(own_level: int, meeting_level: int) -> int:
    """The level that a version bears: its own, and never less than the meeting's.

    A higher one counts from the submission; a lower one once it is approved (annex 9.2).
    """
    return max(own_level, meeting_level)


def unspoken(items: Iterable[Item], wanted: Collection[str]) -> list[str]:
    """Of the kinds that must be talked about (M3.1, A2) those that no item is of."""
    spoken = {row.kind for _place, row in written(items)}
    return [kind for kind in wanted if kind not in spoken]


def minutes_number(kind: str, key: str, branch_code: str, on: date) -> str:
    """The number on paper: HY-20261109-JN-W46, a G, A or D for the other meetings."""
    own = f"W{Week.parse(key).number:02}" if kind == "weekly" else _SHORT[kind]
    return f"HY-{on:%Y%m%d}-{branch_code}-{own}"
