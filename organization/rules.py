"""Pure rules of the organisation: passwords' characters, sessions' ends, names of browsers."""

from datetime import datetime, timedelta
from typing import Final

_BROWSERS: Final = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("Lark", "Lark"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def kinds_of_characters(text: str) -> int:
    """How many of the four kinds occur: capitals, small letters, digits, anything else (C5)."""
    return sum(
        (
            any(ch.isascii() and ch.isupper() for ch in text),
            any(ch.isascii() and ch.islower() for ch in text),
            any(ch.isascii() and ch.isdigit() for ch in text),
            any(not (ch.isascii() and ch.isalnum()) for ch in text),
        )
    )


def is_session_over(
    started_at: datetime, seen_at: datetime, at: datetime, *, idle: timedelta, longest: timedelta
) -> bool:
    """Whether a session has ended: nothing came for ``idle``, or it is ``longest`` old."""
    return at >= seen_at + idle or at >= started_at + longest


def browser_name(agent: str) -> str:
    """A browser and its system in two words, from the User-Agent; "" when neither is known."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return " · ".join(filter(None, (browser, system)))
