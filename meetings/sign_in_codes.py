"""The code that a meeting's screen shows and the attendees' phones bring back (annex 3.5).

A code bears its meeting and the moment it was made, under a keyed hash: nothing is stored, and
nobody makes one up. Beside it the screen shows a number of two digits, another every ten seconds,
which whoever signs in must see: a picture of the screen that was sent on has soon lost its worth.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from core.sealing import blind
from meetings.attendance_rules import NUMBER_LIVES
from meetings.rules import CODE_LIVES

_CODE: Final = re.compile(r"([0-9a-z]{1,13})-([0-9a-z]{1,9})-([0-9a-f]{16})")
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LATEST: Final = 253_402_300_799
LONGEST: Final = 60
_TURN: Final = int(NUMBER_LIVES.total_seconds())


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


@dataclass(frozen=True)
class ScreenNumber:
    """A number and from when it stands on the screen."""

    number: str
    shown_from: datetime


def screen_number(meeting_id: int, at: datetime) -> ScreenNumber:
    """The number beside the code at a moment."""
    turn = int(at.timestamp()) // _TURN
    number = int(blind(f"number:{meeting_id}:{turn}")[:8], 16) % 100
    return ScreenNumber(f"{number:02d}", datetime.fromtimestamp(turn * _TURN, UTC))


def numbers_of_a_code(meeting_id: int, made_at: datetime) -> list[ScreenNumber]:
    """The numbers that stand beside a code made at a moment, one after the other, as it lives."""
    turns = range(-(-int(CODE_LIVES.total_seconds()) // _TURN) + 1)
    return [screen_number(meeting_id, made_at + n * NUMBER_LIVES) for n in turns]


def is_number_shown(meeting_id: int, number: str, at: datetime) -> bool:
    """Whether a number stands on the screen now, or did just before."""
    return number in {screen_number(meeting_id, at - n * NUMBER_LIVES).number for n in (0, 1)}


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
