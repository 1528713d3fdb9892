"""The canonical form of a value: what "the same content" means, and its digest."""

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and without spaces; decimals and moments as text."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain
    )


def digest(value: Any) -> str:
    """SHA-256 over the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def check_storable(value: Any) -> None:
    """Raise ValueError for texts that no database stores: with a NUL or half a character."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("a text with NUL")
        value.encode()
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_storable(key)
            check_storable(inner)
    elif isinstance(value, list):
        for inner in value:
            check_storable(inner)
