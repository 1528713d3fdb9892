"""Files out of the API: whole or in part, with their digest as tag, each one disclosed."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.module_loading import import_string
from rest_framework.exceptions import APIException
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from config import tables
from core.api.filters import QueryChoice
from core.api.views import ApiView
from core.files import content_of
from core.models import StoredFile

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


@dataclass(frozen=True)
class Outgoing:
    """A file about to be handed out."""

    name: str
    content: bytes
    content_type: str
    rows: int = 0
    level: int = 2
    branch_id: int | None = None
    file: StoredFile | None = None
    is_named: bool = False

    @property
    def sha256(self) -> str:
        """Digest of the bytes."""
        return self.file.sha256 if self.file else hashlib.sha256(self.content).hexdigest()


def stored(file: StoredFile, *, rows: int = 0) -> Outgoing:
    """A file that lies in the archive."""
    return Outgoing(
        name=file.name,
        content=content_of(file),
        content_type=file.content_type,
        rows=rows,
        level=file.level,
        branch_id=file.branch_id,
        file=file,
    )


class _AsItIs(BaseContentNegotiation):
    """A file is what it is, whatever ``Accept`` prefers; problems are JSON."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: Any = None
    ) -> tuple[BaseRenderer, str]:
        """The first renderer."""
        return renderers[0], renderers[0].media_type

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """None is needed: a file is only read."""
        return None


class DownloadView(ApiView):
    """GET: a file, with ``Range`` and its digest as tag; what is handed out is written down."""

    content_negotiation_class = _AsItIs
    media_types: ClassVar[tuple[str, ...]] = ()
    # What may be asked of the file in the query; nothing of one that lies in the archive.
    choices: ClassVar[tuple[QueryChoice, ...]] = ()

    def outgoing(self) -> Outgoing:
        """The file of this address; NotFound when the actor may not see it."""
        raise NotImplementedError

    def query_parameters(self) -> list[str]:
        """Those of ``choices``."""
        return [choice.name for choice in self.choices]

    def asked(self, name: str) -> list[str]:
        """What the query says of a choice; BadParameters for a value that there is not."""
        choice = next(choice for choice in self.choices if choice.name == name)
        return choice.read(self.request)

    def get(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Hand it out, or say that the reader has it."""
        file = self.outgoing()
        if not is_held(request, file.sha256):
            import_string(tables.DISCLOSE)(
                actor=self.actor,
                at=self.at,
                name=file.name,
                sha256=file.sha256,
                rows=file.rows,
                file=file.file,
                level=file.level,
                branch_id=file.branch_id,
                is_named=file.is_named,
            )
        return file_answer(
            request,
            content=file.content,
            name=file.name,
            content_type=file.content_type,
            sha256=file.sha256,
        )
