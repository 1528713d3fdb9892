"""The code that a meeting's screen shows and the attendees' phones bring back (annex 3.5).

A code bears its meeting and the moment it was made, under a keyed hash: nothing is stored, and
nobody makes one up.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from core.sealing import blind

_CODE: Final = re.compile(r"([0-9a-z]{1,13})-([0-9a-z]{1,9})-([0-9a-f]{16})")
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LATEST: Final = 253_402_300_799
LONGEST: Final = 60


@dataclass(frozen=True)
class SignInCode:
    """What a code says; ``is_ours`` whether the hash fits, which a made-up one does not."""

    meeting_id: int
    made_at: datetime
    is_ours: bool


def code_for(meeting_id: int, at: datetime) -> str:
    """The code of a meeting made at a moment (whole seconds)."""
    seconds = int(at.timestamp())
    return f"{_short(meeting_id)}-{_short(seconds)}-{_mark(meeting_id, seconds)}"


def read_code(text: str) -> SignInCode | None:
    """What a code says; None for what does not look like one."""
    found = _CODE.fullmatch(text.strip().lower())
    if found is None:
        return None
    meeting_id, seconds = int(found[1], 36), int(found[2], 36)
    if seconds > _LATEST or meeting_id >= 2**63:
        return None
    is_ours = hmac.compare_digest(found[3], _mark(meeting_id, seconds))
    return SignInCode(meeting_id, datetime.fromtimestamp(seconds, UTC), is_ours)


def device_hash(device: str) -> str:
    """How a phone is remembered: as a keyed hash of what its browser keeps."""
    return blind(f"device:{device}")


def _mark(meeting_id: int, seconds: int) -> str:
    return blind(f"sign-in:{meeting_id}:{seconds}")[:16]


def _short(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits or "0"
