"""A scheme as a file: JSON and XLSX, in and out. Both ways give the same content, exactly."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Refused
from kpi.scheme import SchemeContent, as_json
from kpi.workbooks_scheme import read_workbook, workbook

_FILE_BYTES = 2 * 1024 * 1024


def json_bytes(content: SchemeContent) -> bytes:
    """The content as a JSON file that people can read."""
    return (json.dumps(as_json(content), ensure_ascii=False, indent=2) + "\n").encode()


def xlsx_bytes(content: SchemeContent) -> bytes:
    """The content as a workbook, a sheet for each kind of part."""
    return workbook(content)


def read_scheme(data: bytes, filename: str) -> Mapping[str, Any]:
    """The JSON of a scheme from a JSON or XLSX file; what it is, its content says.

    It is not yet looked at whether it is a scheme. Refused where it cannot be read at all.
    """
    if len(data) > _FILE_BYTES:
        raise Refused(_("文件太大，考核方案最大 2 MB。"), field="file")
    if data.startswith(b"PK"):
        return read_workbook(data, filename)
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_float=str)
    except (ValueError, RecursionError):
        raise Refused(_("读不懂这个文件。请选择导出的 .json 或 .xlsx。"), field="file") from None
    if not isinstance(value, dict):
        raise Refused(_("这个文件里不是考核方案。"), field="file")
    return value
