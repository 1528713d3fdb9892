"""What goes into an item's formula, as plain JSON: numbers are decimal text.

By kind of formula (annex 5)::

    RATE, STEP   {"actual": "182.40", "target": "190.00"}
    RATIO        {"met": "3", "total": "4"}
    DEDUCT       {"cases": [{"option": "absent", "points": "0.20"}]}
    TIER         {"value": "97.1"}
    EXAM         {"mark": "88"}
    RATE5        {"ratings": {"opening": "4", "wording": "5"}}
    CASE         {"cases": [{"option": "A", "points": "3.00", "label": "…"}]}
    EXPR         {name: number} for the names its expression reads

None instead of inputs: nothing applies, the item's weight is spread within its group (annex 11.7).
"""

from collections.abc import Mapping
from typing import Any

Inputs = Mapping[str, Any]
