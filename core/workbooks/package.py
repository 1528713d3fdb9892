"""The ZIP around a workbook: looked at before anything parses what is inside."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext_lazy as _

from core.errors import Refused

_CHUNK = 1 << 16
_MANY_PARTS = 2000
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The only time a ZIP we write bears, so that the same content gives the same bytes."""

_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read at most; ``inflated_bytes`` is all its parts unzipped.

    As many rows as can be written in one transaction of less than half a minute.
    """

    file_bytes: int = 20 * 1024 * 1024
    inflated_bytes: int = 120 * 1024 * 1024
    rows: int = 50_000
    columns: int = 200
    sheets: int = 30


def unzip(data: bytes, limits: Limits) -> dict[str, bytes]:
    """All parts of a workbook by name, counted while they are inflated.

    Refused for what is too big, damaged, locked with a password, or carries macros: the sizes a
    ZIP states about itself are not believed.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _parts_of(archive, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Refused(
            _("这个文件打不开，可能没有传完或已损坏。请用 Excel 打开后另存为 .xlsx 再上传。")
        ) from error


def _parts_of(archive: zipfile.ZipFile, limits: Limits) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > _MANY_PARTS or sum(e.file_size for e in entries) > limits.inflated_bytes:
        raise _too_inflated(limits)
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise Refused(_("这不是 Excel 工作簿。请另存为 .xlsx 或 CSV 再上传。"))
    if any(name.lower().endswith(("vbaproject.bin", ".xlm")) for name in names):
        raise Refused(_("文件里有宏，不能上传。请另存为不带宏的 .xlsx 再上传。"))
    parts: dict[str, bytes] = {}
    left = limits.inflated_bytes
    for entry in entries:
        content = bytearray()
        with archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise _too_inflated(limits)
                content += chunk
        parts[entry.filename] = bytes(content)
        if entry.filename.endswith((".xml", ".rels")) and _DOCTYPE.search(content):
            raise Refused(_("文件里有不允许的内容。请用 Excel 打开后另存为 .xlsx 再上传。"))
    return parts


def zip_up(parts: Mapping[str, bytes], *, is_stored: bool = False) -> bytes:
    """The parts as one ZIP, in their order and without times; ``is_stored`` saves the deflating."""
    method = zipfile.ZIP_STORED if is_stored else zipfile.ZIP_DEFLATED
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = method
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, content)
    return out.getvalue()


def check_extent(sheet_xml: bytes, sheet_name: str, limits: Limits) -> None:
    """Refused when a sheet's filled cells reach beyond the limits.

    Looked up in the text, since a single cell in the far corner would make a reader allocate the
    whole rectangle.
    """
    last_row, letters = 0, b""
    for match in _CELL.finditer(sheet_xml):
        column, row = match[1], int(match[2])
        last_row = max(last_row, row)
        if (len(column), column) > (len(letters), letters):
            letters = column
    check_size(last_row, column_number(letters.decode()), sheet_name, limits)


def check_size(rows: int, columns: int, sheet_name: str, limits: Limits) -> None:
    """Refused when a table has more rows or columns than the limits allow."""
    if rows > limits.rows:
        raise Refused(
            _("工作表“%(sheet)s”有 %(n)s 行，一次最多 %(max)s 行。请分成几个文件上传。")
            % {"sheet": sheet_name, "n": f"{rows:,}", "max": f"{limits.rows:,}"}
        )
    if columns > limits.columns:
        raise Refused(
            _("工作表“%(sheet)s”有 %(n)s 列，最多 %(max)s 列。请删去多余的列再上传。")
            % {"sheet": sheet_name, "n": f"{columns:,}", "max": f"{limits.columns:,}"}
        )


def column_number(letters: str) -> int:
    """1 for A, 27 for AA; 0 for the empty text."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letter(number: int) -> str:
    """A for 1, AA for 27; empty for 0."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _too_inflated(limits: Limits) -> Refused:
    return Refused(
        _("文件解压后超过 %(max)s MB，不予打开。请删去图片和多余的工作表，或分成几个文件上传。")
        % {"max": limits.inflated_bytes // 1024 // 1024}
    )
