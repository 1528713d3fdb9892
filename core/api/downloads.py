"""Files out of the API: whole or in part, with the digest as their tag."""

import re
from typing import Final
from urllib.parse import quote

from django.http import HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class NoSuchRange(APIException):
    """The file has no such part."""

    status_code = 416

    def __init__(self, size: int) -> None:
        super().__init__()
        self.headers = {"Content-Range": f"bytes */{size}"}


def file_answer(
    request: Request, *, content: bytes, name: str, content_type: str, sha256: str
) -> HttpResponse:
    """The file, or the one range of it that ``Range`` asks for (206; NoSuchRange beyond it).

    The tag is the digest, so that ``If-None-Match`` gives 304 and ``If-Range`` holds a
    broken-off download together.
    """
    tag = f'"{sha256}"'
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    if is_held(request, sha256):
        return HttpResponse(status=304, headers=headers)
    size = len(content)
    first, last = _range_in(request, tag, size)
    if first > last:
        raise NoSuchRange(size)
    status = 200
    if (first, last) != (0, size - 1):
        status = 206
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return HttpResponse(
        content[first : last + 1], status=status, headers=headers, content_type=content_type
    )


def is_held(request: Request, sha256: str) -> bool:
    """Whether the reader says that it has these bytes."""
    given = request.headers.get("If-None-Match", "")
    return sha256 in re.findall(r'"([^"]*)"', given)


def _range_in(request: Request, tag: str, size: int) -> tuple[int, int]:
    """First and last byte wanted; the first behind the last when there are none such."""
    whole = (0, size - 1)
    if request.headers.get("If-Range", tag) != tag:
        return whole
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or not size:
        return whole
    first, last = match.groups()
    if first:
        end = min(int(last), size - 1) if last else size - 1
        return int(first), end if int(first) <= end else -1
    return (max(0, size - int(last)), size - 1) if last and int(last) else (size, -1)
