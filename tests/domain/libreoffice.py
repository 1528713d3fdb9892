"""LibreOffice as a reader of our workbooks: saved anew, printed, read cell by cell."""

import subprocess
from pathlib import Path
from typing import Any

from core.workbooks import open_table

Grid = dict[str, list[list[Any]]]


def converted(content: bytes, to: str, folder: Path) -> bytes:
    """The workbook as LibreOffice saves it in another form, ``to`` as its filter is called."""
    (folder / "in.xlsx").write_bytes(content)
    out = folder / "out"
    done = subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            to,
            "--outdir",
            str(out),
            str(folder / "in.xlsx"),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "repair" not in (done.stdout + done.stderr).lower()
    return (out / f"in.{to.partition(':')[0]}").read_bytes()


def saved_by_libreoffice(content: bytes, folder: Path) -> bytes:
    """The workbook after LibreOffice has opened and saved it."""
    return converted(content, "xlsx:Calc MS Excel 2007 XML", folder)


def printed_by_libreoffice(content: bytes, folder: Path) -> bytes:
    """The PDF that LibreOffice prints."""
    return converted(content, "pdf", folder)


def grid(content: bytes) -> Grid:
    """Every cell of every sheet; blanks at the ends of rows and sheets are nothing."""
    found: Grid = {}
    for sheet in open_table(content, "x.xlsx").sheets:
        rows = [list(row) for row in sheet.rows]
        for row in rows:
            while row and row[-1] is None:
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        found[sheet.name] = rows
    return found
