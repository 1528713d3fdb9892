"""Tables in and out: XLSX and CSV. The only place that knows a workbook library.

``open_table`` reads what a user hands in, within limits; ``write_workbook`` writes what we
hand out; ``mark_wrong_rows`` gives the user's own file back with reasons in red.
"""

from core.workbooks.marking import REASON_HEADERS, mark_wrong_rows
from core.workbooks.reading import Book, Cell, Limits, Sheet, column_letter, open_table
from core.workbooks.stamping import stamp_workbook
from core.workbooks.writing import ColumnSpec, SheetSpec, write_csv, write_workbook

__all__ = [
    "REASON_HEADERS",
    "Book",
    "Cell",
    "ColumnSpec",
    "Limits",
    "Sheet",
    "SheetSpec",
    "column_letter",
    "mark_wrong_rows",
    "open_table",
    "stamp_workbook",
    "write_csv",
    "write_workbook",
]
