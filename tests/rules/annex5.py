"""The shipped scheme and a faultless month, for stories about scores."""

import json
from pathlib import Path
from typing import Any, Final

from kpi.scheme import SchemeContent, parsed

SHIPPED: Final = Path(__file__).resolve().parents[2] / "kpi" / "shipped" / "annex5.json"


def content() -> dict[str, Any]:
    """A copy of the shipped JSON, to be changed."""
    copy: dict[str, Any] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return copy


def item_in(content: dict[str, Any], code: str) -> dict[str, Any]:
    """An item's JSON in a content."""
    found: dict[str, Any] = next(item for item in content["items"] if item["code"] == code)
    return found


def case(option: str, **more: Any) -> dict[str, Any]:
    """A case as it stands in inputs."""
    return {"option": option, **more}


ANNEX5: Final[SchemeContent] = parsed(content())
_RATIOS: Final = ("S2", "S3", "S4", "P1a", "P1b", "P1c", "P2a", "P2b", "P3a", "P3c")
FULL: Final[dict[str, Any]] = {
    **{key: {"actual": "100", "target": "100"} for key in ("M1", "M2", "M3", "M5", "P3b")},
    "M4": {"actual": "98"},
    "S1": {"actual": "90"},
    **{key: {"met": "4", "total": "4"} for key in _RATIOS},
    **{key: {"ratings": {"opening": "5"}} for key in ("P2c", "P5b")},
    **{key: {"mark": "100"} for key in ("P4", "P5a")},
    "P3d": {"cases": []},
}
