"""A bulletin's cells: as they are read on pages and on paper, and as a workbook holds them.

Both are made from the same frozen text by the kind of its column (reports.document), so that the
three renderings can never say different things.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from core.formats import signed
from core.numbers import rounded
from core.periods import local
from reports.document import Column

Typed = str | int | Decimal | date | datetime | None

_NUMBERS: Final = frozenset({"integer", "decimal", "signed", "percent"})


class BrokenCell(ValueError):
    """A cell that does not hold what its column says."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(f"{column}: {text}")
        self.column = column
        self.text = text


def is_number(column: Column) -> bool:
    """Whether a column's cells stand under each other by their last digit."""
    return column.kind in _NUMBERS


def shown(text: str, column: Column) -> str:
    """A cell as it is read; BrokenCell when it does not hold what its column says."""
    try:
        return _shown(text, column) if text else ""
    except (ValueError, ArithmeticError) as error:
        raise BrokenCell(column.label, text) from error


def _shown(text: str, column: Column) -> str:
    match column.kind:
        case "integer":
            return f"{int(text):,}".replace("-", "−")
        case "decimal":
            return _plain(text, column.places)
        case "signed":
            return signed(Decimal(text), column.places)
        case "percent":
            number = _plain(text, column.places)
            return number if _says_percent(column) else f"{number}%"
        case "date":
            return f"{date.fromisoformat(text):%Y-%m-%d}"
        case "moment":
            return f"{local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}"
        case _:
            return text


def _says_percent(column: Column) -> bool:
    """Whether the head says it already, so that the cells do not."""
    return "%" in column.label


def _plain(text: str, places: int) -> str:
    return f"{rounded(Decimal(text), places):,f}".replace("-", "−")


def typed(text: str, column: Column) -> Typed:
    """A cell as a workbook holds it: numbers and dates real, per cent as shares where the
    head does not say %.

    BrokenCell when it does not hold what its column says.
    """
    try:
        return _typed(text, column) if text else None
    except (ValueError, ArithmeticError) as error:
        raise BrokenCell(column.label, text) from error


def _typed(text: str, column: Column) -> Typed:
    match column.kind:
        case "integer":
            return int(text)
        case "decimal" | "signed":
            return Decimal(text)
        case "percent":
            return Decimal(text) / (1 if _says_percent(column) else 100)
        case "date":
            return date.fromisoformat(text)
        case "moment":
            return datetime.fromisoformat(text)
        case _:
            return text


def number_format(column: Column) -> str:
    """How a spreadsheet shows a column's numbers; "" where its kind says it."""
    digits = f"#,##0.{'0' * column.places}" if column.places else "#,##0"
    match column.kind:
        case "decimal":
            return digits
        case "signed":
            return f'+{digits};"−"{digits};{digits}'
        case "percent":
            share = f"0.{'0' * column.places}%" if column.places else "0%"
            return digits if _says_percent(column) else share
        case _:
            return ""
