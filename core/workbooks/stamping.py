"""A copy of our own workbook that says whose it is: in its properties, and under printed pages."""

from __future__ import annotations

import re
from html import escape

from core.workbooks.package import Limits, unzip, zip_up

_CORE = "docProps/core.xml"
_PROPERTIES = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_SHEETS = "xl/worksheets/"
_FOOTER = re.compile(rb"<oddFooter>")
_END = re.compile(rb"</(?:\w+:)?coreProperties>")
_LIMITS = Limits(inflated_bytes=1 << 31)
_FOOTER_AT_MOST = 200


def stamp_workbook(content: bytes, *, who: str, line: str) -> bytes:
    """The copy: ``who`` is the last to have changed it, ``line`` its remark and its left footer.

    Cells are not touched; the same stamp gives the same bytes. Refused for what is no workbook.
    """
    parts = unzip(content, _LIMITS)
    names = f'<lastModifiedBy xmlns="{_PROPERTIES}">{_text(who)}</lastModifiedBy>'
    remark = f'<description xmlns="{_DUBLIN_CORE}">{_text(line)}</description>'
    properties = parts[_CORE]
    parts[_CORE] = _END.sub(lambda end: (remark + names).encode() + end[0], properties, count=1)
    # In a footer & begins a code.
    footer = _text("&L&8" + line.replace("&", "&&")[:_FOOTER_AT_MOST]).encode()
    for name, part in parts.items():
        if name.startswith(_SHEETS):
            parts[name] = _FOOTER.sub(lambda begin: begin[0] + footer, part, count=1)
    return zip_up(parts)


def _text(text: str) -> str:
    return escape(text, quote=False)
