"""The table of docs/regulation.md as values."""

import re
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "docs" / "regulation.md"
NONE = "—"
_ROW = re.compile(r"\| (?P<clause>[A-Z]\d+(?:\.\d+)?) \| (?P<says>.+) \| (.+) \| (.+) \|")


@dataclass(frozen=True)
class Row:
    """A clause, what it says, the function that keeps it and the test that watches it."""

    clause: str
    says: str
    function: str
    test: str

    @property
    def is_built(self) -> bool:
        """Whether the product keeps the clause already."""
        return self.function != NONE


def rows() -> list[Row]:
    """Every row of the table, in its order."""
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        match = _ROW.fullmatch(line)
        if match:
            clause, says, function, test = match.groups()
            found.append(Row(clause, says, function.strip("`"), test.strip("`")))
    return found
