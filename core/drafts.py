"""What somebody is typing: saved as typed, guarded against a second window, never audited."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from core.errors import Stale
from core.models import Draft


@dataclass(frozen=True)
class Window:
    """Which window saves, and its how-manieth save it is; without a key none says so.

    A window leaves with a save still under way and sends a last one after it: both were typed on
    the same version. The second follows the first, and is no other window's.
    """

    key: str = ""
    sequence: int = 0


NO_WINDOW = Window()


def draft_of(owner_id: int, key: str) -> Draft | None:
    """The draft under this key, if there is one."""
    return Draft.objects.filter(owner_id=owner_id, key=key).first()


def _stale(draft: Draft | None) -> Stale:
    if draft is None:
        return Stale({"version": 0, "saved_at": "", "body": {}})
    return Stale(
        {
            "version": draft.version,
            "saved_at": draft.saved_at.isoformat(),
            "body": draft.body,
        }
    )


def save_draft(
    *,
    owner_id: int,
    key: str,
    body: dict[str, Any],
    expected_version: int,
    at: datetime,
    window: Window = NO_WINDOW,
) -> Draft:
    """Save what was typed; ``expected_version`` 0 means "there was no draft yet".

    What ``window`` alone has saved since that version is no hindrance: a later save of its own
    follows it, an earlier one that comes behind is passed over. Raises Stale with the other
    version when it was saved elsewhere in between.
    """
    values: dict[str, Any] = {
        "body": body,
        "saved_at": at,
        "window": window.key,
        "sequence": window.sequence,
    }
    standing = draft_of(owner_id, key)
    if standing is None and expected_version == 0:
        try:
            with transaction.atomic():
                return Draft.objects.create(owner_id=owner_id, key=key, **values)
        except IntegrityError:
            standing = draft_of(owner_id, key)
    # Once more where this window's own earlier save came in between.
    for _attempt in range(2):
        is_own = _is_own(standing, window, expected_version)
        if standing is None or not (is_own or standing.version == expected_version):
            break
        if is_own and _is_overtaken(standing, window, expected_version, standing.version):
            return standing
        updated = Draft.objects.filter(pk=standing.pk, version=standing.version).update(
            version=F("version") + 1, base=standing.base if is_own else expected_version, **values
        )
        standing = draft_of(owner_id, key)
        if updated and standing is not None:
            return standing
    raise _stale(standing)


def _is_own(draft: Draft | None, window: Window, since: int) -> bool:
    """Whether whatever was saved after that version was saved by this window."""
    return (
        draft is not None
        and bool(window.key)
        and draft.window == window.key
        and draft.base <= since
    )


def _is_overtaken(draft: Draft, window: Window, since: int, reached: int) -> bool:
    """Whether a later save of the same window has been written already."""
    return since < reached and draft.sequence >= window.sequence


def save_in_turn(
    *,
    owner_id: int,
    thing: str,
    expected_version: int,
    at: datetime,
    window: Window,
    save: Callable[[int], int],
) -> int:
    """The same for what is no draft: ``save`` writes ``thing`` on a version and gives the next.

    Which window saved it last is noted beside the drafts, in the transaction of the save.
    """
    turn = _Turn(owner_id, f"turn:{thing}", expected_version, at, window)
    try:
        return turn.saved(expected_version, save)
    except Stale:
        last = draft_of(owner_id, turn.key)
        if last is None or not _is_own(last, window, expected_version):
            raise
        reached = int(last.body["version"])
        if _is_overtaken(last, window, expected_version, reached):
            return reached
        return turn.saved(reached, save)


@dataclass(frozen=True)
class _Turn:
    """A save of something that is no draft."""

    owner_id: int
    key: str
    since: int
    at: datetime
    window: Window

    @transaction.atomic
    def saved(self, version: int, save: Callable[[int], int]) -> int:
        reached = save(version)
        if self.window.key:
            last = draft_of(self.owner_id, self.key)
            is_own = last is not None and _is_own(last, self.window, self.since)
            Draft.objects.update_or_create(
                owner_id=self.owner_id,
                key=self.key,
                defaults={
                    "body": {"version": reached},
                    "saved_at": self.at,
                    "window": self.window.key,
                    "sequence": self.window.sequence,
                    "base": last.base if last is not None and is_own else self.since,
                },
            )
        return reached


def discard_draft(owner_id: int, key: str) -> None:
    """Drop the draft: it was submitted, or is not wanted any more."""
    Draft.objects.filter(owner_id=owner_id, key=key).delete()
